package lsp_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp/lsptest"
)

// TestDiagnosticsLikeFresh edits files that hazards lie in, and those that they
// have a second place in: an editor that lived through it has the diagnostics that
// one gets which opens the same buffers now.
func TestDiagnosticsLikeFresh(t *testing.T) {
	ctx := t.Context()
	dir := filepath.Dir(module(t, "package p\n"))
	for rel, text := range map[string]string{
		"carts/carts.go": "package carts\n\ntype Carts struct{ n int }\n\n/* é */ func (c *Carts) Wait(o Order) { c.n++ }\n",
		"carts/order.go": "package carts\n\ntype Order struct{ done chan int }\n",
		"web/use.go":     "package web\n\nimport \"example.com/p/carts\"\n\nfunc use(c *carts.Carts) { c.Wait(carts.Order{}) }\n",
		"unweld.yaml":    "version: 1\ncomponents:\n  carts: {packages: [./carts]}\n  web: {packages: [./web]}\neditor: {split: micro}\n",
	} {
		file := filepath.Join(dir, filepath.FromSlash(rel))
		must(t, os.MkdirAll(filepath.Dir(file), 0o777))
		write(t, file, text)
	}
	files := goFiles(t, dir)
	open := func(e *lsptest.Editor) {
		for _, f := range files {
			must(t, e.Open(ctx, f))
		}
	}
	lived := start(t, lsptest.Capabilities)
	open(lived)
	for _, f := range files {
		must(t, lived.AwaitVersion(f, patience))
	}
	steps := [][]string{
		{"carts/carts.go", "é", "ab"}, // as many bytes, another column
		{"carts/order.go", "type Order", "\n// moved\ntype Order"},
		{"web/use.go", "package web\n", "package web // edited\n"},
		{"carts/carts.go", "c.n++", "c.n++; o.done = nil"},
		{"carts/order.go", "chan int", "chan<- int"},
		{"web/use.go", "c.Wait(carts.Order{})", ""},
	}
	hazards := 0
	for i, step := range steps {
		must(t, lived.Replace(ctx, filepath.Join(dir, step[0]), step[1], step[2]))
		fresh := start(t, lsptest.Capabilities)
		open(fresh)
		for _, s := range steps[:i+1] {
			must(t, fresh.Replace(ctx, filepath.Join(dir, s[0]), s[1], s[2]))
		}
		for _, f := range files {
			must(t, fresh.AwaitVersion(f, patience))
			want, err := fresh.Await(f, patience, func([]protocol.Diagnostic) bool { return true })
			must(t, err)
			hazards += len(want)
			if _, err := lived.Await(f, patience, func(got []protocol.Diagnostic) bool { return reflect.DeepEqual(got, want) }); err != nil {
				t.Fatalf("after %q: %v; want %+v", step, err, want)
			}
		}
	}
	if hazards == 0 {
		t.Error("there was nothing to say")
	}
}
