package verify

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/unweld/unweld/internal/scratch"
	"github.com/unweld/unweld/internal/verify/driver"
)

//go:embed driver/driver.go driver/generate.go driver/dump.go
var driverSource embed.FS

const (
	driverFolder = "unweldverify"
	driverFile   = "unweld_verify_test.go"
	inputs       = 100                    // of each function
	driveTime    = 250 * time.Millisecond // of each function
	callTime     = 2 * time.Second        // of one call
	restarts     = 12                     // of a program that ends or hangs
)

// A target is a function to call in one version.
type target struct {
	id     string
	fn     *declared
	gained bool
}

// A program is a test binary that calls the functions of one package.
type program struct {
	binary  string
	dir     string // of the package, absolute
	module  string
	targets []target
}

// A driving is what is prepared for the calls.
type driving struct {
	folder string // for what is built and written
	remove func()
	old    []*program
	ids    map[string]pair
	types  map[string]string // by import path and name, those that got an exported name, with the one they had
}

// prepareDrive builds the programs that call the functions as they are before the
// change.
func (c *check) prepareDrive(ctx context.Context) error {
	c.driving = &driving{ids: map[string]pair{}}
	var targets []target
	for _, p := range c.funcs.pairs {
		if why := c.cannotDrive(p); why != "" {
			c.gap(p.old.String(), "not called with random arguments: %s", why)
			continue
		}
		id := p.old.String()
		c.driving.ids[id] = p
		targets = append(targets, target{id, p.old, false})
	}
	if len(targets) == 0 {
		return nil
	}
	var err error
	if c.driving.folder, c.driving.remove, err = scratch.Dir("unweld-verify"); err != nil {
		return err
	}
	c.progress(fmt.Sprintf("verify: building %d functions as they are", len(targets)))
	c.driving.old, err = c.build(ctx, c.Module, "old", targets)
	return err
}

// cannotDrive returns why a function isn't called, or "".
func (c *check) cannotDrive(p pair) string {
	pkg := c.at(p.old.Dir)
	switch {
	case p.old.Name == "main":
		return "it is the program"
	case p.old.generic() || p.now.generic():
		return "it has type parameters"
	case p.old.takes(c.funcs.reshaped) || p.now.takes(c.funcs.reshaped):
		return "a value that it takes has a field that the other version hasn't"
	case pkg == nil || !slices.Contains(pkg.GoFiles, p.old.file) && !slices.Contains(pkg.CgoFiles, p.old.file):
		return "this build leaves it out"
	case c.options.Harmless == nil:
		return "it isn't known what it reaches"
	}
	return c.options.Harmless(p.old.Func)
}

// build makes one program for each package with targets. What can't be built is
// reported.
func (c *check) build(ctx context.Context, m *Module, version string, targets []target) ([]*program, error) {
	var programs []*program
	for _, t := range targets {
		i := slices.IndexFunc(programs, func(p *program) bool { return p.targets[0].fn.Dir == t.fn.Dir })
		if i < 0 {
			i = len(programs)
			programs = append(programs, &program{})
		}
		programs[i].targets = append(programs[i].targets, t)
	}
	var built []*program
	for i, p := range programs {
		pkg := m.at(p.targets[0].fn.Dir)
		if pkg == nil || pkg.Module == nil {
			continue
		}
		p.binary, p.dir, p.module = filepath.Join(c.driving.folder, fmt.Sprintf("%s%d.exe", version, i)), pkg.Dir, pkg.Module.Path
		overlay, err := c.overlay(pkg, p, fmt.Sprintf("%s%d", version, i))
		if err != nil {
			return nil, err
		}
		out, err := m.command(ctx, m.moduleOf(pkg), "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", p.binary, pkg.ImportPath).CombinedOutput()
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			for _, t := range p.targets {
				c.gap(t.id, "not called with random arguments: what calls it doesn't build: %s", firstLines(string(out), 3))
				delete(c.driving.ids, t.id)
			}
			continue
		}
		built = append(built, p)
	}
	return built, nil
}

