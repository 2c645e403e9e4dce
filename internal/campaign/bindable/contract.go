package bindable

import (
	"cmp"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/crossing/argument"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/lock"
)

// The codes of reasons that are no hazards: they say that extract has no method for
// a function, whatever its types are.
const (
	codeInside    = "handle-inside"   // the type is part of another in the signature
	codeElsewhere = "other-module"    // a method that a type of another module declares
	codeOutlived  = "outlived-stream" // a stream ends with the call that makes what may use it later
	codeSeveral   = "no-one-binding"  // no one binding carries all modes of the contract
)

// standardModule is the module path of the standard library.
const standardModule = "std"

// An endpoint is a function or method as extract would write it into a contract.
type endpoint struct {
	name string
	fn   *types.Func
}

// A judge decides about the contracts of one module.
type judge struct {
	module string // its path; "std" for the standard library
	table  []*bindings.Binding
	linked *argument.Linked
}

// subject fills in what is decided about a contract of the given endpoints. handle is
// the type whose values stay with the component, or nil.
func (j *judge) subject(s Subject, pkg *types.Package, form component.Form, handle *types.Named, endpoints []endpoint) (Subject, *component.Contract) {
	s.Endpoints = len(endpoints)
	var methods []*types.Func
	originals := map[*types.Func]*types.Func{} // of the contract's methods
	byName := map[string]*types.Func{}
	refused := map[string]Reason{}
	for _, e := range endpoints {
		sig, reason := signature(e.fn, handle)
		if reason == nil && !within(e.fn.Pkg(), j.module) {
			reason = &Reason{Code: codeElsewhere, Codes: []string{codeElsewhere}, Path: e.fn.Name(),
				Message: "a type of another module declares it, which is embedded", Hint: "declare a method that calls it"}
		}
		if reason != nil {
			reason.Endpoint = e.name
			refused[e.name] = *reason
			continue
		}
		m := types.NewFunc(e.fn.Pos(), pkg, e.name, sig)
		methods = append(methods, m)
		originals[m], byName[e.name] = e.fn, e.fn
	}
	c := j.contract(pkg, form, handle, methods, originals)
	for _, m := range c.Methods {
		if m.Local == "" {
			if code := endsWithCall(m, byName[m.Name], handle, j.lends(pkg, endpoints, handle)); code != nil {
				refused[m.Name] = *code
				continue
			}
			s.Needs = append(s.Needs, needs(m)...)
			continue
		}
		refused[m.Name] = reasonOf(c, m)
	}
	slices.Sort(s.Needs)
	s.Needs = slices.Compact(s.Needs)
	for _, e := range endpoints {
		if r, ok := refused[e.name]; ok {
			s.Refused = append(s.Refused, r)
		}
	}
	if len(s.Refused) == 0 {
		s.Bindings = j.carry(&s, c)
	}
	return s, c
}

// contract builds the contract that bind would see.
func (j *judge) contract(pkg *types.Package, form component.Form, handle *types.Named, methods []*types.Func, originals map[*types.Func]*types.Func) *component.Contract {
	iface := types.NewInterfaceType(methods, nil).Complete()
	named := types.NewNamed(types.NewTypeName(token.NoPos, pkg, "Service", nil), iface, nil)
	return contract.Build(named, contract.Options{
		Component: "part", Form: form, Var: "service", Module: j.module, Dir: func(path string) string { return path },
		Carriers: bindings.Carriers(j.table, nil),
		Changed: func(fn *types.Func) []argument.Mutation {
			if original := originals[fn]; original != nil {
				return changed(j.linked, original, handle)
			}
			return j.linked.Arguments(argument.Subject(fn)) // of a handle
		},
		InOut: func(_ *types.Func, _ int, changed bool) bool { return changed },
	})
}

// changed is what a function changes of its arguments, counted as its contract does, where
// all take a context.
func changed(linked *argument.Linked, fn *types.Func, handle *types.Named) (out []argument.Mutation) {
	sig := fn.Signature()
	for _, m := range linked.Arguments(argument.Subject(fn)) {
		if isPointerTo(sig.Params().At(m.Param).Type(), handle) {
			continue // it is the component's own
		}
		if !takesContext(sig) {
			m.Param++
		}
		out = append(out, m)
	}
	return out
}

