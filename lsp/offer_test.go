package lsp_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/lsp/lsptest"
	"github.com/unweld/unweld/lsp/wire"
)

const greying = `{"textDocument":{"callHierarchy":{},"codeAction":{"disabledSupport":true}},"workspace":{"workspaceEdit":{"documentChanges":true,"resourceOperations":["create"],"changeAnnotationSupport":{}}}}`

func titles(actions []wire.CodeAction, kind string) []string {
	var out []string
	for _, a := range actions {
		if a.Kind != kind {
			continue
		}
		title := a.Title
		if a.Disabled != nil {
			title += ": " + a.Disabled.Reason
		}
		out = append(out, title)
	}
	return out
}

// TestOffers lists what each element of a file is offered for, and why not.
func TestOffers(t *testing.T) {
	const content = `package p

import "example.com/p/q"

type Engine struct{ n int }

type Quoter interface{ Quote() int }

// Prices is a contract.
//
//unweld:contract p
type Prices interface{ Price() int }

type List struct{ n int }

func (l *List) Price() int { return l.n }

type Box[T any] struct{ v T }

type small struct{ n int }

func Tax(n int) int { return q.Half(n) }

func (e *Engine) Quote() int { return e.n }
`
	file := module(t, content)
	write(t, filepath.Join(filepath.Dir(file), "unweld.yaml"), "version: 1\ncomponents:\n  p: {packages: [./...], contract: ./p.Service}\n")
	for _, grey := range []bool{true, false} {
		capabilities := greying
		if !grey {
			capabilities = lsptest.Capabilities
		}
		e := start(t, capabilities)
		must(t, e.Open(t.Context(), file))
		for needle, want := range map[string]string{
			"package":       "Extract package p as a component: component p has a contract already: ./p.Service",
			"\"example":     "Extract package q as a component",
			"Engine":        "Extract Engine as a component: component p has a contract already: ./p.Service",
			"Engine struct": "Let callers of Engine hold an interface: component p has a contract already: ./p.Service",
			"List":          "Give the methods of Prices that can cross a context: component p has a contract already: ./p.Service",
			"Quoter":        "Extract Quoter as a component: Quoter is an interface already: bind it as it is",
			"Box":           "Extract Box as a component: Box has type parameters, and what crosses a process has none",
			"small":         "Extract small as a component: small isn't exported, so nothing outside its package uses it",
			"Tax":           "Extract Tax as a component: component p has a contract already: ./p.Service",
			"return q":      "",
			"n int }\n\nt":  "Extract Engine as a component: component p has a contract already: ./p.Service",
			"Quote() int {": "Extract Engine as a component: component p has a contract already: ./p.Service",
		} {
			actions, err := e.Actions(t.Context(), file, needle)
			must(t, err)
			got := titles(actions, "refactor.extract.component")
			switch {
			case want == "" || !grey && strings.Contains(want, ": "):
				if len(got) > 0 {
					t.Errorf("at %q: %q, want nothing", needle, got)
				}
			case !slices.Contains(got, want):
				t.Errorf("at %q: %q, want %q", needle, got, want)
			}
		}
	}
}

// TestForm fills in the parameters that an action can have before its edit is
// asked for, and asks for one that can't be done.
func TestForm(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	file := filepath.Join(dir, "pricing", "pricing.go")
	e := start(t, greying)
	must(t, e.Open(ctx, file))
	action := extractAction(t, e, file)
	var data struct {
		URI     string       `json:"uri"`
		Version int32        `json:"version"`
		Offer   engine.Offer `json:"offer"`
	}
	must(t, json.Unmarshal(action.Data, &data))
	i := slices.IndexFunc(data.Offer.Form, func(p engine.RefactorParam) bool { return p.Name == "name" })
	if i < 0 || data.Offer.Form[i].Example == "" || data.Offer.Form[i].Doc == "" {
		t.Fatalf("the form: %+v", data.Offer.Form)
	}
	resolve := func(name, value string) (*wire.WorkspaceEdit, error) {
		was, had := data.Offer.Request.Params[name]
		data.Offer.Request.Params[name] = value
		filled := action
		var err error
		if filled.Data, err = json.Marshal(data); err != nil {
			t.Fatal(err)
		}
		if delete(data.Offer.Request.Params, name); had {
			data.Offer.Request.Params[name] = was
		}
		return e.Resolve(ctx, filled)
	}
	told := 0
	for _, wrong := range [][]string{{"name", "No Name"}, {"keep-signature", "true"}, {"keep-signatures", "perhaps"}} {
		if _, err := resolve(wrong[0], wrong[1]); err == nil || !strings.Contains(err.Error(), "without an edit") {
			t.Errorf("%q: resolved with %v", wrong, err)
		}
		told++
		if said := e.Messages(); len(said) != told || !strings.Contains(said[told-1], "--"+wrong[0]) {
			t.Errorf("%q: the user was told %q", wrong, said)
		}
	}
	edit, err := resolve("name", "tariff")
	must(t, err)
	must(t, e.Apply(edit))
	if service := e.Buffer(filepath.Join(dir, "pricing", "service.go")); !strings.Contains(service, "tariff") {
		t.Errorf("the name of the form isn't in the contract:\n%s", service)
	}

	action.Data = json.RawMessage(strings.Replace(string(action.Data), `"refactoring":`, `"disabled":"not today","refactoring":`, 1))
	if _, err := e.Resolve(ctx, action); err == nil || !strings.Contains(err.Error(), "without an edit") {
		t.Errorf("an action that was disabled resolved with %v", err)
	}
	if said := e.Messages(); !strings.Contains(said[len(said)-1], "not today") {
		t.Errorf("the user was told %q", said)
	}
}

// TestOffersThatMoveFiles: what an editor can't carry out is said before it is computed.
func TestOffersThatMoveFiles(t *testing.T) {
	file := module(t, "package p\n\nimport _ \"example.com/p/q\"\n")
	q := filepath.Join(filepath.Dir(file), "q", "q.go")
	must(t, os.Mkdir(filepath.Dir(q), 0o777))
	write(t, q, "package q\n")
	for capabilities, able := range map[string]bool{greying: false, lsptest.Capabilities: true, `{}`: false} {
		e := start(t, capabilities)
		must(t, e.Open(t.Context(), q))
		actions, err := e.Actions(t.Context(), q, "package")
		must(t, err)
		for kind, title := range map[string]string{"refactor.rewrite.renamePackage": "Rename package q", "refactor.move.package": "Move package q to another folder"} {
			want := []string{title}
			switch {
			case capabilities == `{}`:
				want = nil // nothing can be shown as disabled
			case !able:
				name := map[bool]string{true: "rename-package", false: "move-package"}[strings.HasPrefix(title, "Rename")]
				want[0] += ": the editor can't rename files; use the command line instead: unweld refactor " + name + " ./q"
			}
			if got := titles(actions, kind); !slices.Equal(got, want) {
				t.Errorf("%s: %s: got %q, want %q", capabilities, kind, got, want)
			}
		}
	}
}
