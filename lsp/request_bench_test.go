package lsp_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp/convert"
)

// BenchmarkRequests measures what a person asks for in a session that has looked at the
// module: hovers, each in a text that no cache has seen, and the edit of an extraction
// whose type is used in eight files, each time after a change to one of them.
func BenchmarkRequests(b *testing.B) {
	for b.Loop() { // what is reported is measured below, once
	}
	dir := natsCopy(b)
	p := startProcess(b, dir, buildCache(b), build(b), "lsp")
	big := p.opened(b, bigFile)

	var hovers, lenses []time.Duration
	for _, needle := range declared(p.Buffer(big), 50) {
		p.typeInto(b, big, bigFunc)
		begin := time.Now()
		if _, err := p.Hover(b.Context(), big, needle); err != nil {
			b.Fatal(err)
		}
		hovers = append(hovers, time.Since(begin))
		document := protocol.TextDocumentIdentifier{URI: convert.URI(big)}
		lenses = append(lenses, p.ask(b, "textDocument/codeLens", protocol.CodeLensParams{TextDocument: document}))
	}
	b.ReportMetric(ms(percentile(hovers, 95)), "hover-p95-ms")
	b.ReportMetric(ms(percentile(lenses, 95)), "lens-p95-ms")

	list := p.opened(b, "server/gsl/gsl.go")
	var took, signs []time.Duration
	for range 6 {
		p.typeInto(b, list, "func NewSublist[T comparable]() *GenericSublist[T]")
		total, sign := p.extract(b, list, "GenericSublist[T comparable] struct", "Let callers of GenericSublist hold an interface")
		took, signs = append(took, total), append(signs, sign)
	}
	b.ReportMetric(ms(took[0]), "resolve-first-ms")
	b.ReportMetric(ms(slices.Max(took[1:])), "resolve-ms")
	b.ReportMetric(ms(slices.Max(signs)), "progress-ms")

	yaml := filepath.Join(dir, "unweld.yaml")
	const head = "version: 1\ncomponents:\n  part: {packages: [./ser"
	if err := p.OpenText(b.Context(), yaml, []byte(head+"]}\n")); err != nil {
		b.Fatal(err)
	}
	var completions []time.Duration
	for i := range 30 {
		if err := p.Replace(b.Context(), yaml, "version: 1", fmt.Sprintf("# %d\nversion: 1", i)); err != nil {
			b.Fatal(err)
		}
		at := protocol.Position{Line: uint32(i + 3), Character: uint32(len("  part: {packages: [./ser"))}
		completions = append(completions, p.ask(b, "textDocument/completion", protocol.CompletionParams{
			TextDocumentPositionParams: protocol.TextDocumentPositionParams{TextDocument: protocol.TextDocumentIdentifier{URI: convert.URI(yaml)}, Position: at}}))
	}
	b.ReportMetric(ms(percentile(completions, 95)), "completion-p95-ms")
}

// ask returns how long the server takes for an answer, which holds something.
func (p *process) ask(b *testing.B, method string, params any) time.Duration {
	b.Helper()
	var answer any
	begin := time.Now()
	if err := p.Conn.Call(b.Context(), method, params, &answer); err != nil {
		b.Fatal(err)
	}
	took := time.Since(begin)
	if answer == nil {
		b.Fatalf("%s: no answer", method)
	}
	return took
}

// extract has an action resolved, and returns how long that took, and when the server
// first told of its progress: 0 if it was done before it had to.
func (p *process) extract(b *testing.B, file, needle, title string) (total, sign time.Duration) {
	b.Helper()
	actions, err := p.Actions(b.Context(), file, needle)
	if err != nil {
		b.Fatal(err)
	}
	for _, a := range actions {
		if !strings.HasPrefix(a.Title, title) {
			continue
		}
		p.ForgetProgress()
		begin, began := time.Now(), make(chan time.Duration, 1)
		go func() {
			_, err := p.AwaitProgress(time.Minute, "begin")
			if err == nil {
				began <- time.Since(begin)
			}
		}()
		if _, err := p.Resolve(b.Context(), a); err != nil {
			b.Fatal(err, p.Messages())
		}
		total = time.Since(begin)
		select {
		case sign = <-began:
		default:
			if total > 400*time.Millisecond {
				b.Fatalf("%v without a sign of life", total)
			}
		}
		return total, sign
	}
	b.Fatalf("%s: no action %q: %v", file, title, actions)
	return 0, 0
}

// declared returns the beginnings of n declarations of functions of a file.
func declared(content string, n int) []string {
	var out []string
	for line := range strings.Lines(content) {
		if strings.HasPrefix(line, "func (") && len(out) < n {
			out = append(out, strings.TrimPrefix(line[strings.Index(line, ") "):], ") "))
		}
	}
	return out
}

// BenchmarkStart measures how long it takes from the start of a server until it has said
// what it knows of an open file, beside gopls: with no cache of their own, and with the
// one that the first start left behind.
func BenchmarkStart(b *testing.B) {
	for b.Loop() { // what is reported is measured below, once
	}
	dir, cache, unweld := natsCopy(b), buildCache(b), build(b)
	gopls := install(b)
	if gopls == "" {
		b.Skip("gopls can't be had")
	}
	starts := func(args ...string) (cold, warm time.Duration) {
		var colds, warms []time.Duration
		for range 3 {
			env := []string{"GOCACHE=" + cache, "XDG_CACHE_HOME=" + b.TempDir()}
			for _, into := range []*[]time.Duration{&colds, &warms} {
				begin := time.Now()
				p := startWith(b, dir, env, args...)
				p.opened(b, bigFile)
				*into = append(*into, time.Since(begin))
				p.stop(b)
			}
		}
		return percentile(colds, 50), percentile(warms, 50)
	}
	theirCold, theirWarm := starts(gopls)
	cold, warm := starts(unweld, "lsp")
	b.ReportMetric(cold.Seconds(), "cold-s")
	b.ReportMetric(warm.Seconds(), "warm-s")
	b.ReportMetric(cold.Seconds()/theirCold.Seconds(), "cold/gopls")
	b.ReportMetric(warm.Seconds()/theirWarm.Seconds(), "warm/gopls")
}

// BenchmarkStandardLibrary measures a server on the standard library and the go
// command, two million lines: until it has said what it knows, and what it then holds.
func BenchmarkStandardLibrary(b *testing.B) {
	for b.Loop() { // what is reported is measured below, once
	}
	unweld := build(b)
	root := filepath.Join(goroot(b), "src")
	env := []string{"XDG_CACHE_HOME=" + b.TempDir()}
	for _, metric := range []string{"std-cold", "std-warm"} {
		begin := time.Now()
		p := startWith(b, root, env, unweld, "lsp")
		p.opened(b, "net/http/server.go")
		p.opened(b, "cmd/go/main.go")
		b.ReportMetric(time.Since(begin).Seconds(), metric+"-s")
		b.ReportMetric(p.memory(b)/1e6, metric+"-MB")
		p.stop(b)
	}
}