// overlay writes what replaces the tests of a package while its program is built.
func (c *check) overlay(pkg *listedPackage, p *program, name string) (string, error) {
	replace := map[string]string{}
	for _, f := range append(slices.Clone(pkg.TestGoFiles), pkg.XTestGoFiles...) {
		replace[filepath.Join(pkg.Dir, f)] = ""
	}
	dir := filepath.Join(c.driving.folder, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	entries, err := driverSource.ReadDir("driver")
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		content, err := driverSource.ReadFile("driver/" + e.Name())
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, e.Name()), content, 0o600); err != nil {
			return "", err
		}
		replace[filepath.Join(pkg.Module.Dir, driverFolder, e.Name())] = filepath.Join(dir, e.Name())
	}
	main := filepath.Join(dir, driverFile)
	if err := os.WriteFile(main, p.source(pkg), 0o600); err != nil {
		return "", err
	}
	replace[filepath.Join(pkg.Dir, driverFile)] = main
	content, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "overlay.json")
	return file, os.WriteFile(file, content, 0o600)
}

// source is the test that calls the functions of a package.
func (p *program) source(pkg *listedPackage) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "package %s\n\nimport (\n\tunweldtesting %q\n\n\tunwelddriver %q\n)\n\n", pkg.Name, "testing", pkg.Module.Path+"/"+driverFolder)
	b.WriteString("func TestUnweldVerify(t *unweldtesting.T) {\n\tif err := unwelddriver.Run([]unwelddriver.Func{\n")
	for _, t := range p.targets {
		f := t.fn.Name
		if t.fn.Recv != "" {
			f = "(*" + t.fn.Recv + ")." + f
		}
		fmt.Fprintf(&b, "\t\t{ID: %q, F: %s, Gained: %t},\n", t.id, f, t.gained)
	}
	b.WriteString("\t}); err != nil {\n\t\tt.Fatal(err)\n\t}\n}\n")
	return b.Bytes()
}

// drive calls the functions of the changed module and of the module as it was.
func (c *check) drive(ctx context.Context, now *Module) error {
	if c.driving.folder == "" {
		return nil
	}
	var targets []target
	for _, p := range c.funcs.pairs {
		if id := p.old.String(); c.driving.ids[id].old != nil {
			targets = append(targets, target{id, p.now, p.gained})
		}
	}
	c.progress(fmt.Sprintf("verify: building %d functions as they come out", len(targets)))
	programs, err := c.build(ctx, now, "new", targets)
	if err != nil {
		return err
	}
	c.driving.types = map[string]string{}
	for in, had := range c.funcs.exported {
		if pkg := now.at(in.dir); pkg != nil {
			c.driving.types[pkg.ImportPath+"."+in.name] = had
		}
	}
	c.progress("verify: calling them with random arguments")
	old, again, err := c.calls(ctx, c.driving.old)
	if err != nil {
		return err
	}
	new1, new2, err := c.calls(ctx, programs)
	if err != nil {
		return err
	}
	for _, id := range sortedKeys(c.driving.ids) {
		c.compareCalls(id, [2]*called{old[id], again[id]}, [2]*called{new1[id], new2[id]})
	}
	return nil
}

// called is what the calls of one function did.
type called struct {
	sig, not string
	ins      []string
	outs     []string
}

const (
	hangs = "it doesn't return"
	ends  = "it ends the process"
)

// calls runs programs twice. A function that hangs or ends its process is left out
// of later runs.
func (c *check) calls(ctx context.Context, programs []*program) (first, second map[string]*called, err error) {
	first, second = map[string]*called{}, map[string]*called{}
	for _, p := range programs {
		var skip []string
		for _, into := range []map[string]*called{first, second} {
			for range restarts {
				one, stopped, err := c.runOnce(ctx, p, skip)
				if err != nil {
					return nil, nil, err
				}
				if stopped == "" {
					for id, calls := range one {
						into[id] = calls
					}
					break
				}
				first[stopped], second[stopped] = one[stopped], one[stopped]
				skip = append(skip, stopped)
			}
		}
	}
	return first, second, nil
}

