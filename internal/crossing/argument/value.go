package argument

import (
	"cmp"
	"go/ast"
	"go/types"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// A ref is memory of a parameter as an expression reaches it.
type ref struct {
	Place
	callee *component.Subject // not nil: only if the Result of a call leads there, which has
	arg    int                // this Arg,
	held   string             // Held,
	path   string             // and Path
	part   bool               // a slice that ends before its memory does: append writes over the rest
}

// load is the memory that a field, or the elements, of r lead to.
func (r ref) load(field string) ref {
	if r.callee != nil {
		if r.path == "" {
			r.path = field
		}
	} else if r.Path == "" {
		r.Path = field
	}
	r.part = false
	return r
}

// A value is what an expression may lead to. Of a pointer, slice or map it says
// what it points to; of a struct, what its content does.
type value struct {
	refs   []ref             // memory of parameters
	fields map[string]*value // of a struct made here
	box    *value            // points to memory made here, with this content
	lits   []*ast.FuncLit    // it may be one of these functions
	funcs  []function        // ... or of these
	gives  *value            // of a function: what calls of it return
}

// A function is a declared one that is used as a value.
type function struct {
	fn   *types.Func
	recv *value // of a method value: what its receiver is; else nil
}

// add reports whether anything in w was new to v.
func (v *value) add(w *value, depth int) bool {
	if w == nil || v == w || depth > 3 {
		return false
	}
	grown := false
	for _, r := range w.refs {
		grown = v.addRef(r) || grown
	}
	for _, l := range w.lits {
		if !slices.Contains(v.lits, l) {
			v.lits, grown = append(v.lits, l), true
		}
	}
	for _, f := range w.funcs {
		if !slices.Contains(v.funcs, f) && len(v.funcs) < 16 {
			v.funcs, grown = append(v.funcs, f), true
		}
	}
	for f, x := range sorted(w.fields) {
		grown = v.field(f).add(x, depth+1) || grown
	}
	if w.gives != nil {
		if v.gives == nil {
			v.gives, grown = w.gives, true
		} else {
			grown = v.gives.add(w.gives, depth+1) || grown
		}
	}
	if w.box != nil {
		if v.box == nil {
			v.box, grown = w.box, true
		} else {
			grown = v.box.add(w.box, depth+1) || grown
		}
	}
	return grown
}

const maxRefs = 64 // of one value

// addRef reports whether r was new to v.
func (v *value) addRef(r ref) bool {
	if len(v.refs) >= maxRefs || slices.Contains(v.refs, r) {
		return false
	}
	v.refs = append(v.refs, r)
	return true
}

// field is the content of a field of a struct made here.
func (v *value) field(name string) *value {
	if v.fields == nil {
		v.fields = map[string]*value{}
	}
	if v.fields[name] == nil {
		v.fields[name] = &value{}
	}
	return v.fields[name]
}

// heldRef is memory that memory made here leads to, by a field of that.
type heldRef struct {
	by string
	ref
}

// made reports whether v leads to memory made here, which functions count as.
func (v *value) made() bool { return v.box != nil || len(v.fields) > 0 || v.gives != nil }

// held lists what memory made here leads to, by the names of the fields.
func (v *value) held() []heldRef {
	if !v.made() {
		return nil
	}
	var out []heldRef
	for _, x := range []*value{v.box, v.gives} {
		if x != nil {
			out = x.collect("", out, 0)
		}
	}
	for f, x := range sorted(v.fields) {
		out = x.collect(f, out, 0)
	}
	sortHeld(out)
	return out
}

func sortHeld(list []heldRef) {
	slices.SortStableFunc(list, func(a, b heldRef) int { return strings.Compare(a.by, b.by) })
}

func (v *value) collect(field string, out []heldRef, depth int) []heldRef {
	if depth > 3 {
		return out
	}
	for _, r := range v.refs {
		out = append(out, heldRef{cmp.Or(field, "[]"), r})
	}
	for f, x := range sorted(v.fields) {
		out = x.collect(cmp.Or(field, f), out, depth+1)
	}
	for _, x := range []*value{v.box, v.gives} {
		if x != nil {
			out = x.collect(field, out, depth+1)
		}
	}
	return out
}

// sorted visits a map by its keys in order: the order of facts, and which refs
// find room in a value, must not change from one look to the next.
func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		if len(m) < 2 { // as most are
			for k, v := range m {
				yield(k, v)
			}
			return
		}
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}