// carry returns the bindings that carry all modes of a contract, and that have nothing
// against it. What none of them takes becomes a reason of the subject.
func (j *judge) carry(s *Subject, c *component.Contract) (names []string) {
	var against []Reason
	for _, b := range j.table {
		carriers := bindings.Carriers([]*bindings.Binding{b}, []string{b.Name})
		if len(carriers.Chosen) == 0 {
			continue // it stays in the process
		}
		if why := j.against(c, b, carriers); why != nil {
			against = append(against, *why)
			continue
		}
		names = append(names, b.Name)
	}
	if len(names) == 0 && len(against) > 0 {
		against[0].Endpoint = cmp.Or(against[0].Endpoint, s.String())
		s.Refused = against[:1]
	}
	return names
}

// against returns what a binding has against a contract all of whose endpoints can cross,
// or nil.
func (j *judge) against(c *component.Contract, b *bindings.Binding, by component.Carriers) *Reason {
	for _, m := range c.Methods {
		for _, mode := range m.Needs {
			if why := by.Lacks(mode); why != "" {
				return &Reason{Endpoint: m.Name, Code: codeSeveral, Codes: []string{codeSeveral}, Path: m.Name, Message: why, Hint: "extract fewer endpoints"}
			}
		}
	}
	req := &generate.Request{Contract: c, Module: j.module, Package: codegen.Target(c), Runtime: j.module + "/" + lock.RuntimeFolder}
	for _, p := range codegen.Prepare(req, []*bindings.Binding{b}, nil) {
		if p.Severity == component.Error {
			return &Reason{Endpoint: p.Path, Code: p.Code, Codes: []string{p.Code}, Path: p.Path, Message: p.Message, Hint: p.Hint}
		}
	}
	return nil
}

// needs are the modes of a method beside plain values.
func needs(m component.Method) []component.Mode {
	out := slices.Clone(m.Needs)
	for _, p := range m.Params {
		if p.InOut {
			out = append(out, component.ModeInOut)
		}
	}
	return out
}

// reasonOf returns why a method of a contract can't cross.
func reasonOf(c *component.Contract, m component.Method) Reason {
	r := Reason{Endpoint: m.Name, Message: m.Local}
	for _, p := range c.Problems {
		if p.Severity != component.Error {
			continue
		}
		first := p.Path+": "+p.Message == m.Local || p.Message == m.Local // a problem of several methods is listed once
		if first || p.Subject.Member == m.Name {
			r.Codes = append(r.Codes, p.Code)
		}
		if first && r.Code == "" {
			r.Code, r.Path, r.Message, r.Hint = p.Code, p.Path, p.Message, p.Hint
		}
	}
	slices.Sort(r.Codes)
	r.Codes = slices.Compact(r.Codes)
	return r
}

// endsWithCall refuses a stream that is given to what makes a value that stays with
// the component: the stream ends with the call, and the value may use it later. It isn't
// refused where each call of the value's methods can lend it again, as extract has it.
func endsWithCall(m component.Method, fn *types.Func, handle *types.Named, lends bool) *Reason {
	keeps := slices.ContainsFunc(slices.Collect(fn.Signature().Results().Variables()), func(v *types.Var) bool { return isPointerTo(v.Type(), handle) })
	if !keeps {
		return nil
	}
	params := slices.DeleteFunc(slices.Collect(fn.Signature().Params().Variables()), func(v *types.Var) bool { return crossing.IsContext(v.Type()) })
	for i, p := range m.Params {
		if p.Direction != "" && !(lends && i < len(params) && fn.Signature().Recv() == nil && crossing.Lendable(params[i].Type()) != nil) {
			return &Reason{Endpoint: m.Name, Code: codeOutlived, Codes: []string{codeOutlived}, Path: m.Name + "(" + p.Name + ")",
				Message: "(" + p.Type.Short() + ") ends with the call, and the " + handle.Obj().Name() + " that is made may use it later",
				Hint:    "take the stream in the method that uses it"}
		}
	}
	return nil
}

