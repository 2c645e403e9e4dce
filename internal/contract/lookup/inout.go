package lookup

import (
	"context"
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/crossing/argument"
	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/internal/source"
)

// implementers are the methods of a package's types that implement an interface,
// by name: what one of them does counts.
type implementers struct {
	effects map[string]effects.Method
	bodies  map[string][]component.Subject
}

func (f *Finder) implementers(ctx context.Context, program *effects.Program, home *source.Package, iface *types.Named) (implementers, error) {
	all := implementers{map[string]effects.Method{}, map[string][]component.Subject{}}
	wanted := map[string]bool{}
	for m := range iface.Underlying().(*types.Interface).Methods() {
		wanted[m.Name()] = true
	}
	scope := home.Types.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || types.IsInterface(tn.Type()) {
			continue
		}
		n, ok := tn.Type().(*types.Named)
		if !ok || !types.Implements(types.NewPointer(n), iface.Underlying().(*types.Interface)) {
			continue
		}
		methods, err := program.Methods(ctx, n, func(name string) bool { return wanted[name] })
		if err != nil {
			return all, err
		}
		for method, m := range methods {
			if old, seen := all.effects[method]; seen {
				m = stronger(old, m)
			}
			all.effects[method] = m
			if obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(n), true, home.Types, method); obj != nil {
				all.bodies[method] = append(all.bodies[method], argument.Subject(obj.(*types.Func)))
			}
		}
	}
	return all, nil
}

// changed returns what is known to change the arguments of a contract's methods,
// or of a handle's: of what implements that anywhere in the module.
func (f *Finder) changed(iface *types.Named, found implementers) func(*types.Func) []argument.Mutation {
	linked := contract.Arguments(f.o.Snapshot, f.pkgs)
	return func(fn *types.Func) []argument.Mutation {
		var all []argument.Mutation
		bodies := found.bodies[fn.Name()]
		if !slices.Contains(slices.Collect(iface.Underlying().(*types.Interface).Methods()), fn) {
			bodies = f.bodies(fn)
		}
		for _, body := range bodies {
			all = append(all, linked.Arguments(body)...)
		}
		for i := range all { // named as --inout and the directive name it
			all[i].Name = fn.Signature().Params().At(all[i].Param).Name()
		}
		slices.SortStableFunc(all, func(a, b argument.Mutation) int { return a.Param - b.Param })
		return slices.CompactFunc(all, func(a, b argument.Mutation) bool { return a.Param == b.Param && a.Certain == b.Certain })
	}
}

// bodies returns the methods that a method of an interface stands for, of all
// types of the module.
func (f *Finder) bodies(fn *types.Func) []component.Subject {
	iface, ok := fn.Signature().Recv().Type().Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	var out []component.Subject
	for _, p := range f.pkgs {
		for _, name := range p.Types.Scope().Names() {
			tn, ok := p.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || types.IsInterface(tn.Type()) || !types.Implements(types.NewPointer(tn.Type()), iface) {
				continue
			}
			if m, _, _ := types.LookupFieldOrMethod(types.NewPointer(tn.Type()), true, p.Types, fn.Name()); m != nil {
				out = append(out, argument.Subject(m.(*types.Func)))
			}
		}
	}
	return out
}

// inOut decides which arguments travel back: a directive at the contract's method
// names them, or the list does, as Method.param.
func (f *Finder) inOut(list []string) func(*types.Func, int, bool) bool {
	return func(fn *types.Func, param int, changed bool) bool {
		name := argument.ParameterName(fn, param)
		return changed && slices.Contains(list, argument.All) || slices.Contains(list, fn.Name()+"."+name) ||
			slices.Contains(argument.DeclaredInOut(f.comments.Comment(fn)), name)
	}
}

// CheckInOut checks that list names arguments of the contract that can be
// in-out. Errors are *component.UsageError.
func CheckInOut(c *component.Contract, list []string) error {
	var all []string
	for _, m := range c.Methods {
		for _, p := range m.Params {
			all = append(all, m.Name+"."+p.Name)
		}
	}
	for _, name := range list {
		method, param, _ := strings.Cut(name, ".")
		if name == argument.All {
			continue
		}
		i := slices.IndexFunc(c.Methods, func(m component.Method) bool { return m.Name == method })
		if i < 0 {
			return &component.UsageError{Object: "--inout", Reason: fmt.Sprintf("%s has no endpoint %s", c.Component, method), Hint: "there are: " + strings.Join(all, ", ")}
		}
		m := &c.Methods[i]
		named := func(p component.Param) bool { return p.Name == param }
		switch n := slices.IndexFunc(m.Params, named); {
		case n < 0:
			return &component.UsageError{Object: "--inout", Reason: name + " is unknown", Hint: "there are: " + strings.Join(all, ", ")}
		case !m.Params[n].InOut && m.Local == "":
			return &component.UsageError{Object: "--inout", Reason: name + " is no slice, map or pointer that could travel back"}
		}
	}
	return nil
}
