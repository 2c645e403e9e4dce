package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/split"
)

// A checker holds uses between packages to the rules of unweld.yaml.
type checker struct {
	*Code
	private []split.Pattern
}

// A packageUse is one reference from a package to another.
type packageUse struct {
	component.Evidence
	toPkg    string
	from, to string // components; "" is none
}

func privatePatterns(cfg *split.Config, root string) []split.Pattern {
	var ps []split.Pattern
	for _, text := range cfg.Rules.Private {
		if p, err := split.ParsePattern(root, text); err == nil {
			ps = append(ps, p.Below())
		}
	}
	return ps
}

// check returns the violations in the selected packages. A declaration that is
// used in several ways by another is one.
func (c checker) check(selected map[string]bool, notes *[]component.Problem) []Violation {
	var vs []Violation
	seen := map[Accepted]bool{}
	report := func(u packageUse) {
		for _, v := range c.violations(u) {
			if !seen[v.Accepted()] {
				seen[v.Accepted()] = true
				vs = append(vs, v)
			}
		}
	}
	typed := map[[2]string]bool{} // file, and the package that it uses
	for _, u := range c.built() {
		typed[[2]string{u.Span.File, u.toPkg}] = true
		if selected[u.FromPkg] {
			report(u)
		}
	}
	for _, u := range c.parsed(selected, typed, notes) {
		report(u)
	}
	return vs
}

// built lists the uses that this build type-checked, the weightiest first, without those
// within a component, which no rule forbids.
func (c checker) built() []packageUse {
	var us []packageUse
	for _, e := range component.NewGraph("package", c.Summaries).Edges {
		for _, ev := range e.Evidence {
			if owner := c.owner[ev.FromPkg]; owner != "" && owner == c.owner[ev.Decl.Pkg] {
				continue
			}
			us = append(us, packageUse{ev, ev.Decl.Pkg, c.owner[ev.FromPkg], c.owner[ev.Decl.Pkg]})
		}
	}
	slices.SortStableFunc(us, func(a, b packageUse) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Kind, b.Kind))
	})
	return us
}

// parsed lists the forbidden uses in files that this build doesn't have: tests,
// and those of other systems and tags. It is found by what they import.
func (c checker) parsed(selected map[string]bool, typed map[[2]string]bool, notes *[]component.Problem) []packageUse {
	var us []packageUse
	for _, f := range c.Folders {
		if f.Left != "" && !c.listed(f) || !selected[f.Package.Path] {
			continue
		}
		for _, file := range f.Files {
			if c.Config.Rules.SkipsTests() && strings.HasSuffix(file, "_test.go") {
				continue
			}
			forbidden := c.forbidden(f.Package.Path, file, typed)
			if len(forbidden) == 0 {
				continue
			}
			found, never := c.usesIn(f.Package.Path, file, forbidden)
			if never {
				*notes = append(*notes, component.Problem{Code: "not-checked", Severity: component.Info, Span: found[0].Span,
					Message: "no build has this file, so what it uses isn't held to the rules (" + found[0].To + " here)"})
				continue
			}
			us = append(us, found...)
		}
	}
	return us
}

// forbidden lists the packages that a file imports and may not, without those
// that the type checker knows it to use.
func (c checker) forbidden(from, file string, typed map[[2]string]bool) []string {
	var paths []string
	for _, to := range c.Snapshot.Imports(file) {
		if to == from || slices.Contains(paths, to) || typed[[2]string{file, to}] {
			continue
		}
		if _, ok := c.places.ByPath(to); !ok {
			continue
		}
		u := packageUse{Evidence: component.Evidence{FromPkg: from, Decl: component.DeclID{Pkg: to}}, toPkg: to, from: c.owner[from], to: c.owner[to]}
		if len(c.violations(u)) > 0 {
			paths = append(paths, to)
		}
	}
	return paths
}

// violations returns the rules that a use breaks.
func (c checker) violations(u packageUse) []Violation {
	if u.from == u.to && u.from != "" || lock.OfRuntime(c.Module, u.toPkg) {
		return nil
	}
	var vs []Violation
	what := func() string { return fmt.Sprintf(" (%s of %s by %s)", u.Kind, c.short(u.To), c.short(u.From)) }
	add := func(code, why, hint string) {
		if why != "" {
			vs = append(vs, Violation{component.Problem{Code: code, Severity: component.Error, Component: u.from, Span: u.Span, Message: why, Hint: hint}, u.From, u.To})
		}
	}
	if u.from != "" && u.to != "" {
		add("rule-allow", c.notAllowed(u, what), fmt.Sprintf("add %s to rules.allow.%s, or remove the use", u.to, u.from))
		add("rule-layers", c.upward(u, what), "turn the dependency round, or move one of the two")
	}
	if private := c.privateFolder(u.toPkg); private != "" && u.to != "" {
		add("rule-private", fmt.Sprintf("%s uses %s, and %s is private to %s", u.From, u.To, private, u.to), "use what "+u.to+" offers instead")
	}
	return vs
}

func (c checker) short(decl string) string { return strings.TrimPrefix(decl, c.Module+"/") }

func (c checker) notAllowed(u packageUse, what func() string) string {
	allowed, listed := c.Config.Rules.Allow[u.from]
	if !listed || slices.Contains(allowed, u.to) || slices.Contains(allowed, "*") || !c.named[u.to] {
		return ""
	}
	return fmt.Sprintf("%s may not use %s%s", u.from, u.to, what())
}

func (c checker) upward(u packageUse, what func() string) string {
	from, to := slices.Index(c.Config.Rules.Layers, u.from), slices.Index(c.Config.Rules.Layers, u.to)
	if from < 0 || to < 0 || from < to {
		return ""
	}
	return fmt.Sprintf("%s lies below %s and may not use it%s", u.from, u.to, what())
}

// privateFolder returns the private folder that a package lies in, as it is
// written in unweld.yaml, or "".
func (c checker) privateFolder(importPath string) string {
	pkg, ok := c.places.ByPath(importPath)
	if !ok {
		return ""
	}
	for _, p := range c.private {
		if p.Folder(pkg) || p.ImportPath(pkg) {
			return p.Text
		}
	}
	return ""
}
