package split

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// Code is what the names in a configuration are checked against.
type Code struct {
	Root       string              // absolute path of the module or workspace
	Packages   []component.Package // all that have Go files, in any build
	Components []string            // that are declared or were inferred

	// Places are those of Packages; nil: they are made where they are needed.
	Places *Places

	// Contract returns what is wrong with a contract that names an interface
	// of one of Packages, or "". May be nil.
	Contract func(pkg component.Package, name string) string
	// Endpoint reports whether a component's contract has a method; known is
	// false if that could not be determined. May be nil.
	Endpoint func(comp, method string) (has, known bool)
}

// Check reports names and patterns in the configuration that match nothing in
// the code: a rule about them would always pass.
func (c *Config) Check(code Code) []Problem {
	if code.Places == nil {
		code.Places = NewPlaces(code.Packages)
	}
	n := names{cfg: c, code: code, known: slices.Sorted(maps.Keys(c.Components)), is: map[string]bool{}}
	for _, name := range n.known {
		n.is[name] = true
	}
	for _, name := range code.Components {
		if !n.is[name] {
			n.known, n.is[name] = append(n.known, name), true
		}
	}
	n.packages()
	n.contracts()
	n.rules()
	for _, name := range slices.Sorted(maps.Keys(c.Splits)) {
		n.split(name)
	}
	return component.SortProblems(n.problems)
}

// names collects what is wrong with the names of a configuration.
type names struct {
	cfg      *Config
	code     Code
	known    []string        // components
	is       map[string]bool // known
	problems []Problem
}

func (n *names) problem(code, message, hint string, path ...string) {
	n.problems = append(n.problems, Problem{Code: code, Severity: component.Error, Span: n.cfg.At(path...), Message: message, Hint: hint})
}

// component checks a reference to a component at a place.
func (n *names) component(name string, path ...string) {
	if n.is[name] {
		return
	}
	hint := "unweld find lists the components"
	if near := Nearest(name, n.known); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	n.problem("config-unknown-component", fmt.Sprintf("no component %q", name), hint, path...)
}

func (n *names) packages() {
	for name, c := range n.cfg.Components {
		for i, text := range c.Packages {
			n.pattern(text, false, "components", name, "packages", fmt.Sprint(i))
		}
	}
	n.ambiguousOwners()
}

// pattern checks that a pattern matches something. One of a folder (below) is of
// all that is in it.
func (n *names) pattern(text string, below bool, path ...string) {
	p, err := ParsePattern(n.code.Root, text)
	if err != nil {
		n.problem("config-packages", err.Error(), "", path...)
		return
	}
	all := p
	if below {
		all = p.Below()
	}
	matched, err := n.code.Places.in(all)
	if err != nil {
		n.problem("config-packages", err.Error(), "", path...)
	} else if len(matched) == 0 {
		n.problem("config-packages", fmt.Sprintf("%s matches no package of this module", text), n.nearPattern(p), path...)
	}
}

// nearPattern is a hint that names the folder which was probably meant.
func (n *names) nearPattern(p Pattern) string {
	var folders []string
	for _, pkg := range n.code.Packages {
		for f := folderOf(pkg); f != ""; f = f[:max(strings.LastIndexByte(f, '/'), 0)] {
			folders = append(folders, f)
		}
	}
	dir, deep := strings.CutSuffix(p.name, "/...")
	if !deep && slices.Contains(folders, dir) {
		return fmt.Sprintf("the folder itself has no Go files: write ./%s/... for what is below it", dir)
	}
	if near := Nearest(dir, folders); near != "" {
		if deep {
			near += "/..."
		}
		return fmt.Sprintf("did you mean ./%s?", near)
	}
	return "list the packages with: go list ./..."
}

// ambiguousOwners reports packages that two components claim with patterns of the same
// width.
func (n *names) ambiguousOwners() {
	ownership := n.cfg.Ownership(n.code.Root)
	for _, pkg := range n.code.Packages {
		owners := ownership.owners(pkg)
		if len(owners) < 2 || owners[0].name == owners[1].name || owners[0].width != owners[1].width {
			continue
		}
		a, b := owners[0], owners[1]
		if a.pattern == b.pattern {
			continue // Parse said so
		}
		n.problem("config-claim", fmt.Sprintf("packages %s of %s and %s of %s both cover %s", a.pattern, a.name, b.pattern, b.name, pkg.Path),
			"make one of the two patterns narrower", "components", b.name, "packages", fmt.Sprint(b.index))
	}
	n.problems = component.SortProblems(n.problems)
	n.problems = slices.CompactFunc(n.problems, func(a, b Problem) bool { // one package is enough of an example
		return a.Code == "config-claim" && a.Code == b.Code && a.Span == b.Span
	})
}

