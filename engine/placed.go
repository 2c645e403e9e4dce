package engine

import (
	"cmp"
	"context"
	"go/parser"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// Places say where things are declared that Find names. They may be read by several
// goroutines.
type Places struct {
	endpoints map[component.Subject]text.Span
	packages  map[string]text.Span // the first declaration of each
	contracts map[string]text.Span // by component
	types     map[component.DeclID]bool
}

// Places reads them from the summaries of the module's packages. Nothing is clustered for
// that; after Find nothing is read either.
func (s *Session) Places(ctx context.Context) (*Places, error) {
	_, good, err := s.standing()
	if err != nil {
		return nil, err
	}
	summaries, err := s.summaries(ctx, nil)
	if err != nil {
		return nil, err
	}
	return newPlaces(summaries, contracts(good.orEmpty(), s.Root, summaries)), nil
}

func newPlaces(summaries []*component.Summary, contracts map[component.DeclID]string) *Places {
	p := &Places{endpoints: map[component.Subject]text.Span{}, packages: map[string]text.Span{}, contracts: map[string]text.Span{}, types: map[component.DeclID]bool{}}
	for _, sum := range summaries {
		first := text.Span{}
		for _, d := range sum.Decls {
			id := component.DeclID{Pkg: sum.Package.Path, Name: d.Name}
			p.endpoints[component.Subject{Decl: id}] = d.Span
			if d.Kind == "type" {
				p.types[id] = true
			}
			if name := contracts[id]; name != "" {
				p.contracts[name] = d.Span
			}
			if first.File == "" || d.Span.Compare(first) < 0 {
				first = d.Span
			}
		}
		p.packages[sum.Package.Path] = first
		for _, c := range sum.Contracts {
			p.endpoints[component.Subject{Decl: c.Decl, Member: c.Member}] = c.Span
		}
	}
	return p
}

// At is where one looks for a component: its contract, or the first declaration of its
// Root.
func (p *Places) At(c *component.Found) text.Span {
	if at, ok := p.contracts[c.Name]; ok {
		return at
	}
	return p.packages[Root(c)]
}

// Root is the package of a component that most of its endpoints are in; of several, the
// one that the others are in, or beside. It is empty where the component has no packages.
func Root(c *component.Found) string {
	if len(c.Packages) == 0 {
		return ""
	}
	endpoints := map[string]int{}
	for i := range c.Endpoints {
		endpoints[c.Endpoints[i].Decl.Pkg]++
	}
	return slices.MinFunc(c.Packages, func(a, b string) int {
		return cmp.Or(endpoints[b]-endpoints[a], strings.Count(a, "/")-strings.Count(b, "/"), strings.Compare(a, b))
	})
}

// ContractAt is the contract of a component; the zero Span where it has none.
func (p *Places) ContractAt(name string) text.Span { return p.contracts[name] }

// EndpointAt is where an endpoint is declared; the zero Span where that isn't known.
func (p *Places) EndpointAt(e *component.FoundEndpoint) text.Span {
	if at, ok := p.endpoints[component.Subject{Decl: e.Decl, Member: e.Member}]; ok {
		return at
	}
	return p.endpoints[component.Subject{Decl: e.Decl}]
}

// Targets are the packages of a module, and what they declare, as a request for a refactoring names them:
// ./pricing, ./pricing.Engine, ./pricing.Engine.Price; sorted.
func (p *Places) Targets(module string) []string {
	if module == "" {
		return nil
	}
	short := func(pkg string) (string, bool) {
		rel, ok := strings.CutPrefix(pkg+"/", module+"/")
		if rel = strings.TrimSuffix(rel, "/"); rel == "" {
			return "./", ok
		}
		return "./" + rel, ok
	}
	var all []string
	for pkg := range p.packages {
		if name, ok := short(pkg); ok {
			all = append(all, name)
		}
	}
	for of := range p.endpoints {
		name, ok := short(of.Decl.Pkg)
		if !ok {
			continue
		}
		name += "." + of.Decl.Name
		if of.Member != "" {
			name += "." + of.Member
		}
		all = append(all, name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// PackageAt is the package clause of a package of the module, in the file that its first
// declaration is in; the zero Span where it has none.
func (s *Session) PackageAt(p *Places, path string) text.Span {
	first, ok := p.packages[path]
	if !ok || first.File == "" {
		return text.Span{}
	}
	fset, f := s.snap.Syntax(first.File, parser.PackageClauseOnly)
	if f == nil {
		return text.Span{}
	}
	return s.snap.Span(fset, f.Name.Pos(), f.Name.End())
}
