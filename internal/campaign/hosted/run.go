package hosted

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	of "github.com/unweld/unweld/bindings"
	bindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/scratch"
	"github.com/unweld/unweld/internal/split"
)

// A Test is what became of one test.
type Test struct {
	Folder, Name string
	// By is what of the package was in the other process when the test passed, empty where
	// it didn't run elsewhere: the package itself, or one of its types.
	By []string
	// Why says why it didn't run elsewhere.
	Why string
	// Failed says that it failed there, which nothing explains.
	Failed bool
}

// An Outcome is what became of one package's tests.
type Outcome struct {
	Code  Code
	Tests []Test // by folder and name
	// Stays are the functions and methods that can't cross, with the reason, as bind says.
	Stays map[string]string
	// Refused are what can't be bound at all: the package or a type of it, with the reason.
	Refused map[string]string
}

// Options are about a run.
type Options struct {
	Progress func(format string, args ...any) // may be nil
}

// A trial is the run of one package's tests.
type trial struct {
	*settled
	options Options
	out     *Outcome
	by      map[*chunk][]string // of the settled suite: what was elsewhere when it passed
	failed  map[*chunk]string
	why     map[*chunk]string // why one couldn't take part, of the last try
}

// Run runs the tests of one package elsewhere.
func Run(ctx context.Context, code Code, options Options) (*Outcome, error) {
	if options.Progress == nil {
		options.Progress = func(string, ...any) {}
	}
	base, remove, err := scratch.Dir("unweld-hosted")
	if err != nil {
		return nil, err
	}
	defer remove()
	root := filepath.Join(base, moduleFolder)
	dir, err := code.prepare(ctx, root)
	if err != nil {
		return nil, err
	}
	if err := copyData(dir, root); err != nil {
		return nil, err
	}
	s, err := readSuite(code, dir)
	if err != nil {
		return nil, err
	}
	t := &trial{options: options, by: map[*chunk][]string{}, failed: map[*chunk]string{}, why: map[*chunk]string{},
		out: &Outcome{Code: code, Stays: map[string]string{}, Refused: map[string]string{}}}
	if t.settled, err = settle(ctx, s, root); err != nil {
		return nil, err
	}
	options.Progress("%s: %d tests, of which %d use nothing that isn't exported", code.Path, len(s.tests()), s.left())
	if err := t.atHome(ctx); err != nil {
		return nil, err
	}
	for _, target := range t.targets() {
		if err := t.elsewhere(ctx, target); err != nil {
			return nil, fmt.Errorf("%s: %w", target, err)
		}
	}
	t.conclude()
	return t.out, nil
}

// copyData copies what tests read.
func copyData(dir, root string) error {
	for _, folder := range []string{insideFolder, outsideFolder} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			to := filepath.Join(root, folder, e.Name())
			switch {
			case e.IsDir() && (e.Name() == "testdata" || e.Name()[0] == '_'):
				err = os.CopyFS(to, os.DirFS(filepath.Join(dir, e.Name())))
			case e.Type().IsRegular() && filepath.Ext(e.Name()) != ".go" && !strings.HasPrefix(e.Name(), "go."):
				var content []byte
				if content, err = os.ReadFile(filepath.Join(dir, e.Name())); err == nil {
					err = writeFile(to, string(content))
				}
			}
			if err != nil {
				return err
			}
		}
	}
	for from, to := filepath.Dir(dir), root; to != filepath.Dir(filepath.Dir(root)); from, to = filepath.Dir(from), filepath.Dir(to) {
		beside := filepath.Join(from, "testdata")
		if _, err := os.Stat(beside); err != nil {
			continue
		}
		if err := os.CopyFS(filepath.Join(to, "testdata"), os.DirFS(beside)); err != nil {
			return err
		}
	}
	return nil
}

// moduleFolder is where the scratch module is in the folder that has what is beside it.
const moduleFolder = "m"

// atHome runs the tests while the package is where it was, and leaves out those that fail.
func (t *trial) atHome(ctx context.Context) error {
	for range 20 {
		results, output, err := goTest(ctx, t.root)
		if err != nil {
			return err
		}
		left := false
		for key, c := range t.tests() {
			if c.why == "" && results[key] == "fail" {
				c.why, left = "fails in a copy of the tests, without a split, too", true
			}
		}
		if len(results) > 0 && !left && slices.Contains(sortedValues(results), "fail") {
			return fmt.Errorf("tests fail in the copy: %s", output)
		}
		if !left {
			return nil
		}
		if err := t.repeat(); err != nil {
			return err
		}
	}
	return errors.New("tests go on to fail in the copy")
}

