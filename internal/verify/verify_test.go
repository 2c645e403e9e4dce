package verify

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/unweld/unweld/internal/change"
)

// verified writes the archive of a file into a folder, and checks the change that
// replaces makes: pairs of an old and a new text, each of which is in one file.
func verified(t *testing.T, file string, o Options, replace ...string) *Report {
	t.Helper()
	root, set := changeOf(t, file, replace...)
	before := tree(t, root)
	r, err := Open(root, []string{"GOWORK=off", "GOFLAGS="}).Check(t.Context(), set, o)
	if err != nil {
		t.Fatal(err)
	}
	if after := tree(t, root); !maps.Equal(before, after) {
		t.Errorf("the module isn't as it was:\n%v\n%v", before, after)
	}
	return r
}

func changeOf(t *testing.T, file string, replace ...string) (string, change.Set) {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := txtar.Write(a, root); err != nil {
		t.Fatal(err)
	}
	before, after := map[string][]byte{}, map[string][]byte{}
	for _, f := range a.Files {
		now := string(f.Data)
		for i := 0; i < len(replace); i += 2 {
			now = strings.ReplaceAll(now, replace[i], replace[i+1])
		}
		if now != string(f.Data) {
			before[f.Name], after[f.Name] = f.Data, []byte(now)
		}
	}
	return root, change.Between("a change", before, after)
}

func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	if err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.Name() == ".unweld":
			return fs.SkipDir
		case !e.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(name)
		files[name] = string(content)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return files
}

func harmless(Func) string { return "" }

func (r *Report) driven() []string {
	out := []string{}
	for _, d := range r.Driven {
		out = append(out, d.Func)
		if d.Inputs == 0 {
			out = append(out, "with no input")
		}
	}
	return out
}

func (r *Report) gap(object string) string {
	for _, g := range r.Unverified {
		if g.Object == object {
			return g.Reason
		}
	}
	return ""
}

// TestSame is a change that changes nothing that can be seen: functions gain a
// context and an error, and are written in another way.
func TestSame(t *testing.T) {
	r := verified(t, "calc.txtar", Options{Harmless: harmless},
		"func (c *Calc) Add(n int) {", "func (c *Calc) Add(ctx context.Context, n int) error {",
		"c.sum += n\n", "c.sum = n + c.sum\n\treturn nil\n",
		"c.Add(2)", "c.Add(nil, 2)",
		"func half(n int) int { return n / 2 }", "func half(n int) (int, error) { return n / 2, nil }",
		"return half(n) * 2", "h, _ := half(n)\n\treturn h * 2",
		"import (\n\t\"os\"", "import (\n\t\"context\"\n\t\"os\"",
		"strings.ToUpper(s[1:])", "strings.ToUpper(string(s[1:]))",
		"return time.Now().UnixNano()", "return 0 + time.Now().UnixNano()",
		"for len(s) > 0 {", "for 0 < len(s) {",
		"os.Exit(3)", "os.Exit(1 + 2)",
		"f(1)", "f(1 + 0)",
		"var zero T", "var zero T // the zero value\n\t_ = 0",
	)
	if len(r.Differences) > 0 {
		t.Fatalf("differences: %v", r.Differences)
	}
	if got, want := r.driven(), []string{"./calc.Calc.Add", "./calc.Quit", "./calc.Title", "./calc.even", "./calc.half"}; !slices.Equal(got, want) {
		t.Errorf("called %q, want %q", got, want)
	}
	for object, want := range map[string]string{
		"./calc.Stamp": "it doesn't return the same each time",
		"./calc.Apply": "a parameter of type func(int) int is no data",
		"./calc.Zero":  "it has type parameters",
		"./calc.Spin":  "it doesn't return in 2s",
	} {
		if got := r.gap(object); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, want %q", object, got, want)
		}
	}
	if r.Tests != 3 || !slices.Equal(r.Packages, []string{"ex/calc", "ex/till", "ex/check"}) {
		t.Errorf("%d tests of %q pass", r.Tests, r.Packages)
	}
	if !slices.Equal(r.Failing, []string{"ex/calc.TestBroken"}) {
		t.Errorf("failing before: %q", r.Failing)
	}
}

