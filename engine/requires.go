package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/scratch"
)

// moduleFiles are what a requirement is written into.
var moduleFiles = []string{"go.mod", "go.sum"}

// read returns a file's content; nil where there is none.
func (s *Session) read(file string) ([]byte, change.Hash, error) {
	content, hash, err := s.snap.Content(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	return content, hash, err
}

// requirements computes go.mod and go.sum for the run-time packages in use.
func (g *generator) requirements(ctx context.Context) error {
	before := map[string][]byte{}
	for _, name := range moduleFiles {
		content, _, err := g.s.read(name)
		if err != nil {
			return err
		}
		before[name] = content
	}
	if !g.after.Requires() {
		return g.releaseModule(before)
	}
	if len(g.part.Requires) == 0 {
		return nil
	}
	mod, err := modfile.Parse("go.mod", before["go.mod"], nil)
	if err != nil {
		return &component.LoadError{Object: "go.mod", Reason: err.Error(), Hint: "fix it first"}
	}
	if _, vendored, _ := g.s.read("vendor/modules.txt"); vendored != "" {
		if missing := unmet(mod, g.part.Requires); len(missing) > 0 {
			return &component.UsageError{Object: "vendor", Reason: "the module's dependencies are vendored, and the run-time needs " + strings.Join(missing, ", "),
				Hint: "go get " + strings.Join(missing, " ") + " && go mod vendor, then bind again"}
		}
		return nil
	}
	after, err := g.s.goGet(ctx, before, queries(mod, g.part))
	if err != nil {
		return err
	}
	if err := g.raised(before["go.mod"], after["go.mod"]); err != nil {
		return err
	}
	for _, name := range moduleFiles {
		if string(after[name]) == string(before[name]) {
			continue
		}
		g.module(name, before[name], after[name])
		g.after.Module = append(g.after.Module, lock.EditOf(name, before[name], after[name], before[name] != nil))
	}
	return nil
}

// module makes a new go.mod, go.sum or unweld.yaml part of the change.
func (g *generator) module(name string, before, after []byte) {
	if before != nil {
		g.disk[name] = before
	}
	g.files[name] = after
}

// releaseModule takes back what was done to go.mod and go.sum when nothing
// needs it any more.
func (g *generator) releaseModule(now map[string][]byte) error {
	after, problems := g.after.ReleaseModule(now)
	if len(problems) > 0 {
		return component.Refuse(g.what(), problems...)
	}
	for name, content := range after {
		g.module(name, now[name], content)
	}
	return nil
}

// unmet lists the requirements that go.mod doesn't have.
func unmet(mod *modfile.File, requires []string) []string {
	var missing []string
	for _, r := range requires {
		name, version, _ := strings.Cut(r, "@")
		if semver.Compare(required(mod, name), version) < 0 {
			missing = append(missing, r)
		}
	}
	return missing
}

// required is the version of a module that go.mod asks for, or "".
func required(mod *modfile.File, name string) string {
	for _, r := range mod.Require {
		if r.Mod.Path == name {
			return r.Mod.Version
		}
	}
	return ""
}

// queries are the arguments of go get: each package that the run-time imports,
// at the version that the run-time was tested with or the module's own newer
// one.
func queries(mod *modfile.File, p *lock.Part) []string {
	var out []string
	for _, r := range p.Requires {
		name, version, _ := strings.Cut(r, "@")
		if have := required(mod, name); semver.Compare(have, version) > 0 {
			version = have
		}
		out = append(out, name+"@"+version)
		for _, pkg := range p.Packages {
			if strings.HasPrefix(pkg, name+"/") {
				out = append(out, pkg+"@"+version)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// goGet runs go get on copies of go.mod and go.sum, and returns them.
func (s *Session) goGet(ctx context.Context, files map[string][]byte, queries []string) (map[string][]byte, error) {
	s.progress("resolving " + queries[0])
	dir, remove, err := scratch.Dir("unweld-mod")
	if err != nil {
		return nil, err
	}
	defer remove()
	for name, content := range files {
		if content == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return nil, err
		}
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"get", "-modfile=" + filepath.Join(dir, "go.mod")}, queries...)...)
	cmd.Dir, cmd.Env = s.Root, append(s.snap.Env(), "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &component.LoadError{Object: "go get " + queries[0], Reason: lastLine(string(out), err.Error()), Hint: "can the module proxy be reached? see: go env GOPROXY"}
	}
	after := map[string][]byte{}
	for name := range files {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		after[name] = content
	}
	after["go.mod"], err = direct(after["go.mod"], queries)
	return after, err
}

// direct takes "// indirect" off the modules that are imported now.
func direct(content []byte, queries []string) ([]byte, error) {
	mod, err := modfile.Parse("go.mod", content, nil)
	if err != nil {
		return nil, err
	}
	var reqs []*modfile.Require
	for _, r := range mod.Require {
		c := *r
		if slices.ContainsFunc(queries, func(q string) bool { return strings.HasPrefix(q, r.Mod.Path+"@") }) {
			c.Indirect = false
		}
		reqs = append(reqs, &c)
	}
	mod.SetRequireSeparateIndirect(reqs)
	mod.Cleanup()
	return mod.Format()
}

func lastLine(out, otherwise string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if last := strings.TrimPrefix(lines[len(lines)-1], "go: "); last != "" {
		return last
	}
	return fmt.Sprint(otherwise)
}
