package crossing

import (
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing/behind"
)

// How is the way in which a value of a type crosses.
type How string

const (
	ByValue  How = "value"    // its content is copied
	External How = "external" // encoded by a codec for the type, or by its own methods
	AsError  How = "error"    // the predeclared error, with its identity
	AsUnion  How = "union"    // a sealed interface: which implementation it holds, and its value
	AsStream How = "stream"   // element by element, while one side produces and the other consumes
	AsHandle How = "handle"   // not at all: callers call its methods in the component's process
	AsAny    How = "any"      // an open interface: which registered type it holds, and its value
)

// A Step is one type inside a value that crosses.
type Step struct {
	Type  types.Type // without alias
	How   How
	Codec string // External: the codec's name
	Parts []Part // its constituents, or the elements of a stream; shared, must not be changed

	Mode      component.Mode    // the mode that a binding must carry; empty for values
	Stream    *component.Stream // AsStream
	Key, Elem types.Type        // AsStream: of its elements; nil where it has none, and for bytes
	Methods   []Method          // AsHandle, in source order; AsStream: the function of a callback
	Lease     *component.Lease  // AsHandle

	behind *Behind // AsAny
}

// A Part is a constituent of a type: the key of a map, the element of a slice,
// array, map or pointer, a field that crosses, or an implementation of a sealed
// interface. A map's key comes before its element.
type Part struct {
	Type  types.Type
	Field *types.Var // nil for elements and keys

	path     string // to be added to that of the whole
	position position

	// Where its values are found, if not where the elements of the whole are.
	key        bool
	behind     *behind.Found // what is behind an interface
	method     *types.Func   // of a handle: parameter or result number index of it
	index      int
	unfollowed bool
}

// place is a type and where it was met.
type place struct {
	typ  types.Type
	path string
	at   types.Object // that mentions it last

	position position
	pointed  bool           // by a pointer
	writer   *types.Package // whose own code writes what it is in; nil: the component's code does
	values   values         // nil: not followed
	given    []types.Type   // of handles that the contract gives, and takes back
}

// met is what a walk met before: a type that is a parameter may be a stream, and
// can't cross where it is the field of a value.
type met struct {
	typ     *types.Named
	as      position
	pointed bool
	writer  *types.Package
}

// Walk reports why values of type t can't cross, the nearest reason first.
// Paths start with path; at is the declaration that uses t. visit, if it isn't
// nil, is called for each type in t whose structure is known. Streams and
// handles inside of a value don't cross.
func (d *Decider) Walk(t types.Type, path string, at types.Object, visit func(*Step)) []Reason {
	return d.walk(place{typ: t, path: path, at: at}, visit).reasons
}

// Passed is Walk for parameter i of fn, counted from 0 without a receiver, or for its
// result i, where streams and handles may cross too.
func (d *Decider) Passed(fn *types.Func, i int, result bool, path string) []Reason {
	v, position := fn.Signature().Params(), asParam
	if result {
		v, position = fn.Signature().Results(), asResult
	}
	return d.walk(place{typ: v.At(i).Type(), path: path, at: fn, position: position, values: d.passed(fn, i, result)}, nil).reasons
}

// walked is what a walk found out.
type walked struct {
	first   *Step            // the type itself; nil if it can't cross
	needs   []component.Mode // that bindings must carry, as often as they were met
	reasons []Reason
	behind  []Behind
}

// open notes an interface that anything may be behind, and reports whether it was
// met before.
func (w *walked) open(step *Step, reason *Reason) (again bool) {
	b := (*Behind)(nil)
	if step != nil {
		b = step.behind
	} else {
		b = reason.behind
	}
	if b == nil {
		return false
	}
	if !w.note(*b) {
		return step != nil
	}
	for _, n := range b.nested {
		w.note(n)
	}
	return false
}

func (w *walked) note(b Behind) bool {
	for i := range w.behind {
		if w.behind[i].key == b.key {
			return false
		}
	}
	w.behind = append(w.behind, b)
	return true
}

