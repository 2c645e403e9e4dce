package hosted

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A settled is a suite of which everything type-checks in the scratch module.
type settled struct {
	*suite
	root    string
	exports map[string]string                     // files with the types of packages, by import path
	unused  map[*file]map[string]bool             // imports that nothing needs, by file
	spans   map[string][]span                     // by the file's place in the module
	callees map[*chunk]map[string]bool            // names of what each calls of the package: F, T.M, T.F of a field
	refs    map[*chunk]map[string]map[string]bool // by chunk: folder, and the names that it mentions of the tests' own
}

// settle leaves out what doesn't type-check in the scratch module, and what needs that, and
// writes the rest.
func settle(ctx context.Context, s *suite, root string) (*settled, error) {
	t := &settled{suite: s, root: root, unused: map[*file]map[string]bool{}}
	var paths []string
	for _, f := range s.files {
		t.unused[f] = map[string]bool{}
		for _, i := range f.imports {
			switch {
			case hidden(i.path) || i.path == "C":
				t.unused[f][i.path] = true
			case !slices.Contains(paths, i.path) && i.path != "unsafe":
				paths = append(paths, i.path)
			}
		}
	}
	if err := t.require(ctx, paths); err != nil {
		return nil, err
	}
	if err := t.list(ctx, append(paths, s.code.Path)); err != nil {
		return nil, err
	}
	return t, t.repeat()
}

// hidden reports an import path that only what stands around it can import.
func hidden(path string) bool {
	return slices.ContainsFunc(strings.Split(path, "/"), func(part string) bool { return part == "internal" || part == "vendor" })
}

// require lets the scratch module require what tests import.
func (t *settled) require(ctx context.Context, paths []string) error {
	if t.code.Module == "" {
		return nil
	}
	var b strings.Builder
	b.WriteString("package inside\n\n")
	for _, p := range append(paths, t.code.Path) {
		fmt.Fprintf(&b, "import _ %q\n", p)
	}
	file := filepath.Join(t.root, insideFolder, "requires_test.go")
	if err := writeFile(file, b.String()); err != nil {
		return err
	}
	if _, err := goCommand(ctx, t.root, "mod", "tidy", "-e"); err != nil {
		return err
	}
	return os.Remove(file)
}

// list finds the compiled types of packages and of all that they need.
func (t *settled) list(ctx context.Context, paths []string) error {
	out, err := goCommand(ctx, t.root, append([]string{"list", "-e", "-export", "-deps", "-json=ImportPath,Export"}, paths...)...)
	if err != nil {
		return err
	}
	t.exports = map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		t.exports[p.ImportPath] = p.Export
	}
}

// repeat type-checks and leaves out until everything is right, and writes the files.
func (t *settled) repeat() error {
	for range 1000 {
		changed, err := t.round()
		if err != nil {
			return err
		}
		if !changed {
			return t.write()
		}
	}
	return errors.New("the tests don't settle")
}

// round type-checks what is left, and reports whether that left something out.
func (t *settled) round() (changed bool, err error) {
	fset := token.NewFileSet()
	t.spans, t.callees, t.refs = map[string][]span{}, map[*chunk]map[string]bool{}, map[*chunk]map[string]map[string]bool{}
	parsed := map[string][]*ast.File{}
	of := map[string]*file{}
	for _, f := range t.files {
		text, spans := t.render(f, t.unused[f])
		if text == "" {
			continue
		}
		name := f.folder + "/" + f.name
		syntax, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return false, err
		}
		t.spans[name], of[name] = spans, f
		parsed[f.folder] = append(parsed[f.folder], syntax)
	}
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if t.exports[path] == "" {
			return nil, fmt.Errorf("%s isn't compiled", path)
		}
		return os.Open(t.exports[path])
	})
	for folder, files := range parsed {
		info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
		config := types.Config{Importer: imports, Error: func(err error) {
			if e, ok := errors.AsType[types.Error](err); ok && t.leaveOut(of, e) {
				changed = true
			}
		}}
		_, _ = config.Check(modulePath+"/"+folder+"_test", fset, files, info)
		if !changed {
			t.note(fset, folder, info)
		}
	}
	return changed, nil
}

var (
	undefined  = regexp.MustCompile(`^undefined: (\S+)$`)
	unexported = regexp.MustCompile(`unexported (?:field or method|field|method) (\w+)`)
	notUsed    = regexp.MustCompile(`^"([^"]+)" imported (?:as \S+ )?and not used`)
	noImport   = regexp.MustCompile(`^could not import (\S+)`)
)

