package cluster

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// byMatrix is consensus as the definition has it: the agreement of all pairs of groups in a
// matrix, which is searched for the highest again and again.
func byMatrix(b *ballot) []int {
	b.classes()
	k := len(b.members)
	agree := make([][]float64, k) // mean agreement of groups of classes
	size, into := make([]float64, k), make([]int, k)
	for i := range k {
		agree[i] = make([]float64, k)
		size[i], into[i] = float64(len(b.members[i])), i
		for j := range i {
			agree[i][j] = b.agree(b.members[i][0], b.members[j][0])
			agree[j][i] = agree[i][j]
		}
	}
	for {
		bi, bj, best := -1, -1, agreement
		for i := range k {
			if into[i] != i {
				continue
			}
			for j := i + 1; j < k; j++ {
				if into[j] == j && agree[i][j] > best+1e-9 {
					bi, bj, best = i, j, agree[i][j]
				}
			}
		}
		if bi < 0 {
			break
		}
		for j := range k {
			agree[bi][j] = (size[bi]*agree[bi][j] + size[bj]*agree[bj][j]) / (size[bi] + size[bj])
			agree[j][bi] = agree[bi][j]
		}
		size[bi] += size[bj]
		for i := range into {
			if into[i] == bj {
				into[i] = bi
			}
		}
	}
	group := make([]int, len(b.class))
	for v, class := range b.class {
		group[v] = into[class]
	}
	group, _ = renumber(group)
	return group
}

// randomVotes are votes that agree by and large: a partition of which each vote moves some.
func randomVotes(r *rand.Rand) [][]int {
	n, clusters := 1+r.IntN(80), 1+r.IntN(12)
	truth := make([]int, n)
	for v := range truth {
		truth[v] = r.IntN(clusters)
	}
	noise := r.IntN(60)
	var votes [][]int
	for range []int{12, 1, 5, 2, 7}[r.IntN(5)] {
		vote := slices.Clone(truth)
		for v := range vote {
			if r.IntN(100) < noise {
				vote[v] = r.IntN(clusters + 2)
			}
		}
		if r.IntN(4) == 0 { // a coarser one
			for v := range vote {
				vote[v] /= 2
			}
		}
		votes = append(votes, vote)
	}
	return votes
}

// TestConsensus holds the groups to the definition's, ties included.
func TestConsensus(t *testing.T) {
	joined := 0
	for seed := range uint64(3000) {
		votes := randomVotes(rand.New(rand.NewPCG(seed, 7)))
		b := &ballot{votes: votes}
		got, want := b.consensus(), byMatrix(&ballot{votes: votes})
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: groups\n%v\nwant\n%v", seed, got, want)
		}
		joined += len(b.members) - 1 - slices.Max(got)
	}
	if joined < 10_000 {
		t.Errorf("only %d groups were joined", joined)
	}
}

// TestConsensusOfMany groups ten thousand nodes with votes of their own: a matrix of their
// pairs would take a gigabyte.
func TestConsensusOfMany(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const n = 10_000
	var votes [][]int
	for range 12 {
		vote := make([]int, n)
		for v := range vote {
			vote[v] = v / 100
			if r.IntN(100) < 15 {
				vote[v] = r.IntN(n / 100)
			}
		}
		votes = append(votes, vote)
	}
	b := &ballot{votes: votes}
	if groups := slices.Max(b.consensus()) + 1; len(b.members) < n/2 || groups < 80 || groups > n/10 {
		t.Errorf("%d groups of %d classes", groups, len(b.members))
	}
}

// eachReached is finder.propagation as the definition has it: one walk from each node.
func eachReached(g *component.Graph) float64 {
	n, reached := len(g.Nodes), 0
	for v := range n {
		seen := map[int]bool{v: true}
		for stack := []int{v}; len(stack) > 0; {
			u := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			reached++
			for _, e := range g.Edges {
				if e.From == u && !seen[e.To] {
					seen[e.To] = true
					stack = append(stack, e.To)
				}
			}
		}
	}
	return ratio(float64(reached), float64(n)*float64(n))
}

// TestPropagation holds the count of pairs to one walk from each node, in graphs with cycles.
func TestPropagation(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 9))
		n := 1 + r.IntN(150)
		g := &component.Graph{Nodes: make([]component.Node, n)}
		for range r.IntN(2 * n) {
			g.Edges = append(g.Edges, component.Edge{From: r.IntN(n), To: r.IntN(n)})
		}
		if got, want := (&finder{g: g}).propagation(), eachReached(g); got != want {
			t.Fatalf("seed %d: %v, want %v", seed, got, want)
		}
	}
}
