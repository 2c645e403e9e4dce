package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/unweld/unweld/internal/change"
)

// choose picks the packages to test: those that change, and those of the module
// that import them, the nearest first.
func (c *check) choose(results []change.Result) {
	dirs := map[string]bool{} // a file of testdata, or an embedded one, belongs to the package around it
	for _, r := range results {
		dirs[c.packageAround(path.Dir(r.Path))] = true
	}
	distance := map[string]int{}
	var reached []*listedPackage
	for _, p := range c.listed {
		if dirs[p.rel] {
			distance[p.ImportPath] = 0
			reached = append(reached, p)
		}
	}
	for i := 0; i < len(reached); i++ {
		from := reached[i]
		for _, p := range c.listed {
			if _, ok := distance[p.ImportPath]; ok || !slices.Contains(p.Imports, from.ImportPath) {
				continue
			}
			distance[p.ImportPath] = distance[from.ImportPath] + 1
			reached = append(reached, p)
		}
	}
	for _, p := range c.listed { // the tests of others that import one of them
		if _, ok := distance[p.ImportPath]; ok {
			continue
		}
		isReached := func(imported string) bool { _, ok := distance[imported]; return ok }
		if slices.ContainsFunc(p.TestImports, isReached) || slices.ContainsFunc(p.XTestImports, isReached) {
			c.tests = append(c.tests, p)
		}
	}
	c.tests = append(reached, c.tests...)
	if left := len(c.tests) - c.options.Packages; left > 0 {
		for _, p := range c.tests[c.options.Packages:] {
			c.gap(p.ImportPath, "not tested: it is one of %d packages that the change reaches, %d of which are tested", len(c.tests), c.options.Packages)
		}
		c.tests = c.tests[:c.options.Packages]
	}
}

// packageAround returns the folder of the package that a folder is, or is in.
func (c *check) packageAround(dir string) string {
	for ; ; dir = path.Dir(dir) {
		if c.at(dir) != nil || dir == "." {
			return dir
		}
	}
}

// packageResults are what the tests of a package did.
type packageResults struct {
	done    bool              // all of them ran, or the package has none
	failed  bool              // as a whole: it doesn't build, or it ended
	passed  map[string]bool   // by test: true, or false for one that failed
	output  map[string]string // of tests, and of the package under ""
	skipped map[string]bool
}

// unbuilt reports a package that doesn't build, with its tests.
func (r *packageResults) unbuilt() bool {
	return r != nil && r.failed && (strings.Contains(r.output[""], "[build failed]") || strings.Contains(r.output[""], "[setup failed]"))
}

// testPackages runs the tests of packages and adds what they did to results.
// Packages that are there already aren't tested again. Where ctx ends, the others
// are left out.
func (m *Module) testPackages(ctx context.Context, packages []*listedPackage, results map[string]*packageResults) error {
	for _, dir := range m.modules {
		var paths []string
		for _, p := range packages {
			if m.moduleOf(p) == dir && p.hasTests() && results[p.ImportPath] == nil {
				paths = append(paths, p.ImportPath)
			}
		}
		if err := m.runTests(ctx, dir, paths, results); err != nil {
			return err
		}
	}
	for _, p := range packages {
		if !p.hasTests() && results[p.ImportPath] == nil {
			results[p.ImportPath] = &packageResults{done: true}
		}
	}
	return nil
}

// moduleOf returns the folder of a package's module.
func (m *Module) moduleOf(p *listedPackage) string {
	best := ""
	for _, dir := range m.modules {
		if inside := dir == "." || p.rel == dir || strings.HasPrefix(p.rel, dir+"/"); inside && len(dir) >= len(best) {
			best = dir
		}
	}
	return best
}

// An event is a line of go test -json; see `go doc test2json`.
type event struct {
	Action, Package, Test, Output string
	ImportPath, FailedBuild       string
}

func (m *Module) runTests(ctx context.Context, dir string, paths []string, results map[string]*packageResults, flags ...string) error {
	if len(paths) == 0 || ctx.Err() != nil {
		return nil
	}
	timeout := 10 * time.Minute
	if end, ok := ctx.Deadline(); ok {
		timeout = time.Until(end).Round(time.Second) + time.Second
	}
	args := append([]string{"test", "-json", "-vet=off", "-timeout", timeout.String()}, flags...)
	cmd := m.command(ctx, dir, "go", append(args, paths...)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("go test: %w", err)
	}
	built := map[string]string{} // what the compiler says
	for dec := json.NewDecoder(stdout); ; {
		var e event
		if err := dec.Decode(&e); err != nil {
			break // the command ends, or was ended
		}
		if e.ImportPath != "" {
			built[e.ImportPath] += e.Output
			continue
		}
		record(results, e, built)
	}
	err = cmd.Wait()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited && ctx.Err() == nil {
		return fmt.Errorf("go test: %w", err)
	}
	return nil
}

