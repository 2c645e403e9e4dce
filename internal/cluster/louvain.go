package cluster

import (
	"maps"
	"slices"
)

// A weighted is an undirected weighted graph for clustering. Self-edges keep
// the weight inside nodes that were merged.
type weighted struct {
	adj  []map[int]float64 // without self-edges
	self []float64
}

func newWeighted(n int) *weighted {
	w := &weighted{adj: make([]map[int]float64, n), self: make([]float64, n)}
	for i := range w.adj {
		w.adj[i] = map[int]float64{}
	}
	return w
}

func (w *weighted) add(a, b int, x float64) {
	if a == b {
		w.self[a] += x
		return
	}
	w.adj[a][b] += x
	w.adj[b][a] += x
}

// degrees returns the weight at each node and the sum of all.
func (w *weighted) degrees() (degree []float64, total float64) {
	degree = make([]float64, len(w.adj))
	for v := range w.adj {
		degree[v] = 2 * w.self[v]
		for _, u := range sortedKeys(w.adj[v]) {
			degree[v] += w.adj[v][u]
		}
		total += degree[v]
	}
	return degree, total
}

// merge returns the graph of groups, which are numbered from 0 to n-1.
func (w *weighted) merge(group []int, n int) *weighted {
	m := newWeighted(n)
	for i, g := range group {
		m.self[g] += w.self[i]
		for _, j := range sortedKeys(w.adj[i]) {
			if i < j {
				m.add(g, group[j], w.adj[i][j])
			}
		}
	}
	return m
}

// louvain groups nodes so that weight inside groups is high against chance, at
// resolution gamma. The order in which nodes are visited depends on seed
// alone. Groups are numbered by their first member and are connected.
func (w *weighted) louvain(gamma float64, seed uint64) []int {
	group := make([]int, len(w.adj))
	for i := range group {
		group[i] = i
	}
	level := w
	for {
		local, moved := level.moveNodes(gamma, seed)
		local, n := renumber(local)
		for i := range group {
			group[i] = local[group[i]]
		}
		if !moved || n == len(level.adj) {
			return w.connected(group)
		}
		level = level.merge(local, n)
	}
}

func (w *weighted) moveNodes(gamma float64, seed uint64) ([]int, bool) {
	n := len(w.adj)
	group, degree, total := make([]int, n), make([]float64, n), make([]float64, n)
	neighbours := make([][]int, n)
	var twice float64
	for i := range n {
		group[i] = i
		neighbours[i] = sortedKeys(w.adj[i])
		degree[i] = 2 * w.self[i]
		for _, j := range neighbours[i] {
			degree[i] += w.adj[i][j]
		}
		total[i] = degree[i]
		twice += degree[i]
	}
	if twice == 0 {
		return group, false
	}
	order, anyMoved := shuffled(n, seed), false
	for range 50 {
		moved := false
		for _, i := range order {
			toward := map[int]float64{}
			for _, j := range neighbours[i] {
				toward[group[j]] += w.adj[i][j]
			}
			total[group[i]] -= degree[i]
			best, gain := group[i], toward[group[i]]-gamma*total[group[i]]*degree[i]/twice
			for _, g := range sortedKeys(toward) {
				if x := toward[g] - gamma*total[g]*degree[i]/twice; x > gain+1e-9 {
					best, gain = g, x
				}
			}
			total[best] += degree[i]
			if best != group[i] {
				group[i], moved, anyMoved = best, true, true
			}
		}
		if !moved {
			break
		}
	}
	return group, anyMoved
}

// shuffled returns 0..n-1 in an order that depends on seed alone.
func shuffled(n int, seed uint64) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	state := seed*0x9E3779B97F4A7C15 + 1
	for i := n - 1; i > 0; i-- {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		j := int(state % uint64(i+1))
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// connected splits groups whose members don't all reach each other inside.
func (w *weighted) connected(group []int) []int {
	out := make([]int, len(group))
	for i := range out {
		out[i] = -1
	}
	next := 0
	for i := range group {
		if out[i] >= 0 {
			continue
		}
		stack := []int{i}
		out[i] = next
		for len(stack) > 0 {
			v := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for u := range w.adj[v] {
				if out[u] < 0 && group[u] == group[v] {
					out[u] = next
					stack = append(stack, u)
				}
			}
		}
		next++
	}
	return out
}

// renumber numbers groups by their first member.
func renumber(group []int) ([]int, int) {
	ids := map[int]int{}
	out := make([]int, len(group))
	for i, g := range group {
		id, ok := ids[g]
		if !ok {
			id = len(ids)
			ids[g] = id
		}
		out[i] = id
	}
	return out, len(ids)
}

// withLabels returns w with one node more for each label that is believed, tied
// to its members as strongly as it is. All labels together pull a node at most
// with strength times its own weight.
func (w *weighted) withLabels(labels []word, strength float64) *weighted {
	n := len(w.adj)
	degree, total := w.degrees()
	floor := 0.5 * total / float64(max(n, 1))
	believed := slices.DeleteFunc(slices.Clone(labels), func(l word) bool { return l.lift <= 0 })
	out := newWeighted(n + len(believed))
	copy(out.self, w.self)
	sum := make([]float64, n)
	for v := range w.adj {
		maps.Copy(out.adj[v], w.adj[v])
	}
	for _, l := range believed {
		for _, v := range l.members {
			sum[v] += l.lift
		}
	}
	for i, l := range believed {
		for _, v := range l.members {
			out.add(v, n+i, strength*max(degree[v], floor)*l.lift*l.lift/sum[v])
		}
	}
	return out
}
