package cluster

import "slices"

// vote clusters the active nodes several times, with other resolutions, orders,
// trust in names, and with and without atoms. It returns the groups that most
// runs agree on, and for each node how often it stood with the rest of its
// group.
func (c *clusterer) vote() (group []int, stability []float64) {
	n := len(c.g.Nodes)
	var votes [][]int
	atoms, count := c.atoms()
	for i, strength := range []float64{nameWeight, 2 * nameWeight} {
		w := c.labelled(c.active, strength)
		whole := slices.Clone(atoms)
		for v := n; v < len(w.adj); v++ {
			whole = append(whole, count+v-n)
		}
		merged := w.merge(whole, count+len(w.adj)-n)
		for j, gamma := range []float64{0.8, 1, 1.3} {
			seed := uint64(3*i + j + 1)
			votes = append(votes, w.louvain(gamma, seed)[:n])
			local := merged.louvain(gamma, seed+100)
			vote := make([]int, n)
			for v := range vote {
				vote[v] = local[whole[v]]
			}
			votes = append(votes, vote)
		}
	}
	for _, vote := range votes {
		for v := range vote {
			if !c.active(v) {
				vote[v] = len(c.g.Nodes)*2 + v
			}
		}
	}
	b := &ballot{votes: votes}
	group = b.consensus()
	stability = b.stability(group)
	for v := range group {
		if c.shared[v] {
			group[v] = shared
		}
	}
	return group, stability
}

// A ballot holds several clusterings of the same nodes. Nodes with the same
// votes are one class.
type ballot struct {
	votes   [][]int
	class   []int   // by node
	members [][]int // by class
}

func (b *ballot) classes() {
	n := len(b.votes[0])
	b.class = make([]int, n)
	ids := map[string]int{}
	key := make([]int, len(b.votes))
	for v := range n {
		for i := range b.votes {
			key[i] = b.votes[i][v]
		}
		k := fingerprint(key)
		id, ok := ids[k]
		if !ok {
			id = len(b.members)
			ids[k] = id
			b.members = append(b.members, nil)
		}
		b.class[v] = id
		b.members[id] = append(b.members[id], v)
	}
}

// agree returns the share of votes that put a and b together.
func (b *ballot) agree(x, y int) float64 {
	same := 0
	for _, vote := range b.votes {
		if vote[x] == vote[y] {
			same++
		}
	}
	return float64(same) / float64(len(b.votes))
}

// stability returns, for each node, its mean agreement with the rest of its
// group.
func (b *ballot) stability(group []int) []float64 {
	inGroup := map[int][]int{} // classes of each group
	for class, m := range b.members {
		inGroup[group[m[0]]] = append(inGroup[group[m[0]]], class)
	}
	ofClass := make([]float64, len(b.members))
	for class, m := range b.members {
		sum, n := float64(len(m)-1), len(m)-1
		for _, other := range inGroup[group[m[0]]] {
			if other != class {
				sum += b.agree(m[0], b.members[other][0]) * float64(len(b.members[other]))
				n += len(b.members[other])
			}
		}
		ofClass[class] = 1
		if n > 0 {
			ofClass[class] = round(sum / float64(n))
		}
	}
	out := make([]float64, len(group))
	for v, class := range b.class {
		out[v] = ofClass[class]
	}
	return out
}
