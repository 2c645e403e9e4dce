package engine

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/deploy"
	alltargets "github.com/unweld/unweld/deploy/all"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/scratch"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/splittest"
)

// Types of deploy in the results of a Session, for front ends.
type (
	SplitStatus        = deploy.Status
	SplitUnit          = deploy.UnitStatus
	SplitEndpointStats = deploy.EndpointStats
	SplitDurations     = deploy.Durations
	SplitEvent         = deploy.Event
	ExitError          = deploy.ExitError
)

// SplitRunOptions say what to run, and with what.
type SplitRunOptions struct {
	deploy.RunOptions
	Target string // that runs it; empty: the first that can
	// Warn receives what the target leaves out of the split. Nil: nobody.
	Warn func(component.Problem)
	// Program is the package of the program, relative to the module's root; empty
	// is the only package main with bound components in it, or that of the folder in which
	// the session was opened.
	Program string
}

// SplitRun builds the program and runs it in the units of the named split,
// until it ends. The error of a program that fails is an *ExitError.
func (s *Session) SplitRun(ctx context.Context, name string, o SplitRunOptions) error {
	t, err := targetFor(o.Target, "run a split", runs)
	if err != nil {
		return err
	}
	plan, err := s.planFor(ctx, name, t)
	if err != nil {
		return err
	}
	warn(o.Warn, plan)
	program, err := s.program(ctx, o.Program)
	if err != nil {
		return err
	}
	dir, remove, err := scratch.Dir("unweld-build")
	if err != nil {
		return err
	}
	defer remove()
	o.Binary = filepath.Join(dir, filepath.Base(program))
	s.progress("building " + program)
	if err := s.build(ctx, program, o.Binary, dir); err != nil {
		return err
	}
	s.progress("")
	o.Key = s.Root
	if o.Dir == "" {
		o.Dir = s.Root
	}
	o.Schemes = schemes()
	return t.Run(ctx, plan, o.RunOptions)
}

// build builds the program with what it takes to be commanded while it runs.
func (s *Session) build(ctx context.Context, program, binary, folder string) error {
	files, err := s.bindable().Overlay(codegen.LiveBuild)
	if err != nil {
		return err
	}
	flags, err := splittest.Overlay{Dir: s.Root, Folder: folder, Files: files}.Flags(nil)
	if err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", slices.Concat([]string{"build", "-o", binary}, flags, []string{program})...)
	build.Dir = s.Root
	if out, err := build.CombinedOutput(); err != nil {
		return &component.LoadError{Object: program, Reason: "doesn't build\n" + strings.TrimSpace(string(out)), Hint: "go build " + program}
	}
	return nil
}

// A mainPackage is one package main of the module.
type mainPackage struct {
	path, dir string
	deps      []string // import paths
}

// program finds the package main to build: the only one, or the only one that has a bound
// component in it, or that of the folder in which the session was opened.
func (s *Session) program(ctx context.Context, name string) (string, error) {
	pattern := "./..."
	if name != "" {
		pattern = name
	}
	list := exec.CommandContext(ctx, "go", "list", "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{"\t"}}{{.Dir}}{{"\t"}}{{join .Deps " "}}{{end}}`, pattern)
	list.Dir = s.Root
	out, err := list.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", &component.LoadError{Object: pattern, Reason: strings.TrimSpace(string(exit.Stderr)), Hint: "name the program's package: --program ./cmd/shop"}
	} else if err != nil {
		return "", err
	}
	var mains []mainPackage
	for line := range strings.Lines(string(out)) {
		if importPath, rest, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); ok {
			dir, deps, _ := strings.Cut(rest, "\t")
			mains = append(mains, mainPackage{importPath, dir, strings.Fields(deps)})
		}
	}
	if len(mains) == 0 {
		return "", &component.UsageError{Object: pattern, Reason: "has no package main", Hint: "name the program's package: --program ./cmd/shop"}
	}
	if len(mains) > 1 {
		mains = s.withComponents(mains)
	}
	if i := slices.IndexFunc(mains, func(m mainPackage) bool { return m.dir == s.snap.Dir() }); len(mains) > 1 && i >= 0 {
		return mains[i].path, nil
	}
	if len(mains) > 1 {
		var paths []string
		for _, m := range mains {
			paths = append(paths, m.path)
		}
		return "", &component.UsageError{Object: "split run", Reason: fmt.Sprintf("the module has %d programs with bound components: %s", len(mains), strings.Join(paths, ", ")), Hint: "choose one: --program " + paths[0]}
	}
	return mains[0].path, nil
}

