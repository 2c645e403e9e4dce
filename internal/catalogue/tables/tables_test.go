package tables

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTablesAreCurrent(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	files, err := Generate(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(Families) {
		t.Errorf("%d tables for %d families", len(files), len(Families))
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is stale (%v); run: go generate ./...", name, err)
		}
	}
}

func TestGenerate(t *testing.T) {
	root := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range Families {
		write(f.Dir+"/doc.go", "package x\n")
	}
	write("bindings/unix/unix.go", "package unix\n\nvar Binding = bindings.Binding{}\n")
	write("bindings/grpc/grpc.go", "package grpcbinding\n\nvar Binding = &bindings.Binding{}\n")
	write("bindings/schema/schema.go", "package schema\n\ntype Binding struct{}\n")
	write("bindings/none/none_test.go", "package none\n\nvar Binding bindings.Binding\n")
	write("stores/log/log.go", "package log\n\nvar (\n\tother int\n\tStore *stores.Store\n)\n")
	files, err := Generate(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"bindings/all/all.go":  "var Bindings = []*bindings.Binding{\n\tgrpcbinding.Binding,\n\t&unix.Binding,\n}\n",
		"stores/all/all.go":    "var Stores = []*stores.Store{\n\tlog.Store,\n}\n",
		"analyzers/all/all.go": "var Analyzers = []*analyzers.Analyzer{}\n",
	} {
		if got := string(files[name]); !strings.HasSuffix(got, want) {
			t.Errorf("%s:\n%s\nwant at its end:\n%s", name, got, want)
		}
	}
	if got := string(files["bindings/all/all.go"]); !strings.Contains(got, "\tgrpcbinding \"github.com/unweld/unweld/bindings/grpc\"\n") {
		t.Errorf("the import isn't named:\n%s", got)
	}
}