// lends reports whether streams can be lent to the values of a type: no call but the
// one that makes a value uses another one, or returns what may use them later.
func (j *judge) lends(pkg *types.Package, endpoints []endpoint, handle *types.Named) bool {
	if handle == nil {
		return false
	}
	decide := crossing.New(crossing.Options{Module: j.module, Home: pkg, Carriers: bindings.Carriers(j.table, nil)})
	for _, e := range endpoints {
		sig := e.fn.Signature()
		switch method := sig.Recv() != nil; {
		case mentionsAny(sig.Params(), handle.Obj()), method && mentionsAny(sig.Results(), handle.Obj()):
			return false
		case method && slices.ContainsFunc(decide.Func(e.fn).Ways, crossing.Way.Lasts):
			return false
		}
	}
	return true
}

// signature is that of a function in a contract, with a context and an error: a pointer
// to the type that stays with the component is a number there. reason says why there is
// none.
func signature(fn *types.Func, handle *types.Named) (*types.Signature, *Reason) {
	sig := fn.Signature()
	if sig.TypeParams().Len()+sig.RecvTypeParams().Len() > 0 {
		why := crossing.New(crossing.Options{}).Func(fn).Reasons[0]
		return nil, &Reason{Code: why.Code, Codes: []string{why.Code}, Path: why.Path, Message: why.What, Hint: why.Hint}
	}
	var reason *Reason
	tuple := func(of *types.Tuple) *types.Tuple {
		var vars []*types.Var
		for v := range of.Variables() {
			t := v.Type()
			switch {
			case isPointerTo(t, handle):
				t = types.Typ[types.Uint64]
			case handle != nil && mentions(t, handle.Obj()) && reason == nil:
				reason = &Reason{Code: codeInside, Codes: []string{codeInside}, Path: fn.Name() + "(" + v.Name() + ")",
					Message: "(" + types.TypeString(t, (*types.Package).Name) + ") has a " + handle.Obj().Name() + " in it, which crosses by itself only, and not inside another type",
					Hint:    "take and return *" + handle.Obj().Name()}
			}
			vars = append(vars, types.NewParam(v.Pos(), v.Pkg(), v.Name(), t))
		}
		return types.NewTuple(vars...)
	}
	params, results := tuple(sig.Params()), tuple(sig.Results())
	if !takesContext(sig) {
		params = types.NewTuple(slices.Concat([]*types.Var{types.NewParam(token.NoPos, nil, "ctx", contextType)}, slices.Collect(params.Variables()))...)
	}
	if n := results.Len(); n == 0 || !crossing.IsError(results.At(n-1).Type()) {
		results = types.NewTuple(append(slices.Collect(results.Variables()), types.NewParam(token.NoPos, nil, "", types.Universe.Lookup("error").Type()))...)
	}
	return types.NewSignatureType(nil, nil, nil, params, results, sig.Variadic()), reason
}

func takesContext(sig *types.Signature) bool {
	return sig.Params().Len() > 0 && crossing.IsContext(sig.Params().At(0).Type())
}

// contextType stands for context.Context, which is known by its name.
var contextType = types.NewNamed(types.NewTypeName(token.NoPos, types.NewPackage("context", "context"), "Context", nil), types.NewInterfaceType(nil, nil), nil)

// within reports whether a package belongs to a module.
func within(p *types.Package, module string) bool {
	return p != nil && (module == standardModule || p.Path() == module || strings.HasPrefix(p.Path(), module+"/"))
}

func isPointerTo(t types.Type, named *types.Named) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok || named == nil {
		return false
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	return ok && n.Obj() == named.Obj()
}

// mentions reports whether a type is made of a declared one, but for the fields and
// methods of other declared types.
func mentions(t types.Type, of *types.TypeName) bool {
	switch u := types.Unalias(t).(type) {
	case *types.Named:
		return u.Obj() == of || slices.ContainsFunc(slices.Collect(u.TypeArgs().Types()), func(a types.Type) bool { return mentions(a, of) })
	case *types.Pointer:
		return mentions(u.Elem(), of)
	case *types.Slice:
		return mentions(u.Elem(), of)
	case *types.Array:
		return mentions(u.Elem(), of)
	case *types.Map:
		return mentions(u.Key(), of) || mentions(u.Elem(), of)
	case *types.Chan:
		return mentions(u.Elem(), of)
	case *types.Signature:
		return mentionsAny(u.Params(), of) || mentionsAny(u.Results(), of)
	}
	return false
}

func mentionsAny(vars *types.Tuple, of *types.TypeName) bool {
	return slices.ContainsFunc(slices.Collect(vars.Variables()), func(v *types.Var) bool { return mentions(v.Type(), of) })
}
