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
	dir := shop(t)
	apart(t, dir)
	i := newInterleaving(t, dir)
	i.opened(i.files[0])
	for step := range *interleaveSteps {
		i.step(step)
	}
	i.likeFresh()
}

// An interleaving is an editor in which things are done without waiting.
type interleaving struct {
	t     *testing.T
	e     *lsptest.Editor
	r     *rand.Rand
	files []string // the last is unweld.yaml
	edits map[string][][2]string
	open  map[string]bool
	calls []string // what was done
}

func newInterleaving(t *testing.T, dir string) *interleaving {
	files := []string{filepath.Join(dir, "carts", "carts.go"), filepath.Join(dir, "pricing", "pricing.go"), filepath.Join(dir, "unweld.yaml")}
	return &interleaving{t: t, e: start(t, applying), r: rand.New(rand.NewPCG(*interleaveSeed, 0)), files: files, open: map[string]bool{},
		edits: map[string][][2]string{ // of each file; either way
			files[0]: {{") Drop(", ") Drop(_ int, "}, {"package carts", "package carts //"}, {"func ", "func func "}},
			files[1]: {{"package pricing", "package pricing // 𝔘\n"}, {"Engine struct", "Engine1 struct"}},
			files[2]: {{"split: micro", "split: mikro"}, {"[./carts]", "[./cart]"}, {"components:", "component:"}},
		}}
}

// opened opens a file that isn't open.
func (i *interleaving) opened(path string) {
	i.t.Helper()
	if !i.open[path] {
		must(i.t, i.e.Open(i.t.Context(), path))
		i.open[path] = true
	}
}

// step does one thing.
func (i *interleaving) step(n int) {
	path := i.files[i.r.IntN(len(i.files))]
	i.opened(path)
	at := protocol.Position{Line: uint32(i.r.IntN(40)), Character: uint32(i.r.IntN(20))}
	switch i.r.IntN(8) {
	case 0, 1, 2:
		change := i.edits[path][i.r.IntN(len(i.edits[path]))]
		if i.r.IntN(2) == 0 {
			change[0], change[1] = change[1], change[0]
		}
		if strings.Contains(i.e.Buffer(path), change[0]) {
			must(i.t, i.e.Replace(i.t.Context(), path, change[0], change[1]))
			i.calls = append(i.calls, "edit")
		}
	case 3:
		must(i.t, i.e.Conn.Notify(i.t.Context(), "workspace/didChangeWatchedFiles", map[string]any{"changes": []any{}}))
	case 4:
		time.Sleep(time.Duration(i.r.IntN(200)) * time.Millisecond)
	default:
		i.request(n, path, at)
	}
}

// request asks for something, and may not wait for the answer.
func (i *interleaving) request(n int, path string, at protocol.Position) {
	methods := []string{"textDocument/codeAction", "textDocument/hover", "textDocument/codeLens", "textDocument/completion", "textDocument/definition",
		"textDocument/documentLink", "textDocument/inlayHint", "workspace/symbol", "textDocument/diagnostic", "unweld/components", "unweld/graph"}
	method := methods[i.r.IntN(len(methods))]
	uri := convert.URI(path)
	call, err := i.e.Conn.DispatchCall(i.t.Context(), method, map[string]any{"textDocument": map[string]any{"uri": uri}, "uri": uri, "position": at,
		"range": protocol.Range{Start: at, End: at}, "context": map[string]any{"diagnostics": []any{}}, "query": "c"})
	must(i.t, err)
	i.calls = append(i.calls, method)
	if i.r.IntN(2) == 0 {
		return // nobody waits for it
	}
	if err := call.Wait(i.t.Context(), nil); err != nil && !strings.HasPrefix(method, "unweld/") {
		i.t.Errorf("seed %d, step %d: %s: %v", *interleaveSeed, n, method, err)
	}
}

// likeFresh waits until all is quiet, and compares with a server that has seen nothing
// but the buffers as they are then.
func (i *interleaving) likeFresh() {
	t, ctx := i.t, i.t.Context()
	if config := i.files[2]; i.open[config] { // with mistakes in it, what it was last counts, and a fresh server knows none
		was, err := os.ReadFile(config)
		must(t, err)
		if now := i.e.Buffer(config); now != string(was) {
			must(t, i.e.Replace(ctx, config, now, string(was)))
		}
	}
	fresh := start(t, applying)
	for path := range i.open {
		must(t, i.e.AwaitVersion(path, patience))
		must(t, fresh.OpenText(ctx, path, []byte(i.e.Buffer(path))))
	}
	for path := range i.open {
		must(t, fresh.AwaitVersion(path, patience))
	}
	var got, want string
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if got, want = said(i.e), said(fresh); got == want {
			break
		}
	}
	if got != want {
		t.Errorf("seed %d, after %v it shows\n%s\na fresh one shows\n%s", *interleaveSeed, i.calls, got, want)
	}
	for path := range i.open {
		doc := map[string]any{"textDocument": map[string]any{"uri": convert.URI(path)}}
		var a, b any
		must(t, i.e.Conn.Call(ctx, "textDocument/codeLens", doc, &a))
		must(t, fresh.Conn.Call(ctx, "textDocument/codeLens", doc, &b))
		if x, y := pull(t, i.e, path, ""), pull(t, fresh, path, ""); x.ResultID != y.ResultID {
			t.Errorf("seed %d, %s: asked for, there is %q, and a fresh one has %q", *interleaveSeed, path, items(x), items(y))
		}
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
