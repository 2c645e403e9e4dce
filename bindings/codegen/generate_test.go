package codegen

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/bindings/rt"
	"github.com/unweld/unweld/bindings/rt/wire"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// mail is the contract of a small component.
func mail() *component.Contract {
	return &component.Contract{
		Component: "mail-out", Name: "Service", Form: component.FormType,
		Package: component.Package{Path: "example.com/m/mail", Name: "mail", Dir: "mail"},
		Methods: []component.Method{
			{Endpoint: component.Endpoint{Name: "Send"}, Context: true, Error: true, Params: []component.Param{{Name: "to", Type: component.Basic("string")}}, Results: []component.Param{{Type: component.Basic("int")}}},
			{Endpoint: component.Endpoint{Name: "Count"}, Context: true, Error: true, Results: []component.Param{{Type: component.Basic("int")}}},
		},
		Types: []component.Type{{ID: "int", Ref: component.Basic("int"), Kind: component.KindInt}, {ID: "string", Ref: component.Basic("string"), Kind: component.KindString}},
	}
}

func requestFor(c *component.Contract) *generate.Request {
	return &generate.Request{Contract: c, Module: "example.com/m", Package: Target(c), Runtime: "example.com/m/internal/unweld"}
}

// post is a binding with a run-time package of its own.
var post = &bindings.Binding{
	Name: "post", Check: bindings.CheckCrossing("post"), Runtime: []generate.Package{postPackage},
	Generate: func(context.Context, *generate.Request) (*generate.Output, error) { return &generate.Output{}, nil },
}

var postPackage = generate.Package{Name: "post", Dir: "rt", Source: fstest.MapFS{
	"rt/post.go": {Data: []byte("//go:build unix\n\n// Package post posts.\npackage post\n\nimport (\n\t\"fmt\"\n\n" +
		"\tl \"github.com/unweld/unweld/bindings/rt/link\"\n\t_ \"github.com/unweld/unweld/bindings/unix/rt\"\n)\n\n" +
		"func init() { fmt.Println(l.ErrMoved) }\n\nfunc Unused() {}\n")},
	"rt/only.go":      {Data: []byte("//go:build unweldtest\n\npackage post\n\nfunc only() {}\n")},
	"rt/never.go":     {Data: []byte("//go:build !unweldtest\n\npackage post\n\nfunc init() {}\n")},
	"rt/post_test.go": {Data: []byte("package post\n")},
}}

func TestRuntime(t *testing.T) {
	req, packages := requestFor(mail()), []generate.Package{postPackage}
	files, err := Runtime(req, packages, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []generate.File{
		{Path: "internal/unweld/post/never.go", Content: []byte(header + "\npackage post\n\nfunc init() {}\n")},
		{Path: "internal/unweld/post/post.go", Content: []byte(header + "\n//go:build unix\n\n// Package post posts.\npackage post\n\nimport (\n\t\"fmt\"\n\n" +
			"\tl \"example.com/m/internal/unweld/link\"\n\t_ \"example.com/m/internal/unweld/unix\"\n)\n\nfunc init() { fmt.Println(l.ErrMoved) }\n")},
	}
	if !reflect.DeepEqual(files, want) {
		t.Errorf("copied %q", files)
	}
	files, err = WholeRuntime(req, packages)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, fmt.Sprintf("%s %t %t", path.Base(f.Path), f.Content != nil, strings.Contains(string(f.Content), "Unused")))
	}
	if want := []string{"only.go true false", "post.go true true", "never.go false false"}; !slices.Equal(got, want) {
		t.Errorf("in test binaries %q, want %q", got, want)
	}
	if _, err := Runtime(req, []generate.Package{{Name: "none", Source: fstest.MapFS{}}}, nil); err == nil {
		t.Error("a package without source was copied")
	}
	req.Runtime = "example.com/other/internal/unweld"
	if _, err := Runtime(req, packages, nil); err == nil {
		t.Error("copied into another module")
	}
}

// TestCommon checks that the run-time needs nothing but the standard library.
func TestCommon(t *testing.T) {
	files, err := WholeRuntime(requestFor(mail()), rt.Packages)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d files", len(files))
	}
	for _, f := range files {
		if f.Content == nil {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Content, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if !ast.IsGenerated(parsed) {
			t.Errorf("%s isn't marked as generated", f.Path)
		}
		for _, spec := range parsed.Imports {
			p := strings.Trim(spec.Path.Value, `"`)
			if !isStd(p) && !strings.HasPrefix(p, "example.com/m/internal/unweld/") {
				t.Errorf("%s imports %s", f.Path, p)
			}
		}
	}
}