// walk is the only walk over the types of a contract.
func (d *Decider) walk(from place, visit func(*Step)) (out walked) {
	queue := []place{from}
	seen := map[met]bool{}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		p.typ = types.Unalias(p.typ)
		if named, ok := p.typ.(*types.Named); ok {
			key := met{named, p.position, p.pointed, p.writer}
			if seen[key] || visit == nil && key.as == inside && d.whole[named] && out.first != nil {
				continue
			}
			seen[key] = true
		}
		step, reason := d.step(p)
		if out.open(step, reason) {
			continue
		}
		if reason != nil {
			reason.root = from.path
			out.reasons = append(out.reasons, *reason)
			continue
		}
		if out.first == nil && len(out.reasons) == 0 {
			out.first = step
		}
		if step.Mode != "" {
			out.needs = append(out.needs, step.Mode)
		}
		if visit != nil {
			visit(step)
		}
		at := p.at
		if n, ok := p.typ.(*types.Named); ok {
			at = n.Obj()
		}
		writer := p.writer
		if n, ok := p.typ.(*types.Named); ok && step.Mode == component.ModeUnexported {
			writer = n.Obj().Pkg()
		}
		for _, part := range step.Parts {
			next := place{writer: writer, typ: part.Type, path: p.path + part.path, at: at, position: part.position, values: d.within(part, p.values), given: p.given}
			if part.Field != nil {
				next.at = part.Field
			}
			_, next.pointed = p.typ.Underlying().(*types.Pointer)
			queue = append(queue, next)
		}
	}
	if len(out.reasons)+len(out.needs) == 0 {
		for key := range seen {
			d.whole[key.typ] = true
		}
	}
	return out
}

// step decides on one type, as if what it is made of could cross.
func (d *Decider) step(p place) (*Step, *Reason) {
	step, reason := d.value(p)
	if reason != nil {
		return d.beyond(p, reason)
	}
	return step, nil
}

// value decides on one type as that of a value.
func (d *Decider) value(p place) (*Step, *Reason) {
	if named, ok := p.typ.(*types.Named); ok {
		if step, reason := d.named(named, p); step != nil || reason != nil {
			return step, reason
		}
	}
	return d.underlying(p)
}

// named decides on the declared types that aren't what their underlying type
// says; both results are nil for the others.
func (d *Decider) named(t *types.Named, p place) (*Step, *Reason) {
	if IsError(t) {
		return &Step{Type: t, How: AsError}, nil
	}
	if codec := codecOf(t); codec != "" {
		return &Step{Type: t, How: External, Codec: codec}, nil
	}
	if b, ok := banned(t); ok {
		return nil, p.refuse(b.code, "("+short(t)+") "+b.why, b.hint)
	}
	if u, ok := t.Underlying().(*types.Interface); ok {
		return d.union(t, u, p)
	}
	if st, ok := t.Underlying().(*types.Struct); ok {
		if hidden := d.hidden(t, st); hidden != nil {
			return d.hiddenState(t, hidden, p)
		}
	}
	return nil, nil
}

// hiddenState decides on a struct with a field that generated code can't reach.
// Both results are nil where walking the fields says more than the struct does.
func (d *Decider) hiddenState(t *types.Named, f *types.Var, p place) (*Step, *Reason) {
	if codec := marshaler(t); codec != "" {
		return &Step{Type: t, How: External, Codec: codec}, nil
	}
	if !d.own(t.Obj().Pkg(), p.at) {
		return nil, p.refuse("foreign-type", "("+short(t)+") keeps state to itself ("+f.Name()+" "+short(f.Type())+"), and would arrive without it",
			"cross with a type of your own that has the same content")
	}
	if bansItself(f.Type()) {
		return nil, nil
	}
	lacks, instead := d.opts.Carriers.Lacks(component.ModeUnexported), ""
	why := d.unwritable(t, p)
	if why == "" {
		if lacks == "" {
			step, reason := d.underlying(p)
			step.Mode = component.ModeUnexported
			return step, reason
		}
		instead = d.opts.Carriers.Instead(component.ModeUnexported)
	}
	reason := &Reason{Code: "unexported-state", Path: p.path + "." + f.Name(), Type: f.Type(), Object: f,
		What: "(" + short(f.Type()) + ") is unexported, so " + short(t) + " would arrive without it",
		Hint: "export the field, give " + t.Obj().Name() + " MarshalBinary and UnmarshalBinary, or cross with a type made for it"}
	switch {
	case instead != "":
		reason.What, reason.Hint = reason.What+"; "+lacks, instead
	case why != "" && lacks == "":
		reason.What += "; " + why
	}
	return nil, reason
}

// hidden returns the first field that generated code can't reach.
func (d *Decider) hidden(t *types.Named, st *types.Struct) *types.Var {
	if d.opts.Home != nil && t.Obj().Pkg() == d.opts.Home {
		return nil
	}
	for f := range st.Fields() {
		if !f.Exported() && f.Name() != "_" {
			return f
		}
	}
	return nil
}

// own reports whether who reads the reason can change the types of p.
func (d *Decider) own(p *types.Package, at types.Object) bool {
	if p == nil {
		return false
	}
	if d.opts.Module == "" {
		return at != nil && p == at.Pkg() || p == d.opts.Home
	}
	return within(p.Path(), d.opts.Module)
}

