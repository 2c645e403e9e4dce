package breakcycle

import (
	"context"
	"go/ast"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A job is one way of one request under way.
type job struct {
	what  string // for messages: break-cycle ./orders
	req   refactor.Request
	world *code.World
	// owner returns the component of unweld.yaml that a package belongs to, and
	// components are the names of all.
	owner      func(component.Package) string
	components []string
	from       *side // depends
	on         *side // is depended on
	uses       []*use
	first      text.Span // of the first use
}

// A side is one end of the dependency.
type side struct {
	spec  string
	pkgs  []*source.Package // without those of tests
	names []string          // the declarations, where not all of a package are meant
}

// A use is a mention of a declaration of the one side in code of the other.
type use struct {
	file *code.File
	id   *ast.Ident
	path []ast.Node
	obj  types.Object // at package level, or a field or method of such a type
}

func newJob(ctx context.Context, in refactor.Input, req refactor.Request) (*job, error) {
	j := &job{what: "break-cycle " + req.Target, req: req}
	world, err := code.Load(ctx, in, j.what)
	if err != nil {
		return nil, err
	}
	j.world = world
	config, err := in.Config()
	if err != nil {
		return nil, err
	}
	j.owner = config.Ownership(world.Snapshot.Root).Owner
	j.components = slices.Sorted(maps.Keys(config.Components))
	if j.from, err = j.side(req.Target); err != nil {
		return nil, err
	}
	if j.on, err = j.side(req.Text(paramOn)); err != nil {
		return nil, err
	}
	if err := j.apart(); err != nil {
		return nil, err
	}
	j.find()
	if len(j.uses) == 0 {
		return nil, component.Refuse(j.what, component.Problem{Code: "no-dependency", Severity: component.Error, Span: j.world.SpanAt(j.from.pkgs[0].Syntax[0].Name.Pos(), 0),
			Message: j.from.spec + " doesn't use " + j.on.spec, Hint: "name the two the other way around"})
	}
	j.first = world.Span(j.uses[0].id)
	return j, nil
}

// side finds the packages and declarations that a name stands for. That of a component
// in unweld.yaml stands for its packages.
func (j *job) side(spec string) (*side, error) {
	s := &side{spec: spec}
	if slices.Contains(j.components, spec) {
		return j.component(spec)
	}
	if dir, below := strings.CutSuffix(spec, "/..."); below {
		for _, p := range j.world.Packages {
			if p.ForTest == "" && !strings.HasSuffix(p.Pkg.Path, "_test") && under(j.world, p, dir) {
				s.pkgs = append(s.pkgs, p)
			}
		}
		if len(s.pkgs) == 0 {
			return nil, code.MissingPackage(j.world, spec, dir)
		}
		return s, nil
	}
	dir, names, err := code.SplitTarget(spec)
	if err != nil {
		return nil, err
	}
	pkg, rest := code.FindPackage(j.world, dir)
	if pkg == nil && len(j.components) > 0 && !strings.ContainsAny(spec, "./") {
		return nil, &component.UsageError{Object: spec, Reason: "is no component of unweld.yaml", Hint: code.DidYouMean(spec, j.components)}
	}
	if pkg == nil {
		return nil, code.MissingPackage(j.world, spec, dir)
	}
	if rest != "" {
		names = []string{rest}
	}
	for _, name := range names {
		if pkg.Types.Scope().Lookup(name) == nil {
			return nil, code.NotDeclared(j.world, pkg, spec, "", name, pkg.Types.Scope().Names())
		}
	}
	s.pkgs, s.names = []*source.Package{pkg}, names
	return s, nil
}

// component is the side of a component's packages: those of which no other component has
// a narrower pattern.
func (j *job) component(name string) (*side, error) {
	s := &side{spec: name}
	for _, p := range j.world.Packages {
		if p.ForTest == "" && !strings.HasSuffix(p.Pkg.Path, "_test") && j.owner(p.Pkg) == name {
			s.pkgs = append(s.pkgs, p)
		}
	}
	if len(s.pkgs) == 0 {
		return nil, &component.UsageError{Object: name, Reason: "the component has no packages in unweld.yaml", Hint: "name them there: components: {" + name + ": {packages: [./" + name + "/...]}}"}
	}
	return s, nil
}

func under(w *code.World, p *source.Package, dir string) bool {
	at := path.Clean(p.Pkg.Dir)
	want := path.Join(w.Snapshot.Rel(w.Snapshot.Dir()), dir)
	return want == "." || at == want || strings.HasPrefix(at, want+"/") || p.Pkg.Path == dir || strings.HasPrefix(p.Pkg.Path, dir+"/")
}

// apart refuses two sides of which one is a part of the other.
func (j *job) apart() error {
	for _, p := range j.from.pkgs {
		if !j.on.has(p.Types) {
			continue
		}
		if len(j.from.names) == 0 || len(j.on.names) == 0 {
			return &component.UsageError{Object: "--" + paramOn, Reason: j.on.spec + " and " + j.from.spec + " have a package in common", Hint: "name declarations of it: " + j.from.spec + ".F"}
		}
		for _, n := range j.from.names {
			if slices.Contains(j.on.names, n) {
				return &component.UsageError{Object: "--" + paramOn, Reason: n + " is named on both sides", Hint: "leave it out of one"}
			}
		}
	}
	return nil
}

// has reports whether a package belongs to the side.
func (s *side) has(p *types.Package) bool {
	return p != nil && slices.ContainsFunc(s.pkgs, func(q *source.Package) bool { return q.Pkg.Path == p.Path() })
}

// holds reports whether a declaration at package level belongs to the side.
func (s *side) holds(pkg *types.Package, name string) bool {
	return s.has(pkg) && (len(s.names) == 0 || slices.Contains(s.names, name))
}

// contains reports whether a function of the program belongs to the side.
func (s *side) contains(d *code.Decl) bool {
	name := d.Func.Name.Name
	if recv := source.Receiver(d.Func); recv != "" {
		name = recv
	}
	return !d.File.Test && s.holds(d.File.Pkg.Types, name)
}

// find collects what the one side uses of the other, tests left out.
func (j *job) find() {
	for _, f := range j.world.Files {
		if f.Test || !j.from.has(f.Pkg.Types) {
			continue
		}
		f.Walk(func(n ast.Node, stack []ast.Node) {
			id, ok := n.(*ast.Ident)
			if !ok || !j.from.holds(f.Pkg.Types, around(stack)) {
				return
			}
			obj := f.Pkg.Info.Uses[id]
			if obj == nil || obj.Pkg() == nil || !j.on.has(obj.Pkg()) {
				return
			}
			if _, name := obj.(*types.PkgName); name || obj.Parent() != obj.Pkg().Scope() || !j.on.holds(obj.Pkg(), obj.Name()) {
				return
			}
			j.uses = append(j.uses, &use{f, id, slices.Clone(stack), obj})
		})
	}
}

// around is the name of the declaration that a node stands in.
func around(stack []ast.Node) string {
	for i, n := range stack {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if recv := source.Receiver(n); recv != "" {
				return recv
			}
			return n.Name.Name
		case *ast.TypeSpec:
			return n.Name.Name
		case *ast.ValueSpec:
			if i < 3 {
				return n.Names[0].Name
			}
		}
	}
	return ""
}

