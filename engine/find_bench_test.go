package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/go/packages"

	corpora "github.com/unweld/unweld/internal/corpus"
)

const benchMode = "UNWELD_BENCH_FIND"

// nats is real code of 150,000 lines.
const nats = "github.com/nats-io/nats-server/v2@v2.15.2"

// runBenchChild is what the measured processes do.
func runBenchChild(mode, dir string) error {
	switch mode {
	case "bare":
		_, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax, Dir: dir}, "./...")
		return err
	case "load":
		return loadWithTests(dir)
	case "extract":
		return extractInSession(dir)
	}
	s, err := Open(context.Background(), Options{Dir: dir})
	if err != nil {
		return err
	}
	_, err = s.Find(context.Background(), FindOptions{})
	return err
}

// BenchmarkFind compares find with a bare load and with go vet, each in a
// process of its own, in one run: CPU with all child processes, and peak
// memory.
func BenchmarkFind(b *testing.B) {
	dir := moduleCopy(b, nats)
	unweld := program(b)
	self := func(mode, cache string) usage { return benchChild(b, unweld, mode, dir, cache) }
	vet := func() usage {
		cmd := exec.Command("go", "vet", "./...")
		cmd.Dir, cmd.Env = dir, benchEnv(b, b.TempDir())
		return measure(b, cmd)
	}
	self("bare", b.TempDir()) // compiles the dependencies
	vet()
	var bare, cold, warm, vetted []usage
	warmCache := b.TempDir()
	self("find", warmCache)
	for range 5 {
		bare = append(bare, self("bare", b.TempDir()))
		cold = append(cold, self("find", b.TempDir()))
		warm = append(warm, self("find", warmCache))
		vetted = append(vetted, vet())
	}
	for b.Loop() { // what is reported was measured above
	}
	b.ReportMetric(median(cold).cpu.Seconds()/median(bare).cpu.Seconds(), "cold-cpu/bare")
	b.ReportMetric(float64(median(cold).peak)/float64(median(bare).peak), "cold-peak/bare")
	b.ReportMetric(median(warm).cpu.Seconds()/median(vetted).cpu.Seconds(), "warm-cpu/vet")
}

// BenchmarkWide is find over 10,000 small packages, each a component of its own, in a
// process that has looked at them before: CPU seconds with all child processes.
func BenchmarkWide(b *testing.B) {
	dir, cache := b.TempDir(), b.TempDir()
	if err := corpora.Wide(dir, 10_000, true); err != nil {
		b.Fatal(err)
	}
	unweld := program(b)
	cold := benchChild(b, unweld, "find", dir, cache)
	var warm []usage
	for range 3 {
		warm = append(warm, benchChild(b, unweld, "find", dir, cache))
	}
	for b.Loop() { // what is reported was measured above
	}
	b.ReportMetric(cold.cpu.Seconds(), "cold-cpu-s")
	b.ReportMetric(median(warm).cpu.Seconds(), "warm-cpu-s")
}

