package lsp_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/lsptest"
	"github.com/unweld/unweld/lsp/wire"
)

const underLock = `package orders

import (
	"context"
	"sync"

	"example.com/p/pricing"
)

type Orders struct {
	mu     sync.Mutex
	prices pricing.Service
	total  int
}

func (o *Orders) Place(ctx context.Context, id string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.prices.Quote(ctx, id)
	o.total += n
	return err
}
`

// TestQuickFix offers the fix of a diagnostic for the text that it was found
// in, and for no other.
func TestQuickFix(t *testing.T) {
	ctx := t.Context()
	dir := filepath.Dir(module(t, "package p\n"))
	write(t, filepath.Join(dir, "unweld.yaml"), "version: 1\ncomponents:\n  pricing: {packages: [./pricing], contract: ./pricing.Service}\n  orders: {packages: [./orders]}\n")
	for _, sub := range []string{"pricing", "orders"} {
		must(t, os.Mkdir(filepath.Join(dir, sub), 0o777))
	}
	write(t, filepath.Join(dir, "pricing", "pricing.go"), "package pricing\n\nimport \"context\"\n\ntype Service interface {\n\tQuote(ctx context.Context, id string) (int, error)\n}\n")
	file := filepath.Join(dir, "orders", "orders.go")
	write(t, file, underLock)
	e := start(t, lsptest.Capabilities)
	must(t, e.Open(ctx, file))
	_, err := e.Await(file, patience, has("lock-over-call", "o.mu is held"))
	must(t, err)
	fixes := func() []wire.CodeAction {
		actions, err := e.Actions(ctx, file, "prices.Quote")
		must(t, err)
		var out []wire.CodeAction
		for _, a := range actions {
			if a.Kind == "quickfix" && !strings.HasPrefix(a.Title, "Ignore ") {
				out = append(out, a)
			}
		}
		return out
	}
	found := fixes()
	if len(found) != 1 || found[0].Title != "call before the lock is taken" || found[0].Edit != nil {
		t.Fatalf("fixes: %+v", found)
	}
	must(t, e.Replace(ctx, file, "\to.mu.Lock()\n\tdefer", "\t_ = id\n\to.mu.Lock()\n\tdefer"))
	if stale := fixes(); len(stale) != 0 {
		t.Errorf("offered for another text: %+v", stale)
	}
	if _, err := e.Resolve(ctx, found[0]); err == nil {
		t.Error("an action for another text was resolved")
	}

	must(t, e.Replace(ctx, file, "\t_ = id\n", ""))
	must(t, e.AwaitVersion(file, patience))
	if found = fixes(); len(found) != 1 {
		t.Fatalf("fixes: %+v", found)
	}
	edit, err := e.Resolve(ctx, found[0])
	must(t, err)
	must(t, e.Apply(edit))
	want := strings.Replace(underLock, "\to.mu.Lock()\n\tdefer o.mu.Unlock()\n\tn, err := o.prices.Quote(ctx, id)\n",
		"\tn, err := o.prices.Quote(ctx, id)\n\to.mu.Lock()\n\tdefer o.mu.Unlock()\n", 1)
	if got := e.Buffer(file); got != want {
		t.Errorf("after the fix:\n%s", got)
	}
}

// TestAccept takes one violation into a baseline, which is made, and then another. What is
// accepted is no longer told.
func TestAccept(t *testing.T) {
	ctx := t.Context()
	dir := filepath.Dir(module(t, "package p\n"))
	write(t, filepath.Join(dir, "unweld.yaml"), "version: 1\ncomponents:\n  a: {packages: [./a]}\n  b: {packages: [./b]}\nrules: {allow: {a: []}}\n")
	for name, content := range map[string]string{"a": "package a\n\nimport \"example.com/p/b\"\n\nfunc One() { b.F() }\n\nfunc Two() { b.F() }\n", "b": "package b\n\nfunc F() {}\n"} {
		must(t, os.Mkdir(filepath.Join(dir, name), 0o777))
		write(t, filepath.Join(dir, name, name+".go"), content)
	}
	file, baseline := filepath.Join(dir, "a", "a.go"), filepath.Join(dir, "unweld.baseline.json")
	e := start(t, applying)
	must(t, e.Open(ctx, file))
	for i, f := range []string{"One", "Two"} {
		_, err := e.Await(file, patience, func(ds []protocol.Diagnostic) bool { return len(ds) == 2-i })
		must(t, err)
		actions, err := e.ActionsAt(ctx, file, e.Diagnostics()[file][0].Range)
		must(t, err)
		at := slices.IndexFunc(actions, func(a wire.CodeAction) bool { return a.Title == "Accept in the baseline: a."+f+" may use b.F" })
		if at < 0 {
			t.Fatalf("actions: %+v", actions)
		}
		_, err = e.Perform(ctx, actions[at])
		must(t, err)
		write(t, baseline, e.Buffer(baseline))
		must(t, e.Conn.Notify(ctx, "workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": convert.URI(baseline), "type": 1}}}))
	}
	_, err := e.Await(file, patience, func(ds []protocol.Diagnostic) bool { return len(ds) == 0 })
	must(t, err)
	if content := e.Buffer(baseline); strings.Count(content, "rule-allow") != 2 || strings.Index(content, "a.One") > strings.Index(content, "a.Two") {
		t.Errorf("the baseline:\n%s", content)
	}
}