func paths(files []generate.File) []string {
	var ps []string
	for _, f := range files {
		if !strings.HasPrefix(f.Path, "internal/unweld/link/") && !strings.HasPrefix(f.Path, "internal/unweld/wire/") {
			ps = append(ps, f.Path)
		}
	}
	return ps
}

func mustGenerate(t *testing.T, c *component.Contract, previous *result) *result {
	t.Helper()
	req := requestFor(c)
	var r *result
	var problems []component.Problem
	var err error
	if previous == nil {
		r, problems, err = generateFor(t, req, []*bindings.Binding{post}, nil)
	} else {
		r, problems, err = generateFor(t, req, []*bindings.Binding{post}, previous.Lock)
	}
	if err != nil || r == nil {
		t.Fatalf("%v %v", err, problems)
	}
	return r
}

func TestFiles(t *testing.T) {
	r := mustGenerate(t, mail(), nil)
	dir := "mail/mailoutunweld/"
	want := []string{dir + "bindings.go", dir + "client.go", dir + "codec.go", dir + "errors.go", dir + "open.go", dir + "server.go", dir + "service.go"}
	if got := paths(r.Output.Files); !slices.Equal(got, want) {
		t.Errorf("files %q, want %q", got, want)
	}
	if want := []string{"link", "post", "wire"}; !slices.Equal(r.Output.Runtime, want) {
		t.Errorf("run-time %q, want %q", r.Output.Runtime, want)
	}
	if again := mustGenerate(t, mail(), nil); !reflect.DeepEqual(again.Output, r.Output) {
		t.Error("the second run made other files")
	}

	c := mail()
	c.Form, c.Var = component.FormFuncs, "service"
	got := paths(mustGenerate(t, c, nil).Output.Files)
	for _, p := range got {
		if !strings.HasPrefix(p, "mail/zz_unweld_") {
			t.Errorf("%s in a package of functions", p)
		}
	}
	if last := got[len(got)-1]; last != "mail/zz_unweld_zz_start.go" {
		t.Errorf("the last file is %s, which doesn't start the component", last)
	}
}

// TestForeignCaller checks that a .proto is made for bindings that others can
// TestHistory follows a contract through two changes.
func TestHistory(t *testing.T) {
	first := mustGenerate(t, mail(), nil)
	same := mustGenerate(t, mail(), first)
	if !slices.Equal(same.Lock.Fingerprints, first.Lock.Fingerprints) || len(first.Lock.Fingerprints) != 1 {
		t.Errorf("nothing changed, but the history went from %q to %q", first.Lock.Fingerprints, same.Lock.Fingerprints)
	}
	c := mail()
	c.Methods[0].Params = append(c.Methods[0].Params, component.Param{Name: "text", Type: component.Basic("string")})
	second := mustGenerate(t, c, first)
	if fs := second.Lock.Fingerprints; len(fs) != 2 || fs[0] != first.Lock.Fingerprints[0] || fs[0] == fs[1] {
		t.Errorf("history %q after %q", fs, first.Lock.Fingerprints)
	}
	if want := first.Lock.Fingerprints; !slices.Equal(second.Schema.Compatible(), want) {
		t.Errorf("compatible with %q, want %q", second.Schema.Compatible(), want)
	}
	for _, f := range second.Output.Files {
		if f.Path == "mail/mailoutunweld/open.go" && !strings.Contains(string(f.Content), `[]string{"`+first.Lock.Fingerprints[0]+`"}`) {
			t.Errorf("the generated contract doesn't know its past:\n%s", f.Content)
		}
	}
	c.Methods[0].Params[1].Type = component.Basic("int")
	r, problems, err := generateFor(t, requestFor(c), nil, second.Lock)
	if err != nil || r != nil || len(problems) != 1 || problems[0].Code != "incompatible-schema" {
		t.Errorf("a parameter of another type: %v %v %v", r, problems, err)
	}
}