// runOnce runs a program. Stopped is the function that kept it from its end.
func (c *check) runOnce(ctx context.Context, p *program, skip []string) (out map[string]*called, stopped string, err error) {
	lines := filepath.Join(c.driving.folder, "lines")
	config, err := json.Marshal(driver.Config{Out: lines, Module: p.module, Words: c.funcs.literals, Other: c.funcs.other, Types: c.driving.types, Skip: skip,
		Inputs: inputs, Milli: int(driveTime.Milliseconds()), Timeout: int(callTime.Milliseconds())})
	if err != nil {
		return nil, "", err
	}
	file := filepath.Join(c.driving.folder, "config")
	if err := errors.Join(os.WriteFile(file, config, 0o600), os.WriteFile(lines, nil, 0o600)); err != nil {
		return nil, "", err
	}
	limit := time.Duration(len(p.targets))*driveTime + callTime + 20*time.Second
	part, cancel := context.WithTimeout(ctx, min(limit, max(time.Until(c.end), time.Second)))
	defer cancel()
	cmd := c.command(part, ".", p.binary, "-test.run=^TestUnweldVerify$")
	cmd.Dir = p.dir
	cmd.Env = append(cmd.Env, driver.ConfigVariable+"="+file)
	failed := cmd.Run()
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	if _, exited := errors.AsType[*exec.ExitError](failed); failed != nil && !exited && part.Err() == nil {
		return nil, "", failed
	}
	content, err := os.ReadFile(lines)
	if err != nil {
		return nil, "", err
	}
	out, open := parseLines(content)
	if failed == nil {
		return out, "", nil
	}
	return out, open, nil
}

// parseLines returns what a run wrote, and the function whose call didn't end.
func parseLines(content []byte) (out map[string]*called, open string) {
	out = map[string]*called{}
	for text := range strings.Lines(string(content)) {
		var l driver.Line
		if json.Unmarshal([]byte(text), &l) != nil {
			continue // the end of a file whose writer was ended
		}
		f := out[l.ID]
		if f == nil {
			f = &called{}
			out[l.ID] = f
		}
		switch {
		case l.Not != "":
			f.not = l.Not
		case l.Call == 0:
			f.sig = l.Sig
		case l.Begun:
			open = l.ID
			f.ins, f.outs = append(f.ins, l.In), append(f.outs, ends)
		case l.Hangs:
			f.outs[len(f.outs)-1] = hangs
		default:
			open = ""
			f.outs[len(f.outs)-1] = l.Out
		}
	}
	return out, open
}

// compareCalls holds the calls of a function after the change to those before.
func (c *check) compareCalls(id string, old, now [2]*called) {
	not := func(reason string, args ...any) {
		c.gap(id, "not called with random arguments: "+reason, args...)
	}
	a, b := old[0], now[0]
	switch {
	case a == nil || b == nil:
		not("there was no time")
	case a.not != "":
		not("%s", a.not)
	case b.not != "":
		not("%s", b.not)
	case a.sig != b.sig:
		not("it takes and returns %s instead of %s", b.sig, a.sig)
	case slices.Contains(a.outs, hangs):
		not("it doesn't return in %s", callTime)
	case different(a, old[1]) >= 0:
		not("it doesn't return the same each time")
	default:
		n := min(len(a.ins), len(b.ins))
		if i := different(a, b); i >= 0 {
			if a.ins[i] != b.ins[i] {
				not("the types of its parameters are others")
				return
			}
			c.differs(Difference{Kind: Output, Object: id, Input: a.ins[i], Before: a.outs[i], After: b.outs[i]})
			return
		}
		c.report.Driven = append(c.report.Driven, Driven{id, n})
	}
}

// different returns the first call in which two runs differ, or -1.
func different(a, b *called) int {
	if b == nil {
		return 0
	}
	for i := range min(len(a.ins), len(b.ins)) {
		if a.ins[i] != b.ins[i] || a.outs[i] != b.outs[i] {
			return i
		}
	}
	return -1
}
