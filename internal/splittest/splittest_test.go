package splittest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/split"
)

// plans of the module that scratchModule writes.
func plan(name string) *split.Plan {
	p := &split.Plan{Split: name, Entry: "main", Units: []split.PlanUnit{{Name: "main"}}}
	if name == "micro" {
		p.Units = append(p.Units, split.PlanUnit{Name: "pricing", Components: []string{"pricing"}})
		p.Links = []split.Link{{Component: "pricing", Unit: "pricing", Address: "unix:"}}
	}
	return p
}

func scratchModule(t *testing.T, test string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":    "module m\n\ngo 1.26\n",
		"m_test.go": "package m\n" + test,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// leave is test code that leaves the counts of n crossings, as the run-time
// does at the end of a process.
const leave = `
import ("encoding/json"; "os"; "path/filepath"; "testing")

func TestCross(t *testing.T) {
	var s struct { Split, Entry, Stats string; Links map[string]string }
	if err := json.Unmarshal([]byte(os.Getenv("UNWELD_TEST_SPLIT")), &s); err != nil { t.Fatal(err) }
	if s.Entry != "main" { t.Errorf("entry %q", s.Entry) }
	if s.Split == "micro" && s.Links["pricing"] == "unix:" {
		os.WriteFile(filepath.Join(s.Stats, "1.json"), []byte(` + "`" + `[{"component":"pricing","endpoint":"Quote","served":3,"called":9}]` + "`" + `), 0o666)
		os.WriteFile(filepath.Join(s.Stats, "2.json"), []byte(` + "`" + `[{"component":"pricing","endpoint":"Quote","served":4}]` + "`" + `), 0o666)
	}
}
func TestSkipped(t *testing.T) { t.Skip() }
`

func TestCountsSideBySide(t *testing.T) {
	dir := scratchModule(t, leave)
	runs, err := Tests(context.Background(), Options{Dir: dir, Plans: []*split.Plan{plan("monolith"), plan("micro")}, Args: []string{"./..."}})
	if err != nil {
		t.Fatal(err)
	}
	mono, micro := runs[0], runs[1]
	if !mono.OK || mono.Crossed != 0 || mono.Passed != 1 || mono.Skipped != 1 {
		t.Errorf("monolith: %+v", mono)
	}
	if !micro.OK || micro.Crossed != 7 || len(micro.Crossings) != 1 || micro.Crossings[0] != (Crossing{"pricing", "Quote", 7}) {
		t.Errorf("micro: %+v", micro)
	}
}

// TestOverlay lays files over a module's own, beside an overlay of the user's.
func TestOverlay(t *testing.T) {
	dir := scratchModule(t, "import \"testing\"\nfunc TestA(t *testing.T) { if got := a() + b() + c(); got != \"a1b2c3\" { t.Error(got) } }\n")
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a, c := write("a.go", "package m\n\nfunc a() string { return \"a0\" }\n"), write("c.go", "package m\n\nfunc c() string { return \"c0\" }\n")
	twice := write("twice.go", "package m\n\nfunc b() string { return \"twice\" }\n")
	theirs := write("theirs.txt", "package m\n\nfunc c() string { return \"c3\" }\n")
	write("overlay.json", `{"Replace": {"`+c+`": "`+theirs+`", "`+a+`": "`+theirs+`"}}`)
	mono := *plan("monolith")
	for _, args := range [][]string{{"-overlay=overlay.json", "."}, {"--overlay", "overlay.json", ".", "-args", "--", "-overlay=x"}} {
		runs, err := Tests(context.Background(), Options{Dir: dir, Plans: []*split.Plan{&mono}, Args: args, Overlay: map[string][]byte{
			a:                          []byte("package m\n\nfunc a() string { return \"a1\" }\n"),
			filepath.Join(dir, "b.go"): []byte("package m\n\nfunc b() string { return \"b2\" }\n"),
			twice:                      nil,
		}})
		if err != nil {
			t.Fatal(err)
		}
		if !runs[0].OK {
			t.Errorf("%q: %+v", args, runs[0])
		}
	}
}

func TestWhatIsNoPass(t *testing.T) {
	for _, test := range []struct{ name, code, want string }{
		{"nothing crosses", "import \"testing\"\nfunc TestA(t *testing.T) {}\n", "no call crossed"},
		{"no tests", "", "no test was run"},
		{"a failing test", "import \"testing\"\nfunc TestA(t *testing.T) { t.Error(\"oh dear\") }\n", "oh dear"},
		{"a test that ends the process", "import (\n\t\"os\"\n\t\"testing\"\n)\nfunc TestA(t *testing.T) { t.Parallel(); os.Stdout.WriteString(\"last words\\n\"); os.Exit(3) }\n", "last words"},
		{"broken code", "func f() int { return \"\" }\n", "cannot use"},
	} {
		t.Run(test.name, func(t *testing.T) {
			runs, err := Tests(context.Background(), Options{Dir: scratchModule(t, test.code), Plans: []*split.Plan{plan("micro")}, Args: []string{"./..."}})
			if err != nil {
				t.Fatal(err)
			}
			if r := runs[0]; r.OK || !strings.Contains(r.Reason+r.Output, test.want) {
				t.Errorf("got %+v, want a failure with %q", r, test.want)
			}
		})
	}
}