// record adds what an event says to the results of its package.
func record(results map[string]*packageResults, e event, built map[string]string) {
	if e.Package == "" {
		return
	}
	r := results[e.Package]
	if r == nil {
		r = &packageResults{passed: map[string]bool{}, output: map[string]string{}, skipped: map[string]bool{}}
		results[e.Package] = r
	}
	switch e.Action {
	case "output":
		if len(r.output[e.Test]) < 64<<10 {
			r.output[e.Test] += e.Output
		}
	case "pass", "fail":
		if e.Test != "" {
			r.passed[e.Test] = e.Action == "pass"
			return
		}
		r.done, r.failed = true, e.Action == "fail"
		if e.FailedBuild != "" {
			r.output[""] = built[e.FailedBuild] + r.output[""]
		}
	case "skip":
		if e.Test == "" {
			r.done = true
		} else {
			r.skipped[e.Test] = true
		}
	}
}

// compareTests tests the changed module, and holds what comes out to what came out
// before.
func (c *check) compareTests(ctx context.Context, now *Module) error {
	var again []*listedPackage // the packages of the changed module
	var gone []*listedPackage  // packages that it doesn't have
	for _, p := range c.tests {
		if before := c.tested[p.ImportPath]; before == nil || !before.done {
			c.gap(p.ImportPath, "its tests didn't end in the time that there is")
			continue
		}
		if q := now.at(p.rel); q != nil && q.ImportPath == p.ImportPath {
			again = append(again, q)
		} else {
			gone = append(gone, p)
		}
	}
	if err := now.testPackages(ctx, again, now.tested); err != nil {
		return err
	}
	made := c.made(now)
	if err := now.testPackages(ctx, made, now.tested); err != nil {
		return err
	}
	for _, p := range again {
		after := now.tested[p.ImportPath]
		if after == nil || !after.done {
			c.gap(p.ImportPath, "its tests didn't end in the time that there is, after the change")
			continue
		}
		c.report.Packages = append(c.report.Packages, p.ImportPath)
		if err := c.compareResults(ctx, now, p, c.tested[p.ImportPath], after); err != nil {
			return err
		}
	}
	for _, p := range gone {
		if err := c.compareResults(ctx, now, p, c.tested[p.ImportPath], &packageResults{}); err != nil {
			return err
		}
	}
	for _, p := range made {
		if r := now.tested[p.ImportPath]; r.unbuilt() {
			c.differs(Difference{Kind: Build, Object: p.ImportPath, After: firstLines(r.output[""], 10)})
		}
	}
	if slices.ContainsFunc(c.report.Differences, func(d Difference) bool { return d.Kind == Build }) {
		return nil // vet would say so, too
	}
	vetted := map[string]map[string]bool{}
	if err := now.vetPackages(ctx, again, vetted); err != nil {
		return err
	}
	c.compareVet(again, vetted)
	return nil
}

// compareResults reports the tests of a package that passed and fail. One that
// fails is run again: what fails only once says nothing of the change.
func (c *check) compareResults(ctx context.Context, now *Module, p *listedPackage, before, after *packageResults) error {
	if before.failed && len(before.passed) == 0 {
		c.report.Failing = append(c.report.Failing, p.ImportPath)
		return nil
	}
	if after.unbuilt() {
		c.differs(Difference{Kind: Build, Object: p.ImportPath, After: firstLines(after.output[""], 10)})
		return nil
	}
	var worse []string
	gone := []string{}
	for _, test := range sortedKeys(before.passed) {
		passes, ran := after.passed[test]
		switch {
		case !before.passed[test]:
			c.report.Failing = append(c.report.Failing, p.ImportPath+"."+test)
		case ran && passes:
			c.report.Tests++
		case ran || after.skipped[test]:
			worse = append(worse, test)
		case c.movedTest(now, p, test):
		case after.failed:
			worse = append(worse, test)
		default:
			gone = append(gone, test)
		}
	}
	if len(gone) > 0 {
		c.gap(p.ImportPath, "%d of its tests aren't there afterwards: %s", len(gone), strings.Join(gone[:min(3, len(gone))], ", "))
	}
	if len(worse) == 0 && after.failed && !before.failed {
		c.differs(Difference{Kind: Test, Object: p.ImportPath, After: firstLines(tail(after.output[""], 4<<10), 20)})
	}
	if len(worse) == 0 {
		return nil
	}
	return c.again(ctx, now, p, worse, after)
}

// made are the packages that the change makes, and those whose path it changes.
func (c *check) made(now *Module) []*listedPackage {
	var out []*listedPackage
	for _, p := range now.listed {
		if old := c.at(p.rel); old == nil || old.ImportPath != p.ImportPath {
			out = append(out, p)
		}
	}
	return out
}

