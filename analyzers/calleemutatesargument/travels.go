package calleemutatesargument

import (
	"slices"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing/argument"
)

// travels knows which arguments travel back: what their callee changes isn't
// lost.
type travels struct {
	declared map[component.Subject][]component.InOut // by method of an interface
	named    map[string]map[string][]string          // by package and method: names of parameters
	meant    map[component.Subject][]component.Subject
	asked    map[string][]string
}

func newTravels(p *analyzers.Program, linked *argument.Linked) *travels {
	t := &travels{
		declared: map[component.Subject][]component.InOut{}, named: map[string]map[string][]string{},
		meant: map[component.Subject][]component.Subject{}, asked: p.Asked,
	}
	all := p.InOut
	for _, s := range p.Summaries {
		all = append(all, s.InOut...)
	}
	for _, io := range all {
		t.declared[io.Method] = append(t.declared[io.Method], io)
		pkg := io.Method.Decl.Pkg
		if t.named[pkg] == nil {
			t.named[pkg] = map[string][]string{}
		}
		t.named[pkg][io.Method.Member] = append(t.named[pkg][io.Method.Member], io.Name)
	}
	for iface := range t.declared {
		for _, body := range linked.Behind(iface) {
			t.meant[body] = append(t.meant[body], iface)
		}
	}
	return t
}

// back reports whether the argument of s that m is about, which body changes,
// travels back. Parameters of a contract's method and of what implements it
// have the same place; those of a function that stands before the contract, as
// extract writes it, have the same name.
func (t *travels) back(s, body component.Subject, method, of string, m argument.Mutation) bool {
	for _, iface := range append(t.meant[body], s) {
		if slices.ContainsFunc(t.declared[iface], func(io component.InOut) bool { return io.Param == m.Param }) {
			return true
		}
	}
	if _, implements := t.meant[body]; !implements && slices.Contains(t.named[s.Decl.Pkg][method], m.Parameter()) {
		return true
	}
	return argument.Asked(t.asked[of], method, m.Parameter())
}
