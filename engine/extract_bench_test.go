package engine

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/tools/go/packages"
)

// sublist is a type of nats-server that much of it uses, and the packages that
// extract changes with those that import them.
const sublist = "./server.Sublist"

var sublistPackages = []string{".", "./server/...", "./test/..."}

// loadWithTests loads what extract of sublist has to do with.
func loadWithTests(dir string) error {
	_, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax, Tests: true, Dir: dir}, sublistPackages...)
	return err
}

// extractTwice extracts a type in a new session and again, and prints what the second
// time took.
func extractTwice(dir, target string) error {
	ctx := context.Background()
	var all Sessions
	s, err := all.Open(ctx, filepath.Join(dir, "any.go"), nil)
	if err != nil {
		return err
	}
	for range 2 {
		before := cpuOfProcess()
		if _, err := s.Refactor(ctx, "extract", RefactorRequest{Target: target, Params: map[string]string{"name": "sublist"}}); err != nil {
			return err
		}
		fmt.Printf("extract-cpu %d\n", cpuOfProcess()-before)
	}
	return nil
}

var extractCPU = regexp.MustCompile(`extract-cpu (\d+)`)

// BenchmarkExtract compares extract in a session that has the module in memory with
// a bare load of the packages that it has to do with, tests included, in one run:
// CPU of the extraction, and peak memory of the whole session.
func BenchmarkExtract(b *testing.B) {
	dir, cache := moduleCopy(b, nats), b.TempDir()
	child := func(mode string) (usage, []byte) {
		cmd := exec.Command(os.Args[0], "-test.run=^TestBenchChild$", "-test.v")
		cmd.Dir, cmd.Env = dir, append(benchEnv(b, cache), benchMode+"="+mode, benchMode+"_DIR="+dir)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Run(); err != nil {
			b.Fatalf("%s: %v\n%s", mode, err, out.Bytes())
		}
		return usage{cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), peak(cmd.ProcessState)}, out.Bytes()
	}
	child("load") // compiles the dependencies
	var loads, extracts []usage
	for range 3 {
		u, _ := child("load")
		loads = append(loads, u)
		u, out := child("extract")
		said := extractCPU.FindAllSubmatch(out, -1)
		if len(said) != 2 {
			b.Fatalf("the session didn't say what it took:\n%s", out)
		}
		n, err := strconv.ParseInt(string(said[1][1]), 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		extracts = append(extracts, usage{time.Duration(n), u.peak})
	}
	for b.Loop() { // what is reported was measured above
	}
	b.ReportMetric(median(extracts).cpu.Seconds()/median(loads).cpu.Seconds(), "extract-cpu/load")
	b.ReportMetric(float64(median(extracts).peak)/float64(median(loads).peak), "extract-peak/load")
	b.ReportMetric(slices.MaxFunc(extracts, func(x, y usage) int { return int(x.cpu - y.cpu) }).cpu.Seconds(), "extract-cpu-s")
}
