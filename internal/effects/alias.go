package effects

import (
	"fmt"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/unweld/unweld/internal/component"
)

// An alias is a way by which callers may hold memory of the state: a method
// returns it, or keeps what it was given.
type alias struct {
	typ  types.Type
	what string
}

// aliasing finds those among methods that change memory of their arguments
// which may be part of the state, and turns them into methods of unknown effect.
func (p *Program) aliasing(methods map[string]Method, fns map[string]*ssa.Function, names []string) {
	var found []alias
	for _, name := range names {
		found = append(found, p.aliases(name, fns[name])...)
	}
	if len(found) == 0 {
		return
	}
	for _, name := range names {
		m := methods[name]
		if !changesArguments(m) {
			continue
		}
		for _, i := range m.Changes {
			param := fns[name].Signature.Params().At(i)
			j := slices.IndexFunc(found, func(a alias) bool { return meet(a.typ, param.Type()) })
			if j < 0 {
				continue
			}
			m.Effect, m.TouchesState = component.EffectUnknown, true
			m.Because = &Reason{Span: p.span(fns[name].Pos()), What: fmt.Sprintf("changes what its argument %s leads to, which may be memory of the state: %s", param.Name(), found[j].what)}
			methods[name] = m
			break
		}
	}
}

// aliases lists what a method lets its callers hold. Parameter 0 is the
// receiver.
func (p *Program) aliases(name string, fn *ssa.Function) []alias {
	s := p.summaries[fn]
	if s == nil {
		return nil
	}
	var out []alias
	add := func(t types.Type, what string) {
		if !harmless(t) {
			out = append(out, alias{t, what})
		}
	}
	for i := range s.results {
		if s.leadsTo(&s.results[i], p.isState) {
			add(fn.Signature.Results().At(i).Type(), name+" returns some of it")
		}
	}
	for i := 1; i < len(fn.Params); i++ {
		given := func(o object) bool { return (o.kind == kindParam || o.kind == kindDeep) && o.param == i }
		for _, o := range s.leaks.list {
			switch {
			case p.isState(o) && s.leadsTo(s.stored[o], given):
				add(fn.Params[i].Type(), name+" keeps its argument "+fn.Params[i].Name())
			case given(o) && s.leadsTo(s.stored[o], p.isState):
				add(fn.Params[i].Type(), name+" stores some of it into its argument "+fn.Params[i].Name())
			}
		}
	}
	return out
}

// isState reports whether o is memory of the receiver, or a package variable
// that may change.
func (p *Program) isState(o object) bool {
	switch o.kind {
	case kindParam, kindDeep:
		return o.param == 0
	case kindGlobal:
		return p.mutable(o.global)
	}
	return false
}

// leadsTo reports whether f, or the memory made by the function if f leads
// there, has an object that is asked for.
func (s *summary) leadsTo(f *facts, is func(object) bool) bool {
	return slices.ContainsFunc(f.list, is) || f.has[fresh] && slices.ContainsFunc(s.inside.list, is)
}

// harmless reports whether a value of type t is no way to change the state by
// convention, or can't be.
func harmless(t types.Type) bool {
	return sealed(t, 0) || types.TypeString(t, nil) == "context.Context"
}

// meet reports whether values of the two types may lead to the same memory.
func meet(a, b types.Type) bool {
	if harmless(a) || harmless(b) {
		return false
	}
	left, right := newMemory(a), newMemory(b)
	return left.anything || right.anything || common(left.blocks, right.parts) || common(left.parts, right.blocks)
}

func common(a, b map[types.Type]bool) bool {
	for t := range a {
		for u := range b {
			if types.Identical(t, u) {
				return true
			}
		}
	}
	return false
}

// memory is what a value leads to, by type.
type memory struct {
	anything bool
	blocks   map[types.Type]bool // what pointers point to, elements of slices, and maps
	parts    map[types.Type]bool // of blocks, and the blocks themselves
}

func newMemory(t types.Type) *memory {
	m := &memory{blocks: map[types.Type]bool{}, parts: map[types.Type]bool{}}
	m.behind(t)
	return m
}

// behind adds what a value of type t leads to.
func (m *memory) behind(t types.Type) {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Kind() == types.UnsafePointer {
			m.anything = true
		}
	case *types.Pointer:
		m.block(u.Elem())
	case *types.Slice:
		m.block(u.Elem())
	case *types.Map:
		if !m.blocks[t] {
			m.blocks[t], m.parts[t] = true, true
			m.behind(u.Key())
			m.behind(u.Elem())
		}
	case *types.Array:
		m.behind(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			m.behind(f.Type())
		}
	default: // an interface, a function, a channel
		if !harmless(t) {
			m.anything = true
		}
	}
}

func (m *memory) block(t types.Type) {
	m.blocks[t] = true
	m.part(t)
}

func (m *memory) part(t types.Type) {
	if m.parts[t] {
		return
	}
	m.parts[t] = true
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			m.part(f.Type())
		}
	case *types.Array:
		m.part(u.Elem())
	default:
		m.behind(t)
	}
}
