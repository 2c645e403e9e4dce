package engine

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestProcessesLikeFresh makes a series of edits on disk. After each, a session
// that knows no more than what earlier ones left in the cache, as each run of the
// command line does, says what one without a cache says, and so does the next.
func TestProcessesLikeFresh(t *testing.T) {
	dir := writable(t, moduleDir(t, "github.com/rogpeppe/go-internal@v1.16.0"))
	t.Setenv("GOCACHE", goCache(t)) // it would move with the next line
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	steps := 30
	if testing.Short() {
		steps = 12
	}
	e := &editing{t: t, dir: dir, rand: rand.New(rand.NewPCG(3, 4)), buffers: map[string][]byte{}, onDisk: true}
	e.list()
	// Of small packages nothing is kept; tests are no part of the build.
	e.files = slices.DeleteFunc(e.files, func(name string) bool {
		info, err := os.Stat(name)
		return err != nil || info.Size() < 6<<10 || strings.HasSuffix(name, "_test.go")
	})
	edited, when := int64(0), "at the start"
	for i := range steps {
		s := e.process(false)
		got, fresh := e.everything(s), e.everything(e.process(true))
		if got != fresh {
			t.Fatalf("%s, with a cache something else is found than without:\n%s", when, firstDifference(got, fresh))
		}
		again := e.process(false)
		if got := e.everything(again); got != fresh {
			t.Fatalf("%s, the cache says something else the second time:\n%s", when, firstDifference(got, fresh))
		}
		edited += s.snap.Counters().Edited
		if when = e.body(i); i%3 == 2 || when == "" {
			when = e.step(i)
		}
		t.Log(i, when, s.snap.Counters())
	}
	if edited == 0 {
		t.Error("no edit was carried into what an earlier process had found")
	}
}

// process opens the module as a process does that begins now.
func (e *editing) process(noCache bool) *Session {
	e.t.Helper()
	s, err := Open(e.t.Context(), Options{Dir: e.dir, NoCache: noCache})
	if err != nil {
		e.t.Fatal(err)
	}
	return s
}

var (
	anyFunc     = regexp.MustCompile(`(?m)^func (\w+)\(`)
	anyVariable = regexp.MustCompile(`(?m)^var (\w+) = `)
)

// body edits a function body and says how, or returns "".
func (e *editing) body(i int) string {
	file := e.files[e.rand.IntN(len(e.files))]
	text := e.text(file)
	bodies := bodyStart.FindAllStringIndex(text, -1)
	if len(bodies) == 0 {
		return ""
	}
	one := func(re *regexp.Regexp) string {
		all := re.FindAllStringSubmatch(text, -1)
		if len(all) == 0 {
			return ""
		}
		return all[e.rand.IntN(len(all))][1]
	}
	statements := []string{
		fmt.Sprintf("\tvar v%d = %d\n\t_ = v%d\n", i, i, i), fmt.Sprintf("\t// comment %d\n\n", i), "\tdefer func() { _ = recover() }()\n",
		"\tfor range 2 {\n\t\tgo func() {}()\n\t}\n", "\tif false { println() }; { println(1) }\n",
	}
	if name := one(anyFunc); name != "" && name != "init" && name != "main" {
		statements = append(statements, "\t_ = "+name+"\n") // a generic one is an error
	}
	if name := one(anyVariable); name != "" {
		statements = append(statements, "\t"+name+" = "+name+"\n", "\t_ = &"+name+"\n")
	}
	statement := statements[e.rand.IntN(len(statements))]
	at := bodies[e.rand.IntN(len(bodies))][1]
	e.set(file, text[:at]+statement+text[at:])
	return "in " + filepath.Base(file) + ":" + statement
}

// TestEditBesideImportsAlone: a file of a package has nothing but an import that no
// declaration needs, and a body of the package changes.
func TestEditBesideImportsAlone(t *testing.T) {
	dir := cachedModule(t)
	large := "package a\n\nfunc f() (n int) {\n" + strings.Repeat("\tn += len(\"a function whose body is long enough to be kept\")\n", 300) + "\treturn n\n}\n"
	for _, imports := range []string{"import _ \"unsafe\"\n", "import (\n\t_ \"unsafe\"\n)\n", "import _ \"unsafe\"\nimport _ \"embed\"\n"} {
		putFile(t, filepath.Join(dir, "a", "imports.go"), "package a\n\n"+imports)
		e := &editing{t: t, dir: dir}
		for _, body := range []string{large, strings.Replace(large, "return n\n", "return n + 1\n", 1)} {
			putFile(t, filepath.Join(dir, "a", "large.go"), body)
			s := e.process(false)
			if got, want := e.everything(s), e.everything(e.process(true)); got != want {
				t.Errorf("%s\n%s", imports, firstDifference(got, want))
			}
			if edited := s.snap.Counters().Edited; body != large && edited != 1 {
				t.Errorf("%s\n%d packages were taken for edited ones", imports, edited)
			}
		}
	}
}
