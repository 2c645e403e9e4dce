package effects

import (
	_ "embed"
	"go/types"
	"slices"
	"strings"
	"sync"
)

// hookTable says which methods, and function values, functions of the standard
// library call on what they are given, whatever its type: by an assertion
// (errors.Is, fmt, encoding/json), by an interface that it takes (sort, io), or
// because it keeps such a value (bufio, sync.Pool). Each hook is a line, and the
// functions which may call it, directly or not, are on the indented lines below
// it. It is made of the library's source by the test of this package.
//
//go:embed hooks.txt
var hookTable string

// anyMethod is the hook of functions that call methods by reflection.
const anyMethod = "*"

// A hookSet is what one function calls without knowing it. It is made once for
// each, so that pointers to it can be compared.
type hookSet struct {
	methods map[string]bool // by methodHook
	funcs   map[string]bool // by signatureHook
	any     bool            // every exported method
	all     bool            // it isn't known: every method
}

// everything is the hookSet of code that could not be analysed.
var everything = &hookSet{all: true}

// hookSets parses the table once.
var hookSets = sync.OnceValue(func() map[string]*hookSet {
	out := map[string]*hookSet{}
	hook := ""
	for line := range strings.Lines(hookTable) {
		line = strings.TrimSuffix(line, "\n")
		list, ok := strings.CutPrefix(line, "\t")
		if !ok {
			hook = line
			continue
		}
		path, names, _ := strings.Cut(list, " ")
		for name := range strings.FieldsSeq(names) {
			key := path + "." + name
			h := out[key]
			if h == nil {
				h = &hookSet{methods: map[string]bool{}, funcs: map[string]bool{}}
				out[key] = h
			}
			switch {
			case hook == anyMethod:
				h.any = true
			case strings.HasPrefix(hook, "func("):
				h.funcs[hook] = true
			default:
				h.methods[hook] = true
			}
		}
	}
	return out
})

// calls reports whether a function with these hooks may call a method.
func (h *hookSet) calls(m *types.Func) bool {
	return h.all || h.any && m.Exported() || h.methods[methodHook(m)]
}

// methodSet is the set with one method, that of an interface.
func (p *Program) methodSet(m *types.Func) *hookSet {
	key := methodHook(m)
	h := p.methodSets[key]
	if h == nil {
		h = &hookSet{methods: map[string]bool{key: true}}
		p.methodSets[key] = h
	}
	return h
}

// methodHook names a method with its signature: "Is(error) bool".
func methodHook(m *types.Func) string {
	return m.Name() + strings.TrimPrefix(signatureHook(m.Signature()), "func")
}

// signatureHook is a signature without the names of parameters.
func signatureHook(sig *types.Signature) string {
	bare := types.NewSignatureType(nil, nil, nil, withoutNames(sig.Params()), withoutNames(sig.Results()), sig.Variadic())
	return types.TypeString(bare, (*types.Package).Path)
}

func withoutNames(t *types.Tuple) *types.Tuple {
	var vars []*types.Var
	for v := range t.Variables() {
		vars = append(vars, types.NewParam(v.Pos(), v.Pkg(), "", v.Type()))
	}
	return types.NewTuple(vars...)
}

// opens reports whether a value of type t can hold a function, or a value of a
// type that t doesn't tell. Of the structs of packages that own reports, a
// library finds exported fields only.
func opens(t types.Type, own func(path string) bool) bool { return holdsOpen(t, own, nil) }

func holdsOpen(t types.Type, own func(path string) bool, seen []types.Type) bool {
	if slices.Contains(seen, t) {
		return false
	}
	seen = append(seen, t)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Pointer:
		return holdsOpen(u.Elem(), own, seen)
	case *types.Slice:
		return holdsOpen(u.Elem(), own, seen)
	case *types.Array:
		return holdsOpen(u.Elem(), own, seen)
	case *types.Chan:
		return holdsOpen(u.Elem(), own, seen)
	case *types.Map:
		return holdsOpen(u.Key(), own, seen) || holdsOpen(u.Elem(), own, seen)
	case *types.Struct:
		for f := range u.Fields() {
			if (f.Exported() || f.Embedded() || f.Pkg() == nil || !own(f.Pkg().Path())) && holdsOpen(f.Type(), own, seen) {
				return true
			}
		}
		return false
	case *types.Tuple:
		for v := range u.Variables() {
			if holdsOpen(v.Type(), own, seen) {
				return true
			}
		}
		return false
	}
	return true // an interface, a function, a type parameter
}
