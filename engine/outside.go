package engine

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
)

// outsideCallers adds to a change set what it leaves behind: uses of declarations
// that change, in code that isn't part of what was analysed. In files for other
// systems and tags, and in other modules of the workspace, they are a refusal,
// since all that is built together; elsewhere (nested modules, _examples) notes.
func (s *Session) outsideCallers(ctx context.Context, what string, set change.Set) (change.Set, error) {
	folders, err := s.snap.Folders(ctx)
	if err != nil {
		return set, err
	}
	changed, places, paths := s.changedNames(set, folders)
	if len(changed) == 0 {
		return set, nil
	}
	left, err := s.leftOut(ctx, folders)
	if err != nil {
		return set, err
	}
	for _, f := range set.Files {
		delete(left, f.Path)
	}
	var refused []component.Problem
	unbuilt := map[string]component.Problem{} // by file
	for _, file := range slices.Sorted(maps.Keys(left)) {
		name, at, places := s.mention(file, left[file].Package.Path, changed, paths)
		if places == 0 {
			continue
		}
		message := fmt.Sprintf("%s changes and this use of it doesn't (%s in this file)", name, count(places, "place", "places"))
		switch f := left[file]; {
		case f.Left == "" && s.neverBuilt(file):
			set.Notes = append(set.Notes, change.Note{Code: codeOutside, Span: at, Message: message + ": no build has the file"})
		case f.Left == "":
			unbuilt[file] = component.Problem{Code: codeOtherBuilds, Severity: component.Error, Span: at,
				Message: message + ": this build leaves the file out", Hint: "do it where the file is built (GOOS, GOFLAGS=-tags=...), or by hand"}
		case f.InWorkspace && !strings.HasPrefix(f.Module, s.Module+"/"):
			refused = append(refused, component.Problem{Code: codeOutside, Severity: component.Error, Span: at,
				Message: message + ": it is in " + f.Left, Hint: "do it for the whole workspace, in the folder of go.work"})
		default:
			set.Notes = append(set.Notes, change.Note{Code: codeOutside, Span: at, Message: message + ": it is in " + f.Left})
		}
	}
	if err := s.askBuilds(ctx, set, unbuilt, places); err != nil {
		return set, err
	}
	for _, file := range slices.Sorted(maps.Keys(unbuilt)) {
		refused = append(refused, unbuilt[file])
	}
	if refused = append(refused, s.programTexts(set, folders, left, changed, paths)...); len(refused) > 0 {
		return change.Set{}, component.Refuse(what, refused...)
	}
	return set, nil
}

// leftOut returns the Go files of the tree that an analysis of the module with its
// tests doesn't see, with their folders.
func (s *Session) leftOut(ctx context.Context, folders []source.Folder) (map[string]source.Folder, error) {
	scan, err := s.snap.Scan(ctx, s.wholeModule()...)
	if err != nil {
		return nil, err
	}
	ignored := map[string]map[string]bool{}
	for _, p := range scan.Packages {
		ignored[path.Clean(p.Pkg.Dir)] = map[string]bool{}
		for _, f := range p.IgnoredFiles {
			ignored[path.Clean(p.Pkg.Dir)][f] = true
		}
	}
	left := map[string]source.Folder{}
	for _, f := range folders {
		here, listed := ignored[path.Clean(f.Package.Dir)]
		for _, file := range f.Files {
			if !listed || here[file] {
				left[file] = f
			}
		}
	}
	return left, nil
}

func (s *Session) neverBuilt(file string) bool {
	_, f := s.snap.Syntax(file, parser.ParseComments|parser.PackageClauseOnly)
	return f != nil && source.NeverBuilt(f)
}

const (
	codeOutside     = "outside-caller"
	codeOtherBuilds = "other-builds"
)

// changedNames returns the exported names whose declarations are another after
// set: functions, types and variables by their name, methods and fields by .Name; where
// they are declared before it, each with its name alone; and the import paths of the
// packages that declare them.
func (s *Session) changedNames(set change.Set, folders []source.Folder) (names map[string]bool, places map[source.Place]string, paths map[string]bool) {
	before, after := map[string]map[string]string{}, map[string]map[string]string{}
	for _, f := range set.Files {
		if path.Ext(f.Path) != ".go" || strings.HasSuffix(f.Path, "_test.go") {
			continue
		}
		old, now := s.contents(f)
		exported(old, path.Dir(f.Path), before)
		exported(now, path.Dir(cmp.Or(f.To, f.Path)), after)
	}
	names, places, paths = map[string]bool{}, map[source.Place]string{}, map[string]bool{}
	for dir, decls := range before {
		for key, decl := range decls {
			if after[dir][key] == decl {
				continue
			}
			names[key[max(0, strings.LastIndexByte(key, '.')):]] = true
			for _, f := range folders {
				if path.Clean(f.Package.Dir) == dir {
					paths[f.Package.Path] = true
				}
			}
		}
	}
	for _, f := range set.Files {
		old, _ := s.contents(f)
		dir := path.Dir(f.Path)
		visitExported(old, func(key string, name *ast.Ident, offset int, text string) {
			if before[dir][key] != "" && after[dir][key] != before[dir][key] {
				places[source.Place{File: s.snap.Abs(f.Path), Offset: offset}] = name.Name
			}
		})
	}
	return names, places, paths
}

