package campaign

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
)

// a module with something for each refactoring, and tests of its own.
var module = map[string]string{
	"go.mod":         "module ex\n\ngo 1.26\n",
	"price/price.go": "// Package price knows prices.\npackage price\n\n// Of returns the price of an article in cents.\nfunc Of(article string) int { return 100 * len(article) }\n",
	"price/price_test.go": `package price

import "testing"

func TestOf(t *testing.T) {
	if Of("ab") != 200 {
		t.Fatal("wrong")
	}
}
`,
	"price/list.go": `package price

// A List has the prices that differ from Of.
type List struct {
	special map[string]int
	order   []string
}

// NewList returns an empty list.
func NewList() *List { return &List{special: map[string]int{}} }

// Set gives an article a price of its own.
func (l *List) Set(article string, cents int) {
	l.special[article] = cents
	l.order = append(l.order, article)
}

// Articles returns what has a price of its own.
func (l *List) Articles() []string { return l.order }

// Named returns the articles that begin with some text.
func Named(prefix string) []string {
	var out []string
	for _, a := range []string{"apple", "pear", "plum"} {
		if len(a) >= len(prefix) && a[:len(prefix)] == prefix {
			out = append(out, a)
		}
	}
	return out
}

// A Tag is what hangs on an article.
type Tag struct{ Cents int }

// Reduce takes a tenth off.
func Reduce(t *Tag) { t.Cents -= t.Cents / 10 }

// Price returns the price of an article.
func (l *List) Price(article string) int {
	if p, ok := l.special[article]; ok {
		return p
	}
	return Of(article)
}
`,
	"till/till.go": `// Package till adds prices up.
package till

import "ex/price"

// A Till adds up what is sold.
type Till struct{ prices *price.List }

// New returns a till that asks prices.
func New(prices *price.List) *Till { return &Till{prices} }

// Sum returns what articles cost.
func (t *Till) Sum(articles ...string) (sum int) {
	for _, a := range articles {
		sum += t.prices.Price(a)
		sold[a]++
	}
	return sum
}

var sold = map[string]int{}

// Count returns how many articles have a price of their own.
func (t *Till) Count() int { return len(t.prices.Articles()) }

// Named returns what all articles cost that begin with some text.
func Named(prefix string) (sum int) {
	for _, a := range price.Named(prefix) {
		sum += price.Of(a)
	}
	return sum
}

// Reduced returns a price less a tenth.
func Reduced(cents int) int {
	tag := price.Tag{Cents: cents}
	price.Reduce(&tag)
	return tag.Cents
}
`,
	"main.go": "package main\n\nimport (\n\t\"ex/price\"\n\t\"ex/till\"\n)\n\nfunc main() { println(price.Of(\"a\"), till.New(price.NewList()).Sum(\"b\")) }\n",
}

func corpusOf(files map[string]string) Corpus {
	return Corpus{"made up", func(dir string) error {
		for name, content := range files {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				return err
			}
		}
		return nil
	}}
}

