package cluster

import (
	"cmp"
	"container/heap"
	"maps"
	"math/bits"
	"slices"
)

// consensus joins the groups with the highest mean agreement until none is above 0.6.
//
// Only pairs above that are kept. Two groups that are joined agree with a third one by the
// mean of what they did apart, so no pair comes to be above it that had no part there.
func (b *ballot) consensus() []int {
	b.classes()
	j := newJoiner(b)
	for {
		best, ok := j.best()
		if !ok {
			break
		}
		j.join(best.x, best.y)
	}
	group := make([]int, len(b.class))
	for v, class := range b.class {
		for j.into[class] != class {
			class = j.into[class]
		}
		group[v] = class
	}
	group, _ = renumber(group)
	return group
}

// A joiner joins groups of classes. A group is called by the smallest class in it.
type joiner struct {
	votes int
	into  []int          // by class: the group that it was joined to, or itself
	size  []int          // nodes of a group
	tally [][]tallied    // what the nodes of a group were voted into
	near  []map[int]bool // groups whose agreement with a group is above the limit
	at    []int          // how often a group has changed
	queue pairs
}

// tallied is how many nodes of a group one vote puts into one of its clusters.
type tallied struct{ vote, cluster, nodes int }

// A pair of groups, x < y, agrees by same/of.
type pair struct {
	x, y, atX, atY int
	same, of       uint64
}

func newJoiner(b *ballot) *joiner {
	k := len(b.members)
	j := &joiner{votes: len(b.votes), into: make([]int, k), size: make([]int, k), tally: make([][]tallied, k), near: make([]map[int]bool, k), at: make([]int, k)}
	for c, members := range b.members {
		j.into[c], j.size[c], j.near[c] = c, len(members), map[int]bool{}
		for i, vote := range b.votes {
			j.tally[c] = append(j.tally[c], tallied{i, vote[members[0]], len(members)})
		}
	}
	b.close(j.meet)
	heap.Init(&j.queue)
	return j
}

// close calls meet with all pairs of classes that may agree above the limit, and some others.
// Those that do differ in few votes: of any that are one more, they share one. These are the
// votes with the smallest clusters.
func (b *ballot) close(meet func(x, y int)) {
	differ := 0
	for differ < len(b.votes) && float64(len(b.votes)-differ-1)/float64(len(b.votes)) > agreement+1e-9 {
		differ++
	}
	var clusters []map[int][]int // by vote: the classes of each cluster
	for _, vote := range b.votes {
		of := map[int][]int{}
		for c, members := range b.members {
			of[vote[members[0]]] = append(of[vote[members[0]]], c)
		}
		clusters = append(clusters, of)
	}
	pairsOf := func(of map[int][]int) (n int) {
		for _, classes := range of {
			n += len(classes) * len(classes)
		}
		return n
	}
	slices.SortStableFunc(clusters, func(a, b map[int][]int) int { return cmp.Compare(pairsOf(a), pairsOf(b)) })
	for _, of := range clusters[:min(differ+1, len(clusters))] {
		for _, classes := range of {
			for i, x := range classes {
				for _, y := range classes[i+1:] {
					meet(x, y)
				}
			}
		}
	}
}

// meet looks at two groups, x < y, and keeps the pair if it is above the limit.
func (j *joiner) meet(x, y int) {
	if j.near[x][y] {
		return
	}
	p := pair{x: x, y: y, atX: j.at[x], atY: j.at[y], same: j.same(x, y), of: uint64(j.votes) * uint64(j.size[x]) * uint64(j.size[y])}
	if float64(p.same)/float64(p.of) > agreement+1e-9 {
		j.near[x][y], j.near[y][x] = true, true
		heap.Push(&j.queue, p)
	}
}

// same counts, over all votes, the pairs of nodes of two groups that are together.
func (j *joiner) same(x, y int) (n uint64) {
	a, b := j.tally[x], j.tally[y]
	for len(a) > 0 && len(b) > 0 {
		switch c := a[0].compare(b[0]); {
		case c < 0:
			a = a[1:]
		case c > 0:
			b = b[1:]
		default:
			n += uint64(a[0].nodes) * uint64(b[0].nodes)
			a, b = a[1:], b[1:]
		}
	}
	return n
}

func (t tallied) compare(u tallied) int {
	return cmp.Or(cmp.Compare(t.vote, u.vote), cmp.Compare(t.cluster, u.cluster))
}

// best takes the pair that agrees most, of equal ones the first.
func (j *joiner) best() (pair, bool) {
	for len(j.queue) > 0 {
		p := heap.Pop(&j.queue).(pair)
		if j.at[p.x] == p.atX && j.at[p.y] == p.atY {
			return p, true
		}
	}
	return pair{}, false
}

// join makes y part of x.
func (j *joiner) join(x, y int) {
	j.into[y] = x
	j.size[x] += j.size[y]
	all := append(slices.Clone(j.tally[x]), j.tally[y]...)
	slices.SortFunc(all, tallied.compare)
	joined := all[:0]
	for _, t := range all {
		if last := len(joined) - 1; last >= 0 && joined[last].compare(t) == 0 {
			joined[last].nodes += t.nodes
		} else {
			joined = append(joined, t)
		}
	}
	j.tally[x], j.tally[y] = joined, nil
	j.at[x]++
	j.at[y] = -1
	others := j.near[x]
	maps.Copy(others, j.near[y])
	j.near[x], j.near[y] = map[int]bool{}, nil
	for z := range others {
		if z == x || z == y {
			continue
		}
		delete(j.near[z], x)
		delete(j.near[z], y)
		j.meet(min(x, z), max(x, z))
	}
}

// pairs is a heap: the pair that agrees most comes first, of equal ones the one with
// the smaller names.
type pairs []pair

func (ps pairs) Len() int      { return len(ps) }
func (ps pairs) Swap(i, k int) { ps[i], ps[k] = ps[k], ps[i] }
func (ps *pairs) Push(p any)   { *ps = append(*ps, p.(pair)) }
func (ps *pairs) Pop() any {
	last := len(*ps) - 1
	p := (*ps)[last]
	*ps = (*ps)[:last]
	return p
}

func (ps pairs) Less(i, k int) bool {
	p, q := ps[i], ps[k]
	if c := compareShares(p.same, p.of, q.same, q.of); c != 0 {
		return c > 0
	}
	return cmp.Or(cmp.Compare(p.x, q.x), cmp.Compare(p.y, q.y)) < 0
}

// compareShares compares a/b with c/d, exactly.
func compareShares(a, b, c, d uint64) int {
	hi1, lo1 := bits.Mul64(a, d)
	hi2, lo2 := bits.Mul64(c, b)
	return cmp.Or(cmp.Compare(hi1, hi2), cmp.Compare(lo1, lo2))
}
