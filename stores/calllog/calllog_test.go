package calllog

import (
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
)

func stock(form component.Form) *generate.Request {
	home := component.Package{Path: "example.com/m/stock", Name: "stock", Dir: "stock"}
	target := component.Package{Path: home.Path + "/stockunweld", Name: "stockunweld", Dir: "stock/stockunweld"}
	if form == component.FormFuncs {
		target = home
	}
	text := component.Basic("string")
	texts := component.SliceOf(text)
	method := func(name string, e component.Effect, param component.TypeRef) component.Method {
		return component.Method{Endpoint: component.Endpoint{Name: name, Effect: e, TouchesState: true}, Context: true, Error: true, Params: []component.Param{{Name: "v", Type: param}}}
	}
	return &generate.Request{
		Module: "example.com/m", Runtime: "example.com/m/internal/unweld", Package: target,
		Contract: &component.Contract{Component: "stock", Package: home, Name: "Service", Form: form,
			Methods: []component.Method{method("Left", component.EffectReads, text), method("Take", component.EffectWrites, texts), method("Drop", component.EffectUnknown, text)},
			Types:   []component.Type{{ID: "string", Ref: text, Kind: component.KindString}, {ID: "[]string", Ref: texts, Kind: component.KindSlice, Elem: "string"}}},
	}
}

func TestCheck(t *testing.T) {
	c := stock(component.FormType).Contract
	if ps := Check(c); len(ps) > 0 {
		t.Errorf("problems of a good contract: %v", ps)
	}
	clock := []component.Problem{{Code: "nondeterministic", Severity: component.Error, Message: "asks for the time"}}
	c.Methods[0].Nondeterministic = clock // a reader may
	c.Methods[1].Nondeterministic = clock
	c.Methods[2].Local = "func() can't cross"
	c.Methods = append(c.Methods, component.Method{Endpoint: component.Endpoint{Name: "Close", Effect: component.EffectReads}})
	var codes []string
	for _, p := range Check(c) {
		codes = append(codes, p.Code)
	}
	slices.Sort(codes)
	if want := []string{"method-close", "nondeterministic", "unloggable"}; !slices.Equal(codes, want) {
		t.Errorf("problems %q, want %q", codes, want)
	}
}

func TestEmit(t *testing.T) {
	for form, want := range map[component.Form][]string{
		component.FormType:  {"stock/stockunweld/state.go", "func openStore(", "s.impl.Take(context.Background(), out.P0)", "s.impl.Drop(context.Background(), v)", "return s.impl.Left(ctx, v)"},
		component.FormFuncs: {"stock/zz_unweld_state.go", "func unweldOpenStore(", "s.impl.Take(unweldContext.Background(), out.P0)", "var in unweldTakeRequest"},
	} {
		req := stock(form)
		if problems := codegen.Prepare(req, nil, nil); len(problems) > 0 {
			t.Fatal(problems)
		}
		f, err := emit(req, "commandlog")
		if err != nil {
			t.Fatal(err)
		}
		if f.Path != want[0] {
			t.Errorf("%s: path %s, want %s", form, f.Path, want[0])
		}
		for _, w := range want[1:] {
			if !strings.Contains(string(f.Content), w) {
				t.Errorf("%s: no %q in\n%s", form, w, f.Content)
			}
		}
	}
}
