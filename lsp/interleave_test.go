package lsp_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/lsptest"
)

var (
	interleaveSeed  = flag.Uint64("interleave.seed", 1, "what TestInterleavings begins with")
	interleaveSteps = flag.Int("interleave.steps", 30, "how many things TestInterleavings does")
)

// TestInterleavings types, lists, hovers and cancels in an order that a seed gives, without
// waiting. When all is quiet, the server shows what a fresh one shows of the same buffers.
func TestInterleavings(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	apart(t, dir)
	r := rand.New(rand.NewPCG(*interleaveSeed, 0))
	files := []string{filepath.Join(dir, "carts", "carts.go"), filepath.Join(dir, "pricing", "pricing.go"), filepath.Join(dir, "unweld.yaml")}
	edits := map[string][][2]string{ // of each file; either way
		files[0]: {{") Drop(", ") Drop(_ int, "}, {"package carts", "package carts //"}, {"func ", "func func "}},
		files[1]: {{"package pricing", "package pricing // 𝔘\n"}, {"Engine struct", "Engine1 struct"}},
		files[2]: {{"split: micro", "split: mikro"}, {"[./carts]", "[./cart]"}, {"components:", "component:"}},
	}
	e := start(t, applying)
	open := map[string]bool{}
	opened := func(path string) {
		t.Helper()
		if !open[path] {
			must(t, e.Open(ctx, path))
			open[path] = true
		}
	}
	opened(files[0])
	var calls []string
	for step := range *interleaveSteps {
		path := files[r.IntN(len(files))]
		opened(path)
		uri := map[string]any{"textDocument": map[string]any{"uri": convert.URI(path)}, "uri": convert.URI(path)}
		at := protocol.Position{Line: uint32(r.IntN(40)), Character: uint32(r.IntN(20))}
		uri["position"], uri["range"], uri["context"], uri["query"] = at, protocol.Range{Start: at, End: at}, map[string]any{"diagnostics": []any{}}, "c"
		switch n := r.IntN(8); n {
		case 0, 1, 2:
			change := edits[path][r.IntN(len(edits[path]))]
			if r.IntN(2) == 0 {
				change[0], change[1] = change[1], change[0]
			}
			if strings.Contains(e.Buffer(path), change[0]) {
				must(t, e.Replace(ctx, path, change[0], change[1]))
				calls = append(calls, "edit")
			}
		case 3:
			if err := e.Conn.Notify(ctx, "workspace/didChangeWatchedFiles", map[string]any{"changes": []any{}}); err != nil {
				t.Fatal(err)
			}
		case 4:
			time.Sleep(time.Duration(r.IntN(200)) * time.Millisecond)
		default:
			methods := []string{"textDocument/codeAction", "textDocument/hover", "textDocument/codeLens", "textDocument/completion", "textDocument/definition",
				"textDocument/documentLink", "textDocument/inlayHint", "workspace/symbol", "unweld/components", "unweld/graph"}
			method := methods[r.IntN(len(methods))]
			call, err := e.Conn.DispatchCall(ctx, method, uri)
			must(t, err)
			calls = append(calls, method)
			if r.IntN(2) == 0 {
				continue // nobody waits for it
			}
			if err := call.Wait(ctx, nil); err != nil && !strings.HasPrefix(method, "unweld/") {
				t.Errorf("seed %d, step %d: %s: %v", *interleaveSeed, step, method, err)
			}
		}
	}
	if config := files[2]; open[config] { // with mistakes in it, what it was last counts, and a fresh server knows none
		was, err := os.ReadFile(config)
		must(t, err)
		if now := e.Buffer(config); now != string(was) {
			must(t, e.Replace(ctx, config, now, string(was)))
		}
	}
	for path := range open {
		must(t, e.AwaitVersion(path, patience))
	}
	asFresh(t, e, open, calls)
}

// asFresh holds what an editor shows, after these calls, to what a fresh one shows of the
// same buffers.
func asFresh(t *testing.T, e *lsptest.Editor, open map[string]bool, calls []string) {
	t.Helper()
	ctx := t.Context()
	fresh := start(t, applying)
	for path := range open {
		must(t, fresh.OpenText(ctx, path, []byte(e.Buffer(path))))
	}
	for path := range open {
		must(t, fresh.AwaitVersion(path, patience))
	}
	var got, want string
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if got, want = said(e), said(fresh); got == want {
			break
		}
	}
	if got != want {
		t.Errorf("seed %d, after %v it shows\n%s\na fresh one shows\n%s", *interleaveSeed, calls, got, want)
	}
	for path := range open {
		doc := map[string]any{"textDocument": map[string]any{"uri": convert.URI(path)}}
		var a, b any
		must(t, e.Conn.Call(ctx, "textDocument/codeLens", doc, &a))
		must(t, fresh.Conn.Call(ctx, "textDocument/codeLens", doc, &b))
		if !reflect.DeepEqual(a, b) {
			t.Errorf("seed %d, lenses of %s: %v, a fresh one has %v", *interleaveSeed, path, a, b)
		}
	}
}

// said is what an editor shows of all files.
func said(e *lsptest.Editor) string {
	var lines []string
	for path, ds := range e.Diagnostics() {
		for _, d := range ds {
			lines = append(lines, fmt.Sprintf("%s:%d:%d %v %s", filepath.Base(path), d.Range.Start.Line, d.Range.Start.Character, d.Code, d.Message))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