func (n *names) contracts() {
	for name, c := range n.cfg.Components {
		if c.Contract == "" {
			continue
		}
		pkg, iface, ok := n.cfg.ContractOf(name, n.code)
		at := []string{"components", name, "contract"}
		switch {
		case !ok && n.outside(c.Contract):
		case !ok:
			n.problem("config-contract", fmt.Sprintf("contract %s: no such package in this module", c.Contract), "write it as ./folder.Interface", at...)
		case n.code.Contract != nil:
			if wrong := n.code.Contract(pkg, iface); wrong != "" {
				n.problem("config-contract", fmt.Sprintf("contract %s: %s", c.Contract, wrong), "", at...)
			}
		}
	}
}

// outside reports whether a contract names a package of another module by its
// import path, which only bind looks at.
func (n *names) outside(contract string) bool {
	if strings.HasPrefix(contract, ".") || strings.HasPrefix(contract, "/") {
		return false
	}
	first, _, _ := strings.Cut(contract, "/")
	return strings.Contains(first, ".") && strings.Contains(contract, "/") && !slices.ContainsFunc(n.code.Packages, func(p component.Package) bool {
		root := strings.TrimSuffix(strings.TrimSuffix(p.Path, folderOf(p)), "/")
		return strings.HasPrefix(contract, root+"/") || strings.HasPrefix(contract, root+".")
	})
}

// ContractOf returns the package and the name of the interface that is a
// component's contract.
func (c *Config) ContractOf(name string, code Code) (pkg component.Package, iface string, ok bool) {
	spec := c.Components[name].Contract
	dot := strings.LastIndexByte(spec, '.')
	if dot <= strings.LastIndexByte(spec, '/') || dot <= 0 {
		return pkg, "", false
	}
	p, err := ParsePattern(code.Root, spec[:dot])
	if err != nil || p.wild() {
		return pkg, "", false
	}
	places := code.Places
	if places == nil {
		places = NewPlaces(code.Packages)
	}
	if !p.folder {
		pkg, ok = places.ByPath(p.name)
	}
	if !ok {
		pkg, ok = places.ByFolder(p.name)
	}
	if !ok {
		return pkg, "", false
	}
	return pkg, spec[dot+1:], true
}

func (n *names) rules() {
	for from, tos := range n.cfg.Rules.Allow {
		n.component(from, "rules", "allow", from)
		for i, to := range tos {
			if to != "*" {
				n.component(to, "rules", "allow", from, fmt.Sprint(i))
			}
		}
	}
	for i, name := range n.cfg.Rules.Layers {
		n.component(name, "rules", "layers", fmt.Sprint(i))
	}
	for i, text := range n.cfg.Rules.Private {
		n.pattern(text, true, "rules", "private", fmt.Sprint(i))
	}
}

func (n *names) split(name string) {
	s := n.cfg.Splits[name]
	for unit, u := range s.Units {
		for i, comp := range u.Components {
			if comp != "*" {
				n.component(comp, "splits", name, "units", unit, "components", fmt.Sprint(i))
			}
		}
		for i, e := range u.Endpoints {
			n.endpoint(e, "splits", name, "units", unit, "endpoints", fmt.Sprint(i))
		}
	}
	for comp := range s.Links {
		n.component(comp, "splits", name, "links", comp)
	}
}

// endpoint checks a reference to component.Method.
func (n *names) endpoint(e string, path ...string) {
	comp, method, _ := strings.Cut(e, ".")
	if !n.is[comp] || n.code.Endpoint == nil {
		n.component(comp, path...)
		return
	}
	if has, known := n.code.Endpoint(comp, method); known && !has {
		n.problem("config-unknown-endpoint", fmt.Sprintf("the contract of %s has no method %s", comp, method), "", path...)
	}
}
