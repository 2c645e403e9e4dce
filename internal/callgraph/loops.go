package callgraph

import (
	"iter"
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/unweld/unweld/internal/scc"
)

// blocksInLoops returns the basic blocks of fn that can be reached from
// themselves.
func blocksInLoops(fn *ssa.Function) map[*ssa.BasicBlock]bool {
	loops := map[*ssa.BasicBlock]bool{}
	next := func(b *ssa.BasicBlock) iter.Seq[*ssa.BasicBlock] { return slices.Values(b.Succs) }
	for group := range scc.Groups(slices.Values(fn.Blocks), next) {
		if scc.Cyclic(group, next) {
			for _, b := range group {
				loops[b] = true
			}
		}
	}
	return loops
}
