package splitpackage

import (
	"context"
	"fmt"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/relocate"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "split-package",
	Kind:  "refactor.rewrite.splitPackage",
	Title: "Split the package",
	Doc: `divide a package into several, along its components

Each part becomes a package below the one that is divided, or of the path that
--parts gives it: 'mail=Mailer,Send;./internal/slug=Slug'. Without --parts the
parts are those that unweld find --unit decl proposes; the largest stays. Types
take their methods and constants along, helpers go where they are used, and tests
to what they test. What two parts use is exported. Parts of a proposal that would
import each other stay together; named parts are refused then, with the way
around.`,
	Examples: []string{
		"./util",
		"./util --parts 'slug=Slug,Title;mail=Mailer' --exports none --write",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./util", Doc: "the package, by its folder or import path"},
	Params: []refactor.Param{
		{Name: paramParts, Type: refactor.Text, Doc: "the parts, as NAME=DECLARATION,DECLARATION;NAME=...; what find proposes where it is left out"},
		{Name: paramExports, Type: refactor.Enum, Values: []string{"allow", "none"}, Default: "allow", Doc: "whether names may be exported that weren't"},
	},
	Offer: offer,
	Run:   run,
}

// The parameters.
const (
	paramParts   = "parts"
	paramExports = "exports"
)

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	what := "split-package " + req.Target
	world, err := code.Load(ctx, in, what)
	if err != nil {
		return change.Set{}, err
	}
	pkg, rest := code.FindPackage(world, req.Target)
	if pkg == nil {
		return change.Set{}, code.MissingPackage(world, req.Target, req.Target)
	}
	if rest != "" {
		return change.Set{}, &component.UsageError{Object: req.Target, Reason: "names a declaration", Hint: "name its package, or move it alone: unweld refactor move-declaration"}
	}
	src := relocate.New(world, pkg)
	var groups []relocate.Group
	if text := req.Text(paramParts); text != "" {
		groups, err = named(world, src, text)
	} else {
		groups, err = proposed(ctx, in, world, src)
	}
	if err != nil {
		return change.Set{}, err
	}
	plan, err := src.Split(what, groups, relocate.Limits{NoExports: req.Text(paramExports) == "none", Tests: relocate.MoveTests})
	if err != nil {
		return change.Set{}, err
	}
	plan.Apply()
	return world.Result(ctx, what, "split "+pkg.Pkg.Path, plan.Created, plan.Notes)
}

// named reads the parts that a person gave.
func named(w *code.World, src *relocate.Source, text string) ([]relocate.Group, error) {
	wrong := func(reason, hint string) error {
		return &component.UsageError{Object: "--" + paramParts, Reason: reason, Hint: hint}
	}
	const form = "write NAME=DECLARATION,DECLARATION;NAME=..."
	var groups []relocate.Group
	seen := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, list, ok := strings.Cut(part, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.TrimSpace(list) == "" {
			return nil, wrong(fmt.Sprintf("%q is no part", part), form)
		}
		to, err := placeNamed(w, src, name)
		if err != nil {
			return nil, err
		}
		g := relocate.Group{To: to, Firm: true}
		for decl := range strings.SplitSeq(list, ",") {
			if decl = strings.TrimSpace(decl); decl == "" {
				continue
			}
			u := src.Unit(decl)
			switch {
			case u == nil:
				return nil, code.NotDeclared(w, src.Pkg, "--"+paramParts, "", decl, src.Names())
			case seen[decl] != "":
				return nil, wrong(fmt.Sprintf("%s is in two parts, %s and %s", decl, seen[decl], name), form)
			}
			seen[decl] = name
			g.Units = append(g.Units, u)
		}
		if slices.ContainsFunc(groups, func(other relocate.Group) bool { return other.To.Path == to.Path }) {
			return nil, wrong("two parts are called "+name, form)
		}
		groups = append(groups, g)
	}
	if len(groups) == 0 {
		return nil, wrong("names no part", form)
	}
	return groups, nil
}

// placeNamed returns the package of a part: a path, or a name below the package.
func placeNamed(w *code.World, src *relocate.Source, name string) (*relocate.Place, error) {
	if !strings.Contains(name, "/") {
		name = src.Pkg.Pkg.Path + "/" + name
	}
	to, err := relocate.PlaceAt(w, "--"+paramParts, name)
	if err == nil && to.Path == src.Pkg.Pkg.Path {
		return nil, &component.UsageError{Object: "--" + paramParts, Reason: name + " is the package itself", Hint: "what is in no part stays there"}
	}
	return to, err
}

// proposed takes the parts from what find says of the declarations. The largest
// one stays.
func proposed(ctx context.Context, in refactor.Input, w *code.World, src *relocate.Source) ([]relocate.Group, error) {
	if in.Propose == nil {
		return nil, &component.UsageError{Object: "--" + paramParts, Reason: "is missing", Hint: "write NAME=DECLARATION,DECLARATION;NAME=..."}
	}
	proposal, err := in.Propose(ctx, src.Pkg.Pkg.Path)
	if err != nil {
		return nil, err
	}
	largest := 0
	for i, p := range proposal {
		if len(p.Decls) > len(proposal[largest].Decls) {
			largest = i
		}
	}
	var groups []relocate.Group
	taken := map[string]bool{}
	for i, p := range proposal {
		if i == largest {
			continue
		}
		to, err := relocate.PlaceAt(w, "--"+paramParts, src.Pkg.Pkg.Path+"/"+packageName(src, p.Name, taken))
		if err != nil {
			return nil, err
		}
		g := relocate.Group{To: to}
		for _, decl := range p.Decls {
			if u := src.Unit(decl); u != nil && !slices.Contains(g.Units, u) {
				g.Units = append(g.Units, u)
			}
		}
		if len(g.Units) > 0 {
			groups = append(groups, g)
		}
	}
	if len(groups) == 0 {
		return nil, &component.UsageError{Object: src.Pkg.Pkg.Path, Reason: "is one component: find proposes nothing to split off", Hint: "name parts of it: --parts 'a=F,T;b=G'"}
	}
	return groups, nil
}

// packageName makes a package's name of that of a component.
func packageName(src *relocate.Source, name string, taken map[string]bool) string {
	name = strings.TrimPrefix(path.Base(name), src.Pkg.Pkg.Name+"-")
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
	if !token.IsIdentifier(out) || out == "main" || out == "internal" || out == "vendor" || out == "testdata" || out == src.Pkg.Pkg.Name || types.Universe.Lookup(out) != nil {
		out = "part" + out
	}
	for taken[out] {
		out += "2"
	}
	taken[out] = true
	return out
}

// offer offers the package at its clause.
func offer(_ refactor.Input, site *refactor.Site) []refactor.Offer {
	if site.Test() || !site.PackageClause() {
		return nil
	}
	return []refactor.Offer{{Title: "Split package " + site.Syntax.Name.Name, Request: refactor.Request{Target: site.Dir()}}}
}
