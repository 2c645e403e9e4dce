package wrapdependency

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"go/version"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A wrapper is the package in between.
type wrapper struct {
	dep      *types.Package
	original string // the name that the wrapper imports it by
	path     string // of the wrapper
	language string // "go1.25"
	body     bytes.Buffer
	imports  map[string]string // path -> name
	missing  map[string]string // what it doesn't have, and why
	held     map[*types.TypeName]*held
	byMethod map[*ast.Ident]bool // the mentions of fields that become calls of methods
	name     string

	// inner is the package with what can cross, where methods of the wrapper's own types
	// call it: within one package a component doesn't go through its contract. Its
	// functions are about the original's types. Nil: the wrapper has it all.
	inner *wrapper
	plain bool // this is an inner one
}

func newWrapper(dep *types.Package, path, language string) *wrapper {
	name := dep.Name()
	for namesParameter(dep, name) || dep.Scope().Lookup(name) != nil {
		name = "go" + name
	}
	return &wrapper{dep: dep, original: name, path: path, language: language, imports: map[string]string{dep.Path(): name},
		missing: map[string]string{}, held: map[*types.TypeName]*held{}, byMethod: map[*ast.Ident]bool{}, name: dep.Name()}
}

// namesParameter reports whether a function has a parameter of a name.
func namesParameter(dep *types.Package, name string) bool {
	for _, n := range dep.Scope().Names() {
		if fn, ok := dep.Scope().Lookup(n).(*types.Func); ok && fn.Exported() {
			for v := range fn.Signature().Params().Variables() {
				if v.Name() == name {
					return true
				}
			}
		}
	}
	return false
}

// write returns the package's file. Afterwards missing is complete.
func (w *wrapper) write() ([]byte, error) {
	var consts, vars, named []types.Object
	var funcs []*types.Func
	scope := w.dep.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if !obj.Exported() {
			continue
		}
		if why := w.lacks(obj); why != "" {
			w.missing[name] = why
			continue
		}
		switch obj := obj.(type) {
		case *types.Const:
			consts = append(consts, obj)
		case *types.Var:
			vars = append(vars, obj)
		case *types.TypeName:
			if w.held[obj] == nil {
				named = append(named, obj)
			}
		case *types.Func:
			funcs = append(funcs, obj)
		}
	}
	w.group("const", "The constants of [%s].", consts, " = ")
	w.group("var", "The errors of [%s].", vars, " = ")
	w.group("type", "The types of [%s].", named, " = ")
	for _, h := range w.heldNames() {
		if h.data {
			w.dataHolder(h)
		} else {
			w.holder(h)
		}
	}
	for _, fn := range funcs {
		callee := w.original
		if w.inner != nil {
			w.inner.callable(fn.Name(), w.dep.Path(), w.original+"."+fn.Name(), fn, w.inner.signature(fn.Signature()))
			callee = w.useInner()
		}
		w.callable(fn.Name(), w.dep.Path(), callee+"."+fn.Name(), fn, w.signature(fn.Signature()))
	}
	return w.file()
}

// lacks says why the wrapper can't have what obj is, or "".
func (w *wrapper) lacks(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.Const:
		return w.unnameable(obj.Type())
	case *types.Var:
		if types.Identical(obj.Type(), types.Universe.Lookup("error").Type()) {
			return ""
		}
		return "is a variable: its copy would be another one, and what one process puts there the other wouldn't see"
	case *types.TypeName:
		if params := paramsOf(obj.Type()); params.Len() > 0 && version.Compare(w.language, "go1.24") < 0 {
			return "is a generic type, and an alias of one needs go 1.24"
		}
		return ""
	case *types.Func:
		return cmp.Or(w.unnameable(obj.Type()), w.hides(obj.Signature()))
	}
	return "is no declaration"
}

func paramsOf(t types.Type) *types.TypeParamList {
	switch t := t.(type) {
	case *types.Named:
		return t.TypeParams()
	case *types.Alias:
		return t.TypeParams()
	}
	return nil
}

// unnameable says which part of a type the wrapper can't write down, or "".
func (w *wrapper) unnameable(t types.Type) (why string) {
	mentioned(t, func(tn *types.TypeName) {
		switch pkg := tn.Pkg(); {
		case pkg == nil || why != "":
		case !tn.Exported():
			why = "mentions " + pkg.Name() + "." + tn.Name() + ", which isn't exported"
		case !code.Visible(pkg.Path(), w.path):
			why = "mentions " + pkg.Path() + "." + tn.Name() + ", of an internal package"
		}
	})
	return why
}

