package cluster

import "slices"

// A judge says how well names agree with the references of a graph: whether
// what is named alike belongs together more than chance would have it.
type judge struct {
	w      *weighted
	near   [][]int // neighbours, sorted: sums must not depend on the order of a map
	degree []float64
	total  float64
	mark   []int
	marks  int
}

func newJudge(w *weighted) *judge {
	j := &judge{w: w, near: make([][]int, len(w.adj)), mark: make([]int, len(w.adj))}
	for v := range w.adj {
		j.near[v] = sortedKeys(w.adj[v])
	}
	j.degree, j.total = w.degrees()
	return j
}

// A tally compares the weight between the parts of something, in, with what
// chance would put there. Volume is all that could be there.
type tally struct{ in, chance, volume float64 }

// scope is how much there is to gain over chance.
func (t tally) scope() float64 { return max(t.volume-t.chance, 0) }

// lift is the share of the scope that is gained. Little weight says little.
func (t tally) lift() float64 {
	if t.scope() == 0 {
		return 0
	}
	return (t.in - t.chance) / (t.scope() + 2)
}

func (t tally) plus(o tally) tally {
	return tally{t.in + o.in, t.chance + o.chance, t.volume + o.volume}
}

// ties tallies the weight between the parts of something. Weight inside one
// part doesn't count: it says that the part belongs together, not the whole.
func (j *judge) ties(parts [][]int) tally {
	if j.total == 0 {
		return tally{}
	}
	in, volume := j.sum(slices.Concat(parts...))
	t := tally{in, volume * volume / j.total, volume}
	for _, part := range parts {
		in, volume := j.sum(part)
		t.in -= in
		t.volume -= in
		t.chance -= volume * volume / j.total
	}
	return t
}

// sum returns the weight among nodes and the weight at them.
func (j *judge) sum(nodes []int) (in, volume float64) {
	j.marks++
	for _, v := range nodes {
		j.mark[v] = j.marks
		volume += j.degree[v]
	}
	for _, v := range nodes {
		in += 2 * j.w.self[v]
		for _, u := range j.near[v] {
			if j.mark[u] == j.marks {
				in += j.w.adj[v][u]
			}
		}
	}
	return in, volume
}
