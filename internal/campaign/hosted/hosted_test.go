package hosted

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// page is what make campaign-packages writes.
const page = "../../../docs/packages.md"

// TestSample runs the tests of two packages of the standard library elsewhere: nothing may
// fail, and what comes out is what the page has.
func TestSample(t *testing.T) {
	if testing.Short() {
		t.Skip("binds two packages and tests them")
	}
	written, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"compress/flate", "encoding/csv"} {
		code := Codes[slices.IndexFunc(Codes, func(c Code) bool { return c.Path == path })]
		out, err := Run(t.Context(), code, Options{Progress: t.Logf})
		if err != nil {
			t.Fatal(err)
		}
		if err := Failed([]*Outcome{out}); err != nil {
			t.Error(err)
		}
		if n := out.count(); n.elsewhere == 0 || n.tests < n.possible {
			t.Errorf("%s: %+v", path, n)
		}
		if section := Section(out); !bytes.Contains(written, section) {
			t.Errorf("docs/packages.md says something else of %s: run make campaign-packages\n%s", path, section)
		}
	}
}

// TestPage: the page is about the packages that there are, and begins as it would be
// written today.
func TestPage(t *testing.T) {
	written, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(written), head) {
		t.Error("docs/packages.md has another beginning: run make campaign-packages")
	}
	for _, code := range Codes {
		if !strings.Contains(string(written), "\n| "+code.String()+" |") || !strings.Contains(string(written), "\n## "+code.Path+"\n") {
			t.Errorf("docs/packages.md lacks %s: run make campaign-packages", code)
		}
	}
}

const inPackage = `package shelf

import (
	"internal/testenv"
	"strings"
	"testing"
)

var (
	// long is a title.
	long  = strings.Repeat("x", 100)
	inner = limit
)

const (
	first = iota
	second
)

type fake struct{ n int }

func (f *fake) String() string { return long }

func (s *Shelf) peek() int { return 0 }

func TestShelf(t *testing.T) {
	if got := (&fake{}).String(); got == "" || second != 1 {
		t.Error(got)
	}
}

func TestInner(t *testing.T) { _ = inner }

func TestPeek(t *testing.T) { new(Shelf).peek() }

func TestEnv(t *testing.T) { testenv.MustHaveExec(t) }

func Testable() {}

func BenchmarkShelf(b *testing.B) {}

// ExampleOf has an output.
func ExampleOf() {
	// Output:
}
`

