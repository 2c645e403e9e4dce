//go:build unweldtest

package link

import (
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A testPlace says which Open of a test something is.
type testPlace struct {
	test string // TestQuote; empty: before any test, in TestMain or a package variable
	run  string // one run of the test in this process: changes with -test.count
	path string // the same in every process that runs the test
	line string // the same whichever test comes there
	site string // for people

	parallel bool // a subtest that runs beside others
}

// A stackEntry is one goroutine in a dump of all stacks.
type stackEntry struct {
	id      int
	frames  []stackFrame // the innermost first
	creator string       // the function whose go statement it is
	parent  int
}

type stackFrame struct{ function, line string }

var linkPackage = func() string {
	var pc [1]uintptr
	runtime.Callers(1, pc[:])
	f, _ := runtime.CallersFrames(pc[:]).Next()
	return packageOf(f.Function)
}()

// packageOf returns the import path in a symbol such as
// example.com/a/b.(*T).M.func1, with the dot behind it.
func packageOf(symbol string) string {
	slash := strings.LastIndexByte(symbol, '/') + 1
	dot := strings.IndexByte(symbol[slash:], '.')
	return symbol[:slash+dot+1]
}

// topLevel returns the declaration that a symbol's code is in: TestX for
// example.com/a.TestX.func1.
func topLevel(symbol string) string {
	name := strings.TrimPrefix(symbol, packageOf(symbol))
	if i := strings.IndexAny(name, ".-["); i >= 0 {
		name = name[:i]
	}
	return name
}

func isTestName(name string) bool {
	for _, prefix := range []string{"Test", "Example", "Fuzz"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && name != "TestMain" {
			first, _ := utf8.DecodeRuneInString(rest)
			return !unicode.IsLower(first)
		}
	}
	return false
}

// locate says where the Open that is being executed stands.
func (ts *tests) locate(component string) (testPlace, error) {
	stacks := allStacks()
	if len(stacks) == 0 {
		return testPlace{}, errors.New("its stack cannot be read")
	}
	at, err := findTest(stacks)
	if err != nil {
		return at, err
	}
	sum := fnv.New128a()
	own, source := stacks[0], ""
	for _, f := range own.frames {
		// What link itself does on the way differs between processes.
		if packageOf(f.function) != linkPackage {
			fmt.Fprintln(sum, f.function, f.line)
			if source == "" || !isTestLine(source) && isTestLine(f.line) {
				source = f.line
			}
		}
	}
	fmt.Fprintln(sum, own.creator)
	place := fmt.Sprintf("%s/%x/%s", at.test, sum.Sum(nil), component)
	ts.mu.Lock()
	defer ts.mu.Unlock()
	n := ts.seen[at.run+place]
	ts.seen[at.run+place]++
	at.path = fmt.Sprintf("%s#%d", place, n)
	at.line = component + " " + source
	at.site = fmt.Sprintf("%s (Open number %d there)", filepath.Base(source), n+1)
	if at.test != "" {
		at.site += " in " + at.test
	}
	if n == 1 && at.parallel && ts.host == nil {
		fmt.Fprintf(os.Stderr, "unweld: subtests that run in parallel open %s at %s, in an order that may change: one can get what another constructs; if these differ, run without t.Parallel under a split\n", component, at.site)
	}
	return at, nil
}

func isTestLine(line string) bool { return strings.Contains(line, "_test.go:") }

// findTest goes from the goroutine that asks to those that started it.
func findTest(stacks []stackEntry) (testPlace, error) {
	byID := make(map[int]stackEntry, len(stacks))
	for _, s := range stacks {
		byID[s.id] = s
	}
	var at testPlace
	known := false // whether the way led to where tests are started
	for g, ok := stacks[0], true; ok; g, ok = byID[g.parent] {
		if name := g.testName(); name != "" {
			at.test = name
		}
		if g.bench() {
			return at, errors.New("benchmarks open components only as a monolith; open it before, in TestMain")
		}
		if strings.HasPrefix(g.creator, "testing.(*T).Run") || strings.HasPrefix(g.creator, "testing.runFuzz") {
			at.run, known = strconv.Itoa(g.id), true
		}
		known = known || g.parent == 0
		at.parallel = at.parallel || isParallel(g, byID[g.parent])
	}
	if at.test != "" || known {
		return at, nil
	}
	return onlyRunningTest(stacks)
}

// isParallel reports whether a goroutine is that of a subtest for which the
// test above it doesn't wait.
func isParallel(g, above stackEntry) bool {
	if !strings.HasPrefix(g.creator, "testing.(*T).Run") || above.id == 0 {
		return false
	}
	return !slices.ContainsFunc(above.frames, func(f stackFrame) bool {
		return strings.HasPrefix(f.function, "testing.(*T).Run") || f.function == "testing.runTests"
	})
}

// onlyRunningTest returns the place for a goroutine whose creator has ended: it
// belongs to the one test that is running. With none or several it is an error.
func onlyRunningTest(stacks []stackEntry) (testPlace, error) {
	var found []testPlace
	for _, g := range stacks {
		if name := g.testName(); name != "" && g.parent == 1 && strings.HasPrefix(g.creator, "testing.") {
			found = append(found, testPlace{test: name, run: strconv.Itoa(g.id)})
		}
	}
	if len(found) != 1 {
		return testPlace{}, fmt.Errorf("it is opened on a goroutine whose creator has ended while %d tests run, so it isn't known for which; open it on the test's own goroutine", len(found))
	}
	return found[0], nil
}

// testName is the test whose function the goroutine executes.
func (s stackEntry) testName() string {
	name := ""
	for i, f := range s.frames {
		called := topLevel(f.function)
		if !isTestName(called) || packageOf(f.function) == linkPackage {
			continue
		}
		name = called
		if i+1 < len(s.frames) && isTestRunner(s.frames[i+1].function) {
			break
		}
	}
	return name
}

func isTestRunner(function string) bool {
	return function == "testing.tRunner" || function == "testing.fRunner" || function == "testing.runExample"
}

func (s stackEntry) bench() bool {
	for _, f := range s.frames {
		if strings.HasPrefix(f.function, "testing.(*B).run") {
			return true
		}
	}
	return false
}

// allStacks reads the stacks of all goroutines, the present one first.
func allStacks() []stackEntry {
	buf := make([]byte, 64<<10)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) || len(buf) >= 64<<20 {
			return parseStacks(string(buf[:n]))
		}
		buf = make([]byte, 4*len(buf))
	}
}

func parseStacks(dump string) []stackEntry {
	var out []stackEntry
	for block := range strings.SplitSeq(dump, "\n\n") {
		lines := strings.Split(strings.TrimSpace(block), "\n")
		id, ok := strings.CutPrefix(lines[0], "goroutine ")
		if !ok {
			continue
		}
		id, _, _ = strings.Cut(id, " ")
		var s stackEntry
		s.id, _ = strconv.Atoi(id)
		for i := 1; i+1 < len(lines); i++ {
			if !strings.HasPrefix(lines[i+1], "\t") {
				continue // a note such as "...12 frames elided..."
			}
			at, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " ")
			if creator, ok := strings.CutPrefix(lines[i], "created by "); ok {
				creator, parent, _ := strings.Cut(creator, " in goroutine ")
				s.creator = creator
				s.parent, _ = strconv.Atoi(parent)
			} else if paren := strings.LastIndexByte(lines[i], '('); paren > 0 {
				s.frames = append(s.frames, stackFrame{lines[i][:paren], at})
			}
			i++
		}
		out = append(out, s)
	}
	return out
}
