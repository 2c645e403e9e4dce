package node

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// TestComment writes comments that would end a comment of JavaScript, or mean something else in it.
func TestComment(t *testing.T) {
	for text, want := range map[string]string{
		"Plain.":                 "/** Plain. */",
		"a */ b":                 "/** a *\u200b/ b */",
		"one\n\n    code  \nend": "/**\n   * one\n   *\n   *     code\n   * end\n   */",
		"a\x00\rb\xff":           "/** ab\uFFFD */",
	} {
		if got := comment("  ", text); got != "  "+want+"\n" {
			t.Errorf("%q is\n%s, want\n%s", text, got, want)
		}
	}
	if got := comment("", "", " "); got != "" {
		t.Errorf("nothing is %q", got)
	}
}

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{`a"b\c`: `"a\"b\\c"`, "\n\x7f\u2028": `"\u000a\u007f\u2028"`, "ä\xff": "\"ä\uFFFD\"", "": `""`} {
		if got := quote(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// TestPack reads the package that a request makes. The same request gives the same bytes.
func TestPack(t *testing.T) {
	description, err := manifestOf(&generate.Request{Contract: contractNamed("Order-Book"), Options: generate.Options{}})
	if err != nil {
		t.Fatal(err)
	}
	req := &bindings.PackRequest{Component: "Order-Book", Version: "v1.2.0", Summary: "Orders & books.", OS: "linux", Arch: "arm64", Library: []byte("ELF"), Addon: []byte("addon"),
		Files: []generate.File{{Path: "foreign/library.go", Content: []byte("package main")}, {Path: "foreign/node/index.cjs", Content: []byte("x")}, {Path: "foreign/node/package.json", Content: description}, {Path: "codec.go"}}}
	made, err := pack(req)
	if err != nil || len(made) != 1 || made[0].Path != "order-book-1.2.0-linux-arm64.tgz" {
		t.Fatalf("%v %v", made, err)
	}
	again, _ := pack(req)
	if !bytes.Equal(made[0].Content, again[0].Content) {
		t.Error("another package the second time")
	}
	contents, names := unpacked(t, made[0].Content)
	if names != "package/package.json package/addon.node package/libOrder-Book.so package/index.cjs" || contents["package/addon.node"] != "addon" || contents["package/libOrder-Book.so"] != "ELF" {
		t.Errorf("the files are %s", names)
	}
	var m manifest
	if err := json.Unmarshal([]byte(contents["package/package.json"]), &m); err != nil || m.Name != "order-book" || m.Version != "1.2.0" || m.Description != req.Summary || m.OS[0] != "linux" || m.CPU[0] != "arm64" {
		t.Errorf("%v %s", err, contents["package/package.json"])
	}
	for _, c := range []struct{ version, os, want string }{{"1.2", "linux", "three numbers"}, {"1.2.03", "linux", "three numbers"}, {"1.2.3", "windows", "windows/arm64"}} {
		other := *req
		other.Version, other.OS = c.version, c.os
		if _, err := pack(&other); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s on %s: %v", c.version, c.os, err)
		}
	}
}

func unpacked(t *testing.T, content []byte) (contents map[string]string, names string) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	contents = map[string]string{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return contents, strings.TrimSpace(names)
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		contents[h.Name] = string(b)
		names += h.Name + " "
	}
}

func TestPackageName(t *testing.T) {
	for name, ok := range map[string]bool{"": true, "config": true, "@acme/config": true, "@acme/": false, "Config": false, ".config": false, "a b": false, "@a/b/c": false} {
		if err := packageName.Check(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestVariants: of the types of one category, the one that JavaScript has is the plain value;
// where none comes first, each says which it is.
func TestVariants(t *testing.T) {
	c := contractNamed("p")
	c.Types = append(c.Types, []component.Type{
		{ID: "int", Kind: component.KindInt}, {ID: "float64", Kind: component.KindFloat64}, {ID: "string", Kind: component.KindString}, {ID: "p.Level", Name: "Level", Kind: component.KindInt},
		{ID: "p.Name", Name: "Name", Kind: component.KindString}, {ID: "[]int", Kind: component.KindSlice, Elem: "int"}, {ID: "[]string", Kind: component.KindSlice, Elem: "string"},
		{ID: "p.Cents", Name: "Cents", Kind: component.KindInt64}, {ID: "*int", Kind: component.KindPointer, Elem: "int"}, {ID: "time", Kind: component.KindExternal, Codec: "time"},
	}...)
	s, problems := schema.Build(c, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	m := newModule(&generate.Request{Contract: c, Schema: s, Options: generate.Options{}})
	var fields []schema.Field
	want := map[component.TypeID]string{"p.Level": "Level", "int": "int", "float64": string(isNumber), "p.Name": string(isString), "[]int": "[]int", "[]string": "[]string", "p.Cents": string(isBigInt), "*int": "*int", "time": string(isTime)}
	for id := range want {
		fields = append(fields, schema.Field{Type: id})
	}
	slices.SortFunc(fields, func(a, b schema.Field) int { return strings.Compare(string(a.Type), string(b.Type)) })
	for _, v := range m.variants(fields) {
		if got := string(v.plain) + v.label; got != want[v.Type] {
			t.Errorf("%s is %q, want %q", v.Type, got, want[v.Type])
		}
	}
}

func contractNamed(name string) *component.Contract {
	return &component.Contract{Component: name, Package: component.Package{Path: "example.com/" + name, Name: name}}
}
