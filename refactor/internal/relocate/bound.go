package relocate

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// findBound refuses to move what is bound to its package by more than Go code:
// cgo, assembly, linkname, embedded files, generators, directives.
func (p *Plan) findBound() {
	if f := p.s.unseen(); f != "" {
		p.refuseAt(codeBound, text.Span{File: f, Line: 1, Col: 1}, "the package uses cgo: what refers to its declarations isn't known", "move it by hand")
		return
	}
	moved := p.moves()
	for _, u := range moved {
		for _, part := range u.Parts {
			if why, hint := p.bound(u, part); why != "" {
				p.refuse(codeBound, part, u.Name()+" can't move: "+why, hint)
			}
		}
	}
	p.findLinknames(moved)
	p.findAssembly(moved)
}

// unseen returns a file of the package whose declarations this load doesn't have
// where they are written, or "".
func (s *Source) unseen() string {
	for _, file := range s.Pkg.GoFiles {
		if !slices.ContainsFunc(s.Files, func(f *code.File) bool { return f.Rel == file }) {
			return file
		}
	}
	for _, f := range s.Files {
		if slices.ContainsFunc(f.AST.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"C"` }) {
			return f.Rel
		}
	}
	return ""
}

// bound returns why a part can't leave its package, and what to do about it.
func (p *Plan) bound(u *Unit, part *Part) (why, hint string) {
	if u.Kind == Init && u.Test {
		return "", ""
	}
	if why, hint := p.s.bound(u, part); why != "" {
		return why, hint
	}
	if part.File.Generated() && p.fileGoesTo(part.File) == nil {
		return "a tool wrote it, and would write it again", "change what writes it"
	}
	return p.captured(u, part)
}

// bound returns why a part can't leave its package, wherever the rest of its file
// goes.
func (s *Source) bound(u *Unit, part *Part) (why, hint string) {
	const byHand = "move it by hand"
	d, isFunc := part.Node.(*ast.FuncDecl)
	switch {
	case isFunc && d.Body == nil:
		return "it has no Go body", byHand
	case u.Kind == Func && u.Name() == "main" && s.Pkg.Pkg.Name == "main":
		return "the program begins with it", "name what it calls"
	}
	for _, c := range commentsIn(part) {
		switch {
		case strings.HasPrefix(c.Text, "//go:embed "):
			return "it embeds files of its folder", byHand
		case strings.HasPrefix(c.Text, "//go:linkname "):
			return "the linker knows it by its package", byHand
		case strings.HasPrefix(c.Text, "//unweld:contract"):
			return "it belongs to a component: " + strings.TrimPrefix(c.Text, "//"), "eject the component first: unweld eject"
		}
	}
	return "", ""
}

// fixed reports a unit that no search takes along.
func (s *Source) fixed(u *Unit) bool {
	known, ok := s.isFixed[u]
	if !ok {
		known = s.linkname(u) != nil
		for _, part := range u.Parts {
			why, _ := s.bound(u, part)
			known = known || why != ""
		}
		s.isFixed[u] = known
	}
	return known
}

// captured refuses names of the language that would mean something else at the
// other package.
func (p *Plan) captured(u *Unit, part *Part) (why, hint string) {
	for _, at := range p.d.places(u) {
		if at == p.d.home || at.Pkg == nil {
			continue
		}
		ast.Inspect(part.Node, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || why != "" {
				return why == ""
			}
			obj := part.File.Pkg.Info.Uses[id]
			if obj == nil || obj.Parent() != types.Universe {
				return true
			}
			if other := at.Pkg.Types.Scope().Lookup(id.Name); other != nil {
				why, hint = fmt.Sprintf("%s means something else in %s", id.Name, at.Path), "rename that first: "+at.Path+"."+id.Name
			}
			return true
		})
	}
	return why, hint
}

// commentsIn lists the comments of a part, its doc comment among them.
func commentsIn(part *Part) []*ast.Comment {
	var out []*ast.Comment
	for _, g := range part.File.AST.Comments {
		for _, c := range g.List {
			if o := part.File.Offset(c.Pos()); part.start <= o && o < part.end {
				out = append(out, c)
			}
		}
	}
	if part.Gen != nil && part.Gen.Doc != nil {
		out = append(out, part.Gen.Doc.List...)
	}
	return out
}

// fileGoesTo returns the package that everything in a file goes to, or nil.
func (p *Plan) fileGoesTo(f *code.File) *Place {
	var to *Place
	for _, part := range p.s.parts[f] {
		ps := p.d.places(part.Unit)
		if len(ps) != 1 || ps[0] == p.d.home || to != nil && to != ps[0] {
			return nil
		}
		to = ps[0]
	}
	return to
}

// findLinknames refuses what is known to the linker by its package.
func (p *Plan) findLinknames(moved []*Unit) {
	for _, u := range moved {
		if c := p.s.linkname(u); c != nil {
			p.refuseAt(codeBound, p.s.World.Span(c), u.Name()+" can't move: the linker knows it by its package", "move it by hand")
		}
	}
}

// linkname returns the directive by which the linker knows a function or variable
// of a unit, or nil.
func (s *Source) linkname(u *Unit) *ast.Comment {
	for _, part := range u.Parts {
		names := u.Names
		if d, ok := part.Node.(*ast.FuncDecl); ok {
			names = []string{d.Name.Name}
		}
		for _, n := range names {
			if c := s.linkerNames[n]; c != nil {
				return c
			}
		}
	}
	return nil
}

// linknames lists the names of the package that go:linkname gives to the linker, in
// whatever package that stands.
func (s *Source) linknames() map[string]*ast.Comment {
	out := map[string]*ast.Comment{}
	for _, f := range s.World.Files {
		here := slices.Contains(s.Files, f)
		for _, g := range f.AST.Comments {
			for _, c := range g.List {
				words := strings.Fields(c.Text)
				if len(words) < 2 || words[0] != "//go:linkname" {
					continue
				}
				if name, ok := strings.CutPrefix(words[len(words)-1], s.Pkg.Pkg.Path+"."); ok {
					out[name] = c
				}
				if here {
					out[words[1]] = c
				}
			}
		}
	}
	return out
}

// findAssembly refuses what assembly mentions.
func (p *Plan) findAssembly(moved []*Unit) {
	for _, file := range p.s.Pkg.OtherFiles {
		if path.Ext(file) != ".s" && path.Ext(file) != ".S" {
			continue
		}
		content, _, err := p.s.World.Snapshot.Content(file)
		if err != nil {
			continue
		}
		for _, u := range moved {
			if n := mentionedName(string(content), u.Names); n != "" {
				p.refuseAt(codeBound, text.Span{File: file, Line: 1, Col: 1}, n+" can't move: assembly mentions it", "move it by hand")
			}
		}
	}
}

// mentionedName returns the first of names that is a word of s, or "".
func mentionedName(s string, names []string) string {
	for _, n := range names {
		if regexp.MustCompile(`(^|[^\pL\pN_])` + regexp.QuoteMeta(n) + `($|[^\pL\pN]|_)`).MatchString(s) {
			return n
		}
	}
	return ""
}
