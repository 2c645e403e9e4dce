package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/internal/component"
)

// explainContract prints what a contract says.
func (c *cli) explainContract(cmd *cobra.Command, name string, asJSON bool) error {
	delayGC()
	s, err := c.open(cmd.Context())
	if err != nil {
		return err
	}
	contract, err := s.Contract(cmd.Context(), name)
	if err != nil {
		return err
	}
	c.progress("")
	if asJSON {
		return c.json(contract)
	}
	p := &contractPage{contract, &strings.Builder{}}
	p.write()
	_, err = io.WriteString(c.out, p.out.String())
	return err
}

// A contractPage is a contract for people.
type contractPage struct {
	c   *component.Contract
	out *strings.Builder
}

func (p *contractPage) write() {
	fmt.Fprintf(p.out, "%s: %s.%s\n", p.c.Component, p.c.Package.Path, p.c.Name)
	p.text("  ", p.c.Doc)
	if p.c.Pinned != "" {
		fmt.Fprintf(p.out, "  pinned: %s\n", p.c.Pinned)
	}
	for i := range p.c.Methods {
		p.method(&p.c.Methods[i])
	}
	for i := range p.c.Types {
		if t := &p.c.Types[i]; t.Name != "" {
			p.declared(t)
		}
	}
	for _, e := range p.c.Errors {
		fmt.Fprintf(p.out, "\nerror %s\n", p.spell(component.NamedRef(e.Package, e.Name)))
		p.text("  ", e.Doc)
	}
}

// text writes a comment, indented.
func (p *contractPage) text(indent, doc string) {
	if doc == "" {
		return
	}
	for line := range strings.SplitSeq(doc, "\n") {
		fmt.Fprintln(p.out, strings.TrimRight(indent+line, " \t"))
	}
}

func (p *contractPage) method(m *component.Method) {
	var params, results []string
	if m.Context {
		params = append(params, "ctx context.Context")
	}
	for i, param := range m.Params {
		typ := p.spell(param.Type)
		if m.Variadic && i == len(m.Params)-1 {
			typ = "..." + p.spell(*param.Type.Elem)
		}
		params = append(params, strings.TrimSpace(param.Name+" "+typ))
	}
	for _, r := range m.Results {
		results = append(results, strings.TrimSpace(r.Name+" "+p.spell(r.Type)))
	}
	if m.Error {
		results = append(results, "error")
	}
	list := strings.Join(results, ", ")
	if len(results) > 1 || strings.Contains(list, " ") {
		list = "(" + list + ")"
	}
	fmt.Fprintf(p.out, "\n%s\n", strings.TrimSpace(m.Name+"("+strings.Join(params, ", ")+") "+list))
	p.text("  ", m.Doc)
	for _, list := range [][]component.Param{m.Params, m.Results} {
		for _, param := range list {
			if param.Doc != "" {
				p.text("  ", strings.TrimSpace(param.Name+" "+p.spell(param.Type))+": "+param.Doc)
			}
		}
	}
	fmt.Fprintf(p.out, "  - %s\n", effectOf(m))
	if m.Local != "" {
		fmt.Fprintf(p.out, "  - stays local: %s\n", m.Local)
	}
	for _, i := range m.Back() {
		fmt.Fprintf(p.out, "  - %s travels back\n", m.Params[i].Name)
	}
	for i := range m.Behind {
		p.behind(&m.Behind[i])
	}
}

// behind says what the program puts behind an interface, and where.
func (p *contractPage) behind(b *component.Behind) {
	fmt.Fprintf(p.out, "  - behind %s (%s)", b.Path, p.spell(b.Type))
	if len(b.Types) == 0 {
		fmt.Fprint(p.out, " nothing is seen")
	}
	fmt.Fprintln(p.out)
	for _, t := range b.Types {
		only := ""
		if t.Test {
			only = ", by tests alone"
		}
		if t.Why != "" {
			only += ", not registered: " + t.Why
		}
		fmt.Fprintf(p.out, "      %s, put there at %s%s\n", p.spell(t.Type), t.Span, only)
	}
	for _, o := range b.Open {
		at := ""
		if o.Span.IsValid() {
			at = " at " + o.Span.String()
		}
		fmt.Fprintf(p.out, "      and what isn't known: %s%s\n", o.What, at)
	}
}

// effectOf says what a call does, and whether it may be repeated.
func effectOf(m *component.Method) string {
	says := map[component.Effect]string{component.EffectReads: "reads", component.EffectWrites: "changes state"}[m.Effect]
	switch {
	case says == "":
		says = "may change state"
	case !m.TouchesState:
		says = "doesn't touch state"
	}
	if m.Idempotent {
		says += ", may be repeated"
	}
	if m.Slow {
		says += ", slow"
	}
	return says
}

// declared writes what a declared type is made of.
func (p *contractPage) declared(t *component.Type) {
	fmt.Fprintf(p.out, "\n%s %s\n", p.spell(t.Ref), t.Kind)
	p.text("  ", t.Doc)
	for _, f := range t.Fields {
		tag := ""
		if f.Tag != "" {
			tag = " `" + f.Tag + "`"
		}
		fmt.Fprintf(p.out, "  %s %s%s\n", f.Name, p.spellID(f.Type), tag)
		p.text("      ", f.Doc)
	}
	if t.Elem != "" {
		fmt.Fprintf(p.out, "  of %s\n", p.spellID(t.Elem))
	}
	p.text("  ", t.ConstantsDoc)
	for _, c := range t.Constants {
		fmt.Fprintf(p.out, "  %s = %s\n", c.Name, c.Value)
		p.text("      ", c.Doc)
	}
}

func (p *contractPage) spellID(id component.TypeID) string {
	if t := p.c.Type(id); t != nil {
		return p.spell(t.Ref)
	}
	return string(id)
}

// spell writes a type as code of the contract's package does.
func (p *contractPage) spell(t component.TypeRef) string {
	return t.Spell(func(n component.TypeRef, args string) string {
		if n.Path == "" || n.Path == p.c.Package.Path {
			return n.Name + args
		}
		return n.Package + "." + n.Name + args
	})
}