// contents returns a file before and after its change.
func (s *Session) contents(f change.File) (before, after []byte) {
	before, _, _ = s.snap.Content(f.Path) // none for a new file
	switch f.Op {
	case change.Create:
		return before, f.Content
	case change.Delete:
		return before, nil
	}
	var out []byte
	last := 0
	for _, e := range f.Edits {
		if e.Start < last || e.End > len(before) {
			return before, nil
		}
		out = append(append(out, before[last:e.Start]...), e.New...)
		last = e.End
	}
	return before, append(out, before[last:]...)
}

// exported adds the exported declarations of a file to those of its folder, each
// as it is written, without bodies.
func exported(content []byte, dir string, into map[string]map[string]string) {
	visitExported(content, func(key string, _ *ast.Ident, _ int, text string) {
		if into[dir] == nil {
			into[dir] = map[string]string{}
		}
		into[dir][key] = text
	})
}

// visitExported visits the exported declarations of a file: functions, types and variables
// by their name, methods and fields by Type.Name; where the name stands, and how it is
// written, without bodies.
func visitExported(content []byte, visit func(key string, name *ast.Ident, offset int, text string)) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", content, parser.SkipObjectResolution)
	if err != nil || len(content) == 0 {
		return
	}
	add := func(key string, name *ast.Ident, n any) {
		var b bytes.Buffer
		if ft, ok := n.(*ast.FuncType); ok {
			n = unnamed(ft)
		}
		if n != nil && printer.Fprint(&b, fset, n) == nil {
			visit(key, name, fset.PositionFor(name.Pos(), false).Offset, b.String())
		}
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() {
				add(strings.TrimPrefix(source.Receiver(d)+"."+d.Name.Name, "."), d.Name, d.Type)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				exportedSpec(spec, add)
			}
		}
	}
}

// unnamed is a function's type without the names of its parameters and results, which
// callers don't see.
func unnamed(ft *ast.FuncType) *ast.FuncType {
	list := func(fields *ast.FieldList) *ast.FieldList {
		if fields == nil {
			return nil
		}
		out := &ast.FieldList{}
		for _, f := range fields.List {
			for range max(1, len(f.Names)) {
				out.List = append(out.List, &ast.Field{Type: f.Type})
			}
		}
		return out
	}
	return &ast.FuncType{TypeParams: ft.TypeParams, Params: list(ft.Params), Results: list(ft.Results)}
}

func exportedSpec(spec ast.Spec, add func(string, *ast.Ident, any)) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, n := range spec.Names {
			switch {
			case !n.IsExported():
			case spec.Type != nil:
				add(n.Name, n, spec.Type)
			default:
				add(n.Name, n, &ast.Ident{Name: "untyped"}) // that it is there
			}
		}
	case *ast.TypeSpec:
		var members *ast.FieldList
		switch t := spec.Type.(type) {
		case *ast.StructType:
			members = t.Fields
		case *ast.InterfaceType:
			members = t.Methods
		default:
			add(spec.Name.Name, spec.Name, spec.Type)
			return
		}
		add(spec.Name.Name, spec.Name, &ast.Ident{Name: fmt.Sprintf("%T", spec.Type)})
		for _, m := range members.List {
			names := m.Names
			if n := source.EmbeddedName(m.Type); len(names) == 0 && n != nil {
				names = []*ast.Ident{n}
			}
			for _, n := range names {
				if n.IsExported() {
					add(spec.Name.Name+"."+n.Name, n, m.Type)
				}
			}
		}
	}
}

// mention returns the first place at which a file of one of the packages, or one
// that imports them, selects one of the names, and how many there are.
func (s *Session) mention(file, pkg string, names, paths map[string]bool) (name string, at text.Span, places int) {
	if !paths[pkg] && !s.importsOneOf(file, paths) {
		return "", text.Span{}, 0
	}
	fset, f := s.snap.Syntax(file, 0)
	if f == nil {
		return "", text.Span{}, 0
	}
	selected(f, names, paths, func(id *ast.Ident) {
		if places++; places == 1 {
			name, at = id.Name, s.snap.Span(fset, id.Pos(), id.End())
		}
	})
	return name, at, places
}

// selected visits what a file selects by one of the names: by the name of a package of
// paths what is declared in it, of everything else but other packages methods and fields.
func selected(f *ast.File, names, paths map[string]bool, visit func(*ast.Ident)) {
	imports := map[string]bool{} // by what they are called: whether they are of paths
	for _, spec := range f.Imports {
		p := source.ImportPath(spec)
		name := path.Base(p)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imports[name] = paths[p]
	}
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		declared, member := names[sel.Sel.Name], names["."+sel.Sel.Name]
		// The parser resolves what the file itself declares; the rest are imports, or
		// variables of other files.
		x, ok := sel.X.(*ast.Ident)
		if !ok || x.Obj != nil {
			declared = false
		} else if ours, known := imports[x.Name]; known {
			declared, member = declared && ours, false
		}
		if declared || member {
			visit(sel.Sel)
		}
		return true
	})
}

func (s *Session) importsOneOf(file string, paths map[string]bool) bool {
	_, f := s.snap.Syntax(file, parser.ImportsOnly)
	return f != nil && slices.ContainsFunc(f.Imports, func(spec *ast.ImportSpec) bool { return paths[source.ImportPath(spec)] })
}
