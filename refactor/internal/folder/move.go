package folder

import (
	"bytes"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// The codes of refusals; the words of relocate.
const (
	codeInternal = "internal-folder"
	codeBound    = "bound-to-package"
)

// A Move is a folder under way to another one.
type Move struct {
	World *code.World
	Pkg   *source.Package // in the folder
	To    string          // the folder, relative to the root of the snapshot, clean
	Name  string          // the package's name there

	from             string // the folder
	oldPath, newPath string // import paths
	files            map[string]*file
	order            []string
	typeNames        []change.Note          // where the program tells the path or name with a type
	printsTypes      bool                   // the package prints types with the package's name
	written          map[string]bool        // names of types that the program writes with the package's
	understood       map[*ast.BasicLit]bool // relative paths of tests that lead where they led
	notes            []change.Note
	problems         []component.Problem
}

// A file is one that moves or changes.
type file struct {
	rel    string
	to     string // where it goes; rel if it stays
	before []byte
	after  []byte
	fset   *token.FileSet
	syntax *ast.File  // nil for what isn't Go
	world  *code.File // nil for what this build leaves out
}

// Do computes the change.
func (m *Move) Do(ctx context.Context, what string) (change.Set, error) {
	m.from, m.files = path.Clean(m.Pkg.Pkg.Dir), map[string]*file{}
	m.understood = map[*ast.BasicLit]bool{}
	m.oldPath = m.Pkg.Pkg.Path
	m.newPath = strings.TrimSuffix(m.oldPath, m.from) + m.To
	if err := m.usable(); err != nil {
		return change.Set{}, err
	}
	if err := m.collect(ctx); err != nil {
		return change.Set{}, err
	}
	m.findTypeNames()
	m.findWritten()
	for _, rel := range m.order {
		if f := m.files[rel]; f.syntax != nil {
			m.edit(f)
		}
	}
	m.findEmbeds()
	if len(m.problems) > 0 {
		return change.Set{}, component.Refuse(what, m.problems...)
	}
	m.findMentions()
	m.noteBehavior()
	return m.result(ctx, what)
}

// usable refuses folders that can't move or can't be gone to.
func (m *Move) usable() error {
	wrong := func(reason, hint string) error {
		return &component.UsageError{Object: m.oldPath, Reason: reason, Hint: hint}
	}
	switch {
	case m.from == "." || !strings.HasSuffix(m.oldPath, "/"+m.from):
		return wrong("is the root of its module", "name a package in a folder of its own")
	case m.To == m.from && m.Name == m.Pkg.Pkg.Name:
		return wrong("is there already", "name another folder")
	case strings.HasPrefix(m.To+"/", m.from+"/") && m.To != m.from:
		return wrong("can't move into itself", "name a folder outside of "+m.from)
	}
	if m.To != m.from {
		if entries, err := os.ReadDir(m.World.Snapshot.Abs(m.To)); err == nil && len(entries) > 0 {
			return wrong(m.To+" isn't empty", "name a folder that there isn't, or merge the packages: unweld refactor merge-packages")
		}
	}
	return nil
}

// collect reads what moves and what may have to change.
func (m *Move) collect(ctx context.Context) error {
	if err := m.collectFolder(); err != nil {
		return err
	}
	folders, err := m.World.Snapshot.Folders(ctx)
	if err != nil {
		return err
	}
	for _, f := range folders {
		for _, rel := range f.Files {
			if f.Left != "" && !strings.HasPrefix(rel, m.from+"/") {
				m.leftOut(rel, f.Left)
				continue
			}
			if err := m.add(rel, rel); err != nil {
				return err
			}
		}
	}
	slices.Sort(m.order)
	return nil
}

// collectFolder reads every file of the folder.
func (m *Move) collectFolder() error {
	root := m.World.Snapshot.Abs(m.from)
	return filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := m.World.Snapshot.Rel(name)
		switch {
		case d.IsDir():
			return nil
		case path.Base(rel) == "go.mod":
			return &component.UsageError{Object: m.oldPath, Reason: "has a module of its own below it: " + rel, Hint: "move that by hand first"}
		case !d.Type().IsRegular():
			return &component.UsageError{Object: m.oldPath, Reason: rel + " is no regular file", Hint: "move it by hand first"}
		}
		return m.add(rel, m.To+strings.TrimPrefix(rel, m.from))
	})
}