func sortedValues(m map[string]string) (all []string) {
	for _, v := range m {
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}

// goTest runs the tests of a scratch module, and returns the result of each by folder and
// name.
func goTest(ctx context.Context, root string) (results map[string]string, output string, err error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-json", "-short", "./...")
	cmd.Dir = root
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	runErr := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](runErr); runErr != nil && !exited {
		return nil, "", runErr
	}
	results = map[string]string{}
	var said strings.Builder
	for lines := bufio.NewScanner(&stdout); lines.Scan(); {
		var e struct{ Action, Package, Test, Output string }
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		said.WriteString(e.Output)
		if e.Test != "" && !strings.Contains(e.Test, "/") && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip") {
			results[strings.TrimPrefix(e.Package, modulePath+"/")+" "+e.Test] = e.Action
		}
	}
	if runErr != nil && len(results) == 0 {
		return nil, "", fmt.Errorf("go test: %w\n%s\n%s", runErr, stderr.String(), said.String())
	}
	return results, stderr.String() + said.String(), nil
}

// targets are what is bound: the package, and each of its types with methods that a
// test calls.
func (t *trial) targets() []string {
	all := []string{t.code.Path}
	for _, c := range t.tests() {
		if c.why != "" {
			continue
		}
		for _, name := range t.calls(t.folderOf(c), c) {
			typ, _, method := strings.Cut(name, ".")
			if target := t.code.Path + "." + typ; method && !slices.Contains(all, target) {
				all = append(all, target)
			}
		}
	}
	slices.Sort(all)
	return all
}

func (t *trial) folderOf(c *chunk) string {
	for _, f := range t.files {
		if slices.Contains(f.chunks, c) {
			return f.folder
		}
	}
	return ""
}

// componentName is the name of every component that is tried.
const componentName = "hosted"

// elsewhere binds one target in a copy of the scratch module, and runs those tests there that
// can take part.
func (t *trial) elsewhere(ctx context.Context, target string) error {
	base, remove, err := scratch.Dir("unweld-hosted")
	if err != nil {
		return err
	}
	defer remove()
	if err := os.CopyFS(base, os.DirFS(filepath.Dir(t.root))); err != nil {
		return err
	}
	root := filepath.Join(base, moduleFolder)
	u := &settled{suite: t.suite.clone(), root: root, exports: t.exports, unused: map[*file]map[string]bool{}}
	origin := map[*chunk]*chunk{}
	for i, f := range u.files {
		u.unused[f] = map[string]bool{}
		for p := range t.unused[t.files[i]] {
			u.unused[f][p] = true
		}
		for j, c := range f.chunks {
			origin[c] = t.files[i].chunks[j]
		}
	}
	defer func() {
		for c, was := range origin {
			if c.why != "" && was.why == "" && t.why[was] == "" {
				t.why[was] = c.why
			}
		}
	}()
	for range 60 {
		if err := u.repeat(); err != nil {
			return err
		}
		if u.left() == 0 {
			return nil
		}
		again, err := t.try(ctx, u, target, origin)
		if err != nil || !again {
			return err
		}
	}
	return errors.New("the tests don't settle")
}

