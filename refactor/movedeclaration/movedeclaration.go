package movedeclaration

import (
	"context"
	"fmt"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/relocate"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "move-declaration",
	Kind:  "refactor.move.declaration",
	Title: "Move to another package",
	Doc: `move declarations to another package, with what they need

Functions, types with their methods, variables and constants move to a package of
the module, or to a new one. Helpers that nothing else uses move along, and so do
the constants of a type, and tests that use nothing else. What both packages use
is exported. References and imports change in every file of the module. Where the
two packages would import each other, more declarations move along, up to
--companions; where that isn't enough, the answer is the way around. Files that this
build leaves out (GOOS, tags) change by their names, as far as these leave no doubt. What
is bound to its package by more than Go code (cgo, assembly, go:linkname, go:embed) is
refused.`,
	Examples: []string{
		"./store.Mailer --to ./mail",
		"'./util.{Slug,Title}' --to ./text --exports none",
		"./store.Parse --to ./parse --companions 20 --tests stay --write",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./store.Mailer",
		Doc: "./store.Mailer or './store.{Mailer,NewMailer}'; an import path is as good as a relative one"},
	Params: []refactor.Param{
		{Name: paramTo, Type: refactor.Text, Required: true, Example: "./mail", Doc: "the package that they go to, by its folder or import path; it is made where there is none"},
		{Name: paramCompanions, Type: refactor.Number, Default: "10", Doc: "how many declarations may move along, besides helpers that nothing else uses; a group of constants is one"},
		{Name: paramExports, Type: refactor.Enum, Values: []string{"allow", "none"}, Default: "allow", Doc: "whether names may be exported that weren't"},
		{Name: paramTests, Type: refactor.Enum, Values: []string{string(relocate.MoveTests), string(relocate.StayTests)}, Default: string(relocate.MoveTests),
			Doc: "whether tests that use nothing else move along"},
	},
	Offer: offer,
	Run:   run,
}

// The parameters.
const (
	paramTo         = "to"
	paramCompanions = "companions"
	paramExports    = "exports"
	paramTests      = "tests"
)

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	what := "move-declaration " + req.Target
	world, err := code.Load(ctx, in, what)
	if err != nil {
		return change.Set{}, err
	}
	src, units, err := relocate.Find(world, req.Target)
	if err != nil {
		return change.Set{}, err
	}
	to, err := relocate.PlaceAt(world, "--"+paramTo, req.Text(paramTo))
	if err != nil {
		return change.Set{}, err
	}
	if to.Path == src.Pkg.Pkg.Path {
		return change.Set{}, &component.UsageError{Object: "--" + paramTo, Reason: units[0].Name() + " is in " + to.Path + " already", Hint: "name another package"}
	}
	plan, err := src.Move(what, units, to, relocate.Limits{
		Companions: req.Number(paramCompanions),
		NoExports:  req.Text(paramExports) == "none",
		Tests:      relocate.Tests(req.Text(paramTests)),
	})
	if err != nil {
		return change.Set{}, err
	}
	plan.Apply()
	return world.Result(ctx, what, fmt.Sprintf("move %s to %s", names(units), to.Path), plan.Created, plan.Notes)
}

func names(units []*relocate.Unit) string {
	var out []string
	for _, u := range units {
		out = append(out, u.Name())
	}
	return strings.Join(out, ", ")
}
