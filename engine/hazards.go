package engine

import (
	"crypto/sha256"
	"fmt"
	"go/token"
	"maps"
	"slices"

	"github.com/unweld/unweld/analyzers"
	allanalyzers "github.com/unweld/unweld/analyzers/all"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// functionPass is what the per-function phase of the analyzers knows of a package.
func (s *Session) functionPass(scan *source.Scan, p *source.Package) *analyzers.Pass {
	return &analyzers.Pass{
		Fset: p.Fset, Types: p.Types, Info: p.Info, Local: scan.Local, Broken: p.IllTyped(),
		Span: func(pos, end token.Pos) text.Span { return s.snap.Span(p.Fset, pos, end) },
	}
}

// functionFacts runs the per-function phase of the analyzers on one body. What
// the facts are of is empty if there are none.
func functionFacts(pass *analyzers.Pass, b *source.Body) (of component.Subject, facts []component.AnalyzerFacts) {
	pass.Comments = b.File.Comments
	if facts = analyzers.Facts(allanalyzers.Analyzers, pass, b.Decl); len(facts) > 0 {
		of = analyzers.SubjectOf(pass, b.Decl)
	}
	return of, facts
}

// programHazards runs the whole-program phase of the analyzers.
func (s *Session) programHazards(found *component.Result, summaries []*component.Summary, contracts map[component.DeclID]string, asked map[string][]string) []component.Problem {
	p := &analyzers.Program{ComponentOf: found.ComponentOf(), Contracts: contracts, Membership: membership(found, contracts),
		Summaries: summaries, Result: found, Memory: &s.living.rules, Asked: asked}
	for _, sum := range summaries {
		p.AddFacts(sum.Facts)
	}
	return p.Run(allanalyzers.Analyzers)
}

// membership identifies which declarations belong to which components, and which
// interfaces are their contracts.
func membership(found *component.Result, contracts map[component.DeclID]string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", found.Unit)
	for _, c := range found.Components {
		fmt.Fprintf(h, "%q %q %q\n", c.Name, c.Packages, c.Decls)
	}
	for _, id := range slices.SortedFunc(maps.Keys(contracts), component.DeclID.Compare) {
		fmt.Fprintf(h, "%q %q %q\n", id.Pkg, id.Name, contracts[id])
	}
	return string(h.Sum(nil))
}

// askedInOut returns the arguments of each component that bind was asked to let
// travel back.
func (s *Session) askedInOut() map[string][]string {
	l, _, err := lock.Read(s.Root)
	if err != nil {
		return nil // bind and check say so
	}
	out := map[string][]string{}
	for name, part := range l.Components {
		if part != nil {
			out[name] = part.InOut
		}
	}
	return out
}

// contracts maps the interfaces that unweld.yaml names to their components.
func contracts(cfg *split.Config, root string, summaries []*component.Summary) map[component.DeclID]string {
	code := split.Code{Root: root}
	for _, sum := range summaries {
		code.Packages = append(code.Packages, sum.Package)
	}
	code.Places = split.NewPlaces(code.Packages)
	out := map[component.DeclID]string{}
	for name := range cfg.Components {
		if pkg, iface, ok := cfg.ContractOf(name, code); ok {
			out[component.DeclID{Pkg: pkg.Path, Name: iface}] = name
		}
	}
	return out
}
