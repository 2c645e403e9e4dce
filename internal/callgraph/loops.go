package callgraph

import "golang.org/x/tools/go/ssa"

// blocksInLoops returns the basic blocks of fn that can be reached from
// themselves: the strongly connected components with a cycle (Tarjan 1972).
func blocksInLoops(fn *ssa.Function) map[*ssa.BasicBlock]bool {
	t := &tarjan{low: make([]int, len(fn.Blocks)), order: make([]int, len(fn.Blocks)), on: make([]bool, len(fn.Blocks)), loops: map[*ssa.BasicBlock]bool{}}
	for _, b := range fn.Blocks {
		if t.order[b.Index] == 0 {
			t.visit(b)
		}
	}
	return t.loops
}

type tarjan struct {
	count      int
	low, order []int // order counts from 1; 0: not visited
	on         []bool
	stack      []*ssa.BasicBlock
	loops      map[*ssa.BasicBlock]bool
}

func (t *tarjan) visit(b *ssa.BasicBlock) {
	t.count++
	t.order[b.Index], t.low[b.Index], t.on[b.Index] = t.count, t.count, true
	t.stack = append(t.stack, b)
	itself := false
	for _, s := range b.Succs {
		itself = itself || s == b
		if t.order[s.Index] == 0 {
			t.visit(s)
		}
		if t.on[s.Index] {
			t.low[b.Index] = min(t.low[b.Index], t.low[s.Index])
		}
	}
	if t.low[b.Index] != t.order[b.Index] {
		return
	}
	i := len(t.stack) - 1
	for t.stack[i] != b {
		i--
	}
	for _, m := range t.stack[i:] {
		t.on[m.Index] = false
		if itself || len(t.stack[i:]) > 1 {
			t.loops[m] = true
		}
	}
	t.stack = t.stack[:i]
}
