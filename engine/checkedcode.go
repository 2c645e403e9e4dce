package engine

import (
	"context"
	"go/parser"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/cluster"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// checkedCode is a module as rules see it: what this build type-checks, and the
// files of the other builds and of tests, which are only parsed.
type checkedCode struct {
	s         *Session
	cfg       *split.Config
	summaries []*component.Summary
	found     *component.Result
	folders   []source.Folder
	packages  []component.Package // of this build and of others, by import path
	component map[string]string   // by import path; none has ""
}

// codeUnder reads the whole module, whatever folder the session was opened in.
func (s *Session) codeUnder(ctx context.Context, cfg *split.Config) (*checkedCode, error) {
	summaries, err := s.summaries(ctx, s.wholeModule())
	if err != nil {
		return nil, err
	}
	folders, err := s.snap.Folders(ctx)
	if err != nil {
		return nil, err
	}
	s.progress("finding components")
	found := cluster.Find(summaries, cluster.Options{Module: s.Module, Declared: declared(cfg, s.Root, summaries)})
	return s.codeOf(cfg, summaries, found, folders), nil
}

func (s *Session) codeOf(cfg *split.Config, summaries []*component.Summary, found *component.Result, folders []source.Folder) *checkedCode {
	c := &checkedCode{s: s, cfg: cfg, summaries: summaries, found: found, folders: folders, component: map[string]string{}}
	for _, f := range c.found.Components {
		for _, p := range f.Packages {
			c.component[p] = f.Name
		}
	}
	built := map[string]bool{}
	for _, sum := range c.summaries {
		built[sum.Package.Path] = true
		c.packages = append(c.packages, sum.Package)
	}
	for _, f := range c.folders {
		if p := f.Package; f.Left == "" && !built[p.Path] {
			c.packages = append(c.packages, p)
			c.component[p.Path] = cfg.Owner(s.Root, p)
		}
	}
	slices.SortFunc(c.packages, func(a, b component.Package) int { return strings.Compare(a.Path, b.Path) })
	return c
}

// wholeModule is the pattern of all packages of the module or workspace.
func (s *Session) wholeModule() []string {
	rel, err := filepath.Rel(s.snap.Dir(), s.Root)
	if err != nil || rel == "." {
		return nil
	}
	return []string{"./" + filepath.ToSlash(rel) + "/..."}
}

// code is what the names of unweld.yaml are held against.
func (c *checkedCode) code() split.Code {
	code := split.Code{Root: c.s.Root, Packages: c.packages, Contract: c.contract}
	for _, f := range c.found.Components {
		code.Components = append(code.Components, f.Name)
	}
	code.Endpoint = func(comp, method string) (has, known bool) {
		pkg, iface, ok := c.cfg.ContractOf(comp, code)
		if !ok {
			return false, false
		}
		return c.method(pkg.Path, iface, method)
	}
	return code
}

func (c *checkedCode) summary(importPath string) *component.Summary {
	i := slices.IndexFunc(c.summaries, func(s *component.Summary) bool { return s.Package.Path == importPath })
	if i < 0 {
		return nil
	}
	return c.summaries[i]
}

// contract says what is wrong with a contract, or "".
func (c *checkedCode) contract(pkg component.Package, name string) string {
	sum := c.summary(pkg.Path)
	if sum == nil || len(sum.Problems) > 0 {
		return "" // another build has it, or the compiler complains
	}
	var types []string
	for _, d := range sum.Decls {
		switch {
		case d.Name == name && d.Kind == "type":
			if _, f := c.s.snap.Syntax(d.Span.File, parser.SkipObjectResolution); f != nil {
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
func (c *checkedCode) method(importPath, iface, method string) (has, known bool) {
	sum := c.summary(importPath)
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
func (c *checkedCode) outside() []component.Problem {
	first := map[string]*component.Problem{}
	var order []string
	for _, f := range c.folders {
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

// imports lists the components that the files of each component import, in any
// build and in tests.
func (c *checkedCode) imports() map[string][]string {
	uses := map[string][]string{}
	for _, f := range c.folders {
		from := c.component[f.Package.Path]
		if from == "" || f.Left != "" {
			continue
		}
		for _, file := range f.Files {
			_, syntax := c.s.snap.Syntax(file, parser.ImportsOnly)
			if syntax == nil {
				continue
			}
			for _, spec := range syntax.Imports {
				if to := c.component[source.ImportPath(spec)]; to != "" && to != from {
					uses[from] = append(uses[from], to)
				}
			}
		}
	}
	return uses
}

// listed reports whether the build has a package in a folder all the same.
func (c *checkedCode) listed(f source.Folder) bool {
	sum := c.summary(f.Package.Path)
	return sum != nil && sum.Package.Dir == f.Package.Dir
}

// firstUse returns the first import of a package of the module in a file.
func (c *checkedCode) firstUse(file string) (text.Span, string) {
	fset, f := c.s.snap.Syntax(file, parser.ImportsOnly)
	if f == nil {
		return text.Span{}, ""
	}
	for _, spec := range f.Imports {
		if p := source.ImportPath(spec); c.summary(p) != nil {
			return c.s.snap.Span(fset, spec.Pos(), spec.End()), p
		}
	}
	return text.Span{}, ""
}

// CheckConfig holds what unweld.yaml names against the code: a pattern that
// matches no package, and a component or contract that isn't there, are a
// UsageError with their places. Acting on such a file would leave out what was
// meant without a word.
func (s *Session) CheckConfig(ctx context.Context) error {
	cfg, ok, err := s.Config()
	if err != nil || !ok {
		return err
	}
	c, err := s.codeUnder(ctx, cfg)
	if err != nil {
		return err
	}
	return split.Usage(cfg.Check(c.code()))
}

// checkFound is CheckConfig where the whole module has been read already.
func (s *Session) checkFound(ctx context.Context, cfg *split.Config, summaries []*component.Summary, found *component.Result) error {
	if len(cfg.Components) == 0 && len(cfg.Splits) == 0 && cfg.Rules.Empty() {
		return nil
	}
	folders, err := s.snap.Folders(ctx)
	if err != nil {
		return err
	}
	return split.Usage(cfg.Check(s.codeOf(cfg, summaries, found, folders).code()))
}
