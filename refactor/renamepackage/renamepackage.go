package renamepackage

import (
	"context"
	"path"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/folder"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "rename-package",
	Kind:  "refactor.rewrite.renamePackage",
	Title: "Rename the package",
	Doc: `give a package another name

The package clauses change, and what other files call the package by. The folder is
renamed with everything below it where it is called like the package, and imports
change in every file of the module. A file in which the new name would be hidden
goes on calling the package by its old one.`,
	Examples: []string{
		"./util --name text",
		"./store --name storage --write",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./util", Doc: "the package, by its folder or import path"},
	Params: []refactor.Param{
		{Name: paramName, Type: refactor.Identifier, Required: true, Example: "text", Doc: "its new name"},
	},
	Offer: offer,
	Run:   run,
}

const paramName = "name"

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	what := "rename-package " + req.Target
	world, err := code.Load(ctx, in, what)
	if err != nil {
		return change.Set{}, err
	}
	pkg, err := folder.Package(world, req.Target)
	if err != nil {
		return change.Set{}, err
	}
	name := req.Text(paramName)
	switch {
	case pkg.Pkg.Name == "main" || name == "main":
		return change.Set{}, &component.UsageError{Object: req.Target, Reason: "main is the name of a program", Hint: "move the package instead: unweld refactor move-package"}
	case strings.HasSuffix(name, "_test"):
		return change.Set{}, &component.UsageError{Object: "--" + paramName, Reason: name + " is the name of tests", Hint: "choose another name"}
	}
	to := path.Clean(pkg.Pkg.Dir)
	if pkg.Pkg.Name == path.Base(to) {
		to = path.Join(path.Dir(to), name)
	}
	m := &folder.Move{World: world, Pkg: pkg, To: to, Name: name}
	return m.Do(ctx, what)
}

// offer offers the package at its clause. The name is the user's to say.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	name := site.Syntax.Name.Name
	if site.Test() || !site.PackageClause() || site.Dir() == "./" || name == "main" {
		return nil
	}
	return []refactor.Offer{{Title: "Rename package " + name, MovesFiles: path.Base(site.Dir()) == name,
		Request: refactor.Request{Target: site.Dir(), Params: map[string]string{paramName: name + "2"}}}}
}
