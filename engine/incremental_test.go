package engine

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEditsLikeFresh makes a long series of edits to code that nobody here
// wrote: after each, a session that has lived through all of them says exactly
// what a new one says.
func TestEditsLikeFresh(t *testing.T) {
	for name, from := range map[string]func() string{
		"shop":     func() string { return filepath.Join("..", "testdata", "modules", "shop") },
		"internal": func() string { return moduleDir(t, "github.com/rogpeppe/go-internal@v1.16.0") },
	} {
		t.Run(name, func(t *testing.T) {
			steps := 20
			if testing.Short() {
				if name != "shop" {
					t.Skip("takes a while")
				}
				steps = 10
			}
			editLikeFresh(t, writable(t, from()), steps)
		})
	}
}

func editLikeFresh(t *testing.T, dir string, steps int) {
	t.Setenv("GOCACHE", goCache(t)) // it would move with the next line
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	e := &editing{t: t, dir: dir, rand: rand.New(rand.NewPCG(1, 2)), buffers: map[string][]byte{}}
	e.list()
	var sessions Sessions
	e.compare(&sessions, "at the start")
	for i := range steps {
		what := e.step(i)
		t.Log(i, what)
		e.compare(&sessions, fmt.Sprintf("after step %d, %s", i, what))
	}
}

// writable copies a module into a folder that can be written.
func writable(t *testing.T, from string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Chmod(name, 0o755)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// editing is a module with unsaved buffers.
type editing struct {
	t       *testing.T
	dir     string
	rand    *rand.Rand
	files   []string
	buffers map[string][]byte
	onDisk  bool   // nothing goes into buffers
	undo    func() // repairs what the last step broke
}

func (e *editing) list() {
	filepath.WalkDir(e.dir, func(name string, d fs.DirEntry, err error) error {
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), "_")) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(name, ".go") {
			e.files = append(e.files, name)
		}
		return nil
	})
}

func (e *editing) text(file string) string {
	if b, ok := e.buffers[file]; ok {
		return string(b)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		e.t.Fatal(err)
	}
	return string(b)
}

// set changes a file, now on disk and now in a buffer.
func (e *editing) set(file, text string) {
	if _, open := e.buffers[file]; e.onDisk || !open && e.rand.IntN(3) == 0 {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			e.t.Fatal(err)
		}
		return
	}
	e.buffers[file] = []byte(text)
}

var (
	bodyStart   = regexp.MustCompile(`(?m)^func .*\{\n`)
	publicFunc  = regexp.MustCompile(`(?m)^func (?:\([^)]*\) )?[A-Z]\w*\(`)
	importStart = regexp.MustCompile(`(?m)^import \(\n`)
	constant    = regexp.MustCompile(`(?m)^(?:var|const) \w+ = `)
)

