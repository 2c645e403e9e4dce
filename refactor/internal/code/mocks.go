package code

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generators"
	"github.com/unweld/unweld/internal/revision"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
)

// A generated is a file that a tool wrote, and what is known of how.
type generated struct {
	by         *generators.Directive // nil: nothing says how it is written
	interfaces []*types.TypeName     // of the module, that its types have the methods of
}

// Generator returns the directive that has a generated file written, or nil.
func (w *World) Generator(f *File) *generators.Directive {
	if f == nil || !f.Generated() {
		return nil
	}
	return w.generated(f).by
}

// Regenerates reports a file that is written anew once the change is known, because
// the request lets its generator run. What the change needs in it comes of itself.
func (w *World) Regenerates(f *File) bool { return w.runs && w.Generator(f) != nil }

// RunsGenerators reports whether the request lets generators run.
func (w *World) RunsGenerators() bool { return w.runs }

// Stale says that a file for which Regenerates reports true must be written anew.
func (w *World) Stale(f *File) { w.stale[f] = true }

// IsStale reports what Stale was told.
func (w *World) IsStale(f *File) bool { return w.stale[f] }

// generatorReason says that a generated file is in the way of another signature, and
// what lets it change.
func (w *World) generatorReason(fn *types.Func) string {
	f := w.FileOf(fn)
	d := w.Generator(f)
	if d == nil {
		return ""
	}
	return fmt.Sprintf("%s would have to change with it, which %s has written (%s): give --run-generators to let that run", fn.FullName(), d.Span, d)
}

func (w *World) generated(f *File) generated {
	g, known := w.writers[f]
	if known {
		return g
	}
	m := generators.Mock{File: f.Rel, Header: f.header()}
	methods := map[string]map[string]bool{}
	for _, d := range f.AST.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if recv := source.Receiver(d); recv != "" {
				if methods[recv] == nil {
					methods[recv] = map[string]bool{}
				}
				methods[recv][d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if ts, ok := s.(*ast.TypeSpec); ok {
					m.Types = append(m.Types, ts.Name.Name)
				}
			}
		}
	}
	for _, obj := range w.ownInterfaces() {
		of := w.FileOf(obj)
		if of == f {
			continue
		}
		it := obj.Type().Underlying().(*types.Interface)
		for _, name := range m.Types {
			if has := methods[name]; has != nil && hasAll(has, it) {
				g.interfaces = append(g.interfaces, obj)
				m.Interfaces = append(m.Interfaces, generators.Interface{Name: obj.Name(), Package: strings.TrimSuffix(obj.Pkg().Path(), "_test"), File: of.Rel})
				break
			}
		}
	}
	g.by = generators.Writer(w.directives(), m)
	w.writers[f] = g
	return g
}

func hasAll(methods map[string]bool, it *types.Interface) bool {
	for m := range it.Methods() {
		if !methods[m.Name()] {
			return false
		}
	}
	return true
}

// header returns the comments above the package clause.
func (f *File) header() string {
	var b strings.Builder
	for _, g := range f.AST.Comments {
		if g.Pos() > f.AST.Package {
			break
		}
		b.WriteString(f.Source(g) + "\n")
	}
	return b.String()
}

// ownInterfaces returns the interfaces with methods that people declared in the module,
// by package and name.
func (w *World) ownInterfaces() []*types.TypeName {
	if w.declared != nil {
		return w.declared
	}
	w.declared = []*types.TypeName{}
	seen := map[Key]bool{}
	for _, p := range w.Packages {
		for _, name := range p.Types.Scope().Names() {
			obj, ok := p.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || obj.IsAlias() {
				continue
			}
			it, ok := obj.Type().Underlying().(*types.Interface)
			f := w.FileOf(obj)
			if !ok || it.NumMethods() == 0 || f == nil || f.Generated() || seen[w.Key(obj)] {
				continue
			}
			seen[w.Key(obj)] = true
			w.declared = append(w.declared, obj)
		}
	}
	return w.declared
}

// directives reads those of the module: of all its Go files, and of mockery's
// configuration.
func (w *World) directives() []*generators.Directive {
	if !w.read {
		w.read = true
		now := map[string][]byte{}
		for _, f := range w.Files {
			now[f.Rel] = f.Before
		}
		w.written = w.directivesIn(now)
	}
	return w.written
}

// directivesIn returns the directives of Go files by path, and of those that this build
// leaves out.
func (w *World) directivesIn(files map[string][]byte) []*generators.Directive {
	for _, u := range w.leftOut() {
		if content, _, err := w.Snapshot.Content(u.rel); err == nil && files[u.rel] == nil {
			files[u.rel] = content
		}
	}
	var out []*generators.Directive
	var names []string
	for rel := range files {
		names = append(names, rel)
	}
	slices.Sort(names)
	for _, rel := range names {
		if content := files[rel]; bytes.Contains(content, []byte(":generate")) {
			out = append(out, generators.Read(rel, packageName(content), content)...)
		}
	}
	for _, name := range generators.ConfigNames {
		content, _, err := w.Snapshot.Content(name)
		if err != nil {
			continue
		}
		if d := generators.ReadConfig(name, content); d != nil {
			out = append(out, d)
		}
	}
	return generators.Resolve(out)
}

