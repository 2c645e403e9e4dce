package engine

import (
	"context"
	"slices"
	"testing"

	"github.com/unweld/unweld/bindings"
	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/bindings/codegen"
	alltargets "github.com/unweld/unweld/deploy/all"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
)

// TestDoctorKnowsPlugins: what a plug-in needs is looked for, with how to get it.
func TestDoctorKnowsPlugins(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	found := Doctor(t.Context())
	has := func(owner string, tools []generate.Tool) {
		for _, tool := range tools {
			i := slices.IndexFunc(found, func(f Tool) bool { return f.Name == tool.Name })
			if i < 0 || found[i].OK || found[i].Hint != tool.Find || tool.Find == "" || tool.For == "" {
				t.Errorf("%s needs %+v, of which doctor says %+v", owner, tool, found)
			}
		}
	}
	for _, b := range allbindings.Bindings {
		has(b.Name, b.Tools)
	}
	for _, target := range alltargets.Targets {
		has(target.Name, target.Tools)
	}
	for i, f := range found {
		if slices.ContainsFunc(found[:i], func(o Tool) bool { return o.Name == f.Name }) {
			t.Errorf("%s is looked for twice", f.Name)
		}
	}
}

// TestStepsNameTools: a program that a step of a binding needs is in the table
// entry, whatever options bring the step.
func TestStepsNameTools(t *testing.T) {
	for _, b := range allbindings.Bindings {
		for _, o := range b.Options {
			for _, value := range append([]string{o.Default}, o.Values...) {
				for _, tool := range stepTools(t, b.Name, map[string]string{o.Name: value}) {
					if !slices.ContainsFunc(b.Tools, func(k generate.Tool) bool { return k.Name == tool.Name }) {
						t.Errorf("--opt %s.%s=%s needs %s, which the table doesn't say", b.Name, o.Name, value, tool.Name)
					}
				}
			}
		}
	}
}

func stepTools(t *testing.T, binding string, options map[string]string) (tools []generate.Tool) {
	t.Helper()
	home := component.Package{Path: "m/stock", Name: "stock", Dir: "stock"}
	req := &generate.Request{Module: "m", Runtime: "m/internal/unweld", Contract: &component.Contract{
		Component: "stock", Package: home, Name: "Service", Form: component.FormType,
		Methods: []component.Method{{Endpoint: component.Endpoint{Name: "Left"}, Context: true, Error: true}},
	}}
	req.Package = codegen.Target(req.Contract)
	b := allbindings.Bindings[slices.IndexFunc(allbindings.Bindings, func(b *bindings.Binding) bool { return b.Name == binding })]
	if problems := codegen.Prepare(req, []*bindings.Binding{b}, nil); req.Schema == nil {
		t.Fatal(problems)
	}
	var err error
	if req.Options, err = generate.Resolve(binding, b.Options, options); err != nil {
		t.Fatal(err)
	}
	out, err := b.Generate(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range out.Steps {
		if len(s.Command) > 0 && !slices.ContainsFunc(s.Tools, func(tool generate.Tool) bool { return tool.Name == s.Command[0] }) {
			t.Errorf("%s: %s isn't among the tools of its step", binding, s.Command[0])
		}
		tools = append(tools, s.Tools...)
	}
	return tools
}
