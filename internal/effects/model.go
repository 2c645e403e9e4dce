package effects

import (
	"go/types"
	"strings"
	"sync"

	"golang.org/x/tools/go/ssa"
)

// A model is what is known of a function without a body.
type model struct {
	known  bool
	writes []int // arguments whose memory it changes; a receiver is argument 0
	deep   bool  // ... and everything reachable from them
	fresh  bool  // its results are new memory (that may lead to the arguments)
	clean  bool  // its results lead to none of the arguments
	self   bool  // it copies from its arguments into argument 0, and returns that
	events []eventKind
	world  bool // input or output: it may change all that it is given
	apart  bool // ... but stores nothing of one argument into another
	buffer bool // output unless argument 0 is a buffer in memory
}

// models parses the table once.
var models = sync.OnceValue(func() map[string]model {
	out := make(map[string]model)
	for line := range strings.Lines(modelTable) {
		names, attrs, ok := strings.Cut(strings.TrimRight(line, "\n"), ": ")
		if !ok {
			continue
		}
		m := model{known: true}
		for attr := range strings.FieldsSeq(attrs) {
			m.parse(attr)
		}
		pkg, list, _ := strings.Cut(names, " ")
		for name := range strings.FieldsSeq(list) {
			out[pkg+"."+name] = m
		}
	}
	return out
})

func (m *model) parse(attr string) {
	switch attr {
	case "recv", "write0":
		m.writes = append(m.writes, 0)
	case "write1":
		m.writes = append(m.writes, 1)
	case "write2":
		m.writes = append(m.writes, 2)
	case "write3":
		m.writes = append(m.writes, 3)
	case "self":
		m.self = true
	case "deep":
		m.deep = true
	case "fresh":
		m.fresh = true
	case "clean":
		m.fresh, m.clean = true, true
	case "clock":
		m.events = append(m.events, eventClock)
	case "random":
		m.events = append(m.events, eventRandom)
	case "io":
		m.events, m.world = append(m.events, eventIO), true
	case "apart":
		m.apart = true
	case "output":
		m.events = append(m.events, eventOutput)
	case "order":
		m.events = append(m.events, eventMapOrder)
	case "context":
		m.events = append(m.events, eventContext)
	case "cancel":
		m.events = append(m.events, eventCancel)
	case "other-process":
		m.events = append(m.events, eventProcess)
	case "go":
		m.events = append(m.events, eventGoroutine)
	case "buffer":
		m.buffer = true
	}
}

// modelKey names a function as the table does: "strings.Map",
// "sync.Mutex.Lock", "error.Error".
func modelKey(obj *types.Func) string {
	if obj == nil {
		return ""
	}
	name := obj.Name()
	if recv := obj.Signature().Recv(); recv != nil {
		t := recv.Type()
		if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
			t = ptr.Elem()
		}
		if named, ok := types.Unalias(t).(*types.Named); ok {
			name = named.Obj().Name() + "." + name
		}
	}
	if obj.Pkg() == nil {
		return name
	}
	return obj.Pkg().Path() + "." + name
}

// modelOf looks obj up: by its full name, its type, its package, and the
// packages that its package lies below.
func modelOf(obj *types.Func) model {
	table := models()
	key := modelKey(obj)
	if m, ok := table[key]; ok {
		return m
	}
	if obj.Pkg() == nil {
		return table["."+key] // error.Error
	}
	path := obj.Pkg().Path()
	if rest := strings.TrimPrefix(key, path+"."); strings.Contains(rest, ".") {
		typ, _, _ := strings.Cut(rest, ".")
		if m, ok := table[path+"."+typ+".*"]; ok {
			return m
		}
	}
	if m, ok := table[path+".*"]; ok {
		return m
	}
	for i := strings.LastIndexByte(path, '/'); i > 0; i = strings.LastIndexByte(path[:i], '/') {
		if m, ok := table[path[:i]+".**"]; ok {
			return m
		}
	}
	return table[path+".**"]
}

