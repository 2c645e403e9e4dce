package lsp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/lsptest"
)

// nats is real code of 150,000 lines; its package server has 100,000 of them.
const nats = "github.com/nats-io/nats-server/v2@v2.15.2"

// goplsVersion is the language server that is measured beside this one.
const goplsVersion = "golang.org/x/tools/gopls@v0.23.0"

// A process is a language server with an editor that speaks to it.
type process struct {
	*lsptest.Editor
	cmd *exec.Cmd
	dir string
}

// startProcess runs a server on the module in dir, which finds nothing in its cache.
func startProcess(b *testing.B, dir, cache string, args ...string) *process {
	b.Helper()
	return startWith(b, dir, []string{"GOCACHE=" + cache, "XDG_CACHE_HOME=" + b.TempDir()}, args...)
}

func startWith(b *testing.B, dir string, env []string, args ...string) *process {
	b.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOFLAGS="), env...)
	e := lsptest.Start(b.Context(), func(_ context.Context, in io.Reader, out io.Writer) error {
		cmd.Stdout = out
		stdin, err := cmd.StdinPipe() // Wait doesn't wait for what is copied here
		if err != nil {
			return err
		}
		go io.Copy(stdin, in)
		return cmd.Run()
	})
	params := map[string]any{"processId": nil, "rootUri": convert.URI(dir), "capabilities": map[string]any{
		"window":    map[string]any{"workDoneProgress": true},
		"workspace": map[string]any{"workspaceEdit": map[string]any{"documentChanges": true, "resourceOperations": []string{"create", "rename", "delete"}}},
	},
		"workspaceFolders": []any{map[string]any{"uri": convert.URI(dir), "name": "module"}}}
	if err := e.Conn.Call(b.Context(), "initialize", params, nil); err != nil {
		b.Fatalf("%s: %v", args[0], err)
	}
	if err := e.Conn.Notify(b.Context(), "initialized", struct{}{}); err != nil {
		b.Fatal(err)
	}
	p := &process{e, cmd, dir}
	b.Cleanup(func() { cmd.Process.Kill() })
	return p
}

// stop ends the server as an editor does, and waits until it has ended.
func (p *process) stop(b *testing.B) {
	b.Helper()
	if err := p.Conn.Call(b.Context(), "shutdown", nil, nil); err != nil {
		b.Fatal(err)
	}
	if err := p.Conn.Notify(b.Context(), "exit", nil); err != nil {
		b.Fatal(err)
	}
	<-p.Conn.DisconnectNotify()
}

// cpu is what the server and the children that it waited for have used.
func (p *process) cpu(b *testing.B) time.Duration {
	b.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		b.Skip("needs /proc: ", err)
	}
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+2:]))
	ticks := 0
	for _, f := range fields[11:15] { // utime, stime, cutime, cstime
		n, _ := strconv.Atoi(f)
		ticks += n
	}
	return time.Duration(ticks) * time.Second / 100
}

