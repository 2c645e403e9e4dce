package argument

import "fmt"

// Coarse returns facts as they are if there are at most limit. Otherwise it says
// less of the same memory with fewer facts: a statement that writes what a parameter
// leads to is kept, and any other use of it counts as one that may write it. So
// no change is missed, and some are reported that can't happen.
func Coarse(facts []Fact, limit int) []Fact {
	if len(facts) <= limit {
		return facts
	}
	type use struct {
		kind  string
		place Place
		held  string
	}
	seen := map[use]bool{}
	var out []Fact
	for _, f := range facts {
		c := Fact{Kind: f.Kind, Place: f.Place, Name: f.Name, Span: f.Span}
		switch {
		case f.Kind == Writes && f.Result == nil:
			c.What = f.What
		case f.Kind == Returns:
			c.Held, c.What = f.Held, f.What
		default:
			c.Kind, c.What = May, fmt.Sprintf("uses it and what it leads to in %d ways, too many to follow", len(facts))
		}
		u := use{c.Kind, c.Place, c.Held}
		if !seen[u] {
			seen[u] = true
			out = append(out, c)
		}
	}
	return out
}
