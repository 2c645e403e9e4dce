package protofile

import (
	"bytes"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/contract/lookup"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/schema"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
)

// realPackages are packages that nobody here wrote, of the standard library and of
// the module cache.
var realPackages = []string{"archive/tar", "archive/zip", "debug/elf", "encoding/xml", "go/token", "image", "net", "net/http", "net/mail", "net/url", "regexp/syntax", "time",
	"golang.org/x/mod/modfile", "golang.org/x/mod/module", "github.com/nats-io/nats.go", "google.golang.org/grpc/codes", "k8s.io/api/core/v1"}

// realModule is a module that may import what this one does, with one package.
func realModule(t *testing.T, code string) (*source.Snapshot, string) {
	t.Helper()
	dir := t.TempDir()
	files := map[string][]byte{"all/all.go": []byte("package all\n\n" + code)}
	for _, name := range []string{"go.mod", "go.sum"} {
		own, err := os.ReadFile("../../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = bytes.Replace(own, []byte("module github.com/unweld/unweld\n"), []byte("module example.com/real\n"), 1)
	}
	if err := os.Mkdir(filepath.Join(dir, "all"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return snap, dir
}

// everyType is an interface with a method for each exported type of real packages.
func everyType(t *testing.T) string {
	t.Helper()
	var imports, methods strings.Builder
	for _, p := range realPackages {
		fmt.Fprintf(&imports, "import _ %q\n", p)
	}
	snap, _ := realModule(t, imports.String())
	pkgs, err := snap.Load(t.Context(), source.LoadOptions{}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	imports.Reset()
	n := 0
	for i, p := range pkgs[0].Types.Imports() {
		fmt.Fprintf(&imports, "import p%d %q\n", i, p.Path())
		for _, name := range p.Scope().Names() {
			tn, ok := p.Scope().Lookup(name).(*types.TypeName)
			if !ok || !tn.Exported() || tn.IsAlias() || tn.Type().(*types.Named).TypeParams().Len() > 0 {
				continue
			}
			fmt.Fprintf(&methods, "\tM%d(ctx context.Context, v p%d.%s) ([]p%d.%s, error)\n", n, i, name, i, name)
			n++
		}
	}
	return "import \"context\"\n" + imports.String() + "\ntype Service interface {\n" + methods.String() + "}\n"
}

// TestProtoOfRealCode makes a .proto file of all types of real packages that can
// cross, and has another compiler read it, with what the packages say of them.
func TestProtoOfRealCode(t *testing.T) {
	if testing.Short() {
		t.Skip("loads many packages")
	}
	snap, dir := realModule(t, everyType(t))
	f, err := lookup.New(t.Context(), lookup.Options{Root: dir, Module: "example.com/real", Snapshot: snap, Config: &split.Config{}, Lock: &lock.File{}})
	if err != nil {
		t.Fatal(err)
	}
	found, err := f.Find(t.Context(), "./all.Service")
	if err != nil {
		t.Fatal(err)
	}
	s, problems := schema.Build(found.Contract, nil)
	if s == nil {
		t.Fatal(problems)
	}
	file := compile(t, contentOf(s))
	fields, withDocs := 0, 0
	for _, m := range s.Messages {
		if m.Kind == schema.Struct {
			for _, f := range s.Type(m.Type).Fields {
				if fields++; f.Doc != "" {
					withDocs++
				}
			}
		}
	}
	t.Logf("%d methods cross; %d messages and %d enums; %d fields, %d with docs", len(s.Methods), file.Messages().Len(), file.Enums().Len(), fields, withDocs)
	if len(s.Methods) < 200 || file.Enums().Len() < 10 || withDocs < 500 {
		t.Error("too little crosses for this to say anything")
	}
	holder := s.StructMessage("k8s.io/api/core/v1.ContainerPort")
	if holder == nil {
		t.Fatal("a container's port doesn't cross")
	}
	container := file.Messages().ByName("ContainerPort")
	for i, field := range s.Type(holder.Type).Fields {
		if got := said(container.Fields().Get(i)); !strings.HasPrefix(flat(got), flat(field.Doc)) || got == "" {
			t.Errorf("%s: %q, want %q", field.Name, got, field.Doc)
		}
	}
}

// flat leaves one space between words.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }
