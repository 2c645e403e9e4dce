package relocate

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/placement"
)

// noteBehavior says where the program can tell which package a declaration is in.
func (p *Plan) noteBehavior() {
	for _, u := range p.moves() {
		if u.Test {
			if u.Kind == Init {
				p.note(p.span(u.Parts[0]), u.Name()+" runs before the tests of "+p.d.place(u).Path+" now")
			}
			if p.gone(u) && p.s.readsElsewhere([]*Unit{u}, p.d.place(u)) {
				p.note(p.span(u.Parts[0]), u.Name()+" moves to "+p.d.place(u).Path+", and the files that it reads don't")
			}
			if set := p.s.testSetUp(u.External); p.gone(u) && entry(u) && set != nil && !p.gone(set) {
				p.note(p.span(u.Parts[0]), u.Name()+" moves to "+p.d.place(u).Path+", where "+set.Name()+" doesn't run before it")
			}
			continue
		}
		for _, part := range u.Parts {
			p.noteTexts(u, part)
			p.noteCallers(u, part)
		}
		p.noteInitialized(u)
	}
	p.typeNames = placement.TypeNames(p.s.World, func(t types.Type, _ bool) string {
		if u := p.s.unitOfType(t); u != nil && p.leaves(u) {
			return u.Name()
		}
		return ""
	})
	p.Notes = append(p.Notes, p.typeNames...)
	p.noteGenerated()
	p.noteDirectives()
	p.noteInterface()
}

// noteGenerated says of files that move and that a tool wrote where it is told to: that
// stays as it is.
func (p *Plan) noteGenerated() {
	for _, f := range p.s.Files {
		to := p.fileGoesTo(f)
		if to == nil || !f.Generated() {
			continue
		}
		var names []string
		for _, part := range p.s.parts[f] {
			names = append(names, part.Unit.Names...)
		}
		span, how := p.s.World.Span(f.AST.Name), "change what writes it in the same way"
		if c := p.s.directive(f, names); c != nil {
			span, how = p.s.World.Span(c), "move this directive there"
		}
		p.note(span, fmt.Sprintf("%s, which a tool writes, is in %s now: %s", path.Base(f.Rel), to.Path, how))
	}
}

// directive returns the go:generate directive of the package that names a file or what is
// declared in it, or nil.
func (s *Source) directive(of *code.File, names []string) *ast.Comment {
	names = append(slices.Clone(names), path.Base(of.Rel))
	for _, f := range s.Files {
		for _, g := range f.AST.Comments {
			for _, c := range g.List {
				if text, ok := strings.CutPrefix(c.Text, "//go:generate "); ok && mentionedName(text, names) != "" {
					return c
				}
			}
		}
	}
	return nil
}

// noteInterface says what code outside of the module loses.
func (p *Plan) noteInterface() {
	path := p.s.Pkg.Pkg.Path
	if p.s.Pkg.Pkg.Name == "main" || !Visible("another.example/module", path) {
		return
	}
	var names []string
	var first *Part
	for _, u := range p.moves() {
		if !u.Test && u.Kind != Blank && u.Exported() && p.gone(u) {
			names = append(names, u.Name())
			if first == nil {
				first = u.Parts[0]
			}
		}
	}
	if len(names) > 0 {
		const most = 5
		if more := len(names) - most; more > 0 {
			names = append(names[:most], fmt.Sprintf("%d more", more))
		}
		p.note(p.span(first), fmt.Sprintf("%s no longer has %s: for other modules that is a new major version", path, strings.Join(names, ", ")))
	}
}

// gone reports a unit that isn't at home any more.
func (p *Plan) gone(u *Unit) bool { return !slices.Contains(p.d.places(u), p.d.home) }

