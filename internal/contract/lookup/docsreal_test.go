package lookup

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
)

// realPackages are packages that nobody here wrote, of the standard library and of
// the module cache.
var realPackages = []string{
	"archive/tar", "archive/zip", "crypto/tls", "crypto/x509", "database/sql", "debug/elf", "encoding/asn1", "encoding/json", "encoding/xml", "go/ast", "go/doc/comment", "go/token",
	"image", "io/fs", "log/slog", "math/big", "net", "net/http", "net/mail", "net/netip", "net/url", "os", "reflect", "regexp/syntax", "runtime", "syscall", "text/template", "time", "unicode",
	"golang.org/x/mod/modfile", "golang.org/x/mod/semver", "github.com/spf13/pflag", "github.com/goccy/go-yaml/ast", "github.com/nats-io/nats.go", "google.golang.org/grpc/codes", "k8s.io/api/core/v1",
}

// TestDocsOfRealCode looks up everything that real packages export, of which the
// types come from the compiler, and holds it to what go/doc reads in their source,
// but for the indentation of lines, which go/doc leaves in block comments.
func TestDocsOfRealCode(t *testing.T) {
	if testing.Short() {
		t.Skip("loads many packages")
	}
	var imports strings.Builder
	for _, p := range realPackages {
		fmt.Fprintf(&imports, "import _ %q\n", p)
	}
	dir := module(t, "-- all/all.go --\npackage all\n\n"+imports.String())
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(t.Context(), Options{Root: dir, Module: "example.com/shop", Snapshot: snap, Config: &split.Config{}, Lock: &lock.File{}})
	if err != nil {
		t.Fatal(err)
	}
	compared, said := 0, 0
	for _, p := range f.pkgs[0].Types.Imports() {
		want := documented(t, p.Path(), f.pkgs[0].FilesOf(p.Path()))
		for _, obj := range exported(p) {
			if obj.pkg() != p {
				continue // promoted from elsewhere
			}
			got := f.comments.Of(obj.Object)
			compared++
			if got != "" {
				said++
			}
			if want, known := want[obj.name]; !known || flush(got) != flush(want) {
				t.Errorf("%s.%s: %q, want %q", p.Path(), obj.name, got, want)
			}
		}
	}
	t.Logf("%d declarations, %d with docs, %d files parsed", compared, said, f.comments.Parsed())
	if compared < 5000 || said < 2000 {
		t.Errorf("%d declarations were compared, of which %d have docs", compared, said)
	}
}

// flush takes the indentation off.
func flush(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, "\n")
}

type named struct {
	types.Object
	name string
}

func (n named) pkg() *types.Package { return n.Pkg() }

// exported are the exported types, constants and variables of a package, and the
// fields of its structs.
func exported(p *types.Package) []named {
	var out []named
	for _, name := range p.Scope().Names() {
		obj := p.Scope().Lookup(name)
		if _, isFunc := obj.(*types.Func); isFunc || !obj.Exported() {
			continue
		}
		out = append(out, named{obj, name})
		tn, ok := obj.(*types.TypeName)
		if !ok || tn.IsAlias() {
			continue
		}
		switch u := tn.Type().Underlying().(type) {
		case *types.Struct:
			for field := range u.Fields() {
				out = append(out, named{field, name + "." + field.Name()})
			}
		case *types.Interface:
			for m := range u.ExplicitMethods() {
				out = append(out, named{m, name + "." + m.Name()})
			}
		}
	}
	return out
}

// documented reads the docs of a package from its source, by name.
func documented(t *testing.T, path string, files []string) map[string]string {
	t.Helper()
	fset := token.NewFileSet()
	var syntax []*ast.File
	seen := map[string]bool{}
	for _, name := range files {
		if ok, _ := build.Default.MatchFile(filepath.Split(name)); !ok || seen[name] {
			continue
		}
		seen[name] = true
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(fset, name, content, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		syntax = append(syntax, f)
	}
	p, err := doc.NewFromFiles(fset, syntax, path, doc.AllDecls|doc.PreserveAST)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	values := func(list []*doc.Value) {
		for _, v := range list {
			for _, s := range v.Decl.Specs {
				s := s.(*ast.ValueSpec)
				for _, name := range s.Names {
					out[name.Name] = first(s.Doc, only(v.Decl), s.Comment)
				}
			}
		}
	}
	values(p.Consts)
	values(p.Vars)
	for _, typ := range p.Types {
		values(typ.Consts)
		values(typ.Vars)
		spec := typ.Decl.Specs[0].(*ast.TypeSpec)
		out[typ.Name] = first(spec.Doc, typ.Decl.Doc, spec.Comment)
		members(out, typ.Name, spec.Type)
	}
	return out
}

// only returns what stands above a declaration of one thing.
func only(d *ast.GenDecl) *ast.CommentGroup {
	if len(d.Specs) == 1 {
		return d.Doc
	}
	return nil
}

// members adds what is said of the fields or methods in a type.
func members(out map[string]string, typ string, t ast.Expr) {
	var list *ast.FieldList
	switch t := t.(type) {
	case *ast.StructType:
		list = t.Fields
	case *ast.InterfaceType:
		list = t.Methods
	default:
		return
	}
	for _, m := range list.List {
		for _, name := range m.Names {
			out[typ+"."+name.Name] = first(m.Doc, m.Comment)
		}
		if len(m.Names) == 0 {
			name := strings.TrimPrefix(types.ExprString(m.Type), "*")
			out[typ+"."+name[strings.LastIndexByte(name, '.')+1:]] = first(m.Doc, m.Comment)
		}
	}
}

func first(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if s := strings.TrimSpace(g.Text()); s != "" {
			return s
		}
	}
	return ""
}
