package callgraph

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// origins finds where values come from that pass through variables which are set once.
type origins struct {
	closures map[*ssa.Function]*ssa.MakeClosure // of function literals that capture something
}

func newOrigins(functions []*ssa.Function) *origins {
	o := &origins{closures: map[*ssa.Function]*ssa.MakeClosure{}}
	for _, fn := range functions {
		for _, block := range fn.Blocks {
			for _, instr := range block.Instrs {
				if c, ok := instr.(*ssa.MakeClosure); ok && c.Fn.(*ssa.Function).Parent() == fn {
					o.closures[c.Fn.(*ssa.Function)] = c
				}
			}
		}
	}
	return o
}

// of returns what v was before conversions, and before it went through local variables
// that are set in one place, also where a function literal has captured them.
func (o *origins) of(v ssa.Value) ssa.Value {
	for range 20 { // more is no code that people write
		before := v
		switch x := v.(type) {
		case *ssa.ChangeType:
			v = x.X
		case *ssa.ChangeInterface:
			v = x.X
		case *ssa.MakeInterface:
			v = x.X
		case *ssa.TypeAssert:
			v = x.X
		case *ssa.FreeVar:
			v = o.captured(x)
		case *ssa.UnOp:
			if x.Op == token.MUL {
				v = o.stored(x)
			}
		}
		if v == before {
			break
		}
	}
	return v
}

// captured returns what a function literal has captured as f, or f.
func (o *origins) captured(f *ssa.FreeVar) ssa.Value {
	made := o.closures[f.Parent()]
	if made == nil {
		return f
	}
	for i, free := range f.Parent().FreeVars {
		if free == f {
			return made.Bindings[i]
		}
	}
	return f
}

// stored returns the one value that is ever stored in the variable that load reads, or
// load.
func (o *origins) stored(load *ssa.UnOp) ssa.Value {
	variable, ok := o.of(load.X).(*ssa.Alloc)
	if !ok {
		return load
	}
	var found ssa.Value = load
	stores := 0
	var look func(address ssa.Value) bool
	look = func(address ssa.Value) bool {
		for _, r := range *address.Referrers() {
			switch r := r.(type) {
			case *ssa.Store:
				if r.Addr != address {
					return false // its address goes elsewhere
				}
				stores++
				found = r.Val
			case *ssa.UnOp, *ssa.DebugRef:
			case *ssa.MakeClosure:
				fn := r.Fn.(*ssa.Function)
				for i, b := range r.Bindings {
					if b == address && !look(fn.FreeVars[i]) {
						return false
					}
				}
			default:
				return false
			}
		}
		return true
	}
	if !look(variable) || stores != 1 {
		return load
	}
	return found
}
