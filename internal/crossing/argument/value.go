package argument

import (
	"go/ast"
	"go/types"
	"iter"
	"maps"
	"slices"
)

// A ref is memory of a parameter as an expression reaches it.
type ref struct {
	Place
	result *Result // not nil: only if the call's result leads there
	part   bool    // a slice that ends before its memory does: append writes over the rest
}

func (r ref) same(s ref) bool {
	return r.Place == s.Place && r.part == s.part && (r.result == s.result || r.result != nil && s.result != nil && *r.result == *s.result)
}

// load is the memory that a field, or the elements, of r lead to.
func (r ref) load(field string) ref {
	if r.result != nil {
		c := *r.result
		if c.Path == "" {
			c.Path = field
		}
		r.result = &c
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
		if !slices.ContainsFunc(v.refs, r.same) && len(v.refs) < 64 {
			v.refs, grown = append(v.refs, r), true
		}
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
	if w.box != nil {
		if v.box == nil {
			v.box, grown = w.box, true
		} else {
			grown = v.box.add(w.box, depth+1) || grown
		}
	}
	return grown
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

// held are the refs that memory made here leads to, by the field that does.
func (v *value) held() map[string][]ref {
	if v.box == nil && len(v.fields) == 0 {
		return nil
	}
	out := map[string][]ref{}
	if v.box != nil {
		v.box.collect("", out, 0)
	}
	for f, x := range sorted(v.fields) {
		x.collect(f, out, 0)
	}
	return out
}

func (v *value) collect(field string, out map[string][]ref, depth int) {
	if depth > 3 {
		return
	}
	key := field
	if key == "" {
		key = "[]"
	}
	if len(v.refs) > 0 {
		out[key] = append(out[key], v.refs...)
	}
	for f, x := range sorted(v.fields) {
		name := field
		if name == "" {
			name = f
		}
		x.collect(name, out, depth+1)
	}
	if v.box != nil {
		v.box.collect(field, out, depth+1)
	}
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