// TestReshaped: a value with a field that the other version hasn't is no argument to
// compare with.
func TestReshaped(t *testing.T) {
	r := verified(t, "field.txtar", Options{Harmless: harmless},
		"var unit = 3\n", "",
		"type Box struct{ n int }", "type Box struct{ n, unit int }",
		"return &Box{n: n}", "return &Box{n: n, unit: 3}",
		"b.n * unit", "b.n * b.unit",
		"if o.Inner == nil {", "if nil == o.Inner {",
		"return n / 2", "return n / (1 + 1)",
	)
	if len(r.Differences) > 0 {
		t.Errorf("differences: %v", r.Differences)
	}
	if got, want := r.driven(), []string{"./box.Half", "./box.New"}; !slices.Equal(got, want) {
		t.Errorf("called %q, want %q", got, want)
	}
	for _, object := range []string{"./box.Box.Total", "./box.Sum"} {
		if got := r.gap(object); !strings.HasSuffix(got, "a value that it takes has a field that the other version hasn't") {
			t.Errorf("%s: %q", object, got)
		}
	}
}

// TestExported: a type that gets an exported name is the same type; another one isn't.
func TestExported(t *testing.T) {
	replace := []string{
		"type mark struct{ at spot }", "type Mark struct{ at SpotInternal }",
		"type spot int", "type SpotInternal int",
		"return mark{spot(n)}", "return Mark{SpotInternal(n)}",
		"return spot(n)", "return SpotInternal(n)",
		"m mark) int", "m Mark) int",
	}
	r := verified(t, "exported.txtar", Options{Harmless: harmless}, replace...)
	if len(r.Differences) > 0 {
		t.Errorf("differences: %v", r.Differences)
	}
	if got, want := r.driven(), []string{"./token.At", "./token.Make"}; !slices.Equal(got, want) {
		t.Errorf("called %q, want %q; not verified: %v", got, want, r.Unverified)
	}
	r = verified(t, "exported.txtar", Options{Harmless: harmless}, append(replace, "return other{n}", "return Mark{SpotInternal(n)}")...)
	if len(r.Differences) != 1 || !strings.Contains(r.Differences[0].String(), "./token.New") {
		t.Errorf("differences: %v, want that of New", r.Differences)
	}
}

// TestExportedElsewhere: a type that moves and gets an exported name is the same type, even if
// the package that it leaves has another one with that name.
func TestExportedElsewhere(t *testing.T) {
	for _, test := range []struct {
		made    string // by New
		differs bool
	}{{"state.Support{}", false}, {"Support{}", true}, {"state.Answer(0)", true}} {
		root, _ := changeOf(t, "moved.txtar")
		content, err := os.ReadFile(filepath.Join(root, "ask", "ask.go"))
		if err != nil {
			t.Fatal(err)
		}
		now := strings.NewReplacer(
			"package ask\n", "package ask\n\nimport \"ex/state\"\n\nvar _ state.Answer\n",
			"type support struct{}\n", "", "type answer int\n", "",
			"New() any { return support{} }", "New() any { return "+test.made+" }",
			"answer(", "state.Answer(", "[]answer", "[]state.Answer",
		).Replace(string(content))
		before, after := map[string][]byte{"ask/ask.go": content}, map[string][]byte{
			"ask/ask.go":     []byte(now),
			"state/state.go": []byte("package state\n\ntype Support struct{}\n\ntype Answer int\n"),
		}
		r, err := Open(root, []string{"GOWORK=off", "GOFLAGS="}).Check(t.Context(), change.Between("a move", before, after), Options{Harmless: harmless})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range r.Differences {
			got = append(got, d.Object)
		}
		if want := []string{"./ask.New"}; test.differs && !slices.Equal(got, want) || !test.differs && len(got) > 0 {
			t.Errorf("%s: differences: %v", test.made, r.Differences)
		}
		if got := r.driven(); !slices.Contains(got, "./ask.Answers") || !slices.Contains(got, "./ask.Count") {
			t.Errorf("called %q; not verified: %v", got, r.Unverified)
		}
	}
}