// mentioned calls visit for each declared type that a type is written with.
func mentioned(t types.Type, visit func(*types.TypeName)) {
	switch t := t.(type) {
	case *types.Named:
		visit(t.Obj())
		for a := range t.TypeArgs().Types() {
			mentioned(a, visit)
		}
	case *types.Alias:
		visit(t.Obj())
		for a := range t.TypeArgs().Types() {
			mentioned(a, visit)
		}
	case interface{ Elem() types.Type }: // pointers, slices, arrays, maps, channels
		if m, ok := t.(*types.Map); ok {
			mentioned(m.Key(), visit)
		}
		mentioned(t.Elem(), visit)
	case *types.Signature:
		for p := range t.TypeParams().TypeParams() {
			mentioned(p.Constraint(), visit)
		}
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				mentioned(v.Type(), visit)
			}
		}
	case *types.Struct:
		for f := range t.Fields() {
			mentioned(f.Type(), visit)
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			mentioned(m.Type(), visit)
		}
		for e := range t.EmbeddedTypes() {
			mentioned(e, visit)
		}
	case *types.Union:
		for term := range t.Terms() {
			mentioned(term.Type(), visit)
		}
	}
}

// group declares each object as what it is in the dependency.
func (w *wrapper) group(keyword, doc string, objects []types.Object, equals string) {
	open, end := "(\n", ")"
	switch len(objects) {
	case 0:
		return
	case 1:
		open, end = "", ""
	}
	fmt.Fprintf(&w.body, "// "+doc+"\n%s %s", w.dep.Path(), keyword, open)
	for _, obj := range objects {
		name := w.original + "." + obj.Name()
		params, args := "", ""
		switch obj := obj.(type) {
		case *types.TypeName:
			params, args = w.typeParams(paramsOf(obj.Type()))
		case *types.Const:
			if h := w.heldBy(obj.Type()); h != nil {
				name = h.taken(name)
			}
		}
		fmt.Fprintf(&w.body, "\t%s%s%s%s%s\n", obj.Name(), params, equals, name, args)
	}
	fmt.Fprintf(&w.body, "%s\n\n", end)
}

// typeParams writes type parameters as they are declared, and as arguments.
func (w *wrapper) typeParams(list *types.TypeParamList) (declared, passed string) {
	var names, full []string
	for p := range list.TypeParams() {
		names = append(names, p.Obj().Name())
		full = append(full, p.Obj().Name()+" "+w.spell(p.Constraint()))
	}
	if len(names) == 0 {
		return "", ""
	}
	return "[" + strings.Join(full, ", ") + "]", "[" + strings.Join(names, ", ") + "]"
}

// A spelled is a signature as the wrapper writes it.
type spelled struct {
	names, params, args []string // the names of parameters; declared, and passed to the original
	typeParams, passed  string
	results             string
}

func (w *wrapper) signature(sig *types.Signature) spelled {
	s := spelled{names: w.names(sig.Params()), results: w.results(sig.Results())}
	s.typeParams, s.passed = w.typeParams(sig.TypeParams())
	for i, name := range s.names {
		typ := sig.Params().At(i).Type()
		switch h := w.heldBy(typ); {
		case sig.Variadic() && i == len(s.names)-1:
			s.args = append(s.args, name+"...")
			s.params = append(s.params, name+" ..."+w.spell(elementOf(typ)))
			continue
		case h != nil:
			s.args = append(s.args, w.given(h, name))
		default:
			s.args = append(s.args, name)
		}
		s.params = append(s.params, name+" "+w.spell(typ))
	}
	return s
}

// callable writes a function that calls the original: a function or the method of
// something.
func (w *wrapper) callable(head, doc, callee string, fn *types.Func, s spelled) {
	call := fmt.Sprintf("%s%s(%s)", callee, s.passed, strings.Join(s.args, ", "))
	fmt.Fprintf(&w.body, "// %s calls [%s.%s].\nfunc %s%s(%s)%s { %s }\n\n",
		head[strings.LastIndexByte(head, ' ')+1:], doc, fn.Name(), head, s.typeParams, strings.Join(s.params, ", "), s.results, w.returned(call, fn.Signature(), s.names))
}

// receiver is a name for a value of the type that no parameter has.
func (w *wrapper) receiver(typ string, params []string) string {
	first := strings.ToLower(typ[:1])
	name := first
	for slices.Contains(params, name) || name == w.original {
		name += first
	}
	return name
}

