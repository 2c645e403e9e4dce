//go:build unweldtools

// Command bench runs the benchmarks that have a bar, and prints one table:
// what was measured, against what, and the bar. Each figure is a ratio or a
// difference within one run, so that it holds on a busy machine; absolute times
// count only in the editor, where a person waits, and there include the 80 ms of
// quiet after which the server begins, and where what a call takes is held against
// the published figures of Service Weaver, which doesn't run here. It exits with
// status 1 when a bar isn't met.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
)

// A bar is one line of the table.
type bar struct {
	what       string
	pkg        string
	pattern    string // of -bench
	time       string // of -benchtime
	metric     string // as the benchmark reports it
	lowerBound bool   // the bar is a lower bound
	bound      float64
}

var bars = []bar{
	{"find cold, CPU against LoadSyntax", "./engine", "^BenchmarkFind$", "1x", "cold-cpu/bare", false, 1.2},
	{"find cold, peak memory against LoadSyntax", "./engine", "^BenchmarkFind$", "1x", "cold-peak/bare", false, 1.2},
	{"find warm, CPU against warm go vet", "./engine", "^BenchmarkFind$", "1x", "warm-cpu/vet", false, 0.4},
	{"check --staged after an edit, CPU against a run without one", "./engine", "^BenchmarkStaged$", "1x", "edited-cpu/warm", false, 1.5},
	{"extract in a session, CPU against LoadSyntax with tests", "./engine", "^BenchmarkExtract$", "1x", "extract-cpu/load", false, 1.5},
	{"the same, peak memory of the session", "./engine", "^BenchmarkExtract$", "1x", "extract-peak/load", false, 1.5},
	{"extract of a type that nobody would hold, until it is said, CPU seconds", "./engine", "^BenchmarkExtract$", "1x", "refused-cpu-s", false, 10},
	{"editor: statement typed into 100,000 lines, ms to diagnostics, p95", "./lsp", "^BenchmarkEditor$", "1x", "key-p95-ms", false, 380},
	{"the same, median against gopls", "./lsp", "^BenchmarkEditor$", "1x", "key/gopls", false, 0.1},
	{"the same, CPU seconds with children", "./lsp", "^BenchmarkEditor$", "1x", "key-cpu-s", false, 0.3},
	{"the same, files added to the build cache", "./lsp", "^BenchmarkEditor$", "1x", "cache-files", false, 0},
	{"editor: the same in a package of 1,500 lines, ms, p95", "./lsp", "^BenchmarkEditor$", "1x", "small-key-p95-ms", false, 140},
	{"editor: exported signature changed, ms to diagnostics, p95", "./lsp", "^BenchmarkEditor$", "1x", "signature-p95-ms", false, 1280},
	{"editor: another request waits meanwhile, ms", "./lsp", "^BenchmarkEditor$", "1x", "wait-max-ms", false, 50},
	{"editor: code actions listed, ms, p95", "./lsp", "^BenchmarkEditor$", "1x", "actions-p95-ms", false, 20},
	{"editor: memory after 500 edits, against gopls", "./lsp", "^BenchmarkEditor$", "1x", "memory/gopls", false, 0.25},
	{"editor: memory after 500 edits, against before them", "./lsp", "^BenchmarkEditor$", "1x", "memory-growth", false, 1.1},
	{"editor: hover, ms, p95", "./lsp", "^BenchmarkRequests$", "1x", "hover-p95-ms", false, 50},
	{"editor: code lenses, ms, p95", "./lsp", "^BenchmarkRequests$", "1x", "lens-p95-ms", false, 50},
	{"editor: completion in unweld.yaml, ms, p95", "./lsp", "^BenchmarkRequests$", "1x", "completion-p95-ms", false, 50},
	{"editor: an interface extracted for callers in eight files, ms to the edit", "./lsp", "^BenchmarkRequests$", "1x", "resolve-ms", false, 1000},
	{"editor: the same, ms to the first sign of progress", "./lsp", "^BenchmarkRequests$", "1x", "progress-ms", false, 350},
	{"editor: started with a cache, time to diagnostics against gopls", "./lsp", "^BenchmarkStart$", "1x", "warm/gopls", false, 0.5},
	{"editor: started without one, the same", "./lsp", "^BenchmarkStart$", "1x", "cold/gopls", false, 0.7},
	{"editor: standard library and go command with a cache, seconds to diagnostics", "./lsp", "^BenchmarkStandardLibrary$", "1x", "std-warm-s", false, 3},
	{"editor: the same, MB held", "./lsp", "^BenchmarkStandardLibrary$", "1x", "std-warm-MB", false, 700},
	{"explorer: key to frame with 10,000 components, ms, p95, without the wait for the next frame", "./tui", "^BenchmarkKey$", "200x", "p95-ms", false, 12},
	{"explorer: started in a terminal, ms to the first frame, p95", "./cmd/unweld", "^BenchmarkFirstFrame$", "1x", "p95-ms", false, 100},
	{"explorer: a component moved on the split board, 150,000 lines, ms to what that costs, p95", "./tui", "^BenchmarkMove$", "1x", "p95-ms", false, 100},
	{"in-process call, empty: ns more than direct", "./bindings/rt/link", "^BenchmarkSwitchable", "1s", "BenchmarkSwitchableEmpty ns-more", false, 3},
	{"in-process call, struct by value", "./bindings/rt/link", "^BenchmarkSwitchable", "1s", "BenchmarkSwitchableValue ratio", false, 1.6},
	{"in-process call, by pointer", "./bindings/rt/link", "^BenchmarkSwitchable", "1s", "BenchmarkSwitchablePointer ratio", false, 1.1},
	{"swap of a route in a heap of 4 GB against a small one", "./bindings/rt/link", "^BenchmarkSwap$", "1x", "large-heap-ratio", false, 1.5},
	{"codec against protobuf-go with conversion", "./bindings/codegen/bench", "^BenchmarkRatio$", "1s", "ratio", false, 0.35},
	{"the same against a positional codec written by hand", "./bindings/codegen/bench", "^BenchmarkRatio$", "1s", "of-positional", false, 1.4},
	{"unix, one caller's p50 against a ping-pong of blocking system calls", "./bindings/unix/rt", "^BenchmarkOneCaller$", "1s", "of-blocking", false, 2.5},
	{"unix, one caller's p50 against a ping-pong over Go's netpoller", "./bindings/unix/rt", "^BenchmarkOneCaller$", "1s", "of-netpoller", false, 1.25},
	{"unix, 64 callers with deadlines, calls/s against grpc-go", "./bindings/unix/rt", "^Benchmark64Callers$", "1s", "ratio", true, 8},
	{"the same, CPU per call of both processes", "./bindings/unix/rt", "^BenchmarkLoad$", "1s", "cpu-ratio", false, 0.13},
	{"the same, where one call in ten sleeps 5 ms: calls/s against grpc-go", "./bindings/unix/rt", "^BenchmarkLoad$", "1s", "sleepers-ratio", true, 4},
	{"the same, p99 of the calls that don't sleep against that without sleepers", "./bindings/unix/rt", "^BenchmarkLoad$", "1s", "sleepers-p99-ratio", false, 2},
	{"a chain of 1 in one process, 100 bytes: ns a call, Service Weaver has 130", "./engine", "^BenchmarkPing$", "1x", "local-chain-1-100B", false, 130},
	{"the same, 10 KB", "./engine", "^BenchmarkPing$", "1x", "local-chain-1-10KB", false, 130},
	{"a chain of 10, 100 bytes: ns a call of the chain", "./engine", "^BenchmarkPing$", "1x", "local-chain-10-100B", false, 130},
	{"the same, 10 KB", "./engine", "^BenchmarkPing$", "1x", "local-chain-10-10KB", false, 130},
	{"a chain of 1 in two processes, 100 bytes: ns a call, Service Weaver has 130000", "./engine", "^BenchmarkPing$", "1x", "crossing-chain-1-100B", false, 130_000},
	{"the same, 10 KB", "./engine", "^BenchmarkPing$", "1x", "crossing-chain-1-10KB", false, 130_000},
	{"a chain of 10, each call of which crosses, 100 bytes: ns a call of the chain", "./engine", "^BenchmarkPing$", "1x", "crossing-chain-10-100B", false, 130_000},
	{"the same, 10 KB", "./engine", "^BenchmarkPing$", "1x", "crossing-chain-10-10KB", false, 130_000},
	{"http, one caller against net/http and encoding/json", "./bindings/http/rt", "^BenchmarkRatio$", "1s", "ratio", false, 1.1},
	{"the same, CPU per call of both sides", "./bindings/http/rt", "^BenchmarkRatio$", "1s", "cpu-ratio", false, 1},
	{"connect, one caller against connect-go, 100 bytes", "./bindings/connect/rt", "^BenchmarkBare$", "200x", "one-caller-100B", false, 1},
	{"the same, time per call with 64 callers, 10 KB", "./bindings/connect/rt", "^BenchmarkBare$", "200x", "64-callers-10KB", false, 1.25},
	{"the same, CPU per call of both processes, 100 bytes", "./bindings/connect/rt", "^BenchmarkBare$", "200x", "cpu-100B", false, 1},
	{"grpc, one caller against grpc-go, 100 bytes", "./bindings/grpc/rt", "^BenchmarkBare$", "200x", "one-caller-100B", false, 1.1},
	{"the same, time per call with 64 callers, 10 KB", "./bindings/grpc/rt", "^BenchmarkBare$", "200x", "64-callers-10KB", false, 1.25},
	{"the same, CPU per call of both processes, 100 bytes", "./bindings/grpc/rt", "^BenchmarkBare$", "200x", "cpu-100B", false, 1},
	{"nats, one caller against nats.go, 100 bytes", "./bindings/nats/rt", "^BenchmarkBare$", "200x", "one-caller-100B", false, 1.15},
	{"the same, time per call with 64 callers, 10 KB", "./bindings/nats/rt", "^BenchmarkBare$", "200x", "64-callers-10KB", false, 1.15},
	{"the same, CPU per call of both processes, 100 bytes", "./bindings/nats/rt", "^BenchmarkBare$", "200x", "cpu-100B", false, 1},
	{"unix, a stream of bytes against io.Copy over a socket", "./bindings/unix/rt", "^BenchmarkReaders$", "1x", "result/plain", true, 0.75},
	{"bytes of run-time copied for one component bound to unix", "./engine", "^BenchmarkBind$", "1x", "runtime-bytes", false, 87000},
	{"building a small program with it, CPU against the same before bind", "./engine", "^BenchmarkBind$", "1x", "build-cpu/unbound", false, 1.32},
	{"live apply, 20 times under load: lost", "./deploy/process", "^BenchmarkApplyUnderLoad$", "1x", "lost", false, 0},
	{"live apply, 20 times under load: executed twice", "./deploy/process", "^BenchmarkApplyUnderLoad$", "1x", "twice", false, 0},
	{"size of the command line, MB, not stripped", "./cmd/unweld", "^BenchmarkSize$", "1x", "MB", false, 42},
	{"kill -9 of the command log, 50 times: lost", "./stores/commandlog/rt", "^BenchmarkKill50$", "1x", "lost", false, 0},
}

