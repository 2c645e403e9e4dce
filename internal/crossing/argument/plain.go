package argument

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// Implements is the kind of a fact that Plain doesn't produce: the method Of
// implements the interface method To.
const Implements = "implements"

// Plain returns f as analyzers keep it.
func (f Fact) Plain() component.Fact {
	parts := [...]string{strconv.Itoa(f.Place.Param), f.Place.Path, f.Name, strconv.Itoa(f.Arg), f.Held, "", "", "", f.What}
	out := component.Fact{Kind: f.Kind, To: f.Callee, Span: f.Span}
	if c := f.Result; c != nil {
		out.More = &component.More{Via: c.Callee}
		parts[5], parts[6], parts[7] = strconv.Itoa(c.Arg), c.Held, c.Path
	}
	out.Text = strings.Join(parts[:], "|")
	return out
}

// FromPlain is the inverse of Plain.
func FromPlain(p component.Fact) Fact {
	f := Fact{Kind: p.Kind, Callee: p.To, Span: p.Span}
	parts := strings.SplitN(p.Text, "|", 9)
	if len(parts) < 9 {
		return f
	}
	f.Place.Param, _ = strconv.Atoi(parts[0])
	f.Place.Path, f.Name, f.Held, f.What = parts[1], parts[2], parts[4], parts[8]
	f.Arg, _ = strconv.Atoi(parts[3])
	if parts[5] != "" {
		c := &Result{Callee: p.Via(), Held: parts[6], Path: parts[7]}
		c.Arg, _ = strconv.Atoi(parts[5])
		f.Result = c
	}
	return f
}

// Implemented returns the interfaces, all of fn's package, that fn's receiver
// implements and that have a method of fn's name, each as that method.
func Implemented(fn *types.Func, interfaces []*types.TypeName) []component.Subject {
	recv := fn.Signature().Recv()
	if recv == nil || fn.Pkg() == nil || !fn.Exported() || types.IsInterface(recv.Type()) {
		return nil
	}
	t := recv.Type()
	if _, ok := types.Unalias(t).(*types.Pointer); !ok {
		t = types.NewPointer(t)
	}
	var out []component.Subject
	for _, tn := range interfaces {
		iface, ok := tn.Type().Underlying().(*types.Interface)
		if !ok || !has(iface, fn.Name()) || !types.Implements(t, iface) {
			continue
		}
		out = append(out, component.Subject{Decl: component.DeclID{Pkg: fn.Pkg().Path(), Name: tn.Name()}, Member: fn.Name()})
	}
	return out
}

func has(iface *types.Interface, name string) bool {
	for m := range iface.Methods() {
		if m.Name() == name {
			return true
		}
	}
	return false
}

// Why returns why the argument can't cross, for messages about the function
// called method.
func (m Mutation) Why(method string) string {
	what, verb := m.What, "changes"
	if !m.Certain {
		verb = "may change"
	}
	if len(m.Through) > 0 {
		var names []string
		for _, s := range m.Through {
			names = append(names, last(s))
		}
		what += " through " + strings.Join(names, " -> ")
	}
	return fmt.Sprintf("%s %s what its parameter %s leads to (%s: %s), and a caller in another process doesn't see that", method, verb, m.Parameter(), m.Span, what)
}

// Parameter is the name of the parameter, or its number where it has none.
func (m Mutation) Parameter() string {
	if m.Name == "" || m.Name == "_" {
		return strconv.Itoa(m.Param + 1)
	}
	return m.Name
}

// ParameterName is the name of parameter i of fn, counted from 0 without the
// receiver, in messages and flags.
func ParameterName(fn *types.Func, i int) string {
	return Mutation{Place: Place{Param: i}, Name: fn.Signature().Params().At(i).Name()}.Parameter()
}

func last(s component.Subject) string {
	if s.Member != "" {
		return s.Decl.Name + "." + s.Member
	}
	return s.Decl.Name
}

// Hint returns what to do about the mutation.
func (m Mutation) Hint(method string) string {
	return "return the new value (unweld refactor return-changes), or let it travel back: --inout " + method + "." + m.Parameter()
}
