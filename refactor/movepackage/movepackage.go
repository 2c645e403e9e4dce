package movepackage

import (
	"context"
	"go/token"
	"path"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/folder"
	"github.com/unweld/unweld/refactor/internal/relocate"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "move-package",
	Kind:  "refactor.move.package",
	Title: "Move the package",
	Doc: `move a package to another folder of the module

The folder moves with everything below it: tests, files of other builds, test data,
embedded files, packages. Imports change in every file of the module, and mentions
of the package where it is called after its folder and gets another name. Where an
import would reach into a folder named internal, the move is refused. The paths,
import paths and package names in go:generate directives follow. Other texts that
mention the path (Makefiles, workflows) stay, and are noted.`,
	Examples: []string{
		"./store --to ./internal/store",
		"./util/log --to ./logging --write",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./store", Doc: "the package, by its folder or import path"},
	Params: []refactor.Param{
		{Name: paramTo, Type: refactor.Text, Required: true, Example: "./internal/store", Doc: "the folder that it goes to, which there isn't yet"},
	},
	Offer: offer,
	Run:   run,
}

const paramTo = "to"

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	what := "move-package " + req.Target
	world, err := code.Load(ctx, in, what)
	if err != nil {
		return change.Set{}, err
	}
	pkg, err := folder.Package(world, req.Target)
	if err != nil {
		return change.Set{}, err
	}
	to, err := relocate.FolderAt(world, "--"+paramTo, req.Text(paramTo))
	if err != nil {
		return change.Set{}, err
	}
	if to.Pkg != nil {
		return change.Set{}, &component.UsageError{Object: "--" + paramTo, Reason: to.Path + " is a package already", Hint: "name a folder that there isn't, or merge the packages: unweld refactor merge-packages"}
	}
	name := pkg.Pkg.Name
	if name == path.Base(pkg.Pkg.Dir) && name != "main" {
		if name = to.Name; !token.IsIdentifier(name) || name == "main" || strings.HasSuffix(name, "_test") {
			return change.Set{}, &component.UsageError{Object: "--" + paramTo, Reason: to.Dir + " has no name for a package: " + name, Hint: "end it with a name that Go allows, as in ./mail"}
		}
	}
	m := &folder.Move{World: world, Pkg: pkg, To: to.Dir, Name: name}
	return m.Do(ctx, what)
}

// offer offers the package at its clause.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	if site.Test() || !site.PackageClause() || site.Dir() == "./" {
		return nil
	}
	to := "./internal/" + path.Base(site.Dir())
	if site.Dir() == to {
		to = "./" + path.Base(site.Dir())
	}
	return []refactor.Offer{{Title: "Move package " + site.Syntax.Name.Name + " to another folder", MovesFiles: true,
		Request: refactor.Request{Target: site.Dir(), Params: map[string]string{paramTo: to}}}}
}
