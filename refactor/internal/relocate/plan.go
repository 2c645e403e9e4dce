package relocate

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// The codes of refusals.
const (
	codeCycle      = "move-cycle"
	codeExports    = "needs-export"
	codeCompanions = "too-many-companions"
	codeTaken      = "move-name-taken"
	codeBound      = "bound-to-package"
	codeInternal   = "internal-folder"
	codeBuilds     = "other-builds"
)

// A Plan says where each unit goes and what it is called there.
type Plan struct {
	Companions []*Unit           // what moves besides what was asked for, in order
	Exports    []*Object         // what is exported, in order
	Created    map[string][]byte // the content of new files, once it is applied
	Notes      []change.Note

	s        *Source
	d        *draft
	want     map[*Unit]bool
	bySource bool // files keep their names, and are not named after what moves
	merge    bool // the whole package goes
	renames  map[*Object]string
	problems []component.Problem

	typeNames []change.Note // where the program tells the package with a type that moves
}

// Move plans the move of units to a package. What stands in the way is a
// *component.Refusal of what.
func (s *Source) Move(what string, units []*Unit, to *Place, limits Limits) (*Plan, error) {
	home := placeOf(s.Pkg)
	if to.Path == home.Path {
		return nil, &component.UsageError{Object: what, Reason: units[0].Name() + " is in " + home.Path + " already", Hint: "name another package"}
	}
	find := &search{s: s, home: home, to: to, want: map[*Unit]bool{}, limits: limits}
	for _, u := range units {
		find.want[u] = true
	}
	t := find.find()
	p := newPlan(s, t.d)
	p.want, p.Companions = find.want, find.companions(t.set)
	switch {
	case t.d.cycle != nil:
		p.refuseCycle()
	case len(t.d.stuck) > 0:
		p.refuseStuck()
	case len(find.counted(t.set)) > limits.Companions:
		counted := find.counted(t.set)
		p.refuse(codeCompanions, units[0].Parts[0], fmt.Sprintf("%s can't move without %s: %s", units[0].Name(), others(len(counted)), listed(counted)),
			fmt.Sprintf("allow it: --companions %d, or name what should move with it", len(counted)))
	case limits.NoExports && len(p.Exports) > 0:
		p.refuseExports()
	}
	if err := p.check(what); err != nil {
		return nil, err
	}
	p.noteSize()
	p.noteBehavior()
	return p, nil
}

func newPlan(s *Source, d *draft) *Plan {
	return &Plan{s: s, d: d, want: map[*Unit]bool{}, Exports: d.exports, renames: map[*Object]string{}, Created: map[string][]byte{}}
}

// noteSize says what moves and what is exported besides what was asked for.
func (p *Plan) noteSize() {
	for _, u := range p.Companions {
		if u.Kind != Blank {
			p.note(p.span(u.Parts[0]), u.Name()+" moves, too")
		}
	}
	for _, o := range p.Exports {
		if p.renames[o] == "" {
			continue
		}
		message := fmt.Sprintf("%s is exported now, as %s: %s", o.Name, p.renames[o], p.crossing(p.d.why[o]))
		if v, ok := o.Obj.(*types.Var); ok && v.IsField() {
			message += "; encoders and others that look at fields see it, too"
		}
		p.note(p.s.World.Span(o.ID), message)
	}
}

// check is what can be said before anything is written.
func (p *Plan) check(what string) error {
	if len(p.problems) == 0 {
		p.findTestCycles()
	}
	if len(p.problems) == 0 {
		p.findBound()
	}
	if len(p.problems) == 0 {
		p.name()
	}
	if len(p.problems) == 0 {
		p.findHidden()
		p.findOtherBuilds()
	}
	if len(p.problems) > 0 {
		return component.Refuse(what, p.problems...)
	}
	return nil
}

