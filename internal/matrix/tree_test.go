package matrix

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// folders is result, with each component in the folder of its name: "shop/cart" is cart in shop.
func folders(names string, couplings ...string) *component.Result {
	r := result(names, couplings...)
	r.Module = "m"
	for i := range r.Components {
		r.Components[i].Packages = []string{"m/" + r.Components[i].Name}
	}
	return r
}

func TestTree(t *testing.T) {
	found := folders("app shop/cart shop/order store/sql/lite store/sql/post tools/gen",
		"app shop/cart 1", "app shop/order 1", "shop/order shop/cart 2", "shop/order store/sql/lite 3", "shop/cart store/sql/post 4", "store/sql/post shop/order 1", "store/sql/post store/sql/lite 1")
	tree := NewTree(found)
	shows := func(open string, want ...string) *Matrix {
		t.Helper()
		m, rows := tree.Matrix(func(folder string) bool { return slices.Contains(strings.Fields(open), folder) })
		var got []string
		for _, r := range rows.List {
			name := r.Name
			if r.Folder {
				name += "/"
			}
			got = append(got, fmt.Sprint(name, " ", r.Parent, " ", r.Size))
		}
		if !slices.Equal(got, want) || len(m.Names) != len(rows.List) {
			t.Errorf("with %q open the rows are %q, want %q", open, got, want)
		}
		return m
	}
	// store has nothing but sql, and tools nothing but gen.
	m := shows("", "store/sql/ store 2", "shop/  2", "app  1", "tools/gen tools 1")
	if m.Cycles() != 1 || m.At(1, 0) != (Cell{References: 4, Weight: 7, Cyclic: true}) || m.At(2, 1) != (Cell{References: 4, Weight: 2}) {
		t.Errorf("%d cycles, shop uses sql %+v, app uses shop %+v", m.Cycles(), m.At(1, 0), m.At(2, 1))
	}
	if want := [][2]int{{0, 1}}; !slices.Equal(m.Closing, want) {
		t.Errorf("above the diagonal are %v, want %v", m.Closing, want)
	}
	_, rows := tree.Matrix(func(folder string) bool { return folder == "shop" })
	for name, want := range map[string]int{"store/sql/lite": 0, "shop/order": 2, "app": 3, "tools/gen": 4, "gone": -1} {
		if got := rows.Component(name); got != want {
			t.Errorf("%s is in row %d, want %d", name, got, want)
		}
	}
	for name, want := range map[string]int{"store": 0, "store/sql": 0, "shop": 1, "tools": 4, "gone": -1} {
		if got := rows.Folder(name); got != want {
			t.Errorf("folder %s is in row %d, want %d", name, got, want)
		}
	}
	m = shows("shop store/sql", "store/sql/lite store/sql 1", "store/sql/post store/sql 1", "shop/cart shop 1", "shop/order shop 1", "app  1", "tools/gen tools 1")
	if m.At(3, 2).Cyclic || m.At(1, 0).Cyclic || !m.At(1, 3).Cyclic {
		t.Errorf("order uses cart %+v, post uses lite %+v, post uses order %+v", m.At(3, 2), m.At(1, 0), m.At(1, 3))
	}
	if in := tree.In(Row{Name: "shop", Folder: true}); !slices.Equal(in, []string{"shop/cart", "shop/order"}) {
		t.Errorf("in shop are %q", in)
	}
	if all := tree.Folders(); !slices.Equal(all, []string{"shop", "store", "store/sql", "tools"}) {
		t.Errorf("the folders are %q", all)
	}
}

// TestTreeAddsUp: whatever is open, all references between rows are shown, and one above the
// diagonal is part of a cycle.
func TestTreeAddsUp(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 3))
		names := map[string]bool{}
		for range 1 + rng.IntN(30) {
			names[fmt.Sprintf("f%d/g%d/c%d", rng.IntN(3), rng.IntN(3), rng.IntN(5))] = true
		}
		all := slices.Sorted(maps.Keys(names))
		var couplings []string
		for range rng.IntN(60) {
			couplings = append(couplings, all[rng.IntN(len(all))]+" "+all[rng.IntN(len(all))]+" 1")
		}
		found := folders(strings.Join(all, " "), couplings...)
		tree := NewTree(found)
		open := map[string]bool{}
		for _, f := range tree.Folders() {
			open[f] = rng.IntN(2) == 0
		}
		m, rows := tree.Matrix(func(f string) bool { return open[f] })
		at := map[string]int{}
		for i, r := range rows.List {
			for _, c := range tree.In(r) {
				at[c] = i
			}
		}
		want := map[[2]int]int{}
		for _, c := range found.Couplings {
			if where := [2]int{at[c.From], at[c.To]}; where[0] != where[1] {
				want[where] += len(c.Evidence)
			}
		}
		for i := range rows.List {
			for j := range rows.List {
				c := m.At(i, j)
				if c.References != want[[2]int{i, j}] || j > i && c.References > 0 && !c.Cyclic {
					t.Fatalf("seed %d: %s uses %s %+v, want %d references", seed, m.Names[i], m.Names[j], c, want[[2]int{i, j}])
				}
			}
		}
	}
}
