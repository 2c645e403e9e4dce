package lsp_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/lsp/wire"
)

// TestBind binds a contract from the editor; what it leaves in the buffers builds, and
// offers the next steps.
func TestBind(t *testing.T) {
	ctx := t.Context()
	dir := filepath.Dir(module(t, "package main\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\n\t\"example.com/p/pricing\"\n)\n\nfunc main() {\n\tprices := pricing.New()\n\tfmt.Println(prices.Quote(context.Background(), \"a\"))\n}\n"))
	file := filepath.Join(dir, "pricing", "pricing.go")
	must(t, os.Mkdir(filepath.Dir(file), 0o777))
	write(t, file, `package pricing

import "context"

// Service is the contract.
type Service interface {
	Quote(ctx context.Context, sku string) (int, error)
}

type engine struct{ n int }

func New() Service { return &engine{} }

func (e *engine) Quote(ctx context.Context, sku string) (int, error) { return e.n, nil }
`)
	e := start(t, greying)
	must(t, e.Open(ctx, file))
	at := func(title string) wire.CodeAction {
		t.Helper()
		actions, err := e.Actions(ctx, file, "Service interface")
		must(t, err)
		i := slices.IndexFunc(actions, func(a wire.CodeAction) bool { return a.Title == title })
		if i < 0 {
			t.Fatalf("there is no %q: %q", title, titles(actions, "refactor.bind.unix"))
		}
		return actions[i]
	}
	if action := at("Bind Service to unix"); action.Kind != "refactor.bind.unix" || action.Disabled != nil {
		t.Errorf("the action is %+v", action)
	}
	edit, err := e.Perform(ctx, at("Bind Service to unix"))
	must(t, err)
	if edit == nil {
		t.Fatalf("nothing was changed: %q", e.Messages())
	}
	for path, content := range e.Buffers() {
		must(t, os.MkdirAll(filepath.Dir(path), 0o777))
		write(t, path, string(content))
	}
	build := exec.CommandContext(ctx, "go", "vet", "./...")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Errorf("what was bound doesn't build: %v\n%s", err, out)
	}
	if action := at("Bind Service to unix"); action.Disabled == nil || !strings.Contains(action.Disabled.Reason, "bound to unix already") {
		t.Errorf("afterwards the action is %+v", action)
	}
	at("Keep the state of pricing in commandlog")
	at("Take away what was generated for pricing")
}