func (m *Move) add(rel, to string) error {
	if m.files[rel] != nil {
		return nil
	}
	content, _, err := m.World.Snapshot.Content(rel)
	if err != nil {
		return err
	}
	f := &file{rel: rel, to: to, before: content, after: content}
	if path.Ext(rel) == ".go" && !slices.Contains(strings.Split(rel, "/"), "testdata") {
		f.fset = token.NewFileSet()
		f.syntax, _ = source.ParseFile(f.fset, rel, content, parser.ParseComments)
		for _, w := range m.World.Files {
			if w.Rel == rel {
				f.world = w
			}
		}
	}
	m.files[rel] = f
	m.order = append(m.order, rel)
	return nil
}

// leftOut notes imports in code that ./... leaves out.
func (m *Move) leftOut(rel, why string) {
	fset, f := m.World.Snapshot.Syntax(rel, parser.ImportsOnly)
	if f == nil {
		return
	}
	for _, spec := range f.Imports {
		if m.moved(source.ImportPath(spec)) != "" {
			m.notes = append(m.notes, change.Note{Span: m.World.Snapshot.Span(fset, spec.Pos(), spec.End()), Message: "this import stays as it is: it is in " + why})
		}
	}
}

// moved returns the new path of a package that moves, or "".
func (m *Move) moved(importPath string) string {
	if importPath == m.oldPath {
		return m.newPath
	}
	if rest, ok := strings.CutPrefix(importPath, m.oldPath+"/"); ok {
		return m.newPath + "/" + rest
	}
	return ""
}

// pathOf is the import path of the package that a file will belong to.
func (m *Move) pathOf(f *file) string {
	module := strings.TrimSuffix(m.oldPath, "/"+m.from)
	if dir := path.Dir(f.to); dir != "." {
		return module + "/" + dir
	}
	return module
}

func (m *Move) span(f *file, n ast.Node) text.Span {
	return m.World.Snapshot.Span(f.fset, n.Pos(), n.End())
}

func (m *Move) refuse(code string, span text.Span, message, hint string) {
	m.problems = append(m.problems, component.Problem{Code: code, Severity: component.Error, Span: span, Message: message, Hint: hint})
}

// findEmbeds refuses to take files from under packages that embed them.
func (m *Move) findEmbeds() {
	for _, rel := range m.order {
		f := m.files[rel]
		if f.syntax == nil || f.to != f.rel || m.To == m.from {
			continue
		}
		for _, g := range f.syntax.Comments {
			for _, c := range g.List {
				patterns, ok := strings.CutPrefix(c.Text, "//go:embed ")
				if !ok {
					continue
				}
				for pattern := range strings.FieldsSeq(patterns) {
					at := path.Join(path.Dir(f.rel), strings.TrimPrefix(strings.Trim(pattern, "\"`"), "all:"))
					if at == m.from || strings.HasPrefix(at, m.from+"/") || strings.HasPrefix(m.from+"/", at+"/") {
						m.refuse(codeBound, m.span(f, c), "files of "+m.from+" are embedded here: "+pattern, "embed them in a package of their own first")
					}
				}
			}
		}
	}
}

