package engine

import (
	"cmp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// A Caller is what calls, or is called, across the border of a component: a component as a whole if
// Subject has no name, a declaration, which is a function or a type with its methods, or one method.
type Caller struct {
	Component string
	Subject   component.Subject
}

// A CallAcross is a call between two components: of those from one declaration to another, the first.
type CallAcross struct {
	From, To Caller
	Span     text.Span // of the call
	Crosses  bool      // it leaves its unit in the chosen split
}

// Into lists the calls that other components make of something, by component, then place.
func (o *Overview) Into(of Caller) []CallAcross {
	return o.callsAcross(func(c CallAcross) bool { return of.includes(c.To) && c.From.Component != of.Component }, func(c CallAcross) string { return c.From.Component })
}

// Outof lists the calls that something makes of other components, by component, then place. What is asked of
// a method is answered for the type that it is declared for.
func (o *Overview) Outof(by Caller) []CallAcross {
	by.Subject.Member = ""
	return o.callsAcross(func(c CallAcross) bool { return by.includes(c.From) && c.To.Component != by.Component }, func(c CallAcross) string { return c.To.Component })
}

// includes reports whether other is c, or a part of it.
func (c Caller) includes(other Caller) bool {
	switch {
	case c.Component != other.Component:
		return false
	case c.Subject.Decl.Name == "":
		return true
	case c.Subject.Member == "":
		return c.Subject.Decl == other.Subject.Decl
	}
	return c.Subject == other.Subject
}

func (o *Overview) callsAcross(wanted func(CallAcross) bool, group func(CallAcross) string) []CallAcross {
	var out []CallAcross
	for _, c := range o.Found.Couplings {
		for _, ev := range c.Evidence {
			if ev.Kind != "call" {
				continue
			}
			from := component.Subject{Decl: component.DeclID{Pkg: ev.FromPkg, Name: strings.TrimPrefix(ev.From, ev.FromPkg+".")}}
			call := CallAcross{From: Caller{c.From, from}, To: Caller{c.To, component.Subject{Decl: ev.Decl, Member: ev.Member}}, Span: ev.Span,
				Crosses: o.Split != "" && o.units[c.From] != o.units[c.To]}
			if wanted(call) {
				out = append(out, call)
			}
		}
	}
	slices.SortFunc(out, func(a, b CallAcross) int { return cmp.Or(cmp.Compare(group(a), group(b)), a.Span.Compare(b.Span)) })
	return out
}

// SubjectAt is where a declaration or method is; the zero Span where that isn't known.
func (p *Places) SubjectAt(s component.Subject) text.Span {
	if at, ok := p.endpoints[s]; ok {
		return at
	}
	return p.endpoints[component.Subject{Decl: s.Decl}]
}

// IsType reports whether a declaration is a type, and not a function or a variable.
func (p *Places) IsType(id component.DeclID) bool { return p.types[id] }
