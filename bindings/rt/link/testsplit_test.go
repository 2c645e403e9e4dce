package link_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/splittest"
)

var splitBinary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "unweld-split")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "split.test")
	out, err := exec.Command("go", "test", "-c", "-tags=unweldtest", "-o", bin, "./testdata/split").CombinedOutput()
	if err != nil {
		return "", errors.New(err.Error() + "\n" + string(out))
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if bin, err := splitBinary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}

// TestHarness runs the tests of what only test binaries contain.
func TestHarness(t *testing.T) {
	out, err := exec.Command("go", "test", "-tags=unweldtest", "-run=^TestTest", "-v", ".").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestTestArgs") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestNoHarness: a test binary that can't be spread over processes says so, and
// doesn't run its tests as if there were no split.
func TestNoHarness(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "plain.test")
	if out, err := exec.Command("go", "test", "-c", "-o", bin, "./testdata/split").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(bin, "-test.run=^$")
	cmd.Env = append(os.Environ(), "UNWELD_TEST_SPLIT={}")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "run the tests with unweld test") {
		t.Errorf("%v\n%s", err, out)
	}
}

// A splitRun is what came of the tests of testdata/split.
type splitRun struct {
	output string
	code   int
	served map[string]int64 // calls, by component.Endpoint
	called map[string]int64
	files  int      // of counts
	temps  []string // folders of tests in those of processes that ended after the first one
}

// runSplit runs tests of testdata/split. apart lists units beside that of the
// tests, with the link to them: "prices+orders=unix stamp".
func runSplit(t *testing.T, pattern, apart string, args ...string) splitRun {
	t.Helper()
	bin, err := splitBinary()
	if err != nil {
		t.Fatal(err)
	}
	stats, temp := t.TempDir(), t.TempDir()
	type unit struct {
		Name       string   `json:"name"`
		Components []string `json:"components"`
	}
	units, away := []unit{{Name: "main"}}, ""
	links := make(map[string]string)
	for _, u := range strings.Fields(apart) {
		u, link, _ := strings.Cut(u, "=")
		components := strings.Split(u, "+")
		units = append(units, unit{"unit-" + u, components})
		for _, c := range components {
			links[c] = link
			if !strings.HasPrefix(link, "inproc") {
				away += map[string]string{"prices": "a", "orders": "o", "mail": "m", "stamp": "s"}[c]
			}
		}
	}
	startMS := 20000
	if pattern == "^TestStuck$" {
		startMS = 3000
	}
	config, err := json.Marshal(map[string]any{"split": "test", "entry": "main", "units": units, "links": links, "stats": stats, "temp": filepath.Join(temp, "units"), "startMs": startMS, "addresses": addresses(t, links)})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, append([]string{"-test.paniconexit0", "-test.timeout=60s", "-test.run=" + pattern}, args...)...)
	cmd.Env = append(os.Environ(), "UNWELD_TEST_SPLIT="+string(config), "SPLIT_AWAY="+away, "SPLIT_DIFFERS="+strconv.Itoa(os.Getpid()))
	cmd.Env = append(cmd.Env, "TMPDIR="+temp)
	if strings.Contains(pattern, "Outside") {
		cmd.Env = append(cmd.Env, "SPLIT_OUTSIDE=1")
	}
	if apart == "" {
		cmd.Env = append(cmd.Env, "UNWELD_TEST_SPLIT=")
	}
	out, err := cmd.CombinedOutput()
	run := splitRun{output: string(out), served: map[string]int64{}, called: map[string]int64{}}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		run.code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	run.count(t, stats)
	// What the processes leave is in the folder for that, and not among everybody's temporary files.
	if left, err := filepath.Glob(filepath.Join(temp, "Test*")); err != nil || len(left) > 0 && pattern != "^TestExits$" {
		t.Errorf("what is left: %v, %v", left, err)
	}
	run.temps, _ = filepath.Glob(filepath.Join(temp, "units", "*", "Test*"))
	return run
}

