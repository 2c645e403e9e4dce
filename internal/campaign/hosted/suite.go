package hosted

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A suite is the tests of a package, cut into their declarations: those that can't be in
// the scratch module are left out, each for a reason.
type suite struct {
	code  Code
	files []*file
}

// A file is one test file.
type file struct {
	folder  string // of the scratch module
	name    string
	dot     bool // it was in the package, whose names it mentions without a qualifier
	imports []imported
	chunks  []*chunk
}

// An imported is an import of a file.
type imported struct{ name, path string }

// A chunk is one declaration, with the comment before it: the text is as the file has it.
type chunk struct {
	names []string // that it declares; of a method Type.Method
	test  string   // the name of the test, example or fuzz target that it is; empty for others
	text  string
	why   string // why it is left out; empty: it isn't
}

// testName is that of a function that go test runs; benchmarks don't count.
var testName = regexp.MustCompile(`^(Test|Example|Fuzz)([^a-z].*)?$`)

// readSuite reads the test files of a folder that this system builds.
func readSuite(code Code, dir string) (*suite, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		return nil, err
	}
	s := &suite{code: code}
	for _, name := range names {
		if ok, err := build.Default.MatchFile(dir, filepath.Base(name)); err != nil || !ok {
			if err != nil {
				return nil, err
			}
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f, err := readFile(filepath.Base(name), src)
		if err != nil {
			return nil, err
		}
		s.files = append(s.files, f)
	}
	return s, nil
}

func readFile(name string, src []byte) (*file, error) {
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f := &file{folder: outsideFolder, name: name}
	if !strings.HasSuffix(parsed.Name.Name, "_test") {
		f.folder, f.dot = insideFolder, true
	}
	text := func(from, to token.Pos) string {
		return string(src[fset.Position(from).Offset:fset.Position(to).Offset])
	}
	for _, spec := range parsed.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		i := imported{path: p}
		if spec.Name != nil {
			i.name = spec.Name.Name
		}
		f.imports = append(f.imports, i)
	}
	for _, d := range parsed.Decls {
		f.chunks = append(f.chunks, chunksOf(d, text)...)
	}
	return f, nil
}

// chunksOf cuts a declaration; each variable and type of a group is one of its own.
func chunksOf(d ast.Decl, text func(from, to token.Pos) string) (all []*chunk) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		c := &chunk{text: text(from(d.Doc, d.Pos()), d.End()), names: []string{d.Name.Name}}
		switch {
		case d.Recv != nil:
			c.names = []string{receiver(d.Recv.List[0].Type) + "." + d.Name.Name}
		case testName.MatchString(d.Name.Name):
			c.test = d.Name.Name
		case strings.HasPrefix(d.Name.Name, "Benchmark"):
			c.why = "is a benchmark"
		}
		return []*chunk{c}
	case *ast.GenDecl:
		if d.Tok == token.IMPORT {
			return nil
		}
		if d.Tok == token.CONST || !d.Lparen.IsValid() {
			c := &chunk{text: text(from(d.Doc, d.Pos()), d.End())}
			for _, s := range d.Specs {
				c.names = append(c.names, namesOf(s)...)
			}
			return []*chunk{c}
		}
		for _, s := range d.Specs {
			doc := ""
			if g := docOf(s); g != nil {
				doc = text(g.Pos(), g.End()) + "\n"
			}
			all = append(all, &chunk{names: namesOf(s), text: doc + d.Tok.String() + " " + text(s.Pos(), s.End())})
		}
	}
	return all
}

func from(doc *ast.CommentGroup, pos token.Pos) token.Pos {
	if doc != nil {
		return doc.Pos()
	}
	return pos
}

func docOf(s ast.Spec) *ast.CommentGroup {
	switch s := s.(type) {
	case *ast.ValueSpec:
		return s.Doc
	case *ast.TypeSpec:
		return s.Doc
	}
	return nil
}

func namesOf(s ast.Spec) (names []string) {
	switch s := s.(type) {
	case *ast.ValueSpec:
		for _, id := range s.Names {
			names = append(names, id.Name)
		}
	case *ast.TypeSpec:
		names = []string{s.Name.Name}
	}
	return names
}

// receiver is the name of a receiver's type.
func receiver(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// A span is where a chunk is in the text of a file.
type span struct {
	from, to int
	chunk    *chunk
}

// render returns the text of a file: empty where nothing is left of it. unused are the
// paths of imports that nothing needs.
func (s *suite) render(f *file, unused map[string]bool) (text string, spans []span) {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s_test\n\n", f.folder)
	imports := f.imports
	if f.dot {
		imports = append(slices.Clone(imports), imported{".", s.code.Path})
	}
	for _, i := range imports {
		if !unused[i.path] {
			fmt.Fprintf(&b, "import %s %q\n", i.name, i.path)
		}
	}
	for _, c := range f.chunks {
		if c.why != "" {
			continue
		}
		b.WriteString("\n")
		at := b.Len()
		b.WriteString(c.text)
		spans = append(spans, span{at, b.Len(), c})
		b.WriteString("\n")
	}
	if len(spans) == 0 {
		return "", nil
	}
	return b.String(), spans
}

// clone is a suite of which more can be left out.
func (s *suite) clone() *suite {
	out := &suite{code: s.code}
	for _, f := range s.files {
		g := *f
		g.chunks = nil
		for _, c := range f.chunks {
			d := *c
			g.chunks = append(g.chunks, &d)
		}
		out.files = append(out.files, &g)
	}
	return out
}

// tests are the chunks that go test runs, by folder and name.
func (s *suite) tests() map[string]*chunk {
	all := map[string]*chunk{}
	for _, f := range s.files {
		for _, c := range f.chunks {
			if c.test != "" {
				all[f.folder+" "+c.test] = c
			}
		}
	}
	return all
}

// left reports how many tests aren't left out.
func (s *suite) left() (n int) {
	for _, c := range s.tests() {
		if c.why == "" {
			n++
		}
	}
	return n
}

// lost is why something that is named isn't there, or "".
func (s *suite) lost(folder, name string) string {
	for _, f := range s.files {
		for _, c := range f.chunks {
			if f.folder == folder && c.why != "" && slices.Contains(c.names, name) {
				return c.why
			}
		}
	}
	return ""
}

// base is what a package is most likely called.
func base(p string) string { return path.Base(p) }
