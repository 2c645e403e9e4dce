package bind

import (
	"context"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/gomod"
	"github.com/unweld/unweld/internal/lock"
)

// requirements computes go.mod and go.sum for the run-time packages in use.
func (g *generator) requirements(ctx context.Context) error {
	before := map[string][]byte{}
	for _, name := range gomod.Files {
		content, _, err := g.m.read(name)
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
	if _, vendored, _ := g.m.read("vendor/modules.txt"); vendored != "" {
		if missing := gomod.Unmet(mod, g.part.Requires); len(missing) > 0 {
			return &component.UsageError{Object: "vendor", Reason: "the module's dependencies are vendored, and the run-time needs " + strings.Join(missing, ", "),
				Hint: "go get " + strings.Join(missing, " ") + " && go mod vendor, then bind again"}
		}
		return nil
	}
	queries := gomod.Queries(mod, g.part.Requires, g.part.Packages)
	g.m.Progress("resolving " + queries[0])
	after, err := gomod.Get(ctx, g.m.Root, g.m.Snapshot.Env(), before, queries)
	if err != nil {
		return err
	}
	if err := g.raised(before["go.mod"], after["go.mod"]); err != nil {
		return err
	}
	for _, name := range gomod.Files {
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
