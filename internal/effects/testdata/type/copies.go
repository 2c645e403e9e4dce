package p

import (
	"maps"
	"slices"
)

type Rule struct{ Price int }

// Nothing of this Engine is handed out or kept.
type Engine struct {
	rules []Rule
	byKey map[string]int
}

// want reads
func (e *Engine) Rules() []Rule { return slices.Clone(e.rules) }

// want writes
func (e *Engine) SetAll(m map[string]int) { e.byKey = maps.Clone(m) }

// want writes
func (e *Engine) Add(r Rule) { e.rules = append(e.rules, r) }

// want reads stateless
func (e *Engine) Fix(rs []Rule) { rs[0].Price = 1 }

// want reads stateless
func (e *Engine) Put(m map[string]int) { m["x"] = 1 }
