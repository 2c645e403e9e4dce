package rules

import (
	"go/parser"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// An Input is a module as it was read, whole.
type Input struct {
	Root     string // absolute path of the module or workspace
	Module   string // its module path; empty for a workspace
	Config   *split.Config
	Snapshot *source.Snapshot // parses files, and says where they are

	Summaries []*component.Summary // of the packages that this build type-checks
	Found     *component.Result    // the components of these, under Config
	Folders   []source.Folder      // with Go files, of other builds and of tests too
}

// A Code is a module as rules see it: what this build type-checks, and the files
// of other builds and of tests, which are only parsed. It doesn't change, and may
// be used by several goroutines; what it was made of must not change either.
type Code struct {
	Input
	packages []component.Package // of this build and of others, by import path
	owner    map[string]string   // import path -> component; none has ""

	places    *split.Places                 // of packages
	summaries map[string]*component.Summary // by import path
	named     map[string]bool               // components that unweld.yaml speaks of
}

// NewCode returns the code that rules are applied to.
func NewCode(in Input) *Code {
	c := &Code{Input: in, owner: map[string]string{}, summaries: map[string]*component.Summary{}, named: named(in.Config)}
	for _, f := range c.Found.Components {
		for _, p := range f.Packages {
			c.owner[p] = f.Name
		}
	}
	for _, sum := range c.Summaries {
		c.summaries[sum.Package.Path] = sum
		c.packages = append(c.packages, sum.Package)
	}
	ownership := c.Config.Ownership(c.Root)
	for _, f := range c.Folders {
		if p := f.Package; f.Left == "" && c.summaries[p.Path] == nil {
			c.packages = append(c.packages, p)
			c.owner[p.Path] = ownership.Owner(p)
		}
	}
	slices.SortFunc(c.packages, func(a, b component.Package) int { return strings.Compare(a.Path, b.Path) })
	c.places = split.NewPlaces(c.packages)
	return c
}

// CheckNames holds what unweld.yaml names against the code: a pattern that matches
// no package, and a component or contract that isn't there, are a
// *component.UsageError with their places.
func (c *Code) CheckNames() error { return split.Usage(c.Config.Check(c.code())) }

// code is what the names of unweld.yaml are held against.
func (c *Code) code() split.Code {
	code := split.Code{Root: c.Root, Packages: c.packages, Places: c.places, Contract: c.contract}
	for _, f := range c.Found.Components {
		code.Components = append(code.Components, f.Name)
	}
	code.Endpoint = func(comp, method string) (has, known bool) {
		pkg, iface, ok := c.Config.ContractOf(comp, code)
		if !ok {
			return false, false
		}
		return c.method(pkg.Path, iface, method)
	}
	return code
}

// named returns the components that unweld.yaml speaks of. What find made up for
// the rest of the code may be cut in another way tomorrow: no rule is about it.
func named(cfg *split.Config) map[string]bool {
	is := map[string]bool{}
	for name := range cfg.Components {
		is[name] = true
	}
	for _, name := range cfg.Rules.Layers {
		is[name] = true
	}
	for from, tos := range cfg.Rules.Allow {
		is[from] = true
		for _, to := range tos {
			is[to] = true
		}
	}
	return is
}

// contract says what is wrong with a contract, or "".
func (c *Code) contract(pkg component.Package, name string) string {
	sum := c.summaries[pkg.Path]
	if sum == nil || len(sum.Problems) > 0 {
		return "" // another build has it, or the compiler complains
	}
	var types []string
	for _, d := range sum.Decls {
		switch {
		case d.Name == name && d.Kind == "type":
			if _, f := c.Snapshot.Syntax(d.Span.File, parser.SkipObjectResolution); f != nil {
				if kind, _ := source.Declared(f, name); kind != "" {
					return name + " is " + kind + ", and a contract is an interface"
				}
			}
			return ""
		case d.Name == name:
			return name + " is a " + d.Kind + ", and a contract is an interface"
		case d.Kind == "type":
			types = append(types, d.Name)
		}
	}
	message := "package " + pkg.Path + " declares no " + name
	if near := split.Nearest(name, types); near != "" {
		message += " (did you mean " + near + "?)"
	}
	return message
}

// method reports whether a contract has a method. What it embeds isn't followed.
func (c *Code) method(importPath, iface, method string) (has, known bool) {
	sum := c.summaries[importPath]
	if sum == nil {
		return false, false
	}
	id := component.DeclID{Pkg: importPath, Name: iface}
	if slices.ContainsFunc(sum.Refs, func(r component.Ref) bool { return r.From == id && r.Kind == "embed" }) {
		return false, false
	}
	for _, sig := range sum.Contracts {
		if sig.Decl == id && sig.Member != "" {
			known = true
			has = has || sig.Member == method
		}
	}
	return has, known
}

// outside notes the code in the tree that uses packages of the module and isn't
// part of it: it is held to no rule. A note names the first place for each reason.
func (c *Code) outside() []component.Problem {
	first := map[string]*component.Problem{}
	var order []string
	for _, f := range c.Folders {
		if f.Left == "" || c.listed(f) {
			continue
		}
		for _, file := range f.Files {
			at, used := c.firstUse(file)
			if used == "" {
				continue
			}
			if first[f.Left] == nil {
				order = append(order, f.Left)
				first[f.Left] = &component.Problem{Code: "not-checked", Severity: component.Info, Span: at,
					Message: f.Left + " uses packages of this module (" + used + " here) and isn't checked"}
			}
			break
		}
	}
	var notes []component.Problem
	for _, why := range order {
		notes = append(notes, *first[why])
	}
	return notes
}

// Imports lists the components that the files of each component import, in any
// build and in tests, unsorted and as often as they are imported. The map is the caller's.
func (c *Code) Imports() map[string][]string {
	uses := map[string][]string{}
	for _, f := range c.Folders {
		from := c.owner[f.Package.Path]
		if from == "" || f.Left != "" {
			continue
		}
		for _, file := range f.Files {
			for _, path := range c.Snapshot.Imports(file) {
				if to := c.owner[path]; to != "" && to != from {
					uses[from] = append(uses[from], to)
				}
			}
		}
	}
	return uses
}

// listed reports whether the build has a package in a folder all the same.
func (c *Code) listed(f source.Folder) bool {
	sum := c.summaries[f.Package.Path]
	return sum != nil && sum.Package.Dir == f.Package.Dir
}

// firstUse returns the first import of a package of the module in a file.
func (c *Code) firstUse(file string) (text.Span, string) {
	fset, f := c.Snapshot.Syntax(file, parser.ImportsOnly)
	if f == nil {
		return text.Span{}, ""
	}
	for _, spec := range f.Imports {
		if p := source.ImportPath(spec); c.summaries[p] != nil {
			return c.Snapshot.Span(fset, spec.Pos(), spec.End()), p
		}
	}
	return text.Span{}, ""
}