// bansItself reports whether t itself can't cross, so that naming it says more
// than that its field is unexported.
func bansItself(t types.Type) bool {
	switch u := types.Unalias(t).(type) {
	case *types.Chan, *types.Signature:
		return true
	case *types.Pointer:
		return bansItself(u.Elem())
	case *types.Named:
		_, bad := banned(u)
		return bad
	}
	return false
}

// underlying decides by what t is made of.
func (d *Decider) underlying(p place) (*Step, *Reason) {
	step := &Step{Type: p.typ, How: ByValue}
	switch u := p.typ.Underlying().(type) {
	case *types.Basic:
		return step, basic(u, p)
	case *types.Slice:
		step.Parts = []Part{{Type: u.Elem(), path: "[]"}}
	case *types.Array:
		step.Parts = []Part{{Type: u.Elem(), path: "[]"}}
	case *types.Map:
		step.Parts = []Part{{Type: u.Key(), path: "[key]", key: true}, {Type: u.Elem(), path: "[]"}}
	case *types.Pointer:
		step.Parts = []Part{{Type: u.Elem()}}
	case *types.Struct:
		step.Parts = d.fields(u)
	case *types.Chan:
		return nil, p.refuse("chan-in-contract", "("+short(p.typ)+") is a channel", "offer a stream of events, or a method to poll")
	case *types.Signature:
		return nil, function(u, p)
	case *types.Interface:
		return nil, iface(u, p)
	default:
		return nil, p.refuse("generic-contract", "("+short(p.typ)+") is a type parameter", "write a function for the types in use")
	}
	return step, nil
}

// fields returns what a struct is made of.
func (d *Decider) fields(st *types.Struct) []Part {
	parts, ok := d.structs[st]
	if !ok {
		parts = make([]Part, 0, st.NumFields())
		for f := range st.Fields() {
			if f.Name() != "_" {
				parts = append(parts, Part{Type: f.Type(), Field: f, path: "." + f.Name()})
			}
		}
		d.structs[st] = parts
	}
	return parts
}

func basic(u *types.Basic, p place) *Reason {
	switch u.Kind() {
	case types.UnsafePointer, types.Uintptr:
		return p.refuse("unsafe-value", "("+u.Name()+") is an address", "cross with a value that means something in another process")
	case types.Invalid:
		return p.refuse("unknown-type", "has a type that could not be checked", "make the package build first")
	}
	return nil
}

func function(sig *types.Signature, p place) *Reason {
	if isIterator(sig) {
		return p.refuse("iterator-in-contract", "("+short(p.typ)+") is an iterator", "return a slice, or a page of one")
	}
	return p.refuse("func-in-contract", "("+short(p.typ)+") is a function", "replace it by data: an options struct, or a second method")
}

// isIterator reports whether sig is like iter.Seq or iter.Seq2.
func isIterator(sig *types.Signature) bool {
	if sig.Params().Len() != 1 || sig.Results().Len() != 0 {
		return false
	}
	yield, ok := sig.Params().At(0).Type().Underlying().(*types.Signature)
	return ok && yield.Results().Len() == 1 && types.Identical(yield.Results().At(0).Type(), types.Typ[types.Bool])
}

func iface(u *types.Interface, p place) *Reason {
	switch {
	case IsContext(p.typ):
		return p.refuse("context-in-struct", "(context.Context) is kept in a value", "pass the context as the first parameter")
	case isStream(u):
		what := "is a stream"
		if !slices.ContainsFunc(slices.Collect(u.Methods()), streams) {
			what = "is an interface that stays open until Close"
		}
		return p.refuse("stream-in-contract", "("+short(p.typ)+") "+what, "cross with []byte where the content is bounded")
	}
	r := p.refuse("open-interface", "("+short(p.typ)+") is an interface: any type may be behind it", "cross with a struct that lists what may be there")
	r.anything = true
	return r
}

var streamMethods = []string{"ReadByte", "ReadRune", "WriteString", "WriteTo", "ReadFrom", "ReadAt", "WriteAt", "Seek"}

// isStream reports whether an interface reads, writes or closes.
func isStream(u *types.Interface) bool {
	for m := range u.Methods() {
		if streams(m) || m.Name() == "Close" && m.Signature().Params().Len() == 0 {
			return true
		}
	}
	return false
}

// streams reports whether a method reads or writes a stream.
func streams(m *types.Func) bool {
	params := m.Signature().Params()
	if m.Name() == "Read" || m.Name() == "Write" {
		return params.Len() == 1 && types.Identical(params.At(0).Type(), types.NewSlice(types.Typ[types.Byte]))
	}
	return slices.Contains(streamMethods, m.Name())
}

func (p place) refuse(code, what, hint string) *Reason {
	return &Reason{Code: code, Path: p.path, Type: p.typ, Object: p.at, What: what, Hint: hint}
}