// withComponents returns those of several programs that have bound components in them, or
// all where none has.
func (s *Session) withComponents(mains []mainPackage) []mainPackage {
	l, _, err := lock.Read(s.Root)
	if err != nil {
		return mains // what runs the split says so
	}
	var contracts []string
	for _, c := range l.Components {
		if dot := strings.LastIndexByte(c.Contract, '.'); dot > 0 {
			contracts = append(contracts, path.Join(s.Module, c.Contract[:dot]))
		}
	}
	with := slices.DeleteFunc(slices.Clone(mains), func(m mainPackage) bool {
		return !slices.ContainsFunc(contracts, func(c string) bool { return c == m.path || slices.Contains(m.deps, c) })
	})
	if len(with) == 0 {
		return mains
	}
	return with
}

// SplitApplyOptions say how to change what runs.
type SplitApplyOptions struct {
	deploy.ApplyOptions
	Target string // as in SplitRunOptions
	Warn   func(component.Problem)
}

// SplitApply changes what runs of this module to the named split, while calls
// are in flight.
func (s *Session) SplitApply(ctx context.Context, name string, o SplitApplyOptions) error {
	t, err := targetFor(o.Target, "run a split", runs)
	if err != nil {
		return err
	}
	plan, err := s.planFor(ctx, name, t)
	if err != nil {
		return err
	}
	warn(o.Warn, plan)
	return t.Apply(ctx, s.Root, plan, o.ApplyOptions)
}

func warn(to func(component.Problem), plan *split.Plan) {
	for _, p := range plan.Problems {
		if to != nil {
			to(p)
		}
	}
}

// SplitStatus tells what runs of this module. Target is as in SplitRunOptions.
func (s *Session) SplitStatus(ctx context.Context, target string) (*SplitStatus, error) {
	t, err := targetFor(target, "run a split", runs)
	if err != nil {
		return nil, err
	}
	return t.Status(ctx, s.Root)
}

// A SplitSummary is one line of `split list`.
type SplitSummary struct {
	Name     string           `json:"name"`
	Declared bool             `json:"declared"` // in unweld.yaml
	Units    []split.PlanUnit `json:"units"`
	Problem  string           `json:"problem,omitempty"` // why it can't be planned
	// Targets are all there are, each with what it makes of the split.
	Targets []split.Fit `json:"targets"`
}

// SplitList lists the splits, each with its units.
func (s *Session) SplitList() ([]SplitSummary, error) {
	cfg, _, err := s.Config()
	if err != nil {
		return nil, err
	}
	names, err := s.Splits()
	if err != nil {
		return nil, err
	}
	list := []SplitSummary{}
	for _, name := range names {
		_, declared := cfg.Splits[name]
		sum := SplitSummary{Name: name, Declared: declared, Units: []split.PlanUnit{}, Targets: []split.Fit{}}
		if plan, err := s.Plan(name); err != nil {
			sum.Problem = err.Error()
		} else {
			sum.Units = plan.Units
			sum.Targets = deploy.FitAll(alltargets.Targets, schemes(), func(acrossHosts bool) (*split.Plan, error) { return s.plan(name, acrossHosts) })
		}
		list = append(list, sum)
	}
	return list, nil
}