// TestReadFile cuts a file into what it declares.
func TestReadFile(t *testing.T) {
	f, err := readFile("shelf_test.go", []byte(inPackage))
	if err != nil {
		t.Fatal(err)
	}
	if f.folder != insideFolder || !f.dot {
		t.Errorf("a test in the package is in %s", f.folder)
	}
	var got []string
	for _, c := range f.chunks {
		got = append(got, strings.Join(c.names, ",")+" "+c.test+" "+c.why)
	}
	want := []string{
		"long  ", "inner  ", "first,second  ", "fake  ", "fake.String  ", "Shelf.peek  ", "TestShelf TestShelf ", "TestInner TestInner ",
		"TestPeek TestPeek ", "TestEnv TestEnv ", "Testable  ", "BenchmarkShelf  is a benchmark", "ExampleOf ExampleOf ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	s := &suite{code: Code{Path: "m/shelf"}, files: []*file{f}}
	text, spans := s.render(f, map[string]bool{"internal/testenv": true})
	for _, want := range []string{"package inside_test\n", `import . "m/shelf"`, "// long is a title.\nvar long ", "// Output:\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "testenv\"") || strings.Contains(text, "BenchmarkShelf") {
		t.Errorf("something that was left out is in the text:\n%s", text)
	}
	for _, s := range spans {
		if text[s.from:s.to] != s.chunk.text {
			t.Errorf("%v is at %d", s.chunk.names, s.from)
		}
	}
}

// TestReasons gives each error of the type checker the reason that it comes down to.
func TestReasons(t *testing.T) {
	f, err := readFile("shelf_test.go", []byte(inPackage))
	if err != nil {
		t.Fatal(err)
	}
	s := &settled{suite: &suite{files: []*file{f}}, unused: map[*file]map[string]bool{f: {"internal/testenv": true}}}
	f.chunks[1].why = "uses limit, which the package doesn't export"
	for message, want := range map[string]string{
		"undefined: limit":        "uses limit, which the package doesn't export",
		"undefined: inner":        "uses limit, which the package doesn't export",
		"undefined: shelf.Export": "uses Export, which tests in the package declare",
		"undefined: testenv":      "imports internal/testenv, which other modules can't",
		"s.size undefined (cannot refer to unexported field size)": "uses size, which the package doesn't export",
		"cannot define new methods on non-local type Shelf":        "declares a method of one of the package's types",
		"something else": "doesn't type-check outside of the package: something else",
	} {
		got := s.because(f, message)
		if got != want {
			t.Errorf("%s: %q, want %q", message, got, want)
		}
		if !impossible.MatchString(got) {
			t.Errorf("%q counts as possible", got)
		}
	}
}

// TestBlame leaves out the declaration that a refusal is about, and no other.
func TestBlame(t *testing.T) {
	root := t.TempDir()
	content := "package inside_test\n\nfunc TestA() {}\n\nfunc TestB() { b() }\n"
	if err := writeFile(root+"/inside/a_test.go", content); err != nil {
		t.Fatal(err)
	}
	a, b := &chunk{test: "TestA"}, &chunk{test: "TestB"}
	u := &settled{root: root, spans: map[string][]span{"inside/a_test.go": {{21, 36, a}, {38, 58, b}}}}
	refusal := func(file string, line, col int) *component.Refusal {
		return &component.Refusal{Problems: []component.Problem{{Message: "no", Span: text.Span{File: file, Line: line, Col: col}}}}
	}
	if u.blame(refusal("internal/x.go", 1, 1)) || u.blame(refusal("inside/a_test.go", 1, 1)) {
		t.Error("a problem elsewhere leaves something out")
	}
	if !u.blame(refusal("inside/a_test.go", 5, 16)) || a.why != "" || b.why != "no" {
		t.Errorf("left out: %q, %q", a.why, b.why)
	}
}

// TestFailures reads what go test says of tests that fail, and of those that take too long.
func TestFailures(t *testing.T) {
	got := failures("ok\n=== RUN   TestA\n=== RUN   TestA/sub\n    a_test.go:3: wrong\n    a_test.go:4: again\n--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/sub (0.00s)\n=== RUN   TestB\n--- FAIL: TestB (0.00s)\n")
	if len(got) != 2 || got["TestA"] != "wrong" || got["TestB"] != "it says nothing" {
		t.Errorf("got %q", got)
	}
	slow := timedOut("panic: test timed out after 1s\n\trunning tests:\n\t\tTestA (1s)\n\t\tTestB (0s)\n\ngoroutine 1 [running]:\n\tmain (x)\n")
	if !slices.Equal(slow, []string{"TestA", "TestB"}) || timedOut("ok") != nil {
		t.Errorf("too slow are %q", slow)
	}
}

// TestReport has a row for each package, the reasons by their number, and fails with what
// failed.
func TestReport(t *testing.T) {
	o := &Outcome{Code: Code{Path: "m/shelf", Module: "m", Version: "v1.0.0"}, Tests: []Test{
		{Name: "TestA", By: []string{"m/shelf"}},
		{Name: "TestB", Why: "Put doesn't cross: a | b"}, {Name: "TestC", Why: "Put doesn't cross: a | b"},
		{Name: "TestD", Why: "uses x, which the package doesn't export"},
		{Name: "TestE", Why: "m/shelf: wrong", Failed: true},
	}}
	got := string(Report([]*Outcome{o}))
	for _, want := range []string{"| m/shelf (m@v1.0.0) | 5 | 4 | 1 | 1 |\n", "| `m/shelf` | TestA |\n", "| 2 | Put doesn't cross: a \\| b | TestB |\n| 1 | uses x", "| failed |"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
	if err := Failed([]*Outcome{o}); err == nil || !strings.Contains(err.Error(), "m/shelf TestE: m/shelf: wrong") {
		t.Errorf("failed: %v", err)
	}
	o.Tests = o.Tests[:4]
	if err := Failed([]*Outcome{o}); err != nil {
		t.Error(err)
	}
}
