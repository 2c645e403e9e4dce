package describe

import (
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
)

// A Description is what was found about one declaration, or about a package where
// Subject has no name. It is plain data and the caller's, but for what Hazards share
// with what was found.
type Description struct {
	Subject   component.Subject
	Span      text.Span // of what was asked about
	Component string
	Shared    bool   // the package belongs to all components
	Declared  bool   // the component is in unweld.yaml
	Contract  string // ./pricing.Service; empty where there is none
	// Uses are the other components that refer to the subject, with how often.
	Uses []Use
	// Endpoint says that other components call it; Reads whether it is proven
	// not to change the component's state, nil where that isn't known.
	Endpoint bool
	Reads    *bool
	Hazards  []component.Problem // of the subject
}

// A Use is how often the code of one component refers to something.
type Use struct {
	Component string
	Count     int
}

// At says what was found about what stands at a site of a package, given by its
// import path. Where that says nothing of the place, ok is false. The contract isn't
// among what was found: it is the caller's to fill in.
func At(found *component.Result, site *refactor.Site, pkg string) (d *Description, ok bool) {
	r := result{found}
	subject, at := r.subject(site, pkg)
	if subject.Decl.Pkg == "" {
		return nil, false
	}
	d = &Description{Subject: subject, Span: at}
	r.place(d)
	if d.Component == "" && !d.Shared {
		return nil, false
	}
	r.uses(d)
	return d, true
}

// A result answers questions about what was found.
type result struct{ *component.Result }

// subject returns what stands at the site, and where: the package at its clause
// or at an import, a declaration at its name, or what a name means.
func (r result) subject(site *refactor.Site, pkg string) (component.Subject, text.Span) {
	of := func(pkg, name, member string) component.Subject {
		return component.Subject{Decl: component.DeclID{Pkg: pkg, Name: name}, Member: member}
	}
	if site.PackageClause() {
		return of(pkg, "", ""), site.SpanOf(site.Syntax.Name)
	}
	if spec := site.Import(); spec != nil {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return component.Subject{}, text.Span{}
		}
		return of(p, "", ""), site.SpanOf(spec)
	}
	names := site.Names()
	if len(names) == 0 {
		return component.Subject{}, text.Span{}
	}
	id := names[len(names)-1]
	at := site.SpanOf(id)
	if f := site.Func(); f != nil && f.Name == id {
		if recv := source.Receiver(f); recv != "" {
			return of(pkg, recv, id.Name), at
		}
		return of(pkg, id.Name, ""), at
	}
	if ts := site.Type(); ts != nil && ts.Name == id {
		return of(pkg, id.Name, ""), at
	}
	if len(names) == 2 {
		if p := imported(site.Syntax, names[0].Name); p != "" && r.mentions(pkg, p, id.Name, "") {
			return of(p, id.Name, ""), at
		}
	}
	return r.member(pkg, id.Name), at
}

// imported returns the import path that a file knows by name, as far as its
// text says it, or "".
func imported(f *ast.File, name string) string {
	for _, s := range f.Imports {
		p, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			continue
		}
		if s.Name != nil && s.Name.Name == name || s.Name == nil && path.Base(p) == name {
			return p
		}
	}
	return ""
}

func (r result) evidence(visit func(component.Coupling, component.Evidence)) {
	for _, c := range r.Couplings {
		for _, e := range c.Evidence {
			visit(c, e)
		}
	}
}

func (r result) mentions(from, pkg, name, member string) bool {
	found := false
	r.evidence(func(_ component.Coupling, e component.Evidence) {
		found = found || e.FromPkg == from && e.Decl.Pkg == pkg && e.Decl.Name == name && (member == "" || e.Member == member)
	})
	return found
}

// member returns the method or field of the given name that the package uses of
// another component, if there is one only.
func (r result) member(from, name string) component.Subject {
	var out []component.Subject
	r.evidence(func(_ component.Coupling, e component.Evidence) {
		s := component.Subject{Decl: e.Decl, Member: e.Member}
		if e.FromPkg == from && e.Member == name && !slices.Contains(out, s) {
			out = append(out, s)
		}
	})
	if len(out) == 1 {
		return out[0]
	}
	return component.Subject{}
}

// place finds the component of the subject.
func (r result) place(d *Description) {
	for _, c := range r.Components {
		if slices.Contains(c.Packages, d.Subject.Decl.Pkg) {
			d.Component, d.Declared = c.Name, c.Declared
			for _, e := range c.Endpoints {
				if e.Decl == d.Subject.Decl && e.Member == d.Subject.Member {
					d.Endpoint, d.Reads = true, e.Reads
				}
			}
		}
	}
	d.Shared = slices.Contains(r.Shared, d.Subject.Decl.Pkg)
	for _, h := range r.Hazards {
		if s := h.Problem.Subject; d.Subject.Decl.Name != "" && s.Decl == d.Subject.Decl && (s.Member == d.Subject.Member || d.Subject.Member == "") {
			d.Hazards = append(d.Hazards, h.Problem)
		}
	}
}

// uses counts who refers to the subject from other components.
func (r result) uses(d *Description) {
	counts := map[string]int{}
	r.evidence(func(c component.Coupling, e component.Evidence) {
		s := d.Subject
		if c.To == d.Component && e.Decl.Pkg == s.Decl.Pkg && (s.Decl.Name == "" || e.Decl.Name == s.Decl.Name) && (s.Member == "" || e.Member == s.Member) {
			counts[c.From]++
		}
	})
	for name, n := range counts {
		d.Uses = append(d.Uses, Use{name, n})
	}
	slices.SortFunc(d.Uses, func(a, b Use) int { return strings.Compare(a.Component, b.Component) })
}