// TestWorse: each change makes a test, vet or the build another.
func TestWorse(t *testing.T) {
	for _, test := range []struct {
		name    string
		replace []string
		want    string
	}{
		{"a test", []string{"c.sum += n", "c.sum += n + 1"}, "ex/calc.TestAdd passed and fails: "},
		{"a test of an importer", []string{"return half(n) * 2", "return half(n) * 3"}, "ex/till.TestEven passed and fails"},
		{"vet", []string{"return n / 2", "n = n; return n / 2"}, "go vet says of ex/calc: self-assignment of n"},
		{"build of a test", []string{"func Title(s string) string", "func Title(s string, more ...int) (string, error)", "return s\n", "return s, nil\n", "strings.ToUpper(s[1:])", "strings.ToUpper(s[1:]), nil"}, "no longer builds: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := verified(t, "calc.txtar", Options{Harmless: harmless}, test.replace...)
			if len(r.Differences) == 0 || !strings.Contains(r.Differences[0].String(), test.want) {
				t.Errorf("differences: %v, not verified: %v; want %q", r.Differences, r.Unverified, test.want)
			}
		})
	}
}

// TestVetLines: what go vet says is about the package that it names, or else about
// that of the file's folder. A missing file of go:embed in another package is said
// without a name, and is about none of those that are looked at.
func TestVetLines(t *testing.T) {
	root := t.TempDir()
	m := Open(root, nil)
	m.listed = []*listedPackage{{ImportPath: "ex/p", rel: "p"}, {ImportPath: "ex/q", rel: "q"}, {ImportPath: "ex/other", rel: "other"}}
	said := map[string]map[string]bool{"": {}, "ex/p": {}, "ex/q": {}}
	m.vetLines(".", "q/q_test.go:3:24: of q\n"+
		"\tand more of q\n"+
		"other/a.go:3:12: pattern missing.txt: no matching files found\n"+
		"# ex/p [ex/p.test]\nvet: p/p.go:2:12: of p\n"+
		filepath.Join(root, "q", "x.go")+":1:1: of q, too\n"+
		"# ex/q_test [ex/q.test]\nsaid without a place\n", said)
	want := map[string]map[string]bool{
		"ex/p": {"of p": true},
		"ex/q": {"of q": true, "and more of q": true, "of q, too": true, "said without a place": true},
		"":     {"pattern missing.txt: no matching files found": true},
	}
	if !reflect.DeepEqual(said, want) {
		t.Errorf("said %v, want %v", said, want)
	}
}

// TestOutputs: each function does something else for some arguments, and no test
// knows.
func TestOutputs(t *testing.T) {
	r := verified(t, "calc.txtar", Options{Harmless: harmless},
		"return s[:1] +", "return s[:0] +",
		"func half(n int) int { return n / 2 }", "func half(n int) (int, error) {\n\tif n == -2 {\n\t\treturn 0, os.ErrInvalid\n\t}\n\treturn n / 2, nil\n}",
		"return half(n) * 2", "h, _ := half(n)\n\treturn h * 2",
		"n[0]++", "n[0] += 1 + n[0]/100",
		"return n[0]", "return n[0:1][0]",
		"if n == 7 {", "if n == 6 {",
		"return c.sum }", "return c.sum + c.sum/1000 }",
	)
	var got []string
	for _, d := range r.Differences {
		got = append(got, d.String())
	}
	for i, want := range []string{
		"./calc.Calc.Sum(&Calc{",
		"./calc.First(",
		`./calc.Quit(7) gave it ends the process and gives nothing`,
		"./calc.Title(",
		`./calc.even(-2) gave -2 and gives 0`,
		`./calc.half(-2) gave -1 and gives error "invalid argument"`,
	} {
		if i >= len(got) || !strings.HasPrefix(got[i], want) {
			t.Fatalf("differences:\n%s\nwant %s\nnot verified: %v", strings.Join(got, "\n"), want, r.Unverified)
		}
	}
	if !strings.Contains(got[1], "arguments afterwards: ") {
		t.Errorf("%s doesn't tell of the argument", got[1])
	}
	if len(r.Driven) != 0 || len(got) != 6 {
		t.Errorf("the same: %v, differences: %q", r.Driven, got)
	}
}

// TestHarmless: what may do harm isn't called, and without an answer nothing is.
func TestHarmless(t *testing.T) {
	for _, test := range []struct {
		harmless func(Func) string
		want     string
	}{
		{nil, "not called with random arguments: it isn't known what it reaches"},
		{func(f Func) string { return f.Recv + f.Name + " deletes files" }, "not called with random arguments: Title deletes files"},
	} {
		r := verified(t, "calc.txtar", Options{Harmless: test.harmless}, "return s[:1] +", "return s[:0] +")
		if len(r.Differences) > 0 || r.gap("./calc.Title") != test.want {
			t.Errorf("differences: %v, not verified: %v", r.Differences, r.Unverified)
		}
	}
}

