package mergepackages

import (
	"context"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/folder"
	"github.com/unweld/unweld/refactor/internal/relocate"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "merge-packages",
	Kind:  "refactor.move.merge",
	Title: "Merge the package into another",
	Doc: `merge a package into another one

Everything that the package declares moves to the other one, its tests too. Files
keep their names where those are free. References and imports change in every file
of the module; between the two packages qualifiers go. Helpers and tests whose names
the other package has already get another one; exported names that both have are
refused, as are import cycles and what is bound to its folder (embedded files, test
data, files of other builds).`,
	Examples: []string{
		"./store/sql --into ./store",
		"./util --into ./text --write",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./store/sql", Doc: "the package that goes, by its folder or import path"},
	Params: []refactor.Param{
		{Name: paramInto, Type: refactor.Text, Required: true, Example: "./store", Doc: "the package that it goes into"},
	},
	Run: run,
}

const paramInto = "into"

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	what := "merge-packages " + req.Target
	world, err := code.Load(ctx, in, what)
	if err != nil {
		return change.Set{}, err
	}
	pkg, err := folder.Package(world, req.Target)
	if err != nil {
		return change.Set{}, err
	}
	to, err := relocate.PlaceAt(world, "--"+paramInto, req.Text(paramInto))
	if err != nil {
		return change.Set{}, err
	}
	switch {
	case to.Pkg == nil:
		return change.Set{}, &component.UsageError{Object: "--" + paramInto, Reason: to.Path + " is no package of this module", Hint: "name one that there is, or move the package: unweld refactor move-package"}
	case to.Path == pkg.Pkg.Path:
		return change.Set{}, &component.UsageError{Object: "--" + paramInto, Reason: to.Path + " is the package itself", Hint: "name another one"}
	case pkg.Pkg.Name == "main" || to.Name == "main":
		return change.Set{}, &component.UsageError{Object: what, Reason: "a program is no package to merge", Hint: "move declarations one by one: unweld refactor move-declaration"}
	}
	plan, err := relocate.New(world, pkg).Merge(what, to)
	if err != nil {
		return change.Set{}, err
	}
	plan.Apply()
	return world.Result(ctx, what, "merge "+pkg.Pkg.Path+" into "+to.Path, plan.Created, plan.Notes)
}