// addresses is where the test binaries get addresses; each component without a
// link of its own is bound to all that is there.
func addresses(t *testing.T, links map[string]string) string {
	t.Helper()
	o := splittest.Options{Bindings: map[string][]string{}}
	var bound []string
	for _, b := range allbindings.Bindings {
		for _, s := range b.Schemes {
			s.Binding = b.Name
			o.Schemes = append(o.Schemes, s)
		}
		bound = append(bound, b.Name)
	}
	plan := &split.Plan{}
	for _, c := range []string{"prices", "orders", "mail", "stamp"} {
		o.Bindings[c] = bound
		plan.Links = append(plan.Links, split.Link{Component: c, Address: links[c]})
	}
	dir, err := os.MkdirTemp("", "a")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	a, err := splittest.OpenAddresses(context.Background(), plan, o, split.Opening{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a.Socket
}

// count adds up the counts when all processes have written theirs.
func (r *splitRun) count(t *testing.T, stats string) {
	t.Helper()
	for limit := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		live, err := filepath.Glob(filepath.Join(stats, "*.live"))
		if err != nil {
			t.Fatal(err)
		}
		if len(live) == 0 {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("processes outlive the tests: %v", live)
		}
	}
	files, err := filepath.Glob(filepath.Join(stats, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	r.files = len(files)
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var counts []link.EndpointStats
		if err := json.Unmarshal(data, &counts); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		for _, c := range counts {
			r.served[c.Component+"."+c.Endpoint] += c.Served
			r.called[c.Component+"."+c.Endpoint] += c.Called
		}
	}
}

func TestSplitPasses(t *testing.T) {
	for _, test := range []struct {
		name, apart string
		served      map[string]int64
		called      map[string]int64
	}{
		{name: "TestOne"},
		{name: "TestUses"},
		{name: "TestNested"},
		{name: "TestOne", apart: "prices", served: map[string]int64{"prices.Add": 2, "prices.Echo": 1}},
		{name: "TestUses", apart: "prices", served: map[string]int64{"prices.Add": 4, "prices.Echo": 1}},
		{name: "TestUses", apart: "orders", served: map[string]int64{"orders.Add": 1, "orders.Echo": 1}, called: map[string]int64{"prices.Add": 1, "prices.Echo": 1}},
		{name: "TestUses", apart: "prices orders", served: map[string]int64{"prices.Add": 4, "prices.Echo": 1, "orders.Add": 1, "orders.Echo": 1}, called: map[string]int64{"prices.Add": 1, "prices.Echo": 1}},
		{name: "TestNested", apart: "prices orders", served: map[string]int64{"prices.Add": 1, "prices.Echo": 1, "orders.Add": 1, "orders.Echo": 1}, called: map[string]int64{"prices.Add": 1, "prices.Echo": 1}},
		{name: "TestNested", apart: "prices+orders", served: map[string]int64{"orders.Add": 1, "orders.Echo": 1}},
		{name: "TestUses", apart: "prices+orders=unix", served: map[string]int64{"prices.Add": 4, "prices.Echo": 1, "orders.Add": 1, "orders.Echo": 1}, called: map[string]int64{"prices.Add": 1, "prices.Echo": 1}},
		{name: "TestOne", apart: "prices=inproc:?copy=1"},
		{name: "TestUses", apart: "prices=grpc: orders=grpc", served: map[string]int64{"prices.Add": 4, "prices.Echo": 1, "orders.Add": 1, "orders.Echo": 1}, called: map[string]int64{"prices.Add": 1, "prices.Echo": 1}},
		{name: "TestFunctions", apart: "mail=grpc stamp=unix", served: map[string]int64{"mail.Add": 3, "mail.Echo": 1, "stamp.Add": 5, "stamp.Echo": 1}, called: map[string]int64{"stamp.Add": 3}},
		{name: "TestSubtests", apart: "prices", served: map[string]int64{"prices.Add": 3, "prices.Echo": 3}},
		{name: "TestParallel|TestGoroutine", apart: "prices", served: map[string]int64{"prices.Add": 2, "prices.Echo": 3}},
		{name: "TestConstructorFails", apart: "prices"},
		{name: "TestMany", apart: "prices", served: map[string]int64{"prices.Add": 30}},
		{name: "TestSharedFirst|TestSharedAgain", apart: "prices orders", served: map[string]int64{"prices.Add": 3, "prices.Echo": 1, "orders.Add": 1}, called: map[string]int64{"prices.Add": 1}},
		{name: "TestSharedFirst|TestSharedAgain", apart: "orders", served: map[string]int64{"orders.Add": 1}, called: map[string]int64{"prices.Add": 1}},
		{name: "TestOutside", apart: "prices orders", served: map[string]int64{"prices.Add": 4, "prices.Echo": 2, "orders.Add": 1}, called: map[string]int64{"prices.Add": 1}},
		{name: "TestOutside", apart: "orders", served: map[string]int64{"orders.Add": 1}, called: map[string]int64{"prices.Add": 1}},
		{name: "ExampleOpenPrices", apart: "prices", served: map[string]int64{"prices.Add": 1, "prices.Echo": 1}},
		{name: "TestFunctions"},
		{name: "TestFunctions", apart: "mail", served: map[string]int64{"mail.Add": 3, "mail.Echo": 1}, called: map[string]int64{"stamp.Add": 3}},
		{name: "TestFunctions", apart: "stamp", served: map[string]int64{"stamp.Add": 5, "stamp.Echo": 1}},
		{name: "TestFunctions", apart: "mail stamp", served: map[string]int64{"mail.Add": 3, "mail.Echo": 1, "stamp.Add": 5, "stamp.Echo": 1}, called: map[string]int64{"stamp.Add": 3}},
		{name: "TestFunctionsFromComponent", apart: "prices", served: map[string]int64{"prices.Add": 1}, called: map[string]int64{"mail.Add": 1}},
		{name: "TestFunctionsFromComponent", apart: "prices mail", served: map[string]int64{"prices.Add": 1, "mail.Add": 3}, called: map[string]int64{"mail.Add": 1, "stamp.Add": 3}},
	} {
		t.Run(test.name+" "+test.apart, func(t *testing.T) {
			run := runSplit(t, "^("+test.name+")$", test.apart)
			if run.code != 0 || !strings.Contains(run.output, "PASS") {
				t.Fatalf("exit status %d:\n%s", run.code, run.output)
			}
			if strings.Contains(run.output, "in parallel") {
				t.Errorf("needless warning:\n%s", run.output)
			}
			if strings.Count(run.output, "this is printed once") > 1 {
				t.Errorf("output of another process:\n%s", run.output)
			}
			for _, endpoint := range []string{"prices.Add", "prices.Echo", "orders.Add", "orders.Echo", "mail.Add", "mail.Echo", "stamp.Add", "stamp.Echo"} {
				if got := run.served[endpoint]; got != test.served[endpoint] {
					t.Errorf("%s: served %d calls, want %d", endpoint, got, test.served[endpoint])
				}
				if got := run.called[endpoint]; got != test.called[endpoint] {
					t.Errorf("%s: the processes made %d calls, want %d", endpoint, got, test.called[endpoint])
				}
			}
		})
	}
}

// TestSplitFails checks what people are told when the tests can't be spread.
func TestSplitFails(t *testing.T) {
	for _, test := range []struct {
		name, apart string
		code        int
		want        []string
	}{
		{name: "TestOne", apart: "prices=inproc:?copy=7", code: 1, want: []string{"copy is 0 or 1"}},
		{name: "TestOne", apart: "prices=pigeon", code: 1, want: []string{"prices: no address can be found for it in tests"}},
		{name: "TestDies", want: []string{
			"first: link prices.Echo at unix:///", "(exit status 7)", "last words", "(outcome unknown)",
			"second: link prices.Echo at unix:///", "(not executed)"}},
		{name: "TestDiffers", code: 1, want: []string{
			"prices under the split test: the process for it ended (exit status 0) before it came to split_test.go:",
			"in TestDiffers", "a test must do the same each time it runs", "no Open here"}},
		{name: "TestStuck", code: 1, want: []string{
			"the process for it did not come to split_test.go:", "in TestStuck", "it didn't get there within 3s", "stuck"}},
		{name: "TestExits", code: 3},
		{name: "TestParallelTable", want: []string{"unweld: subtests that run in parallel open prices at split_test.go:", "PASS"}},
	} {
		t.Run(test.name+test.apart, func(t *testing.T) {
			run := runSplit(t, "^"+test.name+"$", cmp.Or(test.apart, "prices"))
			if run.code != test.code {
				t.Errorf("exit status %d, want %d:\n%s", run.code, test.code, run.output)
			}
			for _, want := range test.want {
				if !strings.Contains(run.output, want) {
					t.Errorf("output lacks %q:\n%s", want, run.output)
				}
			}
		})
	}
}

// TestSplitCountsAfterExit: a test that ends its process keeps no counts back. The temporary files of what it
// has started stay where whoever runs the tests removes them.
func TestSplitCountsAfterExit(t *testing.T) {
	run := runSplit(t, "^TestExits$", "prices")
	if run.files != 1 || run.served["prices.Add"] != 1 {
		t.Errorf("%d files of counts, prices.Add served %d calls, want 1 and 1", run.files, run.served["prices.Add"])
	}
	if len(run.temps) != 1 || filepath.Base(run.temps[0])[:9] != "TestExits" {
		t.Errorf("temporary folders of the process: %v", run.temps)
	}
}

// TestSplitRepeats: with -test.count each run of a test has its own instances.
func TestSplitRepeats(t *testing.T) {
	run := runSplit(t, "^(TestOne|TestSubtests)$", "prices", "-test.count=3", "-test.v")
	if run.code != 0 || run.served["prices.Add"] != 15 {
		t.Errorf("exit status %d, prices.Add served %d calls, want 0 and 15:\n%s", run.code, run.served["prices.Add"], run.output)
	}
	if n := strings.Count(run.output, "--- PASS: TestOne "); n != 3 {
		t.Errorf("TestOne is reported %d times, want 3:\n%s", n, run.output)
	}
}

// TestSplitSelects: subtests that weren't run don't count as Opens.
func TestSplitSelects(t *testing.T) {
	run := runSplit(t, "Subtests$/a2", "prices")
	if run.code != 0 || run.served["prices.Add"] != 1 {
		t.Errorf("exit status %d, prices.Add served %d calls, want 0 and 1:\n%s", run.code, run.served["prices.Add"], run.output)
	}
}
