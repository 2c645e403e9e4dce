package relocate

import (
	"fmt"
	"go/ast"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/generators"
	"github.com/unweld/unweld/refactor/internal/code"
)

// retarget adds the edits of go:generate directives that stand in an output: their
// paths lead from its folder to where things go.
func (w *writer) retarget(out *output, f *code.File, add func(start, end int, text string)) {
	for _, d := range generators.Read(f.Rel, f.AST.Name.Name, f.Before) {
		part := w.s.at(f, d.Span.Start)
		if goes := part != nil && w.gone(part.Unit); !out.whole && goes == (out.file == f) {
			continue // it stands in another output
		}
		if now := d.Retarget(path.Dir(out.rel), w.shift(out, f)); now != d.Line {
			add(d.Span.Start, d.Span.Start+len(d.Line), now)
		}
	}
}

// shift says where what the directives of an output name goes: to files that move as a
// whole, and from the file and folder that they were in to those that they go to.
func (w *writer) shift(out *output, f *code.File) generators.Shift {
	moved := path.Dir(out.rel) != path.Dir(f.Rel)
	return generators.Shift{
		Path: func(rel string) string {
			switch {
			case rel == f.Rel && moved:
				return out.rel
			case rel == path.Dir(f.Rel) && moved:
				return path.Dir(out.rel)
			}
			for _, other := range w.s.Files {
				if other.Rel != rel {
					continue
				}
				if to := w.fileGoesTo(other); to != nil {
					return path.Join(to.Dir, path.Base(rel))
				}
			}
			return rel
		},
		Import: func(importPath string) string {
			if moved && importPath == w.s.Pkg.Pkg.Path {
				return out.place.Path
			}
			return importPath
		},
		Exists: func(rel string) bool {
			_, err := os.Stat(w.s.World.Snapshot.Abs(rel))
			return err == nil
		},
		Clause: func(dir, name string) string { return name },
	}
}

// noteDirectives says of directives that stay which are about something that moves, and
// of those that move with it what they go on writing here.
func (p *Plan) noteDirectives() {
	for _, f := range p.s.Files {
		if p.fileGoesTo(f) != nil {
			continue
		}
		for _, d := range generators.Read(f.Rel, f.AST.Name.Name, f.Before) {
			if part := p.s.at(f, d.Span.Start); part != nil && p.gone(part.Unit) {
				p.note(d.Span, fmt.Sprintf("this directive moves with %s, and its paths follow: see that it writes where it should, and for the right package", part.Unit.Name()))
				continue
			}
			if slices.ContainsFunc(p.Notes, func(n change.Note) bool { return n.Span.File == f.Rel && n.Span.Line == d.Span.Line }) {
				continue // noteGenerated says it
			}
			for _, u := range p.moves() {
				if u.Kind == Type && !u.Test && p.gone(u) && p.about(d, f, u) {
					p.note(d.Span, fmt.Sprintf("this directive is about %s, which is in %s now: move it there", u.Name(), p.d.place(u).Path))
					break
				}
			}
		}
	}
}

// about reports whether a directive of a file means a type: it names it, or it reads
// the file that an interface is declared in.
func (p *Plan) about(d *generators.Directive, f *code.File, u *Unit) bool {
	if mentionedName(strings.TrimPrefix(d.Line, "//go:generate"), u.Names) != "" {
		return true
	}
	return slices.ContainsFunc(u.Parts, func(part *Part) bool {
		ts, ok := part.Node.(*ast.TypeSpec)
		if !ok {
			g, group := part.Node.(*ast.GenDecl)
			if !group || len(g.Specs) != 1 {
				return false
			}
			ts, ok = g.Specs[0].(*ast.TypeSpec)
		}
		if !ok {
			return false
		}
		_, isInterface := ts.Type.(*ast.InterfaceType)
		return isInterface && d.Source() == part.File.Rel
	})
}
