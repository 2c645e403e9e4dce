package behind

import (
	"context"
	"go/types"

	"github.com/unweld/unweld/internal/text"
)

// A node is a place that holds values: a variable, a parameter, a field, the
// elements of one map. Its number is an index; none stands for no place.
type node int32

const none node = -1

// A kind says what an object is.
type kind uint8

const (
	memory  kind = iota // a slice's array, a map, a channel, a variable with an address
	boxed               // a value behind an interface
	outside             // what comes from code that isn't looked at
)

// An object is what a node can hold.
type object struct {
	kind kind
	cell node // memory: what it holds; outside: itself; none where that is nothing
	key  node // memory: a map's keys

	typ     types.Type // boxed
	spelled string     // of typ, canonically
	local   bool       // typ is declared in a function
	payload node       // boxed: the value, none where it leads to no interface

	what string // outside
	span text.Span
	test bool
}

// An action is done for each object that a node gets.
type action uint8

const (
	load    action = iota // other gets what is in the object
	loadKey               // the same of a map's keys
	store                 // the object gets what is in other
	storeKey
	assert // other gets the value, if it is of the type spelled
	narrow // other gets the object, if its type has the methods that are wanted
	fill   // code outside puts what is in other into everything that the object leads to
	invoke // if the object is of a type that isn't of the program, other gets what is unknown
)

type use struct {
	action  action
	other   node
	spelled string          // assert
	want    map[string]bool // narrow: as methodNames has them
	unknown int             // invoke: an object
}

type place struct {
	holds    []int32 // objects, in the order in which they came
	has      map[int32]bool
	done     int // how many of holds were passed on
	to       []node
	edges    map[node]bool
	uses     []use
	filledBy map[node]bool
	todo     bool
}

// maxSteps bounds how often objects are propagated along edges: a few seconds of CPU.
const maxSteps = 40_000_000

func (g *graph) newNode() node {
	g.places = append(g.places, place{})
	return node(len(g.places) - 1)
}

func (g *graph) at(n node) *place { return &g.places[n] }

func (g *graph) newObject(o object) int32 {
	g.objects = append(g.objects, &o)
	return int32(len(g.objects) - 1)
}

// memory returns a new object with what it holds.
func (g *graph) memory() int32 {
	return g.newObject(object{kind: memory, cell: g.newNode(), key: g.newNode(), payload: none})
}

// put adds an object to a node.
func (g *graph) put(n node, o int32) {
	p := g.at(n)
	if p.has[o] {
		return
	}
	if p.has == nil {
		p.has = map[int32]bool{}
	}
	p.has[o] = true
	p.holds = append(p.holds, o)
	if !p.todo {
		p.todo = true
		g.queue = append(g.queue, n)
	}
}

// flow says that to holds whatever from does.
func (g *graph) flow(from, to node) {
	if from == none || to == none || from == to {
		return
	}
	p := g.at(from)
	if p.edges[to] {
		return
	}
	if p.edges == nil {
		p.edges = map[node]bool{}
	}
	p.edges[to] = true
	p.to = append(p.to, to)
	for _, o := range p.holds[:p.done] {
		g.steps++
		g.put(to, o)
	}
}

// when has something done for each object that n holds.
func (g *graph) when(n node, u use) {
	if n == none || u.other == none && u.action != invoke {
		return
	}
	if u.action == fill {
		p := g.at(n)
		if p.filledBy[u.other] {
			return
		}
		if p.filledBy == nil {
			p.filledBy = map[node]bool{}
		}
		p.filledBy[u.other] = true
	}
	g.at(n).uses = append(g.at(n).uses, u)
	for i := range g.at(n).done {
		g.do(u, g.at(n).holds[i])
	}
}

// solve passes objects on until nothing changes.
func (g *graph) solve(ctx context.Context) error {
	for len(g.queue) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if g.steps > maxSteps {
			g.exhausted = true
			return nil
		}
		n := g.queue[0]
		g.queue = g.queue[1:]
		p := g.at(n)
		p.todo = false
		news := p.holds[p.done:]
		p.done = len(p.holds)
		for i := 0; i < len(g.at(n).to); i++ {
			to := g.at(n).to[i]
			for _, o := range news {
				g.steps++
				g.put(to, o)
			}
		}
		for i := 0; i < len(g.at(n).uses); i++ {
			u := g.at(n).uses[i]
			for _, o := range news {
				g.steps++
				g.do(u, o)
			}
		}
	}
	return nil
}

func (g *graph) do(u use, o int32) {
	x := g.objects[o]
	switch u.action {
	case load:
		if x.kind == outside {
			g.put(u.other, o)
		}
		if x.kind == memory {
			g.flow(x.cell, u.other)
		}
	case loadKey:
		if x.kind == outside {
			g.put(u.other, o)
		}
		if x.kind == memory {
			g.flow(x.key, u.other)
		}
	case store:
		if x.kind == memory {
			g.flow(u.other, x.cell)
		}
	case storeKey:
		if x.kind == memory {
			g.flow(u.other, x.key)
		}
	case assert:
		switch {
		case x.kind == outside:
			g.put(u.other, o)
		case x.kind == boxed && x.spelled == u.spelled:
			g.flow(x.payload, u.other)
		}
	case narrow:
		if x.kind == outside || x.kind == boxed && contains(g.methodsOf(x), u.want) {
			g.put(u.other, o)
		}
	case fill:
		g.fill(x, u.other)
	case invoke:
		if x.kind == outside || x.kind == boxed && !g.own(x.typ) {
			if u.other != none {
				g.put(u.other, int32(u.unknown))
			}
		}
	}
}

// methodsOf lists the methods of a type behind an interface.
func (g *graph) methodsOf(x *object) map[string]bool {
	set, ok := g.sets[x.spelled]
	if !ok {
		if iface, is := x.typ.Underlying().(*types.Interface); is {
			set = methodNames(iface)
		} else {
			set = methodSet(x.typ)
		}
		g.sets[x.spelled] = set
	}
	return set
}

// fill puts what with holds into everything that an object leads to.
func (g *graph) fill(x *object, with node) {
	switch x.kind {
	case memory:
		for _, n := range []node{x.cell, x.key} {
			g.flow(with, n)
			g.when(n, use{action: fill, other: with})
		}
	case boxed:
		g.when(x.payload, use{action: fill, other: with})
		g.fillFields(x.typ, with, false, map[types.Type]bool{})
	}
}

// fillFields does the same with the exported fields of structs that a value of a
// type leads to, which reflection can set where it has their address.
func (g *graph) fillFields(t types.Type, with node, address bool, seen map[types.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		g.fillFields(u.Elem(), with, true, seen)
	case *types.Slice:
		g.fillFields(u.Elem(), with, true, seen)
	case *types.Array:
		g.fillFields(u.Elem(), with, address, seen)
	case *types.Map:
		g.fillFields(u.Elem(), with, true, seen) // a new value can be set
	case *types.Struct:
		for f := range u.Fields() {
			if !f.Exported() && !f.Embedded() {
				continue
			}
			if g.tracked(f.Type()) {
				n := g.field(g.fset, f)
				if address {
					g.flow(with, n)
				}
				g.when(n, use{action: fill, other: with})
			}
			g.fillFields(f.Type(), with, address, seen)
		}
	}
}
