package cluster

// atoms merges a node into the group of its users where all of them lie in
// one group and no assembler uses it, to a fixpoint. It returns the groups,
// numbered from 0, and how many there are.
func (c *clusterer) atoms() ([]int, int) {
	group := make([]int, len(c.g.Nodes))
	for i := range group {
		group[i] = i
	}
	for changed := true; changed; {
		changed = false
		for v := range group {
			if !c.active(v) || len(c.in[v]) == 0 || group[v] != v || c.home[v] >= 0 {
				continue
			}
			target := -1
			for _, u := range c.in[v] {
				if !c.active(u) || target >= 0 && group[u] != target {
					target = -2
					break
				}
				target = group[u]
			}
			if target < 0 || target == v {
				continue
			}
			for i := range group {
				if group[i] == v {
					group[i] = target
				}
			}
			changed = true
		}
	}
	return renumber(group)
}
