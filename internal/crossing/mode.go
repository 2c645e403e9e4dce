package crossing

import (
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// position is where a type stands in a signature. Streams and handles cross where
// a parameter or result is one, and nowhere inside of values.
type position uint8

const (
	inside   position = iota // of a value
	asParam                  // of an endpoint, or of a handle's method
	asResult                 // the same
)

// A Method is one method of a handle, or the function that a callback is.
type Method struct {
	Func      *types.Func // nil: a callback
	Signature *types.Signature
	Context   bool // its first parameter is a context.Context
	Error     bool // its last result is an error
}

// Params returns the parameters after a context.
func (m Method) Params() []*types.Var {
	all := variables(m.Signature.Params())
	if m.Context {
		return all[1:]
	}
	return all
}

// Results returns the results before an error.
func (m Method) Results() []*types.Var {
	all := variables(m.Signature.Results())
	if m.Error {
		return all[:len(all)-1]
	}
	return all
}

func variables(t *types.Tuple) []*types.Var {
	var all []*types.Var
	for v := range t.Variables() {
		all = append(all, v)
	}
	return all
}

func methodOf(fn *types.Func, sig *types.Signature) Method {
	m := Method{Func: fn, Signature: sig}
	m.Context = sig.Params().Len() > 0 && IsContext(sig.Params().At(0).Type())
	m.Error = sig.Results().Len() > 0 && IsError(sig.Results().At(sig.Results().Len()-1).Type())
	return m
}

// beyond decides on a type that a parameter or result is, and that can't cross as
// a value, for which refused says so: it crosses in a mode that the bindings
// carry, or what they lack is added to the reason.
func (d *Decider) beyond(p place, refused *Reason) (*Step, *Reason) {
	step := d.modeOf(p)
	if step == nil {
		if refused.anything {
			return d.registered(p, refused)
		}
		return nil, refused
	}
	lacks := d.opts.Carriers.Lacks(step.Mode)
	if lacks == "" {
		if step.Mode == component.ModeHandle && refused.anything && d.opts.Carriers.Lacks(component.ModeAny) == "" && d.blocked(step, p) != nil {
			return d.registered(p, refused) // it can't be a handle, and perhaps a value
		}
		return step, nil
	}
	if refused.anything && d.opts.Carriers.Lacks(component.ModeAny) == "" {
		return d.registered(p, refused)
	}
	if blocked := d.blocked(step, p); blocked != nil {
		if step.Mode == component.ModeHandle { // any interface might be one
			refused.What += "; nor can it be a handle: " + blocked.String()
		}
		return nil, refused
	}
	refused.Mode, refused.Lacks = step.Mode, lacks
	refused.as = string(step.Mode)
	if step.Stream != nil && len(step.Methods) > 0 {
		refused.as = "stream of calls"
	}
	if refused.Code == "stream-in-contract" && step.Stream != nil { // its reason says that it is a stream
		refused.What += ", and " + lacks
	} else {
		refused.What += "; it crosses as a " + refused.as + ", but " + lacks
	}
	if instead := d.opts.Carriers.Instead(step.Mode); instead != "" {
		refused.Hint = instead
	}
	return nil, refused
}

// blocked is what keeps a mode from crossing whatever carries it, or nil: of what
// goes through it, something can't cross.
func (d *Decider) blocked(step *Step, p place) *Reason {
	for _, part := range step.Parts {
		if found := d.part(step, part, p); len(found.reasons) > 0 {
			return &found.reasons[0]
		}
	}
	return nil
}

// part is what is to be said of a part of what crosses in a mode, if all modes were
// carried.
func (d *Decider) part(step *Step, part Part, p place) walked {
	var object types.Object
	if named, ok := step.Type.(*types.Named); ok {
		object = named.Obj()
	}
	return d.all().walk(place{typ: part.Type, path: strings.TrimPrefix(part.path, "."), at: object, position: part.position, values: d.within(part, p.values), given: p.given}, nil)
}

// all is the same Decider, if all modes were carried.
func (d *Decider) all() *Decider {
	if d.carried == nil {
		everything := d.opts
		everything.Carriers = component.Carriers{All: []component.Carrier{{Modes: component.Carried}}}
		d.carried = New(everything)
	}
	return d.carried
}

// modeOf returns the mode of a parameter or result, as if what goes through it
// could cross; nil where its type has none.
func (d *Decider) modeOf(p place) *Step {
	if p.position == inside {
		return nil
	}
	switch u := p.typ.Underlying().(type) {
	case *types.Chan:
		if u.Dir() == types.RecvOnly {
			return stream(p.typ, component.Stream{Form: component.StreamChannel}, nil, u.Elem())
		}
	case *types.Signature:
		if isIterator(u) {
			return iterator(p.typ, u)
		}
		if p.position == asParam {
			return callback(p.typ, u)
		}
	case *types.Interface:
		if s, ok := bytesOf(u); ok {
			return stream(p.typ, s, nil, nil)
		}
		if p.position == asResult || slices.ContainsFunc(p.given, func(t types.Type) bool { return types.Identical(t, p.typ) }) {
			return handle(p.typ, u)
		}
	}
	return nil
}

func stream(t types.Type, s component.Stream, key, elem types.Type) *Step {
	step := &Step{Type: t, How: AsStream, Mode: component.ModeStream, Stream: &s, Key: key, Elem: elem}
	if key != nil {
		step.Parts = append(step.Parts, Part{Type: key, path: "[key]", unfollowed: true})
	}
	if elem != nil {
		step.Parts = append(step.Parts, Part{Type: elem, path: "[]", unfollowed: s.Form != component.StreamChannel})
	}
	return step
}

// iterator is the stream of what a function like iter.Seq or
// iter.Seq2 yields.
func iterator(t types.Type, sig *types.Signature) *Step {
	yielded := sig.Params().At(0).Type().Underlying().(*types.Signature).Params()
	switch yielded.Len() {
	case 1:
		elem := yielded.At(0).Type()
		return stream(t, component.Stream{Form: component.StreamSeq, Fails: IsError(elem)}, nil, elem)
	case 2:
		key, elem := yielded.At(0).Type(), yielded.At(1).Type()
		return stream(t, component.Stream{Form: component.StreamSeq2, Fails: IsError(elem)}, key, elem)
	}
	return nil
}

// callback is a function that the component calls, or nil. What it could change
// behind its arguments would be lost on the way, so they have to be plain.
func callback(t types.Type, sig *types.Signature) *Step {
	m := methodOf(nil, sig)
	step := &Step{Type: t, How: AsStream, Mode: component.ModeStream, Methods: []Method{m},
		Stream: &component.Stream{Form: component.StreamCallback, Fails: m.Error}}
	for i, v := range m.Params() {
		if !plain(v.Type(), nil) {
			return nil
		}
		step.Parts = append(step.Parts, Part{Type: v.Type(), path: "(" + nameOf(v, i) + ")", unfollowed: true})
	}
	for i, v := range m.Results() {
		step.Parts = append(step.Parts, Part{Type: v.Type(), path: "() " + nameOf(v, i), unfollowed: true})
	}
	return step
}

// plain reports whether who is given a value can change nothing that the giver
// sees.
func plain(t types.Type, seen []types.Type) bool {
	if named, ok := types.Unalias(t).(*types.Named); ok {
		if codecs[qualified(named)] != "" {
			return true
		}
		for _, s := range seen {
			if types.Identical(s, named) {
				return true
			}
		}
		seen = append(seen, named)
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return true
	case *types.Array:
		return plain(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			if !plain(f.Type(), seen) {
				return false
			}
		}
		return true
	case *types.Interface:
		return IsError(t)
	}
	return false
}

// givenBeside returns the types of the handles that the functions beside fn give, and
// the methods of these handles. Such a value may come back as an argument.
func (d *Decider) givenBeside(fn *types.Func) []types.Type {
	var owner any = fn.Pkg()
	recv := fn.Signature().Recv()
	if recv != nil {
		owner = recv.Type()
	}
	if d.opts.Contract != nil {
		owner = nil
	}
	given, ok := d.given[owner]
	if !ok {
		queue := d.opts.Contract
		if queue == nil {
			queue = beside(fn)
		}
		given = givenBy(queue)
		d.given[owner] = given
	}
	return given
}

// beside lists the exported methods of fn's receiver, or the exported functions of its
// package.
func beside(fn *types.Func) []*types.Func {
	var all []*types.Func
	add := func(obj types.Object) {
		if other, ok := obj.(*types.Func); ok && other.Exported() && other.Signature().TypeParams().Len() == 0 {
			all = append(all, other)
		}
	}
	recv := fn.Signature().Recv()
	switch {
	case recv == nil && fn.Pkg() != nil:
		scope := fn.Pkg().Scope()
		for _, name := range scope.Names() {
			add(scope.Lookup(name))
		}
	case recv != nil:
		t := recv.Type()
		if _, pointer := types.Unalias(t).(*types.Pointer); !pointer && !types.IsInterface(t) {
			t = types.NewPointer(t)
		}
		set := types.NewMethodSet(t)
		for s := range set.Methods() {
			add(s.Obj())
		}
	}
	return all
}

func givenBy(queue []*types.Func) []types.Type {
	var given []types.Type
	for len(queue) > 0 {
		m := methodOf(queue[0], queue[0].Signature())
		queue = queue[1:]
		for _, r := range m.Results() {
			u, ok := r.Type().Underlying().(*types.Interface)
			if !ok || slices.ContainsFunc(given, func(t types.Type) bool { return types.Identical(t, r.Type()) }) {
				continue
			}
			if _, bytes := bytesOf(u); bytes || handle(r.Type(), u) == nil {
				continue
			}
			given = append(given, types.Unalias(r.Type()))
			for fn := range u.Methods() {
				queue = append(queue, fn)
			}
		}
	}
	return given
}

// handle is an interface whose methods its caller calls where the component is, or
// nil. Each must be able to say that a call failed on the way.
func handle(t types.Type, u *types.Interface) *Step {
	if u.NumMethods() == 0 || !u.IsMethodSet() || IsError(t) || IsContext(t) {
		return nil
	}
	step := &Step{Type: t, How: AsHandle, Mode: component.ModeHandle, Lease: &component.Lease{}}
	for fn := range u.Methods() {
		m := methodOf(fn, fn.Signature())
		if !fn.Exported() || !m.Error || streams(fn) {
			return nil
		}
		if fn.Name() == "Close" && len(m.Params())+len(m.Results()) == 0 {
			step.Lease.Release = "Close"
		}
		step.Methods = append(step.Methods, m)
		first := 0
		if m.Context {
			first = 1
		}
		for i, v := range m.Params() {
			step.Parts = append(step.Parts, Part{Type: v.Type(), position: asParam, method: fn, index: i + first, path: "." + fn.Name() + "(" + nameOf(v, i) + ")"})
		}
		for i, v := range m.Results() {
			step.Parts = append(step.Parts, Part{Type: v.Type(), position: asResult, method: fn, index: i, path: "." + fn.Name() + "() " + nameOf(v, i)})
		}
	}
	return step
}

func nameOf(v *types.Var, i int) string {
	if v.Name() != "" && v.Name() != "_" {
		return v.Name()
	}
	return ordinal(i)
}

// bytesOf returns the stream of bytes that an interface is: it has Read, Write or
// both, as io.Reader and io.Writer do, perhaps Close, and nothing more.
func bytesOf(u *types.Interface) (component.Stream, bool) {
	s := component.Stream{Fails: true}
	if !u.IsMethodSet() {
		return s, false
	}
	for fn := range u.Methods() {
		sig := fn.Signature()
		params, results := sig.Params(), sig.Results()
		switch {
		case fn.Name() == "Close" && params.Len() == 0 && results.Len() == 1 && IsError(results.At(0).Type()):
			s.Closes = true
		case (fn.Name() == "Read" || fn.Name() == "Write") && streams(fn) && results.Len() == 2 &&
			types.Identical(results.At(0).Type(), types.Typ[types.Int]) && IsError(results.At(1).Type()):
			if s.Form != "" {
				s.Form = component.StreamReadWriter
			} else {
				s.Form = map[string]component.StreamForm{"Read": component.StreamReader, "Write": component.StreamWriter}[fn.Name()]
			}
		default:
			return s, false
		}
	}
	return s, s.Form != ""
}
