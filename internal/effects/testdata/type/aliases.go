package p

type Rule struct {
	Price int
	Tags  []string
}

type Box struct{ n int }

type Engine struct {
	rules []*Rule
	byKey map[string]int
	n     int
}

// want reads
func (e *Engine) First() *Rule { return e.rules[0] }

// want writes
func (e *Engine) Keep(m map[string]int) { e.byKey = m }

// The argument may be what First returned.
//
// want unknown
func (e *Engine) Fix(r *Rule) { r.Price = 1 }

// want unknown
func (e *Engine) FixInside(rs []Rule) { rs[0].Price = 1 }

// The argument may be what Keep was given.
//
// want unknown
func (e *Engine) Put(m map[string]int) { m["x"] = 1 }

// Memory of another type can't be part of the state.
//
// want reads stateless
func (e *Engine) OtherType(b *Box) { b.n = 1 }

// want reads stateless
func (e *Engine) OtherMap(m map[string]bool) { m["x"] = true }

// Copies are no aliases.
//
// want reads stateless
func (e *Engine) ByValue(r Rule) int { r.Price = 1; return r.Price }

// want reads
func (e *Engine) Count() int { return e.n }