// result makes the change set, after checking that the module builds with it. Where the
// request lets generators run, what they write is part of it.
func (m *Move) result(ctx context.Context, what string) (change.Set, error) {
	outdated := m.outdated()
	created := map[string][]byte{}
	if m.World.RunsGenerators() && len(outdated) > 0 {
		now, stale := map[string][]byte{}, map[*code.File]string{}
		for _, rel := range m.order {
			if f := m.files[rel]; f.syntax != nil {
				now[f.to] = f.after
			}
		}
		for _, f := range outdated {
			stale[f.world] = f.to
		}
		written, notes, err := m.World.Regenerate(ctx, what, m.set(nil), now, stale)
		if err != nil {
			return change.Set{}, err
		}
		m.notes = append(m.notes, notes...)
		m.take(written, created)
	} else {
		for _, f := range outdated {
			m.notes = append(m.notes, m.World.NoteOutdated(f.world))
		}
	}
	overlay := map[string][]byte{}
	for _, rel := range m.order {
		f := m.files[rel]
		changed := !bytes.Equal(f.before, f.after)
		if f.to == f.rel && !changed {
			continue
		}
		if f.to != f.rel && f.syntax != nil {
			overlay[m.World.Snapshot.Abs(f.rel)] = emptied(f)
		}
		overlay[m.World.Snapshot.Abs(f.to)] = f.after
		if f.syntax != nil && changed && ast.IsGenerated(f.syntax) && (f.world == nil || m.World.Generator(f.world) == nil) {
			m.notes = append(m.notes, code.NoteEdited(f.rel))
		}
	}
	for rel, content := range created {
		overlay[m.World.Snapshot.Abs(rel)] = content
	}
	if err := m.World.Check(ctx, m.World.Snapshot.WithOverlay(overlay), what); err != nil {
		return change.Set{}, err
	}
	set := m.set(created)
	slices.SortStableFunc(m.notes, func(a, b change.Note) int { return a.Span.Compare(b.Span) })
	set.Notes = slices.Compact(m.notes)
	return set, nil
}

// emptied is a file without its declarations, for the package that is left behind. Its
// build constraint stays: a program beside the package doesn't become part of it.
func emptied(f *file) []byte {
	end := f.fset.Position(f.syntax.Name.End()).Offset
	return append(slices.Clone(f.before[:end]), '\n')
}

// outdated returns the generated files that change, or whose directive does.
func (m *Move) outdated() []*file {
	var out []*file
	for _, rel := range m.order {
		f := m.files[rel]
		if f.world == nil || !f.world.Generated() {
			continue
		}
		d := m.World.Generator(f.world)
		if d == nil {
			continue
		}
		by := m.files[d.Span.File]
		if !bytes.Equal(f.before, f.after) || by != nil && by.syntax != nil && d.Retarget(path.Dir(by.to), m.shift()) != d.Line {
			out = append(out, f)
		}
	}
	return out
}

// set is the change as far as it is known.
func (m *Move) set(created map[string][]byte) change.Set {
	set := change.Set{Title: fmt.Sprintf("move %s to %s", m.oldPath, m.newPath)}
	for _, rel := range m.order {
		f := m.files[rel]
		changed := !bytes.Equal(f.before, f.after)
		if f.to == f.rel && !changed {
			continue
		}
		edit := change.File{Path: f.rel, Op: change.Edit, Base: change.HashOf(f.before)}
		if changed {
			edit = change.Between("", map[string][]byte{f.rel: f.before}, map[string][]byte{f.rel: f.after}).Files[0]
		}
		if f.to != f.rel {
			edit.Op, edit.To = change.Rename, f.to
		}
		set.Files = append(set.Files, edit)
	}
	if len(created) > 0 {
		set.Files = append(set.Files, change.Between("", nil, created).Files...)
		slices.SortFunc(set.Files, func(a, b change.File) int { return strings.Compare(a.Path, b.Path) })
	}
	return set
}

// take makes what generators wrote part of the change: what is new goes to created.
func (m *Move) take(written, created map[string][]byte) {
	for rel, content := range written {
		i := slices.IndexFunc(m.order, func(r string) bool { return m.files[r].to == rel })
		switch {
		case i >= 0 && content != nil:
			m.files[m.order[i]].after = content
		case i < 0 && content != nil:
			if before, _, err := m.World.Snapshot.Content(rel); err == nil {
				m.files[rel] = &file{rel: rel, to: rel, before: before, after: content}
				m.order = append(m.order, rel)
				continue
			}
			created[rel] = content
		}
	}
	slices.Sort(m.order)
}

// Package returns the package that a target names, or a *component.UsageError.
func Package(w *code.World, target string) (*source.Package, error) {
	pkg, rest := code.FindPackage(w, target)
	if pkg == nil {
		return nil, code.MissingPackage(w, target, target)
	}
	if rest != "" {
		return nil, &component.UsageError{Object: target, Reason: "names a declaration", Hint: "name its package, or move it alone: unweld refactor move-declaration"}
	}
	return pkg, nil
}