// leaveOut leaves the declaration out that an error is in, or the import.
func (t *settled) leaveOut(of map[string]*file, e types.Error) bool {
	pos := e.Fset.Position(e.Pos)
	f := of[pos.Filename]
	for _, pattern := range []*regexp.Regexp{notUsed, noImport} {
		if m := pattern.FindStringSubmatch(e.Msg); m != nil {
			already := t.unused[f][m[1]]
			t.unused[f][m[1]] = true
			return !already
		}
	}
	for _, s := range t.spans[pos.Filename] {
		if s.from <= pos.Offset && pos.Offset < s.to && s.chunk.why == "" {
			s.chunk.why = t.because(f, e.Msg)
			return true
		}
	}
	return false
}

// because is the reason that an error of the type checker comes down to.
func (t *settled) because(f *file, message string) string {
	if m := undefined.FindStringSubmatch(message); m != nil {
		qualifier, name, qualified := strings.Cut(m[1], ".")
		if !qualified {
			qualifier, name = "", m[1]
		}
		for _, i := range f.imports {
			if t.unused[f][i.path] && (name == base(i.path) || name == i.name) {
				return "imports " + i.path + ", which other modules can't"
			}
		}
		if why := t.lost(f.folder, name); why != "" && qualifier == "" {
			return why
		}
		if ast.IsExported(name) {
			return "uses " + name + ", which tests in the package declare"
		}
		return "uses " + name + ", which the package doesn't export"
	}
	if m := unexported.FindStringSubmatch(message); m != nil {
		return "uses " + m[1] + ", which the package doesn't export"
	}
	if strings.Contains(message, "non-local type") {
		return "declares a method of one of the package's types"
	}
	return "doesn't type-check outside of the package: " + message
}

// note notes what the chunks of a folder call of the package, and mention of each other.
func (t *settled) note(fset *token.FileSet, folder string, info *types.Info) {
	at := func(id *ast.Ident) *chunk {
		pos := fset.Position(id.Pos())
		for _, s := range t.spans[pos.Filename] {
			if s.from <= pos.Offset && pos.Offset < s.to {
				return s.chunk
			}
		}
		return nil
	}
	for id, obj := range info.Uses {
		c := at(id)
		if c == nil || obj.Pkg() == nil {
			continue
		}
		if obj.Pkg().Path() != t.code.Path {
			if t.refs[c] == nil {
				t.refs[c] = map[string]map[string]bool{folder: {}}
			}
			t.refs[c][folder][localName(obj)] = true
			continue
		}
		if name := calleeName(obj); name != "" {
			if t.callees[c] == nil {
				t.callees[c] = map[string]bool{}
			}
			t.callees[c][name] = true
		}
	}
}

// localName is what a chunk that declares obj has among its names.
func localName(obj types.Object) string {
	if fn, ok := obj.(*types.Func); ok {
		if owner := ownerOf(fn); owner != "" {
			return owner + "." + fn.Name()
		}
	}
	return obj.Name()
}

// calleeName is the name of a function, F, or of a method, T.M; "" for what isn't called.
func calleeName(obj types.Object) string {
	fn, ok := obj.(*types.Func)
	if !ok || !fn.Exported() {
		return ""
	}
	if owner := ownerOf(fn); owner != "" {
		return owner + "." + fn.Name()
	}
	return fn.Name()
}

func ownerOf(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return ""
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// calls are the names of what a test calls of the package, by way of what it mentions
// too. Methods of a type that it mentions count as called.
func (t *settled) calls(folder string, test *chunk) []string {
	called := map[string]bool{}
	seen := map[*chunk]bool{}
	var visit func(c *chunk)
	visit = func(c *chunk) {
		if seen[c] {
			return
		}
		seen[c] = true
		for name := range t.callees[c] {
			called[name] = true
		}
		for name := range t.refs[c][folder] {
			for _, f := range t.files {
				for _, d := range f.chunks {
					if f.folder == folder && d.why == "" && slices.ContainsFunc(d.names, func(n string) bool { return n == name || strings.HasPrefix(n, name+".") }) {
						visit(d)
					}
				}
			}
		}
	}
	visit(test)
	var names []string
	for name := range called {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// write writes the files of the tests that are left.
func (t *settled) write() error {
	for _, f := range t.files {
		name := filepath.Join(t.root, f.folder, f.name)
		text, _ := t.render(f, t.unused[f])
		if text == "" {
			if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			continue
		}
		if err := writeFile(name, text); err != nil {
			return err
		}
	}
	return nil
}
