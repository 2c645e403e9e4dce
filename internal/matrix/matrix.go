// Package matrix puts the components of a program in the order of a design
// structure matrix: what is used stands before what uses it, so that every
// reference is below the diagonal unless it is part of a cycle. A Tree does the same
// by folders, which stand for what is in them or are opened.
package matrix

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/scc"
)

// A Matrix has a row and a column for each component.
type Matrix struct {
	Names []string
	// Cycle is a number for each row that is part of a cycle, the same for all of
	// one cycle, and 0 for the others.
	Cycle []int

	// Closing are the cells, by row and column, that are above the diagonal: without
	// them there would be no cycle.
	Closing [][2]int

	cells  map[[2]int]Cell
	cycles int
}

// A Cell is what the component of a row uses of that of a column.
type Cell struct {
	References int
	Weight     float64
	Cyclic     bool // the other uses this one, too, directly or through others
}

// Of returns the matrix of what was found. Components that don't depend on each
// other are in alphabetical order.
func Of(found *component.Result) *Matrix {
	var names []string
	uses := map[string]map[string]Cell{}
	for _, c := range found.Components {
		names = append(names, c.Name)
		uses[c.Name] = map[string]Cell{}
	}
	slices.Sort(names)
	for _, c := range found.Couplings {
		_, from := uses[c.From]
		_, to := uses[c.To]
		if from && to && c.From != c.To {
			uses[c.From][c.To] = Cell{References: len(c.Evidence), Weight: c.Weight}
		}
	}
	m := &Matrix{cells: map[[2]int]Cell{}}
	m.Names, m.Cycle, m.cycles = inOrder(names, uses)
	index := map[string]int{}
	for i, name := range m.Names {
		index[name] = i
	}
	for from, all := range uses {
		for to, cell := range all {
			at := [2]int{index[from], index[to]}
			cell.Cyclic = m.Cycle[at[0]] > 0 && m.Cycle[at[0]] == m.Cycle[at[1]]
			m.cells[at] = cell
			if at[1] > at[0] {
				m.Closing = append(m.Closing, at)
			}
		}
	}
	slices.SortFunc(m.Closing, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	return m
}

// inOrder puts names into the order of a matrix. It returns the number of the cycle that each
// is part of, 0 for none, and how many cycles there are.
func inOrder(names []string, uses map[string]map[string]Cell) (order []string, cycle []int, cycles int) {
	next := func(name string) iter.Seq[string] { return slices.Values(slices.Sorted(maps.Keys(uses[name]))) }
	for group := range scc.Groups(slices.Values(names), next) {
		number := 0
		if len(group) > 1 {
			cycles++
			number = cycles
			inCycle(group, uses)
		}
		for _, name := range group {
			order, cycle = append(order, name), append(cycle, number)
		}
	}
	return order, cycle, cycles
}

// inCycle sorts a cycle so that those come first that are used by the others more
// than they use them.
func inCycle(group []string, uses map[string]map[string]Cell) {
	balance := map[string]float64{}
	for _, name := range group {
		balance[name] = 0
	}
	for _, from := range group {
		for _, to := range slices.Sorted(maps.Keys(uses[from])) {
			if _, inside := balance[to]; inside {
				balance[from] += uses[from][to].Weight
				balance[to] -= uses[from][to].Weight
			}
		}
	}
	slices.SortFunc(group, func(a, b string) int { return cmp.Or(cmp.Compare(balance[a], balance[b]), cmp.Compare(a, b)) })
}

// At returns what the component of a row uses of that of a column.
func (m *Matrix) At(row, column int) Cell { return m.cells[[2]int{row, column}] }

// Cycles is the number of cycles.
func (m *Matrix) Cycles() int { return m.cycles }
