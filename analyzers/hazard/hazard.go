// Package hazard helps analyzers: it walks the types that a signature lets
// cross, and runs a rule under go vet.
package hazard

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/internal/codes"
)

// Vet returns the go/analysis form of a rule. Its flag "contracts" lists the
// interfaces (or types) to check, as import/path.Name, separated by commas.
func Vet(name string, doc codes.Doc, check func(*types.Func) []analyzers.Finding) *analysis.Analyzer {
	var contracts string
	a := &analysis.Analyzer{Name: strings.ReplaceAll(name, "-", ""), Doc: doc.Title + "\n\n" + doc.Why, URL: codes.URL(name)}
	a.Flags.StringVar(&contracts, "contracts", "", "the `interfaces` to check, as import/path.Name, separated by commas")
	a.Run = func(pass *analysis.Pass) (any, error) {
		for _, c := range strings.Split(contracts, ",") {
			dot := strings.LastIndexByte(c, '.')
			if dot < 0 || c[:dot] != pass.Pkg.Path() {
				continue
			}
			if obj := pass.Pkg.Scope().Lookup(c[dot+1:]); obj != nil {
				reportAll(pass, obj.Type(), check)
			}
		}
		return nil, nil
	}
	return a
}

// reportAll applies check to the exported methods of an interface or type.
func reportAll(pass *analysis.Pass, t types.Type, check func(*types.Func) []analyzers.Finding) {
	for _, m := range methods(t) {
		if m.Pkg() != pass.Pkg || !m.Exported() {
			continue // embedded from elsewhere: reported where it is declared
		}
		for _, f := range check(m) {
			d := analysis.Diagnostic{Pos: m.Pos(), Message: f.Message + " (" + f.Hint + ")"}
			if f.Object != nil && f.Object.Pkg() == pass.Pkg {
				d.Related = []analysis.RelatedInformation{{Pos: f.Object.Pos(), Message: f.Path}}
			}
			pass.Report(d)
		}
	}
}

func methods(t types.Type) []*types.Func {
	if iface, ok := t.Underlying().(*types.Interface); ok {
		return slices.Collect(iface.Methods())
	}
	if named, ok := t.(*types.Named); ok {
		return slices.Collect(named.Methods())
	}
	return nil
}

// A Hit is a type found on the way a value takes.
type Hit struct {
	Path   string       // Order.Lines[].done
	Type   types.Type   // the offending type
	Object types.Object // the field or parameter that has it
}

type step struct {
	t    types.Type
	path string
	obj  types.Object
}

// Find returns, for each parameter and result of fn, the nearest type that
// match accepts. It looks into structs, exported or not, and through pointers,
// slices, arrays and maps, but not into types that marshal themselves.
func Find(fn *types.Func, match func(types.Type) bool) []Hit {
	var hits []Hit
	sig := fn.Signature()
	for _, tuple := range []*types.Tuple{sig.Params(), sig.Results()} {
		for v := range tuple.Variables() {
			if h, ok := nearest(v, match); ok {
				hits = append(hits, h)
			}
		}
	}
	return hits
}

// nearest searches breadth first, so that the shortest path is the one shown.
func nearest(v *types.Var, match func(types.Type) bool) (Hit, bool) {
	queue, seen := []step{{v.Type(), start(v), v}}, map[types.Type]bool{}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		s.t = types.Unalias(s.t)
		if match(s.t) {
			return Hit{s.path, s.t, s.obj}, true
		}
		if named, ok := s.t.(*types.Named); ok {
			if seen[named] || SessionHandle(named) || marshals(named) {
				continue
			}
			seen[named] = true
		}
		switch u := s.t.Underlying().(type) {
		case *types.Pointer:
			queue = append(queue, step{u.Elem(), s.path, s.obj})
		case *types.Slice:
			queue = append(queue, step{u.Elem(), s.path + "[]", s.obj})
		case *types.Array:
			queue = append(queue, step{u.Elem(), s.path + "[]", s.obj})
		case *types.Map:
			queue = append(queue, step{u.Key(), s.path + "[key]", s.obj}, step{u.Elem(), s.path + "[]", s.obj})
		case *types.Struct:
			for f := range u.Fields() {
				queue = append(queue, step{f.Type(), s.path + "." + f.Name(), f})
			}
		}
	}
	return Hit{}, false
}

// start is the first word of a lineage: the declared type, or the parameter.
func start(v *types.Var) string {
	t := types.Unalias(v.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name()
	}
	if v.Name() != "" && v.Name() != "_" {
		return v.Name()
	}
	return "value"
}

// marshals reports whether values of t cross by a method of their own.
func marshals(t *types.Named) bool {
	return hasPair(t, "MarshalBinary", "UnmarshalBinary") || hasPair(t, "MarshalText", "UnmarshalText")
}

// SessionHandle reports whether t is bound to one session of a database. Walks
// don't look into one: that it crosses is the hazard.
func SessionHandle(t types.Type) bool {
	n, ok := t.(*types.Named)
	if !ok || n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != "database/sql" {
		return false
	}
	switch n.Obj().Name() {
	case "Tx", "Conn", "Rows", "Row", "Stmt":
		return true
	}
	return false
}

// hasPair looks the names up one by one: a whole method set costs a hundred
// times more, and walks meet many types.
func hasPair(t *types.Named, marshal, unmarshal string) bool {
	return hasMethod(t, marshal) && hasMethod(t, unmarshal)
}

func hasMethod(t *types.Named, name string) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	_, ok := obj.(*types.Func)
	return ok
}

// Spell writes a type with package names.
func Spell(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}

// Findings turns hits into findings with one sentence each.
func Findings(fn *types.Func, hits []Hit, inProcess, across, hint string) []analyzers.Finding {
	var fs []analyzers.Finding
	for _, h := range hits {
		path := h.Path + " (" + Spell(h.Type) + ")"
		fs = append(fs, analyzers.Finding{
			Path: path, Object: h.Object, Hint: hint,
			Message: fn.Name() + ": " + path + ": in one process " + inProcess + ", across a process " + across,
		})
	}
	return fs
}
