package argument

import (
	"cmp"
	"slices"
)

// returned is memory of a parameter that a result leads to: through a field of
// fresh memory, if held isn't "".
type returned struct {
	Place
	held string
}

// step applies the facts of a function to what is known, and reports whether
// that is more than before.
func (n *node) step() bool {
	before := n.version
	for f := range n.facts() {
		if f.settled() {
			continue
		}
		if f.Result == nil {
			n.apply(f, returned{f.Place, ""}, true)
			continue
		}
		places, sure := f.reached()
		for _, p := range places {
			n.apply(f, p, sure)
		}
	}
	return n.version != before
}

// settled reports whether f was applied to what is known now, and notes that it
// was.
func (f *fact) settled() bool {
	callee, result := 0, 0
	if f.callee != nil {
		callee = f.callee.version
	}
	if f.result != nil {
		result = f.result.version
	}
	was := f.calleeSeen == callee && f.resultSeen == result
	f.calleeSeen, f.resultSeen = callee, result
	return was
}

func (n *node) apply(f *fact, p returned, sure bool) {
	switch f.Kind {
	case Writes:
		if p.held == "" {
			n.put(entry{place: p.Place, certain: sure, fact: f})
		}
	case May:
		n.put(entry{place: p.Place, fact: f})
	case Returns:
		r := returned{p.Place, cmp.Or(p.held, f.Held)}
		if !slices.Contains(n.returns, r) {
			n.returns = append(n.returns, r)
			n.version++
		}
	case Passes:
		n.passes(f, p, sure)
	}
}

func (n *node) put(e entry) {
	set := &n.may
	if e.certain {
		set = &n.writes
	}
	if set.put(e) {
		n.version++
	}
}

// reached returns the memory that a fact is about. It isn't sure where that
// takes the result of a function without a body.
func (f *fact) reached() (places []returned, sure bool) {
	c := f.Result
	if f.result == nil {
		return []returned{{f.Place, ""}}, false
	}
	for _, r := range f.result.returns {
		if r.Param != c.Arg {
			continue
		}
		place, held := f.Place, r.held
		switch {
		case c.Held != "" && r.Path == "" && held == "":
			held = c.Held // it returns the memory that it was given, which leads there
		case c.Held != "" && r.Path != c.Held:
			continue
		case c.Held == "":
			place = under(place, r.Path)
		}
		switch {
		case held == "":
			places = append(places, returned{under(place, c.Path), ""})
		case c.Path == "":
			places = append(places, returned{place, held})
		case c.Path == held || held == "[]" || c.Path == "[]":
			places = append(places, returned{place, ""})
		}
	}
	return places, true
}

// under is the memory that a part of p leads to.
func under(p Place, path string) Place {
	if p.Path == "" {
		p.Path = path
	}
	return p
}

// passes applies what a callee does with an argument.
func (n *node) passes(f *fact, p returned, sure bool) {
	if f.callee == nil {
		n.put(entry{place: p.Place, fact: f})
		return
	}
	held := cmp.Or(p.held, f.Held)
	for _, list := range [][]*entry{f.callee.writes.list, f.callee.may.list} {
		for _, w := range list {
			if w.place.Param != f.Arg || held != "" && w.place.Path != held {
				continue
			}
			place := p.Place
			if held == "" {
				place = under(place, w.place.Path)
			}
			n.put(entry{place: place, certain: w.certain && sure, fact: f, via: f.callee, next: w, depth: w.depth + 1})
		}
	}
}
