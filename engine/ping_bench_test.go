package engine

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pings is how many components the longest chain has.
const pings = 10

// pingPackage is one component of the chain: it answers, or asks the next one.
const pingPackage = `// Package %[1]s is a component of a chain.
package %[1]s

import (
	"context"

	"example.com/chain/payload"
)

// Service is the contract.
type Service interface {
	// Ping passes p on to so many components, this one among them.
	Ping(ctx context.Context, p payload.Payload, depth int) (payload.Payload, error)
}

// Server implements it.
type Server struct{ next Service }

// New returns a component before next, which may be nil.
func New(next Service) *Server { return &Server{next} }

// Ping implements Service.
func (s *Server) Ping(ctx context.Context, p payload.Payload, depth int) (payload.Payload, error) {
	if depth == 1 {
		return p, nil
	}
	return s.next.Ping(ctx, p, depth-1)
}
`

// pingMain prints, for chains of one and of all components and for either payload, how
// many nanoseconds a ping takes.
const pingMain = `
func measure(first ping01.Service) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	for _, size := range []struct {
		name    string
		strings int // so many of so many bytes
	}{{"100B", 10}, {"10KB", 100}} {
		var p payload.Payload
		for range size.strings {
			p.Values = append(p.Values, strings.Repeat("x", size.strings))
		}
		for _, depth := range []int{1, %d} {
			batch := func(n int) (time.Duration, error) {
				began := time.Now()
				for range n {
					if out, err := first.Ping(ctx, p, depth); err != nil || len(out.Values) != len(p.Values) {
						return 0, fmt.Errorf("%%d of %%d values came back: %%v", len(out.Values), len(p.Values), err)
					}
				}
				return time.Since(began), nil
			}
			n := 200 // warms up, and tells how many take long enough to be measured
			took, err := batch(n)
			if err != nil {
				return err
			}
			n = max(20, int(30*time.Millisecond/max(1, took/time.Duration(n))))
			var times []float64
			for range 15 {
				took, err := batch(n)
				if err != nil {
					return err
				}
				times = append(times, float64(took.Nanoseconds())/float64(n))
			}
			slices.Sort(times)
			fmt.Printf("chain-%%d-%%s %%.1f\n", depth, size.name, times[len(times)/2])
		}
	}
	return nil
}
`

// pingModule writes the module, and binds each of its components to unix.
func pingModule(b *testing.B) string {
	b.Helper()
	root := b.TempDir()
	var imports, roots strings.Builder
	next := "nil"
	for i := pings; i > 0; i-- {
		name := fmt.Sprintf("ping%02d", i)
		writeTestFile(b, filepath.Join(root, name, name+".go"), fmt.Sprintf(pingPackage, name))
		fmt.Fprintf(&imports, "\t\"example.com/chain/%s\"\n", name)
		fmt.Fprintf(&roots, "\tp%d := %s.New(%s)\n", i, name, next)
		next = fmt.Sprint("p", i)
	}
	writeTestFile(b, filepath.Join(root, "go.mod"), "module example.com/chain\n\ngo 1.26\n")
	writeTestFile(b, filepath.Join(root, "payload", "payload.go"), "// Package payload has what is passed on.\npackage payload\n\n// A Payload is a list of texts.\ntype Payload struct{ Values []string }\n")
	writeTestFile(b, filepath.Join(root, "main.go"), "// Command chain measures pings.\npackage main\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\t\"os\"\n\t\"slices\"\n\t\"strings\"\n\t\"time\"\n\n\t\"example.com/chain/payload\"\n"+
		imports.String()+")\n\nfunc main() {\n"+roots.String()+"\tif err := measure(p1); err != nil {\n\t\tfmt.Fprintln(os.Stderr, err)\n\t\tos.Exit(1)\n\t}\n}\n"+fmt.Sprintf(pingMain, pings))
	s, err := Open(b.Context(), Options{Dir: root})
	if err != nil {
		b.Fatal(err)
	}
	for i := 1; i <= pings; i++ {
		set, err := s.Bind(b.Context(), BindOptions{Component: fmt.Sprintf("ping%02d", i), To: []string{"unix"}})
		if err == nil {
			err = s.Apply(b.Context(), set)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	return root
}

// BenchmarkPing passes a payload through a chain of components: in one process, where
// each could be moved out while the program runs, and in two processes of which each
// hosts every other component, so that each call of the chain crosses. It reports
// nanoseconds for each call of the chain.
func BenchmarkPing(b *testing.B) {
	root := pingModule(b)
	program := filepath.Join(b.TempDir(), "chain")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	local := pingTimes(b, exec.Command(program))
	var links, here, there []string
	sockets := b.TempDir()
	for i := 1; i <= pings; i++ {
		name := fmt.Sprintf("ping%02d", i)
		links = append(links, fmt.Sprintf("UNWELD_LINK_%s=unix://%s", strings.ToUpper(name), filepath.Join(sockets, name)))
		if i%2 == 0 {
			here = append(here, name)
		} else {
			there = append(there, name)
		}
	}
	other := exec.Command(program)
	other.Env = append(append(os.Environ(), links...), "UNWELD_HOST="+strings.Join(there, ","))
	other.Stderr = os.Stderr
	if err := other.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = other.Process.Kill(); _ = other.Wait() })
	caller := exec.Command(program)
	caller.Env = append(append(os.Environ(), links...), "UNWELD_HOST="+strings.Join(here, ","), "UNWELD_ENTRY=1")
	crossing := pingTimes(b, caller)
	for b.Loop() { // what is reported was measured above
	}
	for name, ns := range local {
		b.ReportMetric(ns, "local-"+name)
	}
	for name, ns := range crossing {
		b.ReportMetric(ns, "crossing-"+name)
	}
}

// pingTimes runs the program, and returns what it prints: nanoseconds for each call of a
// chain.
func pingTimes(b *testing.B, cmd *exec.Cmd) map[string]float64 {
	b.Helper()
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	limit := time.AfterFunc(5*time.Minute, func() { _ = cmd.Process.Kill() })
	defer limit.Stop()
	times := map[string]float64{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var name, size string
		var chain int
		var ns float64
		if _, err := fmt.Sscanf(strings.ReplaceAll(lines.Text(), "-", " "), "%s %d %s %f", &name, &chain, &size, &ns); err != nil {
			b.Fatalf("%q: %v", lines.Text(), err)
		}
		times[fmt.Sprintf("%s-%d-%s", name, chain, size)] = ns / float64(chain)
	}
	if err := cmd.Wait(); err != nil || len(times) != 4 {
		b.Fatalf("%v: %v", times, err)
	}
	return times
}