// step makes one edit and says which.
func (e *editing) step(i int) string {
	if e.undo != nil && e.rand.IntN(2) == 0 {
		e.undo()
		e.undo = nil
		return "a repair"
	}
	file := e.files[e.rand.IntN(len(e.files))]
	before := e.text(file)
	rel, _ := filepath.Rel(e.dir, file)
	insert := func(re *regexp.Regexp, text string) bool {
		all := re.FindAllStringIndex(before, -1)
		if len(all) == 0 {
			return false
		}
		at := all[e.rand.IntN(len(all))][1]
		e.set(file, before[:at]+text+before[at:])
		return true
	}
	repair := func() { e.undo = func() { e.set(file, before) } }
	switch kind := e.rand.IntN(11); {
	case kind == 0 && insert(bodyStart, fmt.Sprintf("\tvar v%d = %d\n\t_ = v%d\n", i, i, i)):
		return "a statement in " + rel
	case kind == 1 && insert(bodyStart, fmt.Sprintf("\t// comment %d\n\n", i)):
		return "a comment in " + rel
	case kind == 2 && insert(publicFunc, fmt.Sprintf("_ int%d, ", 8<<(i%4))):
		repair()
		return "a parameter in " + rel
	case kind == 3 && insert(importStart, "\t\"example.com/nowhere\"\n"):
		repair()
		return "a missing import in " + rel
	case kind == 4 && insert(bodyStart, "\tundefined.Name()\n\treturn )\n"):
		repair()
		return "a syntax error in " + rel
	case kind == 5 && insert(bodyStart, fmt.Sprintf("\tvar bad%d string = %d\n", i, i)):
		repair()
		return "a type error in " + rel
	case kind == 6:
		e.set(file, fmt.Sprintf("// line %d\n", i)+before)
		return "a line on top of " + rel
	case kind == 7:
		fresh := filepath.Join(filepath.Dir(file), fmt.Sprintf("fresh%d.go", i))
		name := regexp.MustCompile(`(?m)^package (\w+)`).FindStringSubmatch(before)[1]
		e.set(fresh, fmt.Sprintf("package %s\n\nvar start%d = first%d()\n\nfunc first%d() int { return 1 }\n\n// Fresh%d is new.\nfunc Fresh%d() int { return start%d }\n", strings.TrimSuffix(name, "_test"), i, i, i, i, i, i))
		e.files = append(e.files, fresh)
		return "a new file beside " + rel
	case kind == 8 && !strings.HasSuffix(file, "_test.go") && e.buffers[file] == nil:
		if err := os.Remove(file); err != nil {
			e.t.Fatal(err)
		}
		e.files = slices.DeleteFunc(e.files, func(f string) bool { return f == file })
		e.undo = func() {
			if err := os.WriteFile(file, []byte(before), 0o666); err != nil {
				e.t.Fatal(err)
			}
			e.files = append(e.files, file)
		}
		return "without " + rel
	case kind == 9 && insert(bodyStart, fmt.Sprintf("\tif len(loop%d) > 0 {\n\t\tpanic(loop%d)\n\t}\n", i, i)):
		// The variable's initialization may lead through the function to itself.
		m := bodyStart.FindString(before)
		call := regexp.MustCompile(`^func (\w+)\(\) \w+ \{`).FindStringSubmatch(m)
		init := `"x"`
		if call != nil {
			init = "string(rune(len(fmtOf(" + call[1] + "))))"
		}
		e.set(file, e.text(file)+fmt.Sprintf("\nvar loop%d = %s\n\nfunc fmtOf(any) string { return loop%d }\n", i, init, i))
		repair()
		return "a variable that functions use in " + rel
	}
	if insert(constant, "1 + ") {
		repair()
		return "another value in " + rel
	}
	return "nothing"
}

// compare holds what the living sessions say to what a fresh one says.
func (e *editing) compare(living *Sessions, when string) {
	e.t.Helper()
	s := e.open(living)
	fresh, err := Open(e.t.Context(), Options{Dir: e.dir, Overlay: maps.Clone(e.buffers), NoCache: true})
	if err != nil {
		e.t.Fatal(err)
	}
	if got, want := e.everything(s), e.everything(fresh); got != want {
		e.t.Fatalf("%s, the session that lived through it says something else than a fresh one:\n%s", when, firstDifference(got, want))
	}
}

func (e *editing) open(living *Sessions) *Session {
	e.t.Helper()
	s, err := living.Open(e.t.Context(), filepath.Join(e.dir, "go.mod"), maps.Clone(e.buffers))
	if err != nil {
		e.t.Fatal(err)
	}
	return s
}

// everything is all that find knows, summaries and problems included.
func (e *editing) everything(s *Session) string {
	e.t.Helper()
	sums, err := s.summaries(e.t.Context(), nil)
	if err != nil {
		return err.Error()
	}
	found, err := s.Find(e.t.Context(), FindOptions{Unit: "decl"})
	if err != nil {
		e.t.Fatal(err)
	}
	packages, err := s.Find(e.t.Context(), FindOptions{})
	if err != nil {
		e.t.Fatal(err)
	}
	out, err := json.MarshalIndent(map[string]any{"summaries": sums, "found": found, "packages": packages, "problems": found.Problems}, "", " ")
	if err != nil {
		e.t.Fatal(err)
	}
	return string(out)
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			lo, hi := max(0, i-12), i+12
			return fmt.Sprintf("lived:\n%s\nfresh:\n%s", strings.Join(a[lo:min(hi, len(a))], "\n"), strings.Join(b[lo:min(hi, len(b))], "\n"))
		}
	}
	return fmt.Sprintf("%d and %d lines", len(a), len(b))
}
