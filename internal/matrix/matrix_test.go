package matrix

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// result is a program with these couplings, written "from to weight".
func result(names string, couplings ...string) *component.Result {
	r := &component.Result{}
	for _, name := range strings.Fields(names) {
		r.Components = append(r.Components, component.Found{Name: name})
	}
	for _, line := range couplings {
		c := component.Coupling{Evidence: make([]component.Evidence, 2)}
		if _, err := fmt.Sscan(line, &c.From, &c.To, &c.Weight); err != nil {
			panic(err)
		}
		r.Couplings = append(r.Couplings, c)
	}
	return r
}

func TestOrder(t *testing.T) {
	for _, test := range []struct {
		name, names string
		couplings   []string
		want        string
		cycle       []int
	}{
		{"nothing", "", nil, "", nil},
		{"chain", "web orders store", []string{"web orders 1", "orders store 1"}, "store orders web", []int{0, 0, 0}},
		{"no references", "b a", nil, "a b", []int{0, 0}},
		{"cycle", "a b c d", []string{"a b 5", "b a 1", "c a 1", "b d 1"}, "d b a c", []int{0, 1, 1, 0}},
		{"itself", "a", []string{"a a 1"}, "a", []int{0}},
		{"unknown", "a", []string{"a shared 1", "gone a 1"}, "a", []int{0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := Of(result(test.names, test.couplings...))
			if got := strings.Join(m.Names, " "); got != test.want || !slices.Equal(m.Cycle, test.cycle) {
				t.Errorf("the order is %s, with cycles %v; want %s, %v", got, m.Cycle, test.want, test.cycle)
			}
		})
	}
	m := Of(result("a b c", "a b 5", "b a 1", "c a 2"))
	if got := m.At(1, 0); got != (Cell{References: 2, Weight: 5, Cyclic: true}) {
		t.Errorf("the cell of %s and %s is %v", m.Names[1], m.Names[0], got)
	}
	if got := m.At(2, 1); got != (Cell{References: 2, Weight: 2}) || m.Cycles() != 1 {
		t.Errorf("the cell of %s and %s is %v, with %d cycles", m.Names[2], m.Names[1], got, m.Cycles())
	}
}

// TestBelowDiagonal: in any program, a reference above the diagonal is part of a
// cycle.
func TestBelowDiagonal(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		n := 1 + rng.IntN(12)
		r := &component.Result{}
		for i := range n {
			r.Components = append(r.Components, component.Found{Name: fmt.Sprint("c", i)})
		}
		for range rng.IntN(2 * n) {
			r.Couplings = append(r.Couplings, component.Coupling{From: fmt.Sprint("c", rng.IntN(n)), To: fmt.Sprint("c", rng.IntN(n)), Weight: 1})
		}
		m := Of(r)
		for i := range n {
			for j := i + 1; j < n; j++ {
				if c := m.At(i, j); c.Weight > 0 && !c.Cyclic {
					t.Fatalf("seed %d: %s uses %s above the diagonal, and it is no cycle", seed, m.Names[i], m.Names[j])
				}
			}
		}
	}
}