// BenchmarkStaged compares what the pre-commit hook runs, after an edit that
// nothing has seen before, with the same without an edit. Both take CPU with all
// child processes.
func BenchmarkStaged(b *testing.B) {
	dir, cache := moduleCopy(b, nats), b.TempDir()
	git := func(args ...string) {
		b.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=bench", "-c", "user.email=bench@example.com"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	config := "version: 1\ncomponents:\n  server: {packages: [./server/...]}\n  conf: {packages: [./conf/...]}\nrules: {allow: {conf: []}}\n"
	if err := os.WriteFile(filepath.Join(dir, "unweld.yaml"), []byte(config), 0o666); err != nil {
		b.Fatal(err)
	}
	git("init", "-q")
	git("add", "-A")
	git("commit", "-qm", "all")
	unweld := program(b)
	run := func() usage { return benchChild(b, unweld, "staged", dir, cache) }
	edit := func() {
		file := filepath.Join(dir, "server", "client.go")
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		const begin = "func (c *client) String() (id string) {\n"
		n := time.Now().UnixNano()
		text := strings.Replace(string(data), begin, fmt.Sprintf("%s\tvar unique%d = %d\n\t_ = unique%d\n", begin, n, n, n), 1)
		if text == string(data) {
			b.Fatal("nothing was edited")
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			b.Fatal(err)
		}
		git("add", "-A")
	}
	run()
	edit()
	run()
	var warm, edited []usage
	for range 5 {
		warm = append(warm, run())
		edit()
		edited = append(edited, run())
	}
	for b.Loop() { // what is reported was measured above
	}
	b.ReportMetric(median(edited).cpu.Seconds()/median(warm).cpu.Seconds(), "edited-cpu/warm")
	b.ReportMetric(median(edited).cpu.Seconds(), "edited-cpu-s")
	b.ReportMetric(median(warm).cpu.Seconds(), "warm-cpu-s")
}

// benchChild runs one mode in a process of its own: the program itself, or what
// TestBenchChild does.
func benchChild(b *testing.B, unweld, mode, dir, cache string) usage {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestBenchChild$")
	switch mode {
	case "find":
		cmd = exec.Command(unweld, "find")
	case "staged":
		cmd = exec.Command(unweld, "check", "--staged")
	}
	cmd.Dir = dir
	cmd.Env = append(benchEnv(b, cache), benchMode+"="+mode, benchMode+"_DIR="+dir)
	return measure(b, cmd)
}

// program builds the command line.
func program(b *testing.B) string {
	b.Helper()
	name := filepath.Join(b.TempDir(), "unweld")
	if out, err := exec.Command("go", "build", "-o", name, "github.com/unweld/unweld/cmd/unweld").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return name
}

// benchEnv moves the cache of this program, and leaves the build cache.
func benchEnv(b *testing.B, cache string) []string {
	b.Helper()
	return append(os.Environ(), "XDG_CACHE_HOME="+cache, "GOCACHE="+goCache(b))
}

type usage struct {
	cpu  time.Duration
	peak int64
}

func measure(b *testing.B, cmd *exec.Cmd) usage {
	b.Helper()
	if out, err := cmd.CombinedOutput(); err != nil && cmd.Args[0] != "go" {
		b.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	u := usage{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	u.peak = peak(cmd.ProcessState)
	return u
}

func median(us []usage) usage {
	cpu, peak := make([]float64, 0, len(us)), make([]float64, 0, len(us))
	for _, u := range us {
		cpu, peak = append(cpu, float64(u.cpu)), append(peak, float64(u.peak))
	}
	slices.Sort(cpu)
	slices.Sort(peak)
	return usage{time.Duration(cpu[len(cpu)/2]), int64(peak[len(peak)/2])}
}

// TestBenchChild is the body of the processes that BenchmarkFind starts; in an
// ordinary test run it does what they do on a small package.
func TestBenchChild(t *testing.T) {
	mode, dir := os.Getenv(benchMode), os.Getenv(benchMode+"_DIR")
	if mode == "" {
		mode, dir = "find", "../internal/text"
	}
	if err := runBenchChild(mode, dir); err != nil {
		t.Fatal(err)
	}
}

// goCache returns the build cache of this process, which a changed
// XDG_CACHE_HOME would move.
func goCache(tb testing.TB) string {
	tb.Helper()
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		tb.Fatal(err)
	}
	return string(out[:len(out)-1])
}

// moduleCopy downloads a module and returns a writable copy of it.
func moduleCopy(tb testing.TB, module string) string {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "module")
	if err := os.CopyFS(dir, os.DirFS(moduleDir(tb, module))); err != nil {
		tb.Fatal(err)
	}
	if out, err := exec.Command("chmod", "-R", "u+w", dir).CombinedOutput(); err != nil {
		tb.Fatalf("chmod: %v\n%s", err, out)
	}
	cmd := exec.Command("go", "mod", "download")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("go mod download: %v\n%s", err, out)
	}
	return dir
}

// moduleDir downloads a module and returns its read-only folder.
func moduleDir(tb testing.TB, module string) string {
	tb.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir = tb.TempDir()
	out, err := cmd.Output()
	var info struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &info); err != nil || jsonErr != nil || info.Dir == "" {
		tb.Fatal(fmt.Errorf("go mod download %s: %v %v %s", module, err, jsonErr, info.Error))
	}
	return info.Dir
}