func checkout(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := corpusOf(files).Copy(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestSample is a small campaign over code that nobody here wrote, and over a module
// with something for each refactoring. Some of the changes are verified.
func TestSample(t *testing.T) {
	var outcomes []*Outcome
	for _, c := range []Corpus{Std("encoding/csv"), Module("github.com/dustin/go-humanize@v1.0.1"), corpusOf(module)} {
		options := Options{Limit: 4, VerifyEach: 3}
		if c.Name == "made up" {
			options = Options{VerifyEach: 8}
		}
		o, err := Run(t.Context(), c, options)
		if err != nil {
			t.Fatal(err)
		}
		outcomes = append(outcomes, o)
	}
	if err := Wrong(outcomes); err != nil {
		t.Error(err)
	}
	t.Logf("%s", Report(outcomes))
}

// TestPlaces offers each request once, whatever many places ask for it, and
// spreads what is limited.
func TestPlaces(t *testing.T) {
	s, err := engine.Open(t.Context(), engine.Options{Dir: checkout(t, module)})
	if err != nil {
		t.Fatal(err)
	}
	places, all, err := Places(t.Context(), s, []string{"extract"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, p := range places {
		if p.Refactoring != "extract" || seen[p.key()] {
			t.Errorf("%+v: twice, or not asked for", p)
		}
		seen[p.key()] = true
	}
	if all["extract"] != len(places) || len(places) < 3 { // the package and the function, both with and without signatures
		t.Errorf("%d places of %v", len(places), all)
	}
	few, all, err := Places(t.Context(), s, []string{"extract"}, 1)
	if err != nil || len(few) != 1 || all["extract"] != len(places) {
		t.Errorf("limited to one: %v of %v, %v", few, all, err)
	}
}

// TestResume does no trial again whose result is kept, also after a line that
// was cut off.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	trials := 0
	run := func() *Outcome {
		trials = 0
		o, err := Run(t.Context(), corpusOf(module), Options{Only: []string{"thread-context"}, Results: dir, Progress: func(_ string, _, _ int, t Trial) {
			if !t.Verified {
				trials++
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	first := run()
	files, err := filepath.Glob(dir + "/*.jsonl")
	if err != nil || len(files) != 1 || len(first.Trials) == 0 {
		t.Fatalf("%v, %v, %v", files, first.Trials, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	// What is kept is told apart from what is done again by a mark in it.
	marked := strings.ReplaceAll(string(content), `"seconds"`, `"verified":true,"seconds"`)
	if err := os.WriteFile(files[0], []byte(marked[:len(marked)-3]), 0o644); err != nil {
		t.Fatal(err)
	}
	again := run()
	if len(again.Trials) != len(first.Trials) || trials != 1 {
		t.Errorf("%d trials, %d of them done again; want %d, and the one that was cut off", len(again.Trials), trials, len(first.Trials))
	}
	if trials = 0; run() == nil || trials != 1 {
		t.Errorf("%d trials without the mark; want the one of the second run", trials)
	}
	if err := os.WriteFile(files[0], []byte("nonsense\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), corpusOf(module), Options{Results: dir}); err == nil || !strings.Contains(err.Error(), ":1:") {
		t.Errorf("a damaged file: %v", err)
	}
}

// TestVerify tells a change that is right from one that isn't, and leaves the
// module as it was. What else it finds, internal/verify tests.
func TestVerify(t *testing.T) {
	root := checkout(t, module)
	s, err := engine.Open(t.Context(), engine.Options{Dir: root})
	if err != nil {
		t.Fatal(err)
	}
	v, err := newVerifier(root)
	if err != nil {
		t.Fatal(err)
	}
	for article, want := range map[string]string{"2 * 50 *": "", "10 *": "ex/price.TestOf passed and fails"} {
		before := []byte(module["price/price.go"])
		after := []byte(strings.Replace(string(before), "100 *", article, 1))
		set := change.Between("a change", map[string][]byte{"price/price.go": before}, map[string][]byte{"price/price.go": after})
		wrong, err := v.verify(t.Context(), s, set)
		if err != nil || (want == "") != (wrong == "") || !strings.Contains(wrong, want) {
			t.Errorf("%q, %v; want %q", wrong, err, want)
		}
		if now, err := os.ReadFile(filepath.Join(root, "price/price.go")); err != nil || string(now) != string(before) {
			t.Errorf("not taken back: %v\n%s", err, now)
		}
	}
}

// TestVerifyWithLitter: what the module's own tests write into it isn't the undo's
// fault, what a change made is.
func TestVerifyWithLitter(t *testing.T) {
	files := maps.Clone(module)
	files["price/litter_test.go"] = "package price\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestLitter(t *testing.T) {\n\tos.WriteFile(\"left.dat\", nil, 0o600)\n\tos.WriteFile(\"testdata/count\", []byte(t.TempDir()), 0o600)\n}\n"
	files["price/testdata/count"] = "0"
	root := checkout(t, files)
	s, err := engine.Open(t.Context(), engine.Options{Dir: root})
	if err != nil {
		t.Fatal(err)
	}
	v, err := newVerifier(root)
	if err != nil {
		t.Fatal(err)
	}
	set := change.Between("a change", map[string][]byte{}, map[string][]byte{"price/more.go": []byte("package price\n")})
	if wrong, err := v.verify(t.Context(), s, set); err != nil || wrong != "" {
		t.Errorf("%q, %v", wrong, err)
	}
	if _, err := os.Stat(filepath.Join(root, "price/left.dat")); err != nil {
		t.Fatalf("the test wrote nothing: %v", err)
	}
	if err := os.WriteFile(filepath.Join(root, "price/price.go"), []byte("package price\n\nfunc Of(string) int { return 200 }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if wrong, err := v.verify(t.Context(), s, set); err != nil || wrong != "undo leaves price/price.go as it wasn't" {
		t.Errorf("%q, %v", wrong, err)
	}
}

// TestIllTyped ends where the code doesn't type-check: whatever is tried there
// says nothing.
func TestIllTyped(t *testing.T) {
	files := maps.Clone(module)
	files["main.go"] = "package main\n\nfunc main() { undefined() }\n"
	if _, err := Run(t.Context(), corpusOf(files), Options{Limit: 1}); err == nil || !strings.Contains(err.Error(), "undefined") {
		t.Errorf("got %v", err)
	}
}

func TestGeneral(t *testing.T) {
	for message, want := range map[string]string{
		"Fill can't gain a context: its file is left out of some builds": "_ can't gain a context: its file is left out of some builds",
		"a/b.go:3:4: *x.T is compared here (twice)":                      "_ is compared here (twice)",
		"it flows into c, which keeps 12 values":                         "it flows into c, which keeps _ values",
	} {
		if got := general(message); got != want {
			t.Errorf("general(%q) = %q; want %q", message, got, want)
		}
	}
}

// TestWrong wants something applied, and nothing failed.
func TestWrong(t *testing.T) {
	trial := func(r Result) Trial { return Trial{Place: Place{Refactoring: "extract"}, Result: r} }
	for _, test := range []struct {
		trials []Trial
		want   bool
	}{
		{nil, true},
		{[]Trial{trial(Refused), trial(Disabled)}, true},
		{[]Trial{trial(Applied), trial(Refused)}, false},
		{[]Trial{trial(Applied), trial(Failed)}, true},
		{[]Trial{trial(Applied), trial(Broken)}, true},
	} {
		if got := Wrong([]*Outcome{{Corpus: "c", Trials: test.trials}}); (got != nil) != test.want {
			t.Errorf("%v: %v", test.trials, got)
		}
	}
}
