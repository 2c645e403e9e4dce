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
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/go/packages"
)

// natsServer is a type of nats-server that its programs and its tests use; sublist is
// one that only its own package does: who would hold a contract of it is asked, and
// nobody would. natsPackages are those that extract changes with those that import them.
const (
	natsServer = "./server.Server"
	sublist    = "./server.Sublist"
)

var natsPackages = []string{".", "./server/...", "./test/..."}

// loadWithTests loads what extract of natsServer has to do with.
func loadWithTests(dir string) error {
	_, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax, Tests: true, Dir: dir}, natsPackages...)
	return err
}

// extractInSession extracts natsServer in a new session, and again with all that it
// loaded in memory, and then sublist, and prints what each took.
func extractInSession(dir string) error {
	ctx := context.Background()
	var all Sessions
	s, err := all.Open(ctx, filepath.Join(dir, "any.go"), nil)
	if err != nil {
		return err
	}
	for _, target := range []string{natsServer, natsServer, sublist} {
		before := cpuOfProcess()
		_, err := s.Refactor(ctx, "extract", RefactorRequest{Target: target, Params: map[string]string{"name": "part", "step": "boundary"}})
		if err != nil && (target == natsServer || !strings.Contains(err.Error(), "nobody would hold")) {
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
	var refused []time.Duration
	for range 3 {
		u, _ := child("load")
		loads = append(loads, u)
		u, out := child("extract")
		var took []time.Duration
		for _, said := range extractCPU.FindAllSubmatch(out, -1) {
			n, err := strconv.ParseInt(string(said[1]), 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Duration(n))
		}
		if len(took) != 3 {
			b.Fatalf("the session didn't say what it took:\n%s", out)
		}
		extracts = append(extracts, usage{took[1], u.peak})
		refused = append(refused, took[2])
	}
	for b.Loop() { // what is reported was measured above
	}
	b.ReportMetric(median(extracts).cpu.Seconds()/median(loads).cpu.Seconds(), "extract-cpu/load")
	b.ReportMetric(float64(median(extracts).peak)/float64(median(loads).peak), "extract-peak/load")
	b.ReportMetric(median(extracts).cpu.Seconds(), "extract-cpu-s")
	b.ReportMetric(slices.Max(refused).Seconds(), "refused-cpu-s")
}