// movedTest reports whether a test is in a package that didn't have it, and says so
// where it fails there.
func (c *check) movedTest(now *Module, from *listedPackage, test string) bool {
	for _, p := range now.listed {
		r, before := now.tested[p.ImportPath], c.tested[p.ImportPath]
		if r == nil {
			continue
		}
		if before != nil {
			if _, had := before.passed[test]; had {
				continue
			}
		}
		if passes, ran := r.passed[test]; ran {
			if c.report.Tests++; !passes {
				c.report.Tests--
				c.differs(Difference{Kind: Test, Object: from.ImportPath + "." + test, After: "it is in " + p.ImportPath + " now\n" + said(r.output[test])})
			}
			return true
		}
	}
	return false
}

// again runs tests that fail once more, and reports those that fail twice.
func (c *check) again(ctx context.Context, now *Module, p *listedPackage, tests []string, first *packageResults) error {
	second := map[string]*packageResults{}
	if err := now.runTests(ctx, now.moduleOf(p), []string{p.ImportPath}, second, "-count=1"); err != nil {
		return err
	}
	r := second[p.ImportPath]
	for _, test := range tests {
		switch {
		case r == nil || !r.done:
			c.gap(p.ImportPath+"."+test, "it failed, and there was no time to run it again")
		case r.passed[test]:
			c.gap(p.ImportPath+"."+test, "it fails only sometimes")
		case first.skipped[test] && r.skipped[test]:
			c.differs(Difference{Kind: Test, Object: p.ImportPath + "." + test, After: "it is skipped"})
		default:
			out := first.output[test]
			if _, ran := first.passed[test]; !ran {
				out = "it didn't run to its end\n" + first.output[test] + tail(first.output[""], 2<<10)
			}
			c.differs(Difference{Kind: Test, Object: p.ImportPath + "." + test, After: said(out)})
		}
	}
	return nil
}

// said is what a test printed, without the lines of the test program itself.
func said(output string) string {
	var lines []string
	for line := range strings.Lines(output) {
		if text := strings.TrimSpace(line); !strings.HasPrefix(text, "=== ") && !strings.HasPrefix(text, "--- ") {
			lines = append(lines, text)
		}
	}
	return firstLines(strings.Join(lines, "\n"), 20)
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

var position = regexp.MustCompile(`^\S+\.(go|s):\d+(:\d+)?: `)

// vetPackages adds what go vet says of each package, lines without their places.
// What belongs to none of them is said of "".
func (m *Module) vetPackages(ctx context.Context, packages []*listedPackage, said map[string]map[string]bool) error {
	if said[""] == nil {
		said[""] = map[string]bool{}
	}
	for _, dir := range m.modules {
		var paths []string
		for _, p := range packages {
			if m.moduleOf(p) == dir && said[p.ImportPath] == nil {
				paths = append(paths, p.ImportPath)
				said[p.ImportPath] = map[string]bool{}
			}
		}
		if len(paths) == 0 || ctx.Err() != nil {
			continue
		}
		out, err := m.command(ctx, dir, "go", append([]string{"vet"}, paths...)...).CombinedOutput()
		if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited && ctx.Err() == nil {
			return fmt.Errorf("go vet: %w", err)
		}
		m.vetLines(dir, string(out), said)
	}
	return nil
}

// vetLines adds the lines that go vet printed in a module's folder to those of the
// packages that they are about. The go command names the package in a line before
// where the compiler has something to say; what an analyzer says, and the pattern of an
// embedded file that isn't there, only has the file's name.
func (m *Module) vetLines(dir, output string, said map[string]map[string]bool) {
	about := ""
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(strings.TrimPrefix(line, "vet: "))
		if name, ok := strings.CutPrefix(line, "# "); ok {
			about = strings.Trim(name, "[]")
			if _, tested, ok := strings.Cut(name, " ["); ok { // ex/p_test [ex/p.test]
				about = strings.TrimSuffix(strings.TrimSuffix(tested, "]"), ".test")
			}
			continue
		}
		if line == "" {
			continue
		}
		if place := position.FindString(line); place != "" {
			file, _, _ := strings.Cut(place, ":")
			if filepath.IsAbs(file) {
				if rel, err := filepath.Rel(m.root, file); err == nil {
					file = rel
				}
			} else {
				file = path.Join(dir, filepath.ToSlash(file))
			}
			if p := m.at(path.Dir(filepath.ToSlash(file))); p != nil {
				about = p.ImportPath
			}
		}
		to := said[about]
		if to == nil {
			to = said[""]
		}
		to[position.ReplaceAllString(line, "")] = true
	}
}

func (c *check) compareVet(packages []*listedPackage, now map[string]map[string]bool) {
	compare := func(path, object string) {
		for _, line := range sortedKeys(now[path]) {
			if !c.vetted[path][line] {
				c.differs(Difference{Kind: Vet, Object: object, After: line})
			}
		}
	}
	for _, p := range packages {
		compare(p.ImportPath, p.ImportPath)
	}
	compare("", "the module")
}
