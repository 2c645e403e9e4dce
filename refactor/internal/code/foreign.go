package code

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"

	"github.com/unweld/unweld/internal/source"
)

// A foreign package is what a package of another module, with what it imports outside
// of the standard library, does with methods of values of any type.
type foreign struct {
	byName bool            // it calls methods by names that it works out, or can't be read
	names  map[string]bool // the methods that it calls by name, and those of its interfaces, which it may ask a value for
}

// calls reports whether the package may call a method of a name of a value that it
// knows nothing of.
func (f *foreign) calls(name string) bool { return f.byName || f.names[name] }

// foreign finds out what a package does, of which source a package of the module
// was loaded.
func (w *World) foreign(path string) *foreign {
	return derive(w, "methods called by "+path, func() *foreign { return w.readForeign(path) })
}

var (
	methodByName = regexp.MustCompile(`\.MethodByName\(\s*(?:"(\w+)"\s*\))?`)
	finders      = [][]byte{[]byte(`"text/template"`), []byte(`"html/template"`), []byte(`"net/rpc"`)}
)

func (w *World) readForeign(path string) *foreign {
	out := &foreign{names: map[string]bool{}}
	seen := map[string]bool{path: true}
	for queue := []string{path}; len(queue) > 0 && !out.byName; {
		path, queue = queue[0], queue[1:]
		i := slices.IndexFunc(w.Packages, func(p *source.Package) bool { return len(p.FilesOf(path)) > 0 })
		if i < 0 {
			return &foreign{byName: true}
		}
		p := w.Packages[i]
		for _, abs := range p.FilesOf(path) {
			content, _, err := w.Snapshot.Content(w.Snapshot.Rel(abs))
			if err != nil {
				return &foreign{byName: true}
			}
			out.read(content)
		}
		for _, q := range p.ImportsOf(path) {
			if !seen[q] && !isStd(q) {
				seen[q] = true
				queue = append(queue, q)
			}
		}
	}
	return out
}

// read adds what one file does.
func (f *foreign) read(content []byte) {
	f.byName = f.byName || slices.ContainsFunc(finders, func(path []byte) bool { return bytes.Contains(content, path) }) ||
		bytes.Contains(content, []byte(`"reflect"`)) && bytes.Contains(content, []byte(".Method("))
	for _, m := range methodByName.FindAllSubmatch(content, -1) {
		f.byName = f.byName || len(m[1]) == 0
		f.names[string(m[1])] = true
	}
	if f.byName || !bytes.Contains(content, []byte("interface")) {
		return
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", content, parser.SkipObjectResolution)
	if err != nil {
		f.byName = true
		return
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if it, ok := n.(*ast.InterfaceType); ok {
			for _, m := range it.Methods.List {
				for _, id := range m.Names {
					f.names[id.Name] = true
				}
			}
		}
		return true
	})
}
