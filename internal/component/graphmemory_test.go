package component

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// TestGraphMemoryLikeFresh changes one summary after the other: the graph is that
// of one that remembers nothing.
func TestGraphMemoryLikeFresh(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		path := func(i int) string { return fmt.Sprint("m/p", i) }
		one := func(i int) *Summary {
			s := &Summary{Package: Package{Path: path(i), Name: "p"}}
			for j := range 4 {
				if r.IntN(5) > 0 {
					s.Decls = append(s.Decls, Decl{Name: fmt.Sprint("d", j), Lines: r.IntN(9)})
				}
				if r.IntN(2) == 0 {
					s.Contracts = append(s.Contracts, Signature{Decl: DeclID{path(i), fmt.Sprint("d", j)}, Constructor: r.IntN(2) == 0})
				}
			}
			for range r.IntN(8) {
				s.Refs = append(s.Refs, Ref{From: DeclID{path(i), fmt.Sprint("d", r.IntN(4))}, To: DeclID{path(r.IntN(6)), fmt.Sprint("d", r.IntN(4))},
					Kind: []string{"call", "type"}[r.IntN(2)], Count: 1 + r.IntN(3)})
			}
			for range r.IntN(3) {
				s.Imports = append(s.Imports, Import{Path: path(r.IntN(7))})
			}
			return s
		}
		var all []*Summary
		for i := range 5 {
			all = append(all, one(i))
		}
		var m GraphMemory
		for range 60 {
			switch i := r.IntN(len(all)); r.IntN(6) {
			case 0: // a package comes, perhaps a second time
				all = append(slices.Clone(all), one(r.IntN(6)))
			case 1:
				if len(all) > 2 {
					all = slices.Delete(slices.Clone(all), i, i+1)
				}
			case 2: // what others see changes, and nothing that it refers to
				s := *all[i]
				s.Decls = slices.Clone(s.Decls[:len(s.Decls)/2])
				all[i] = &s
			case 3:
				s := *all[i]
				s.Contracts = nil
				all[i] = &s
			default:
				var was int
				fmt.Sscanf(all[i].Package.Path, "m/p%d", &was)
				all[i] = one(was)
			}
			if got, want := m.Graph(all), NewGraph("package", all); !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: the graph is\n%+v\nwant\n%+v", seed, got, want)
			}
		}
	}
}