// try binds a target in a scratch module that has what is left of the tests, and runs them.
// It reports whether it left out something that was in the way, so that another try makes
// sense.
func (t *trial) try(ctx context.Context, u *settled, target string, origin map[*chunk]*chunk) (again bool, err error) {
	s, err := engine.Open(ctx, engine.Options{Dir: u.root})
	if err != nil {
		return false, err
	}
	set, err := s.Bind(ctx, engine.BindOptions{Component: target, Name: componentName, To: []string{near()}, InOut: []string{"all"}})
	if refusal, ok := errors.AsType[*component.Refusal](err); ok {
		if u.blame(refusal) {
			t.options.Progress("%s: left out: %s", target, refusal.Problems[0].Message)
			return true, nil
		}
		t.refused(target, refusal)
		return false, nil
	}
	if usage, ok := errors.AsType[*component.UsageError](err); ok {
		t.out.Refused[target] = usage.Reason
		return false, nil
	}
	if err != nil {
		return false, err
	}
	t.stays(target, set)
	if err := s.Apply(ctx, set); err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, undo(ctx, s)) }()
	runs, err := s.TestSplits(ctx, []string{"micro"}, []string{"-short", "-timeout=" + timeLimit.String(), "./..."})
	if err != nil {
		return false, err
	}
	run := runs[0]
	t.options.Progress("%s: ok %v, %d passed, %d failed, %d calls crossed, %.0f s", target, run.OK, run.Passed, run.Failed, run.Crossed, run.Seconds)
	slow := timedOut(run.Output)
	if len(slow) > 0 {
		return u.tooSlow(slow), nil
	}
	if run.Crossed == 0 {
		if t.out.Refused[target] == "" {
			t.out.Refused[target] = pinned(set, run.Reason)
		}
		return false, nil
	}
	failing := failures(run.Output)
	if !run.OK && len(failing) == 0 {
		return false, fmt.Errorf("%s\n%s", run.Reason, run.Output)
	}
	crossed := map[string]bool{}
	for _, c := range run.Crossings {
		crossed[c.Endpoint] = c.Calls > 0
	}
	for _, f := range u.files {
		for _, c := range f.chunks {
			switch {
			case c.test == "" || c.why != "":
			case failing[c.test] != "":
				c.why, again = "fails: "+failing[c.test], true
				if why := explained[t.code.Path+" "+c.test]; why != "" {
					c.why = "fails elsewhere: " + why
					continue
				}
				t.failed[origin[c]] = target + ": " + failing[c.test]
			case run.OK && usesCrossed(u.calls(f.folder, c), crossed):
				t.by[origin[c]] = append(t.by[origin[c]], target)
			}
		}
	}
	return again, nil
}

// timeLimit is how long the tests of a package may take elsewhere.
const timeLimit = 100 * time.Second

// tooSlow leaves tests out that take too long.
func (u *settled) tooSlow(names []string) (some bool) {
	for _, c := range u.tests() {
		if c.why == "" && slices.Contains(names, c.test) {
			c.why, some = fmt.Sprintf("takes longer than %.0f s elsewhere: it makes millions of calls", timeLimit.Seconds()), true
		}
	}
	return some
}

// near is the binding that leads to another process of the same machine and no further.
func near() string {
	i := slices.IndexFunc(bindings.Bindings, func(b *of.Binding) bool {
		return slices.ContainsFunc(b.Schemes, func(s split.Scheme) bool { return s.CrossesUnits && !s.CrossesHosts })
	})
	return bindings.Bindings[i].Name
}

// undo takes back what was applied, for the next try.
func undo(_ context.Context, s *engine.Session) error {
	_, err := s.Undo()
	return err
}

// usesCrossed reports whether a test calls an endpoint that was called in the other process.
func usesCrossed(calls []string, crossed map[string]bool) bool {
	return slices.ContainsFunc(calls, func(name string) bool {
		return crossed[strings.ReplaceAll(name, ".", "")] || crossed[name]
	})
}

// blame leaves out the declarations that problems of a refusal are in.
func (u *settled) blame(refusal *component.Refusal) (some bool) {
	for _, p := range refusal.Problems {
		spans, ok := u.spans[p.Span.File]
		if !ok {
			continue
		}
		text, err := os.ReadFile(filepath.Join(u.root, filepath.FromSlash(p.Span.File)))
		if err != nil {
			continue
		}
		at := offset(text, p.Span.Line, p.Span.Col)
		for _, s := range spans {
			if s.from <= at && at < s.to && s.chunk.why == "" {
				s.chunk.why, some = p.Message, true
			}
		}
	}
	return some
}

// offset is that of a line and a column, from 1.
func offset(text []byte, line, col int) int {
	at := 0
	for ; line > 1; line-- {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			return len(text)
		}
		at += i + 1
	}
	return at + col - 1
}

var (
	staysLocal  = regexp.MustCompile(`^(\w+) (?:stays local: |can't cross a process, so the component is pinned to the process that calls it: |hands an? \w+ over and can't cross a process: )(.*)$`)
	failedTest  = regexp.MustCompile(`^--- FAIL: (\w+) .*$`)
	position    = regexp.MustCompile(`^\s+\w+\.go:\d+: (.*)`)
	runningTest = regexp.MustCompile(`^\s+(\w+) \(`)
)

// stays notes what bind says of functions and methods that can't cross.
func (t *trial) stays(target string, set change.Set) {
	for _, n := range set.Notes {
		t.staysFor(target, n.Message)
	}
}