// external applies a call of a function without a body: of another module, of
// the standard library, or a method of an interface.
func (b *body) external(instr ssa.CallInstruction, obj *types.Func, args []*set) {
	if obj == nil {
		b.unknownCall(instr, args, b.at(instr, "calls code that could not be analysed"), true)
		return
	}
	s := b.at(instr, "calls "+funcName(obj))
	m := modelOf(obj)
	if !m.known {
		if isClock(obj.Signature()) {
			b.event(eventClock, s)
		}
		s.what += ", which could not be analysed"
		b.unknownCall(instr, args, s, true)
		return
	}
	for _, e := range m.events {
		if e != eventMapOrder || !ordered(instr) {
			b.event(e, s)
		}
	}
	b.addresses(instr, obj)
	if m.world {
		if m.apart {
			b.exchange(instr, args, s)
			return
		}
		b.unknownCall(instr, args, s, false)
		return
	}
	if m.buffer && (b.callbackDepth > 0 || !inMemory(instr.Common().Args)) {
		b.event(eventIO, s)
	}
	b.known(instr, m, hookSets()[modelKey(obj)], args, s)
}

// received stands for the memory that a call gets from the world.
type received struct{ ssa.CallInstruction }

// exchange gives args to code that stores nothing of one into another, only
// what it got from the world. What it returns may lead to args.
func (b *body) exchange(instr ssa.CallInstruction, args []*set, s site) {
	reach := b.reach(args)
	b.unknown(reach, s)
	b.read(reach)
	b.store(reach, b.one(made(received{instr})))
	b.callbacks(instr, args, s)
	b.hooks(instr, everything, args, s)
	b.result(instr, func(int) *set {
		out := b.one(made(instr))
		b.store(out, reach)
		return out
	})
}

// reached notes that a function changes what dst leads to, somewhere in all.
// Package variables that are only led to may be left alone.
func (b *body) reached(all, dst *set, s site) {
	far := s
	far.faint = true
	for id := range all.all() {
		switch o := b.objects[id]; {
		case dst.has(id):
			b.write(b.one(o), s)
		case o.kind == kindGlobal:
			b.sum.unfollowed(o, far)
		default:
			b.write(b.one(o), far)
		}
	}
}

func (b *body) known(instr ssa.CallInstruction, m model, h *hookSet, args []*set, s site) {
	reach := b.reach(args)
	b.read(reach)
	for _, i := range m.writes {
		if i >= len(args) {
			continue
		}
		dst := args[i]
		if m.deep {
			dst = b.all(dst)
			b.reached(dst, args[i], s)
		} else {
			b.write(dst, s)
		}
		if !m.self {
			b.store(dst, reach)
		}
	}
	b.callbacks(instr, args, s)
	b.hooks(instr, h, args, s)
	b.result(instr, func(i int) *set {
		if m.self && len(args) > 0 {
			return args[0]
		}
		out := b.one(made(instr))
		if !m.clean && b.holdsPointers(instr.Common().Signature().Results().At(i).Type()) {
			b.store(out, reach)
		}
		if _, isFunc := instr.Common().Signature().Results().At(i).Type().Underlying().(*types.Signature); !m.fresh && !isFunc {
			out.addAll(reach)
		}
		return out
	})
}

// withVariadic adds the elements of a variadic argument to args.
func withVariadic(args []ssa.Value) []ssa.Value {
	out := args[:len(args):len(args)]
	for _, a := range args {
		elems, _ := elements(a)
		out = append(out, elems...)
	}
	return out
}

// elements returns the elements of an argument that the caller wrote one by one.
func elements(a ssa.Value) ([]ssa.Value, bool) {
	slice, ok := a.(*ssa.Slice)
	if !ok {
		return nil, false
	}
	array, ok := slice.X.(*ssa.Alloc)
	if !ok || array.Comment != "varargs" {
		return nil, false
	}
	var out []ssa.Value
	for _, ref := range *array.Referrers() {
		elem, ok := ref.(*ssa.IndexAddr)
		if !ok {
			continue
		}
		for _, use := range *elem.Referrers() {
			if st, ok := use.(*ssa.Store); ok && st.Addr == elem {
				out = append(out, st.Val)
			}
		}
	}
	return out, true
}

// inMemory reports whether the first of args is certainly a buffer.
func inMemory(args []ssa.Value) bool {
	if len(args) == 0 {
		return false
	}
	known := concrete(args[0], nil)
	for _, x := range known {
		switch types.TypeString(deref(x.Type()), nil) {
		case "bytes.Buffer", "strings.Builder":
		default:
			return false
		}
	}
	return len(known) > 0
}

// isClock reports whether a function that can't be analysed looks like an
// injected clock: it returns a time and nothing tells it which.
func isClock(sig *types.Signature) bool {
	if sig.Params().Len() > 0 || sig.Results().Len() != 1 {
		return false
	}
	return types.TypeString(sig.Results().At(0).Type(), nil) == "time.Time"
}