// packageName returns the name in a file's package clause, or "".
func packageName(content []byte) string {
	f, err := parser.ParseFile(token.NewFileSet(), "", content, parser.PackageClauseOnly)
	if err != nil {
		return ""
	}
	return f.Name.Name
}

// outdated returns the generated files that come out of what a change edits, by path:
// those that it edits themselves and the mocks of interfaces that it edits.
func (w *World) outdated() []*File {
	var out []*File
	for _, f := range w.Files {
		if f.deleted || !f.Generated() || w.Generator(f) == nil {
			continue
		}
		if w.stale[f] || f.Edited() || slices.ContainsFunc(w.generated(f).interfaces, w.editedInterface) {
			out = append(out, f)
		}
	}
	return out
}

// editedInterface reports whether edits change the methods of an interface.
func (w *World) editedInterface(obj *types.TypeName) bool {
	f := w.FileOf(obj)
	if len(f.edits) == 0 {
		return false
	}
	for _, d := range f.AST.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, s := range g.Specs {
			ts, ok := s.(*ast.TypeSpec)
			if !ok || f.Offset(ts.Name.Pos()) != w.Key(obj).offset {
				continue
			}
			start, end := f.Offset(ts.Name.End()), f.Offset(ts.End())
			return slices.ContainsFunc(f.edits, func(e *edit) bool { return e.end > start && e.start < end })
		}
	}
	return false
}

// NoteOutdated says of a generated file what has to write it anew.
func (w *World) NoteOutdated(f *File) change.Note {
	d := w.Generator(f)
	return change.Note{Span: d.Span, Message: fmt.Sprintf("this writes %s from what changes here: run it again, or give --run-generators: %s", f.Rel, d)}
}

// NoteEdited says of a generated file that nothing is known to write that it changes.
func NoteEdited(f string) change.Note {
	return change.Note{Span: text.Span{File: f, Line: 1, Col: 1},
		Message: "this file is generated: change what writes it in the same way, or the next run takes the change back"}
}

// Regenerate runs the generators of files on the module that a change set leads to, and
// returns what they write that is new. Now has the Go files of that module by path,
// stale where the files are in it.
func (w *World) Regenerate(ctx context.Context, what string, set change.Set, now map[string][]byte, stale map[*File]string) (map[string][]byte, []change.Note, error) {
	all := w.directivesIn(now)
	job := generators.Job{What: what, Repository: revision.Repository{Root: w.Snapshot.Root, WorkFile: w.Snapshot.WorkFile()}, Overlay: w.Snapshot.Overlay(),
		Set: set, All: all, At: map[*generators.Directive]text.Span{}, Stale: map[string]string{}}
	var notes []change.Note
	var files []*File
	for f := range stale {
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b *File) int { return strings.Compare(a.Rel, b.Rel) })
	for _, f := range files {
		d := generators.Moved(w.Generator(f), w.directives(), all)
		if d == nil {
			old := w.Generator(f)
			return nil, nil, component.Refuse(what, component.Problem{Code: "generator-failed", Severity: component.Error, Span: old.Span,
				Message: fmt.Sprintf("the change takes away this directive, which writes %s", f.Rel), Hint: "leave --run-generators out, and write the file anew by hand"})
		}
		job.Directives = append(job.Directives, d)
		job.At[d] = w.Generator(f).Span
		job.Stale[stale[f]] = packageName(now[stale[f]])
		notes = append(notes, change.Note{Span: w.Generator(f).Span, Message: fmt.Sprintf("%s was written by: %s", stale[f], d)})
	}
	written, err := generators.Run(ctx, job)
	if err != nil {
		return nil, nil, err
	}
	for rel, content := range written {
		before, known := now[rel]
		if !known {
			before, _, err = w.Snapshot.Content(rel)
			known = err == nil
		}
		if known && content != nil && bytes.Equal(before, content) {
			delete(written, rel)
		}
	}
	for _, f := range files {
		if _, anew := written[stale[f]]; w.stale[f] && !anew {
			d := w.Generator(f)
			return nil, nil, component.Refuse(what, component.Problem{Code: "generator-failed", Severity: component.Error, Span: d.Span,
				Message: fmt.Sprintf("%s ran, and left %s as it is, which has to change", d, f.Rel), Hint: "see that the directive writes " + path.Base(f.Rel) + " from what changes"})
		}
	}
	return written, notes, nil
}