// moves lists the units that leave the package, or are copied, in order.
func (p *Plan) moves() []*Unit {
	var out []*Unit
	for _, u := range p.s.Units {
		if p.leaves(u) {
			out = append(out, u)
		}
	}
	return out
}

// leaves reports whether a unit will stand at another place than now.
func (p *Plan) leaves(u *Unit) bool {
	return slices.ContainsFunc(p.d.places(u), func(at *Place) bool { return at != p.d.home })
}

func others(n int) string {
	if n == 1 {
		return "another one"
	}
	return strconv.Itoa(n) + " others"
}

// listed names units, the first of them where they are many.
func listed(us []*Unit) string {
	const most = 20
	var out []string
	for _, u := range us[:min(len(us), most)] {
		out = append(out, u.Name())
	}
	if more := len(us) - most; more > 0 {
		out = append(out, fmt.Sprintf("%d more", more))
	}
	return strings.Join(out, ", ")
}

func (p *Plan) refuse(code string, at *Part, message, hint string) {
	p.refuseAt(code, p.span(at), message, hint)
}

func (p *Plan) refuseAt(code string, span text.Span, message, hint string) {
	p.problems = append(p.problems, component.Problem{Code: code, Severity: component.Error, Span: span, Message: message, Hint: hint})
}

func (p *Plan) note(span text.Span, message string) {
	p.Notes = append(p.Notes, change.Note{Span: span, Message: message})
}

// span is where messages point for a part: its name.
func (p *Plan) span(at *Part) text.Span {
	w := p.s.World
	switch n := at.Node.(type) {
	case *ast.FuncDecl:
		return w.Span(n.Name)
	case *ast.TypeSpec:
		return w.Span(n.Name)
	case *ast.ValueSpec:
		return w.Span(n.Names[0])
	case *ast.GenDecl:
		switch spec := n.Specs[0].(type) {
		case *ast.TypeSpec:
			return w.Span(spec.Name)
		case *ast.ValueSpec:
			return w.Span(spec.Names[0])
		}
	}
	return w.SpanAt(at.Pos(), at.Pos())
}

// refuseCycle says how the packages would import each other.
func (p *Plan) refuseCycle() {
	route := strings.Join(p.d.route, " -> ")
	if len(p.d.cycle) == 0 {
		p.problems = append(p.problems, component.Problem{Code: codeCycle, Severity: component.Error, Span: p.span(p.first()),
			Message: "packages would import each other: " + route, Hint: "move it to another package, or end a dependency first: unweld refactor break-cycle"})
		return
	}
	first := p.d.cycle[0]
	problem := component.Problem{Code: codeCycle, Severity: component.Error, Span: p.s.World.Span(first.node()),
		Message: "packages would import each other: " + route + "; " + p.mentioned(first),
		Hint:    "move what is mentioned, too, choose another package, or end the dependency first: unweld refactor break-cycle"}
	for _, r := range p.d.cycle[1:] {
		problem.Related = append(problem.Related, component.Related{Span: p.s.World.Span(r.node()), Message: p.mentioned(r)})
		problem.Message += ", and " + p.mentioned(r)
	}
	p.problems = append(p.problems, problem)
}

// findTestCycles refuses what makes tests of a package that there is import, by way of
// others, the package that they are in: those others would import it.
func (p *Plan) findTestCycles() {
	edges := p.d.edges()
	for _, at := range p.d.others() {
		if at.Pkg == nil {
			continue
		}
		for _, f := range p.s.World.Files {
			if !f.Test || f.Pkg.Types.Path() != at.Path {
				continue
			}
			for _, spec := range f.AST.Imports {
				path := source.ImportPath(spec)
				if path == at.Path || path == p.d.home.Path {
					continue
				}
				if route := p.d.s.graph.path(path, at.Path, edges); route != nil {
					p.refuseAt(codeCycle, p.s.World.Span(spec), "tests of "+at.Path+" would import what imports it: "+strings.Join(route, " -> "),
						"make them external tests first, of package "+at.Name+"_test, or choose another package")
					return
				}
			}
		}
	}
}