// TestBounds: what there is no room and no time for is listed.
func TestBounds(t *testing.T) {
	r := verified(t, "calc.txtar", Options{Packages: 1}, "c.sum += n", "c.sum = c.sum + n")
	if got := r.gap("ex/till"); !strings.Contains(got, "one of 3 packages that the change reaches") {
		t.Errorf("not verified: %v", r.Unverified)
	}
	r = verified(t, "calc.txtar", Options{Time: time.Nanosecond}, "c.sum += n", "c.sum += n + 1")
	if got := r.gap("ex/calc"); len(r.Differences) > 0 || !strings.Contains(got, "in the time that there is") {
		t.Errorf("differences: %v, not verified: %v", r.Differences, r.Unverified)
	}
}

// TestMoved follows tests and functions into the package that they move to.
func TestMoved(t *testing.T) {
	for half, want := range map[string]string{"n / 2": "", "n / 3": "ex/calc.TestAdd passed and fails: it is in ex/sum now"} {
		root, _ := changeOf(t, "calc.txtar")
		before, after := map[string][]byte{}, map[string][]byte{}
		for _, name := range []string{"calc/calc.go", "calc/calc_test.go", "till/till.go", "check/check_test.go"} {
			content, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				t.Fatal(err)
			}
			before[name] = content
			now := strings.ReplaceAll(string(content), "ex/calc", "ex/sum")
			now = strings.ReplaceAll(strings.ReplaceAll(now, "calc.", "sum."), "package calc", "package sum")
			if want != "" {
				now = strings.Replace(now, "c.Sum() != 2", "c.Sum() != 3", 1)
			}
			now = strings.Replace(now, "n / 2", half, 1)
			after[strings.Replace(name, "calc/calc", "sum/sum", 1)] = []byte(now)
		}
		r, err := Open(root, []string{"GOWORK=off", "GOFLAGS="}).Check(t.Context(), change.Between("a move", before, after), Options{Harmless: harmless})
		if err != nil {
			t.Fatal(err)
		}
		differs := slices.ContainsFunc(r.Differences, func(d Difference) bool { return strings.Contains(d.String(), want) })
		if want == "" && (len(r.Differences) > 0 || r.Tests != 3) || want != "" && !differs {
			t.Errorf("%d tests, differences: %v, not verified: %v; want %q", r.Tests, r.Differences, r.Unverified, want)
		}
	}
}

// TestFailing: a test that moves out of a package in which another fails, before the change
// and after it, is no difference.
func TestFailing(t *testing.T) {
	root, _ := changeOf(t, "failing.txtar")
	before, after := map[string][]byte{}, map[string][]byte{}
	for name, to := range map[string]string{"k/k.go": "k/k.go", "k/four_test.go": "m/four_test.go"} {
		content, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		before[name] = content
		now := string(content)
		if name == "k/four_test.go" {
			now = strings.Replace(now, "package k", "package m", 1)
		}
		now = strings.Replace(now, "\nfunc Four() int { return 4 }\n", "", 1)
		after[to] = []byte(now)
	}
	after["m/m.go"] = []byte("package m\n\nfunc Four() int { return 4 }\n")
	r, err := Open(root, []string{"GOWORK=off", "GOFLAGS="}).Check(t.Context(), change.Between("a move", before, after), Options{Harmless: harmless})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Differences) > 0 || r.Tests != 2 || !slices.Contains(r.Failing, "ex/k.TestFails") {
		t.Errorf("%d tests, failing before: %v, differences: %v, not verified: %v", r.Tests, r.Failing, r.Differences, r.Unverified)
	}
}

// TestStopped leaves the module as it was, and says that it was stopped.
func TestStopped(t *testing.T) {
	root, set := changeOf(t, "calc.txtar", "c.sum += n", "c.sum += n + 1")
	before := tree(t, root)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Open(root, nil).Check(ctx, set, Options{Progress: func(what string) {
		if strings.Contains(what, "after") {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if after := tree(t, root); !maps.Equal(before, after) {
		t.Error("the module isn't as it was")
	}
}