func main() {
	only := flag.String("only", "", "measure only the lines whose text or package matches this `regexp`")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "bench: unexpected arguments:", flag.Args())
		os.Exit(2)
	}
	chosen, err := regexp.Compile(*only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: -only:", err)
		os.Exit(2)
	}
	failed := false
	outputs := map[string]map[string]float64{} // by package and pattern
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "what\tmeasured\tbar\t")
	for _, b := range bars {
		if !chosen.MatchString(b.what) && !chosen.MatchString(b.pkg) {
			continue
		}
		key := b.pkg + " " + b.pattern
		if outputs[key] == nil {
			fmt.Fprintln(os.Stderr, "bench:", b.pkg, b.pattern)
			out, err := run(b)
			if err != nil {
				fmt.Fprintf(os.Stderr, "bench: %s: %v\n%s", b.pkg, err, out)
				failed = true
			}
			outputs[key] = metrics(out)
		}
		measured, ok := outputs[key][b.metric]
		sign, met := "<=", measured <= b.bound
		if b.lowerBound {
			sign, met = ">=", measured >= b.bound
		}
		verdict, value := "", strconv.FormatFloat(measured, 'f', 2, 64)
		switch {
		case !ok:
			verdict, value, failed = "not measured", "-", true
		case !met:
			verdict, failed = "missed", true
		}
		fmt.Fprintf(w, "%s\t%s\t%s %g\t%s\n", b.what, value, sign, b.bound, verdict)
	}
	_ = w.Flush()
	if failed {
		os.Exit(1)
	}
}

func run(b bar) ([]byte, error) {
	cmd := exec.Command("go", "test", "-run", "^TestBenchChild$", "-bench", b.pattern, "-benchtime", b.time, "-timeout", "20m", b.pkg)
	var out bytes.Buffer
	cmd.Stdout = &out
	cmd.Stderr = io.MultiWriter(&out)
	err := cmd.Run()
	return out.Bytes(), err
}

// metrics reads the lines of benchmark results: each metric by its name, and by
// the benchmark's name and its own.
func metrics(out []byte) map[string]float64 {
	found := map[string]float64{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name, _, _ := strings.Cut(fields[0], "-")
		for i := 2; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				found[fields[i+1]] = v
				found[name+" "+fields[i+1]] = v
			}
		}
	}
	return found
}