// objects are the declarations that are used, in order.
func (j *job) objects() []types.Object {
	var out []types.Object
	for _, u := range j.uses {
		if !slices.Contains(out, u.obj) {
			out = append(out, u.obj)
		}
	}
	return out
}

func (j *job) problem(n ast.Node, code, message, hint string) component.Problem {
	return component.Problem{Code: code, Severity: component.Error, Span: j.world.Span(n), Message: message, Hint: hint}
}

// gone makes sure that after a change no package of the one side imports one of the
// other, whatever the way. Where declarations of one package are meant, what they name
// was replaced.
func (j *job) gone(set change.Set) error {
	if len(j.from.names) > 0 || len(j.on.names) > 0 {
		return nil
	}
	imports, where := j.importsAfter(set)
	for _, p := range j.from.pkgs {
		seen := map[string]bool{}
		var visit func(at string, way []string) []string
		visit = func(at string, way []string) []string {
			for _, next := range imports[at] {
				to := append(slices.Clip(way), next)
				if slices.ContainsFunc(j.on.pkgs, func(q *source.Package) bool { return q.Pkg.Path == next }) {
					return to
				}
				if !seen[next] {
					seen[next] = true
					if found := visit(next, to); found != nil {
						return found
					}
				}
			}
			return nil
		}
		if way := visit(p.Pkg.Path, []string{p.Pkg.Path}); way != nil {
			problem := component.Problem{Code: "dependency-stays", Severity: component.Error, Span: where[way[0]+" "+way[1]],
				Message: "the dependency would still be there: " + strings.Join(way, " imports "), Hint: "end that one, too, or name both sides as they depend on each other: ./orders/..."}
			if len(way) == 2 {
				problem.Hint = "do the other things that it uses by hand, or try the other way: --by move or --by invert"
			}
			return component.Refuse(j.what, problem)
		}
	}
	return nil
}
