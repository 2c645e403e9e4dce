package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/refactor"
	refactorings "github.com/unweld/unweld/refactor/all"
)

// ExtractOptions say what Extract is to take out, and how.
type ExtractOptions struct {
	Target string // ./pkg, ./pkg.Type or ./pkg.{F,G}; an import path is as good as ./pkg
	Name   string // of the component
	// KeepSignatures leaves callers byte for byte as they are.
	KeepSignatures bool
}

// Extract returns the change set that puts a contract between the target and
// the rest of the program.
func (s *Session) Extract(ctx context.Context, options ExtractOptions) (change.Set, error) {
	if options.Name == "" {
		return change.Set{}, &component.UsageError{Object: "--name", Reason: "the component has no name", Hint: "give it one: --name pricing"}
	}
	if err := s.freeName(options.Name); err != nil {
		return change.Set{}, err
	}
	req := refactor.Request{Target: options.Target, Name: options.Name, Flags: map[string]string{}}
	if options.KeepSignatures {
		req.Flags["keep-signatures"] = "true"
	}
	return s.Refactor(ctx, "extract", req)
}

// freeName refuses a name that a component can't have, or that another one has.
func (s *Session) freeName(name string) error {
	if problem := split.NameProblem(name); problem != "" {
		return &component.UsageError{Object: "--name", Reason: problem, Hint: "for example: --name pricing"}
	}
	l, _, err := s.readLock()
	if err != nil {
		return err
	}
	cfg, _, err := s.Config()
	if err != nil {
		return err
	}
	taken := cfg.Components[name].Contract
	if p := l.Components[name]; p != nil {
		taken = p.Contract
	}
	if taken != "" {
		return &component.UsageError{Object: "--name", Reason: fmt.Sprintf("component %s has a contract already: %s", name, taken), Hint: "give the new one another name"}
	}
	return nil
}

// A RefactorRequest says what a refactoring is to work on.
type RefactorRequest = refactor.Request

// Refactorings returns the names of the refactorings, sorted.
func Refactorings() []string {
	var names []string
	for _, r := range refactorings.Refactorings {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names
}

// Refactor runs the refactoring of the given name.
func (s *Session) Refactor(ctx context.Context, kind string, req refactor.Request) (change.Set, error) {
	i := slices.IndexFunc(refactorings.Refactorings, func(r *refactor.Refactoring) bool { return r.Name == kind })
	if i < 0 {
		return change.Set{}, &component.UsageError{Object: kind, Reason: "no such refactoring", Hint: "there are: " + strings.Join(Refactorings(), ", ")}
	}
	s.progress(fmt.Sprintf("%s %s: type-checking the module and its tests", kind, req.Target))
	return refactorings.Refactorings[i].Run(ctx, refactor.Input{Snapshot: s.snap}, req)
}