// returned is the body of a function: the call, with what is held in its results.
func (w *wrapper) returned(call string, sig *types.Signature, params []string) string {
	var vars, values []string
	holds := false
	for i := range sig.Results().Len() {
		v := "r" + strconv.Itoa(i+1)
		for slices.Contains(params, v) {
			v = "r" + v
		}
		vars = append(vars, v)
		if h := w.heldBy(sig.Results().At(i).Type()); h != nil {
			holds, v = true, h.taken(v)
			if sig.Results().Len() == 1 {
				return "return " + h.taken(call)
			}
		}
		values = append(values, v)
	}
	switch {
	case len(vars) == 0:
		return call
	case !holds:
		return "return " + call
	}
	return "\n" + strings.Join(vars, ", ") + " := " + call + "\nreturn " + strings.Join(values, ", ") + "\n"
}

// elementOf is the type of one variadic argument. That of append([]byte, string...)
// can't be met: only a built-in function has it.
func elementOf(t types.Type) types.Type { return t.Underlying().(*types.Slice).Elem() }

// names are the names of parameters: none is empty, and none hides an import.
func (w *wrapper) names(params *types.Tuple) []string {
	taken := map[string]bool{w.original: true}
	for v := range params.Variables() {
		mentioned(v.Type(), func(tn *types.TypeName) {
			if tn.Pkg() != nil {
				taken[w.use(tn.Pkg())] = true
			}
		})
	}
	names := make([]string, params.Len())
	for i := range names {
		name := params.At(i).Name()
		for j := 1; name == "" || name == "_" || taken[name]; j++ {
			name = "p" + strconv.Itoa(i+j)
		}
		names[i], taken[name] = name, true
	}
	return names
}

// results writes a list of results, with the names that they have.
func (w *wrapper) results(list *types.Tuple) string {
	var parts []string
	named := false
	for v := range list.Variables() {
		part := w.spell(v.Type())
		if v.Name() != "" {
			named, part = true, v.Name()+" "+part
		}
		parts = append(parts, part)
	}
	switch {
	case len(parts) == 0:
		return ""
	case len(parts) == 1 && !named:
		return " " + parts[0]
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// spell writes a type as the wrapper does.
func (w *wrapper) spell(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p.Path() == w.dep.Path() && !w.plain {
			return "" // by the alias
		}
		return w.use(p)
	})
}

// use returns the name of an import.
func (w *wrapper) use(p *types.Package) string {
	if name, ok := w.imports[p.Path()]; ok {
		return name
	}
	name := p.Name()
	for i := 2; slices.Contains(slices.Collect(maps.Values(w.imports)), name) || w.dep.Scope().Lookup(name) != nil && token.IsExported(name); i++ {
		name = p.Name() + strconv.Itoa(i)
	}
	w.imports[p.Path()] = name
	return name
}

// addInner makes the wrapper one of two packages.
func (w *wrapper) addInner() {
	w.inner = newWrapper(w.dep, "", w.language)
	w.inner.name, w.inner.plain = w.name+"calls", true
	w.inner.path = w.path + "/" + w.inner.name
}

// useInner imports the inner package and returns its name.
func (w *wrapper) useInner() string {
	w.imports[w.inner.path] = w.inner.name
	return w.inner.name
}

func (w *wrapper) file() ([]byte, error) {
	var out bytes.Buffer
	what := "is what the module uses"
	if w.plain {
		what = "has the functions that the module uses"
	}
	fmt.Fprintf(&out, "// Package %s %s of [%s].\npackage %[1]s\n\n", w.name, what, w.dep.Path())
	var specs []string
	for _, std := range []bool{true, false} {
		for _, p := range slices.Sorted(maps.Keys(w.imports)) {
			first, _, _ := strings.Cut(p, "/")
			if std == strings.Contains(first, ".") {
				continue
			}
			spec := strconv.Quote(p)
			if name := w.imports[p]; name != p[strings.LastIndexByte(p, '/')+1:] {
				spec = name + " " + spec
			}
			specs = append(specs, spec)
		}
		if std {
			specs = append(specs, "")
		}
	}
	if len(w.imports) == 1 {
		fmt.Fprintf(&out, "import %s\n\n", strings.Join(specs, ""))
	} else {
		fmt.Fprintf(&out, "import (\n%s\n)\n\n", strings.Join(specs, "\n"))
	}
	out.Write(w.body.Bytes())
	content, err := format.Source(out.Bytes())
	if err != nil {
		return nil, fmt.Errorf("wrap %s: what was written isn't Go: %w", w.dep.Path(), err)
	}
	return content, nil
}
