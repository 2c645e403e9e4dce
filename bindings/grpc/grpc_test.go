package grpc

import (
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// TestOptions asks for no .proto file, and for the steps that make clients of it.
func TestOptions(t *testing.T) {
	c := &component.Contract{Component: "pricing", Package: component.Package{Path: "m/pricing", Name: "pricing", Dir: "pricing"}, Name: "Service",
		Methods: []component.Method{{Endpoint: component.Endpoint{Name: "Keep"}, Context: true, Error: true}}}
	s, problems := schema.Build(c, nil)
	if s == nil {
		t.Fatal(problems)
	}
	for _, tt := range []struct {
		given map[string]string
		proto bool
		steps int
		fails string
	}{
		{nil, true, 0, ""},
		{map[string]string{"clients": "python, java"}, true, 2, ""},
		{map[string]string{"proto": "false", "clients": "python"}, false, 0, ""},
		{map[string]string{"proto": "no"}, false, 0, `"no" is neither true nor false`},
		{map[string]string{"clients": "python,cobol"}, false, 0, `"cobol" is none of`},
		{map[string]string{"prot": "true"}, false, 0, "is no option of grpc"},
	} {
		options, err := generate.Resolve(Binding.Name, Binding.Options, tt.given)
		if tt.fails != "" || err != nil {
			if err == nil || tt.fails == "" || !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("%v: %v, want %q", tt.given, err, tt.fails)
			}
			continue
		}
		out, err := Binding.Generate(t.Context(), &generate.Request{Contract: c, Schema: s, Module: "m", Runtime: "m/internal/unweld",
			Package: component.Package{Path: "m/pricingunweld", Name: "pricingunweld", Dir: "pricingunweld"}, Options: options})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(out.Files, func(f generate.File) bool { return f.Path == "pricingunweld/pricing.proto" })
		if (i >= 0) != tt.proto || i >= 0 && !strings.Contains(string(out.Files[i].Content), "rpc Keep") {
			t.Errorf("%v: .proto at %d of the files", tt.given, i)
		}
		if len(out.Steps) != tt.steps {
			t.Errorf("%v: steps %+v, want %d", tt.given, out.Steps, tt.steps)
		}
	}
}