// noteTexts notes texts that begin with the name of the package, as errors do.
func (p *Plan) noteTexts(u *Unit, part *Part) {
	name := p.s.Pkg.Pkg.Name
	ast.Inspect(part.Node, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING || len(lit.Value) < 2 {
			return true
		}
		if text := lit.Value[1:]; strings.HasPrefix(text, name+": ") || strings.HasPrefix(text, name+".") {
			p.note(p.s.World.Span(lit), fmt.Sprintf("this text of %s speaks of package %s, and stays as it is", u.Name(), name))
		}
		return true
	})
}

// noteCallers notes code that asks where it stands.
func (p *Plan) noteCallers(u *Unit, part *Part) {
	info := part.File.Pkg.Info
	ast.Inspect(part.Node, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		fn, ok := info.Uses[sel.Sel].(*types.Func)
		if !ok || fn.Pkg() == nil {
			return true
		}
		switch fn.FullName() {
		case "runtime.Caller", "runtime.Callers", "runtime.FuncForPC", "runtime/debug.Stack", "runtime.Stack":
			p.note(p.s.World.Span(sel), fmt.Sprintf("%s asks where it stands, with %s.%s: that is another package now", u.Name(), fn.Pkg().Name(), fn.Name()))
		}
		return true
	})
}

// noteInitialized notes variables whose initialization others may see.
func (p *Plan) noteInitialized(u *Unit) {
	to := p.d.place(u)
	if u.Kind == Init {
		p.note(p.span(u.Parts[0]), "this init function runs with "+to.Path+" now")
		return
	}
	if u.Kind != Var {
		return
	}
	for _, user := range u.usedBy() {
		if user.Kind != Init || user.Test || p.leaves(user) {
			continue
		}
		p.note(p.s.World.Span(user.uses[u][0].node()), fmt.Sprintf("%s is set up here: a program that has %s without %s doesn't run this", u.Name(), to.Path, p.s.Pkg.Pkg.Path))
	}
	for _, part := range u.Parts {
		if call := placement.Effect(part.File, part.Node); call != nil {
			p.note(p.s.World.Span(call), fmt.Sprintf("%s is initialized with %s now: this call may run earlier or later than it did", u.Name(), to.Path))
		}
	}
}

// unitOfType returns the unit of the type that t is, or points to, or is a list of.
func (s *Source) unitOfType(t types.Type) *Unit {
	named := placement.NamedIn(t)
	if named == nil {
		return nil
	}
	if o := s.object(named.Obj()); o != nil {
		return o.Unit
	}
	return nil
}

// noteDropped notes importers whose last import of the package goes, where that has
// something that runs when it is imported.
func (w *writer) noteDropped(dropped map[*code.File]*ast.ImportSpec) {
	runs := slices.ContainsFunc(w.s.Units, func(u *Unit) bool {
		if u.Test || w.gone(u) {
			return false
		}
		return u.Kind == Init || u.Kind == Var && slices.ContainsFunc(u.Parts, func(p *Part) bool { return placement.Effect(p.File, p.Node) != nil })
	})
	if !runs {
		return
	}
	edges := w.d.edges()
	for _, f := range w.s.World.Files {
		spec := dropped[f]
		if spec == nil || f.Test || w.stillImports(f.Pkg, dropped) {
			continue
		}
		if slices.ContainsFunc(w.d.others(), func(at *Place) bool { return w.s.graph.reaches(at.Path, w.s.Pkg.Pkg.Path, edges) }) {
			continue
		}
		w.note(w.s.World.Span(spec), fmt.Sprintf("%s no longer imports %s here: what that does when it is imported runs only if something else imports it", f.Pkg.Pkg.Path, w.s.Pkg.Pkg.Path))
	}
}

// stillImports reports whether another file of a package goes on importing the one
// that something moves from.
func (w *writer) stillImports(pkg *source.Package, dropped map[*code.File]*ast.ImportSpec) bool {
	for _, f := range w.s.World.Files {
		if f.Pkg != pkg || f.Test || dropped[f] != nil {
			continue
		}
		for _, spec := range f.AST.Imports {
			if source.ImportPath(spec) == w.s.Pkg.Pkg.Path {
				return true
			}
		}
	}
	return false
}