// memory is what the server holds now, in bytes.
func (p *process) memory(b *testing.B) float64 {
	b.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		b.Skip("needs /proc: ", err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(data)
	n, _ := strconv.ParseFloat(string(m[1]), 64)
	return n * 1024
}

// serial makes texts that no build cache has seen.
var serial = time.Now().UnixNano()

// typeInto types a statement that never was before into the body of a function,
// and waits until diagnostics of that text are there.
func (p *process) typeInto(b *testing.B, file, signature string) time.Duration {
	b.Helper()
	serial++
	return p.edit(b, file, signature+" {\n", fmt.Sprintf("%s {\n\tvar unique%d = %d\n\t_ = unique%d\n", signature, serial, serial, serial))
}

func (p *process) edit(b *testing.B, file, old, new string) time.Duration {
	b.Helper()
	begin := time.Now()
	if err := p.Replace(b.Context(), file, old, new); err != nil {
		b.Fatal(err)
	}
	if err := p.AwaitVersion(file, 5*time.Minute); err != nil {
		b.Fatal(err)
	}
	return time.Since(begin)
}

// opened opens a file and waits until the module was looked at.
func (p *process) opened(b *testing.B, rel string) string {
	b.Helper()
	file := filepath.Join(p.dir, filepath.FromSlash(rel))
	if err := p.Open(b.Context(), file); err != nil {
		b.Fatal(err)
	}
	if err := p.AwaitVersion(file, 10*time.Minute); err != nil {
		b.Fatal(err)
	}
	return file
}

const (
	bigFile, bigFunc     = "server/client.go", "func (c *client) String() (id string)"
	smallFile, smallFunc = "conf/lex.go", "func (lx *lexer) backup()"
)

// BenchmarkEditor measures keystrokes in a real server process, beside gopls.
func BenchmarkEditor(b *testing.B) {
	dir := natsCopy(b)
	cache := buildCache(b)
	ours := startProcess(b, dir, cache, build(b), "lsp")
	big := ours.opened(b, bigFile)
	small := ours.opened(b, smallFile)
	ours.typeInto(b, big, bigFunc) // the first is a little slower
	ours.typeInto(b, small, smallFunc)

	some, few, more := 30, 12, 500
	if testing.Short() {
		some, few, more = 8, 3, 8
	}
	before := files(b, cache)
	keys, cpu := ours.keystrokes(b, some, big, bigFunc)
	smallKeys, _ := ours.keystrokes(b, some, small, smallFunc)
	b.ReportMetric(float64(files(b, cache)-before), "cache-files")
	b.ReportMetric(ms(percentile(keys, 95)), "key-p95-ms")
	b.ReportMetric(ms(percentile(keys, 50)), "key-p50-ms")
	b.ReportMetric(cpu.Seconds(), "key-cpu-s")
	b.ReportMetric(ms(percentile(smallKeys, 95)), "small-key-p95-ms")

	signatures, waits := ours.signatures(b, few, big)
	b.ReportMetric(ms(percentile(signatures, 95)), "signature-p95-ms")
	b.ReportMetric(ms(slices.Max(waits)), "wait-max-ms")
	b.ReportMetric(ms(percentile(ours.actions(b, 50, big), 95)), "actions-p95-ms")

	early := ours.memory(b)
	ours.keystrokes(b, more, big, bigFunc)
	late := ours.memory(b)
	b.ReportMetric(late/early, "memory-growth")
	b.ReportMetric(late/1e6, "memory-MB")

	if testing.Short() {
		return
	}
	if gopls := install(b); gopls != "" {
		theirs := startProcess(b, dir, cache, gopls)
		big := theirs.opened(b, bigFile)
		theirs.typeInto(b, big, bigFunc)
		keys2, cpu2 := theirs.keystrokes(b, 10, big, bigFunc)
		b.ReportMetric(percentile(keys, 50).Seconds()/percentile(keys2, 50).Seconds(), "key/gopls")
		b.ReportMetric(cpu.Seconds()/cpu2.Seconds(), "key-cpu/gopls")
		b.ReportMetric(late/theirs.memory(b), "memory/gopls")
	}
}

// keystrokes types n statements and returns how long each took, and the CPU
// time of one.
func (p *process) keystrokes(b *testing.B, n int, file, signature string) ([]time.Duration, time.Duration) {
	b.Helper()
	var took []time.Duration
	begin := p.cpu(b)
	for range n {
		took = append(took, p.typeInto(b, file, signature))
	}
	return took, (p.cpu(b) - begin) / time.Duration(n)
}

// signatures changes an exported signature n times; while the module is looked
// at again, code actions are asked for, and waits is how long they took.
func (p *process) signatures(b *testing.B, n int, file string) (took, waits []time.Duration) {
	b.Helper()
	old := "func (c *client) GetTLSConnectionState() *tls.ConnectionState {"
	for range n {
		serial++
		now := fmt.Sprintf("func (c *client) GetTLSConnectionState(more%d ...int) *tls.ConnectionState {", serial)
		done := make(chan time.Duration)
		go func() { done <- p.edit(b, file, old, now) }()
		for waiting := true; waiting; {
			select {
			case d := <-done:
				took, waiting = append(took, d), false
			case <-time.After(20 * time.Millisecond):
				waits = append(waits, p.actions(b, 1, file)...)
			}
		}
		old = now
	}
	return took, waits
}

func (p *process) actions(b *testing.B, n int, file string) []time.Duration {
	b.Helper()
	var took []time.Duration
	for range n {
		begin := time.Now()
		if err := p.Conn.Call(b.Context(), "textDocument/codeAction", protocol.CodeActionParams{
			TextDocument: protocol.TextDocumentIdentifier{URI: convert.URI(file)},
			Range:        protocol.Range{Start: protocol.Position{Line: 300}, End: protocol.Position{Line: 300}},
		}, nil); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	return took
}

func percentile(ds []time.Duration, p int) time.Duration {
	ds = slices.Sorted(slices.Values(ds))
	return ds[min(len(ds)-1, len(ds)*p/100)]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// buildCache is the folder of the go command's cache, which an XDG_CACHE_HOME of
// the server's own would move.
func buildCache(tb testing.TB) string {
	tb.Helper()
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		tb.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// goroot is the folder of the Go distribution.
func goroot(tb testing.TB) string {
	tb.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		tb.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// files counts what a build cache holds.
func files(tb testing.TB, dir string) int {
	n := 0
	filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "trim.txt" && d.Name() != "README" {
			n++
		}
		return nil
	})
	return n
}

// build builds this program.
func build(tb testing.TB) string {
	tb.Helper()
	out := filepath.Join(tb.TempDir(), "unweld")
	if msg, err := exec.Command("go", "build", "-o", out, "github.com/unweld/unweld/cmd/unweld").CombinedOutput(); err != nil {
		tb.Fatalf("build: %v\n%s", err, msg)
	}
	return out
}

// install returns gopls, which is built into the user's cache folder if it
// isn't there, or "" where that isn't possible.
func install(b *testing.B) string {
	base, err := os.UserCacheDir()
	if err != nil {
		b.Log("gopls: ", err)
		return ""
	}
	bin := filepath.Join(base, "unweld", "bench", strings.ReplaceAll(filepath.Base(goplsVersion), "@", "-"))
	program := filepath.Join(bin, "gopls")
	if _, err := os.Stat(program); err == nil {
		return program
	}
	cmd := exec.Command("go", "install", goplsVersion)
	cmd.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=")
	if msg, err := cmd.CombinedOutput(); err != nil {
		b.Logf("gopls: %v\n%s", err, msg)
		return ""
	}
	return program
}

// natsCopy returns a writable copy of nats.
func natsCopy(tb testing.TB) string {
	tb.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", nats)
	cmd.Dir = tb.TempDir()
	out, err := cmd.Output()
	var info struct{ Dir string }
	if json.Unmarshal(out, &info) != nil || err != nil || info.Dir == "" {
		tb.Fatalf("go mod download %s: %v %s", nats, err, out)
	}
	dir, err := filepath.EvalSymlinks(tb.TempDir())
	if err != nil {
		tb.Fatal(err)
	}
	dir = filepath.Join(dir, "module")
	if err := os.CopyFS(dir, os.DirFS(info.Dir)); err != nil {
		tb.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Chmod(name, 0o755)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return dir
}
