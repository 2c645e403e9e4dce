package effects

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// orderMatters reports whether the order of a loop over a map may reach the
// outcome: its body appends, adds up strings or floats, or leaves early, and
// the function sorts nothing.
func orderMatters(r *ssa.Range) bool {
	var head *ssa.BasicBlock
	for _, ref := range *r.Referrers() {
		if next, ok := ref.(*ssa.Next); ok {
			head = next.Block()
		}
	}
	if head == nil || sorts(r.Parent()) {
		return false
	}
	for _, block := range r.Parent().Blocks {
		if block == head || !head.Dominates(block) || !loopBody(head, block) {
			continue
		}
		for _, instr := range block.Instrs {
			if ordered(instr) {
				return true
			}
		}
	}
	return false
}

// loopBody reports whether block lies in the body of the loop at head, an
// early return included: the body is the first successor of the head.
func loopBody(head, block *ssa.BasicBlock) bool {
	return len(head.Succs) == 2 && head.Succs[0].Dominates(block)
}

// ordered reports whether repeating instr in another order has another outcome.
func ordered(instr ssa.Instruction) bool {
	switch v := instr.(type) {
	case *ssa.Return:
		for _, r := range v.Results {
			if _, constant := r.(*ssa.Const); !constant {
				return true
			}
		}
	case *ssa.BinOp:
		basic, ok := v.Type().Underlying().(*types.Basic)
		return ok && v.Op == token.ADD && basic.Info()&(types.IsString|types.IsFloat) != 0
	case *ssa.Call:
		b, ok := v.Call.Value.(*ssa.Builtin)
		return ok && b.Name() == "append"
	}
	return false
}

// sorts reports whether fn calls a sorting function.
func sorts(fn *ssa.Function) bool {
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			call, ok := instr.(ssa.CallInstruction)
			if !ok {
				continue
			}
			callee := call.Common().StaticCallee()
			if callee == nil {
				continue
			}
			if obj := objectOf(callee); obj != nil && obj.Pkg() != nil {
				switch path := obj.Pkg().Path(); {
				case path == "sort", path == "slices" && len(obj.Name()) >= 4 && obj.Name()[:4] == "Sort":
					return true
				}
			}
		}
	}
	return false
}
