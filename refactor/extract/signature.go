package extract

import (
	"go/types"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// An endpoint is a function or method that goes into the contract.
type endpoint struct {
	fn   *types.Func
	decl *code.Decl // nil where the module doesn't declare it
	name string     // of the contract's method
	impl string     // of the function that does the work; functions only
	doc  string     // its comment, where nothing declares it yet

	params   []param
	variadic bool
	results  []types.Type // without the final error
	context  bool         // the original takes a context first
	fails    bool         // the original returns an error last

	declared []string // names around its call, beside those of params
}

// A param is a parameter without the leading context.
type param struct {
	name string
	typ  types.Type
}

// newEndpoint reads the signature of fn. Names that the generated code needs
// for itself are given to no parameter.
func newEndpoint(decl *code.Decl, reserved ...string) *endpoint {
	e := endpointOf(decl.Obj, reserved...)
	e.decl = decl
	return e
}

// endpointOf is newEndpoint for a method that the module doesn't declare.
func endpointOf(fn *types.Func, reserved ...string) *endpoint {
	e := &endpoint{fn: fn, name: fn.Name()}
	sig := fn.Signature()
	used := map[string]bool{"ctx": true, "err": true, "context": true}
	for _, r := range reserved {
		used[r] = true
	}
	for i := range sig.Params().Len() {
		v := sig.Params().At(i)
		if i == 0 && crossing.IsContext(v.Type()) {
			e.context = true
			continue
		}
		e.params = append(e.params, param{fresh(used, v.Name()), v.Type()})
	}
	e.variadic = sig.Variadic()
	for i := range sig.Results().Len() {
		t := sig.Results().At(i).Type()
		if i == sig.Results().Len()-1 && crossing.IsError(t) {
			e.fails = true
			continue
		}
		e.results = append(e.results, t)
	}
	return e
}

// fresh returns name, or one like it that isn't used yet.
func fresh(used map[string]bool, name string) string {
	if name == "" || name == "_" {
		name = "arg"
	}
	candidate := name
	for i := 1; used[candidate]; i++ {
		candidate = name + strconv.Itoa(i)
	}
	used[candidate] = true
	return candidate
}

// typer spells types in a file.
type typer func(types.Type) string

// paramList spells the parameters without parentheses, the context first.
func (e *endpoint) paramList(t typer, ctx string) string {
	var parts []string
	if ctx != "" {
		parts = append(parts, ctx+" context.Context")
	}
	for i, p := range e.params {
		if e.variadic && i == len(e.params)-1 {
			parts = append(parts, p.name+" ..."+t(p.typ.Underlying().(*types.Slice).Elem()))
			continue
		}
		if i+1 < len(e.params) && types.Identical(p.typ, e.params[i+1].typ) && (!e.variadic || i+2 < len(e.params)) {
			parts = append(parts, p.name)
			continue
		}
		parts = append(parts, p.name+" "+t(p.typ))
	}
	return strings.Join(parts, ", ")
}

// resultList spells the results, with an error at the end if fails.
func (e *endpoint) resultList(t typer, fails bool) string {
	var parts []string
	for _, r := range e.results {
		parts = append(parts, t(r))
	}
	if fails {
		parts = append(parts, "error")
	}
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return " " + parts[0]
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// args spells the arguments of a call that passes the parameters on.
func (e *endpoint) args(ctx string) string {
	var parts []string
	if ctx != "" {
		parts = append(parts, ctx)
	}
	for i, p := range e.params {
		if e.variadic && i == len(e.params)-1 {
			parts = append(parts, p.name+"...")
			continue
		}
		parts = append(parts, p.name)
	}
	return strings.Join(parts, ", ")
}

// vars returns names for the results.
func (e *endpoint) vars() []string {
	used := map[string]bool{"ctx": true, "err": true}
	for _, p := range e.params {
		used[p.name] = true
	}
	for _, name := range e.declared {
		used[name] = true
	}
	var out []string
	for range e.results {
		out = append(out, fresh(used, "r"))
	}
	return out
}

// contractMethod is the line of the interface.
func (e *endpoint) contractMethod(t typer) string {
	return e.name + "(" + e.paramList(t, "ctx") + ")" + e.resultList(t, true)
}

// comment returns the lines of the comment that the contract's method has: that of
// the method or function, about its name in the contract.
func (e *endpoint) comment() []string {
	if e.decl == nil && e.doc != "" {
		return []string{strings.Replace(e.doc, "// "+e.fn.Name()+" ", "// "+e.name+" ", 1)}
	}
	lines := e.decl.Comment()
	if len(lines) > 0 && e.name != e.fn.Name() {
		if rest, ok := strings.CutPrefix(lines[0], "// "+e.fn.Name()+" "); ok {
			lines[0] = "// " + e.name + " " + rest
		}
	}
	return lines
}

// sameMethod is the line of a method that stays as it is.
func (e *endpoint) sameMethod(t typer) string {
	ctx := ""
	if e.context {
		ctx = "ctx"
	}
	return e.name + "(" + e.paramList(t, ctx) + ")" + e.resultList(t, e.fails)
}

// body is the body of the contract's method, which returns an error if fails, over a
// call of the original.
func (e *endpoint) body(callee string, fails bool) string {
	ctx := ""
	if e.context {
		ctx = "ctx"
	}
	call := callee + "(" + e.args(ctx) + ")"
	switch {
	case e.fails || !fails && len(e.results) > 0:
		return "return " + call
	case !fails:
		return call
	case len(e.results) == 0:
		return call + "\n\treturn nil"
	case len(e.results) == 1:
		return "return " + call + ", nil"
	}
	vars := strings.Join(e.vars(), ", ")
	return vars + " := " + call + "\n\treturn " + vars + ", nil"
}

// panicking is the body of a function with the original signature that goes
// through the contract: it can only panic when the link fails.
func (e *endpoint) panicking(callee, ctx string) string {
	call := callee + "(" + e.args(ctx) + ")"
	if e.fails {
		return "return " + call
	}
	if len(e.results) == 0 {
		return "if err := " + call + "; err != nil {\n\t\tpanic(err)\n\t}"
	}
	vars := strings.Join(e.vars(), ", ")
	return vars + ", err := " + call + "\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\treturn " + vars
}

// fileTyper spells types in f, importing what it must.
func fileTyper(f *code.File) typer {
	return func(t types.Type) string {
		return types.TypeString(t, func(p *types.Package) string {
			if p.Path() == f.Pkg.Pkg.Path {
				return ""
			}
			return f.Import(p.Path(), p.Name())
		})
	}
}