func TestProblems(t *testing.T) {
	for _, test := range []struct {
		code   string
		change func(*component.Contract)
	}{
		{"contract-in-main", func(c *component.Contract) { c.Package.Name = "main" }},
		{"unexported-contract", func(c *component.Contract) { c.Name = "service" }},
		{"unexported-method", func(c *component.Contract) { c.Methods[1].Name = "count" }},
		{"empty-contract", func(c *component.Contract) { c.Methods = nil }},
		{"no-context", func(c *component.Contract) { c.Methods[0].Context = false }},
		{"no-error-result", func(c *component.Contract) { c.Methods[1].Error = false }},
		{"no-context", func(c *component.Contract) { c.Methods[0].Context, c.Methods[0].Local = false, "io.Writer" }},
		{"no-error-result", func(c *component.Contract) { c.Methods[0].Error, c.Methods[0].Local = false, "io.Writer" }},
		{"pinned", func(c *component.Contract) { c.Pinned = "Send takes an io.Writer" }},
		{"pinned", func(c *component.Contract) { c.Methods[0].Local, c.Methods[1].Local = "a", "b" }},
		{"foreign-type", func(c *component.Contract) { c.Methods[0].Params[0].Type = component.Basic("uintptr") }},
	} {
		c := mail()
		test.change(c)
		r, problems, err := generateFor(t, requestFor(c), []*bindings.Binding{post}, nil)
		if err != nil || r != nil || len(problems) != 1 {
			t.Errorf("%s: %v %v %v", test.code, r, problems, err)
			continue
		}
		if p := problems[0]; p.Code != test.code || p.Severity != component.Error || p.Hint == "" {
			t.Errorf("%s: %+v", test.code, p)
		}
	}
}

func TestUnnameableErrors(t *testing.T) {
	pkg := func(path, name string) component.Package { return component.Package{Path: path, Name: name} }
	c := mail()
	c.Errors = []component.ErrorIdentity{
		{Package: c.Package, Name: "ErrFull"},
		{Package: c.Package, Name: "errHidden"},
		{Package: pkg("example.com/m", "main"), Name: "ErrMain"},
		{Package: pkg("example.com/m/internal/x", "x"), Name: "ErrNear"},
		{Package: pkg("example.com/m/mail/internal", "internal"), Name: "ErrNearer"},
		{Package: pkg("example.com/other/internal/x", "x"), Name: "ErrFar"},
		{Package: pkg("internal/poll", "poll"), Name: "ErrNetClosing"},
	}
	r, problems, err := generateFor(t, requestFor(c), nil, nil)
	if err != nil || r == nil {
		t.Fatalf("%v %v", err, problems)
	}
	var got []string
	for _, p := range problems {
		if p.Severity != component.Info {
			t.Errorf("severity %s: %s", p.Severity, p.Message)
		}
		got = append(got, p.Path)
	}
	want := []string{"example.com/m.ErrMain", "example.com/m/mail.errHidden", "example.com/other/internal/x.ErrFar", "internal/poll.ErrNetClosing"}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("problems for %q, want %q", got, want)
	}
	i := slices.IndexFunc(r.Output.Files, func(f generate.File) bool { return f.Path == "mail/mailoutunweld/errors.go" })
	if table := string(r.Output.Files[i].Content); strings.Contains(table, "ErrFar") || !strings.Contains(table, "mail.ErrFull") {
		t.Errorf("errors.go:\n%s", table)
	}
}

// A result is what Prepare and Generate make together.
type result struct {
	Output *generate.Output
	Lock   *schema.Lock
	Schema *schema.Schema
}

func generateFor(t *testing.T, req *generate.Request, bs []*bindings.Binding, previous *schema.Lock) (*result, []component.Problem, error) {
	t.Helper()
	problems := Prepare(req, bs, previous)
	if req.Schema == nil {
		return nil, problems, nil
	}
	out, err := Generate(t.Context(), req, bs, nil)
	if err != nil {
		return nil, problems, err
	}
	return &result{out, req.Schema.Lock, req.Schema}, problems, nil
}

// TestReservedNumbers compares what the schema reserves with what the run-time does.
func TestReservedNumbers(t *testing.T) {
	if schema.MaxNumber != wire.MaxNumber {
		t.Errorf("the schema numbers fields up to %d, wire up to %d", schema.MaxNumber, wire.MaxNumber)
	}
	for n := 1; n <= wire.MaxNumber; n++ {
		if schema.PresenceNumber(n) != wire.PresenceNumber(n) {
			t.Errorf("the presence of field %d is in %d and in %d", n, schema.PresenceNumber(n), wire.PresenceNumber(n))
		}
	}
}
