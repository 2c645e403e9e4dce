package source

import (
	"go/ast"
	"go/types"
	"slices"
	"sync"
)

// asking is a declaration that is or may be an interface, with what it asks for.
type asking struct {
	*declNode

	once     sync.Once
	methods  map[string]bool // names
	more     bool            // it embeds something that isn't from source: it may ask for any other
	identity string
}

// askedBy hashes the interfaces of the package that ask, or may ask, for a method
// of a name: "" if there are none. Together with the signatures of the methods of a
// type, which are among the needs of its methods, it decides which of these
// implement what.
func (t *meanings) askedBy(name string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if got, ok := t.asks[name]; ok {
		return got
	}
	var lines []string
	for _, a := range t.interfaces {
		a.once.Do(func() { t.ask(a) })
		if a.more || a.methods[name] {
			lines = append(lines, a.identity)
		}
	}
	got := ""
	if len(lines) > 0 {
		slices.Sort(lines)
		got = hashLines(lines)
	}
	t.asks[name] = got
	return got
}

// ask finds out what an interface asks for, by itself and by what it embeds.
func (t *meanings) ask(a *asking) {
	a.methods, a.identity = map[string]bool{}, t.identity(a.declNode)
	seen := map[*declNode]bool{}
	var visit func(in *meanings, n *declNode)
	visit = func(in *meanings, n *declNode) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, name := range n.offers {
			a.methods[name] = true
		}
		for _, name := range n.embeds {
			found := false
			for _, v := range append([]*meanings{in}, in.view...) {
				if v != in && !ast.IsExported(name) {
					continue
				}
				for _, to := range v.names[name] {
					visit(v, to)
					found = true
				}
			}
			switch universal := types.Universe.Lookup(name) != nil; {
			case found:
			case name == "error":
				a.methods["Error"] = true
			case !universal:
				a.more = true
			}
		}
	}
	visit(t, a.declNode)
}