// refuseStuck says which tests would import what imports their package.
func (p *Plan) refuseStuck() {
	for _, u := range p.d.stuck {
		if typ := p.d.lacksMethods(closure(u), p.d.place(u)); typ != nil {
			p.refuse(codeCycle, u.Parts[0], fmt.Sprintf("%s, in a test, needs methods that a test gives %s, which would be in %s", u.Name(), typ.Name(), p.d.place(typ).Path), "move what the test uses, too, or name it and "+typ.Name()+" together")
			continue
		}
		if at := p.d.place(u); at != p.d.home && p.s.readsElsewhere(closure(u), at) {
			p.refuse(codeCycle, u.Parts[0], fmt.Sprintf("%s, in a test, would have to be in %s, and reads files beside %s", u.Name(), at.Path, p.d.home.Path), "move what the test uses, too, or make it an external test")
			continue
		}
		p.refuse(codeCycle, u.Parts[0], fmt.Sprintf("%s, in a test, would have to leave the other tests, or import what imports its package", u.Name()), "move what it uses, too, or make it an external test")
	}
}

// mentioned says who refers to what.
func (p *Plan) mentioned(r *Ref) string {
	if r.From == nil {
		return r.File.Pkg.Pkg.Path + " uses " + r.Object.Unit.Name()
	}
	return r.From.Name() + " uses " + r.Object.Unit.Name()
}

func (p *Plan) first() *Part {
	for _, u := range p.s.Units {
		if p.want[u] {
			return u.Parts[0]
		}
	}
	return p.s.Units[0].Parts[0]
}

func (p *Plan) refuseExports() {
	for _, o := range p.Exports {
		r := p.d.why[o]
		p.refuseAt(codeExports, p.s.World.Span(r.node()), fmt.Sprintf("%s would have to be exported: %s", o.Name, p.crossing(r)),
			"allow it: --exports allow, or move what uses it, too")
	}
}

// crossing says which mention crosses from one package to another.
func (p *Plan) crossing(r *Ref) string {
	if r.From == nil {
		return r.File.Pkg.Pkg.Path + " uses it"
	}
	if p.d.place(r.From) == p.d.home {
		return r.From.Name() + " stays and uses it"
	}
	return r.From.Name() + " moves and uses it"
}

// findHidden refuses imports that folders named internal forbid.
func (p *Plan) findHidden() {
	seen := map[string]bool{}
	report := func(f *code.File, n ast.Node, from, to string) {
		from = strings.TrimSuffix(from, "_test")
		if from == to || Visible(from, to) || seen[from+" "+to] {
			return
		}
		seen[from+" "+to] = true
		p.refuseAt(codeInternal, p.s.World.Span(n), fmt.Sprintf("%s may not import %s, which is internal", from, to), "choose a package that may")
	}
	for _, o := range p.s.sorted() {
		to := p.d.place(o.Unit)
		if o.Unit.Test || o.member {
			continue
		}
		for _, r := range o.Refs {
			for _, from := range p.locations(r) {
				report(r.File, r.node(), from, to.Path)
			}
		}
	}
	for _, u := range p.moves() {
		for _, at := range p.d.places(u) {
			for _, i := range u.imps {
				report(i.file, i.id, at.Path, i.path)
			}
		}
	}
}

// locations lists the import paths of the packages in which a mention will stand;
// of external tests the path ends with _test.
func (p *Plan) locations(r *Ref) []string {
	if r.From == nil {
		return []string{r.File.Pkg.Types.Path()}
	}
	var out []string
	for _, at := range p.d.places(r.From) {
		out = append(out, at.pathFor(r.From))
	}
	return out
}

// pathFor is the path of the package that a unit belongs to at a place.
func (at *Place) pathFor(u *Unit) string {
	if u.External {
		return at.Path + "_test"
	}
	return at.Path
}