func (t *trial) staysFor(target, message string) {
	m := staysLocal.FindStringSubmatch(message)
	if m == nil {
		return
	}
	name := m[1]
	_, typ, ofType := strings.Cut(strings.TrimPrefix(target, t.code.Path), ".")
	if ofType && !t.isFunction(name) {
		name = typ + "." + name
	}
	// What makes a type crosses with that alone, so there is the reason.
	if t.out.Stays[name] == "" || ofType && strings.Contains(t.out.Stays[name], "."+typ+") keeps state to itself") {
		t.out.Stays[name] = m[2]
	}
}

// isFunction reports whether a test calls a function of the package with that name.
func (t *trial) isFunction(name string) bool {
	for _, called := range t.callees {
		if called[name] {
			return true
		}
	}
	return false
}

// refused notes why a target can't be bound.
func (t *trial) refused(target string, refusal *component.Refusal) {
	for _, p := range refusal.Problems {
		t.staysFor(target, p.Message)
	}
	_, typ, _ := strings.Cut(strings.TrimPrefix(target, t.code.Path), ".")
	for name, why := range t.out.Stays {
		if typ != "" && strings.Contains(why, "."+typ+") keeps state to itself") {
			t.out.Stays[name] = "its " + typ + " can't be elsewhere: " + first(refusal)
		}
	}
	t.out.Refused[target] = first(refusal)
	t.options.Progress("%s: %s", target, refusal.Error())
}

// first is the first reason of a refusal that is about one function or method, or else
// the first.
func first(refusal *component.Refusal) string {
	for _, p := range refusal.Problems {
		if m := staysLocal.FindStringSubmatch(p.Message); m != nil {
			return m[1] + ": " + m[2]
		}
	}
	return refusal.Problems[0].Message
}

// pinned is why nothing crossed although something was bound.
func pinned(set change.Set, reason string) string {
	for _, n := range set.Notes {
		if strings.Contains(n.Message, "is pinned to the process") {
			return n.Message
		}
	}
	return cmp.Or(reason, "no test called it")
}

// failures are the tests that failed, with the first thing that each said before it did.
func failures(output string) map[string]string {
	found := map[string]string{}
	said, running := map[string]string{}, ""
	for line := range strings.Lines(output) {
		if name, ok := strings.CutPrefix(line, "=== RUN   "); ok {
			running, _, _ = strings.Cut(strings.TrimSpace(name), "/")
		} else if m := failedTest.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			found[m[1]] = cmp.Or(said[m[1]], "it says nothing")
		} else if m := position.FindStringSubmatch(line); m != nil && said[running] == "" {
			said[running] = m[1]
		}
	}
	return found
}

// timedOut are the tests that ran when the time was over.
func timedOut(output string) (names []string) {
	_, rest, ok := strings.Cut(output, "running tests:\n")
	if !ok {
		return nil
	}
	for line := range strings.Lines(rest) {
		m := runningTest.FindStringSubmatch(line)
		if m == nil {
			break
		}
		names = append(names, m[1])
	}
	return names
}

// conclude says of each test what became of it.
func (t *trial) conclude() {
	for key, c := range t.tests() {
		folder, name, _ := strings.Cut(key, " ")
		r := Test{Folder: folder, Name: name, By: t.by[c]}
		slices.Sort(r.By)
		r.By = slices.Compact(r.By)
		switch {
		case len(r.By) > 0:
		case t.failed[c] != "":
			r.Failed, r.Why = true, t.failed[c]
		default:
			r.Why = cmp.Or(c.why, t.inTheWay(folder, c))
		}
		t.out.Tests = append(t.out.Tests, r)
	}
	slices.SortFunc(t.out.Tests, func(a, b Test) int {
		return cmp.Or(cmp.Compare(a.Folder, b.Folder), cmp.Compare(a.Name, b.Name))
	})
}

// inTheWay is why a test that could be in the scratch module didn't run elsewhere.
func (t *trial) inTheWay(folder string, c *chunk) string {
	calls := t.calls(folder, c)
	for _, name := range calls {
		if why := t.out.Stays[name]; why != "" {
			return name + " doesn't cross: " + why
		}
	}
	if why := t.why[c]; why != "" {
		return why
	}
	for _, name := range calls {
		typ, _, method := strings.Cut(name, ".")
		if why := t.out.Refused[t.code.Path+"."+typ]; method && why != "" {
			return typ + " can't be elsewhere: " + why
		}
	}
	if why := t.out.Refused[t.code.Path]; why != "" && len(calls) > 0 {
		return calls[0] + ": " + why
	}
	if len(calls) == 0 {
		return "calls nothing of the package"
	}
	return "calls " + strings.Join(calls[:min(3, len(calls))], ", ") + ", which never ran in the other process"
}
