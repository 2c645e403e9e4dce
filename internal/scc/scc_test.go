package scc

import (
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
)

type graph [][]int

func (g graph) next(n int) iter.Seq[int] { return slices.Values(g[n]) }

func (g graph) groups() [][]int {
	return slices.Collect(Groups(slices.Values(slices.Collect(g.nodes)), g.next))
}

func (g graph) nodes(yield func(int) bool) {
	for n := range g {
		if !yield(n) {
			return
		}
	}
}

// leads says for each two nodes whether the first leads to the second (Warshall).
func (g graph) leads() [][]bool {
	reach := make([][]bool, len(g))
	for n := range g {
		reach[n] = make([]bool, len(g))
		for _, to := range g[n] {
			reach[n][to] = true
		}
	}
	for via := range g {
		for from := range g {
			for to := range g {
				reach[from][to] = reach[from][to] || reach[from][via] && reach[via][to]
			}
		}
	}
	return reach
}

// TestGroups compares groups with what paths say, on random graphs.
func TestGroups(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		g := make(graph, 1+random.IntN(9))
		for range random.IntN(2 * len(g)) {
			from := random.IntN(len(g))
			g[from] = append(g[from], random.IntN(len(g)))
		}
		leads, place := g.leads(), map[int]int{}
		groups := g.groups()
		for i, group := range groups {
			for _, n := range group {
				if _, twice := place[n]; twice {
					t.Fatalf("%v: %d is in two groups of %v", g, n, groups)
				}
				place[n] = i
			}
			if got, want := Cyclic(group, g.next), leads[group[0]][group[0]]; got != want {
				t.Fatalf("%v: group %v is cyclic: %v, want %v", g, group, got, want)
			}
		}
		for a := range g {
			for b := range g {
				if a != b && (place[a] == place[b]) != (leads[a][b] && leads[b][a]) {
					t.Fatalf("%v: %d and %d in %v", g, a, b, groups)
				}
				if leads[a][b] && place[b] > place[a] {
					t.Fatalf("%v: %d leads to %d, which comes later in %v", g, a, b, groups)
				}
			}
		}
		if len(place) != len(g) {
			t.Fatalf("%v: not all are in %v", g, groups)
		}
	}
}

// TestStop: no group comes after the one at which the loop ends.
func TestStop(t *testing.T) {
	g := graph{{1}, {2}, {3}, nil}
	var got []int
	for group := range Groups(slices.Values([]int{0}), g.next) {
		if got = append(got, group...); len(got) == 2 {
			break
		}
	}
	if !slices.Equal(got, []int{3, 2}) {
		t.Error(got)
	}
}
