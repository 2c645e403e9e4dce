package effects

import (
	"slices"

	"golang.org/x/tools/go/ssa"
)

// builtin applies a call of a predeclared function.
func (b *body) builtin(instr ssa.CallInstruction, name string, args []*set) {
	common := instr.Common()
	dst := func(what string) {
		b.write(args[0], b.at(instr, what+" "+owner(common.Args[0])))
	}
	switch name {
	case "append":
		b.appends(instr, args)
	case "copy":
		dst("copies into")
		b.read(args[1])
		if b.holdsPointers(common.Args[0].Type()) {
			b.store(args[0], b.load(args[1]))
		}
	case "delete":
		dst("deletes from")
	case "clear":
		dst("clears")
	case "close":
		dst("closes")
	case "recover":
		b.result(instr, func(int) *set { return b.one(unknownMemory) })
	case "ssa:wrapnilchk", "min", "max":
		b.result(instr, func(int) *set { return args[0] })
	case "print", "println":
		b.event(eventOutput, b.at(instr, "calls "+name))
	case "StringData": // unsafe
		b.result(instr, func(int) *set { return b.one(unknownMemory) })
	default:
		for _, a := range args { // len, cap, complex ...
			b.read(a)
		}
		if len(args) > 0 {
			b.result(instr, func(int) *set { return args[0] })
		}
	}
}

// appends applies append, which may write behind the end of the slice it is
// given, and may make a new one.
func (b *body) appends(instr ssa.CallInstruction, args []*set) {
	at := b.at(instr, "appends to "+owner(instr.Common().Args[0]))
	at.faint = wholeSlice(instr.Common().Args[0], nil)
	b.write(args[0], at)
	out := args[0].clone()
	out.add(b.id(made(instr)))
	b.read(args[0])
	vals := b.load(args[0])
	if len(args) > 1 {
		b.read(args[1])
		vals.addAll(b.load(args[1]))
	}
	if b.holdsPointers(instr.Common().Args[0].Type()) {
		b.store(out, vals)
	}
	b.result(instr, func(int) *set { return out })
}

// wholeSlice reports whether v is a slice as it came in, or what append made of
// one, and no part of it: an append to a part writes over the rest.
func wholeSlice(v ssa.Value, seen []ssa.Value) bool {
	if slices.Contains(seen, v) {
		return true
	}
	switch v := v.(type) {
	case *ssa.Parameter, *ssa.Const:
		return true
	case *ssa.Phi:
		return !slices.ContainsFunc(v.Edges, func(e ssa.Value) bool { return !wholeSlice(e, append(seen, v)) })
	case *ssa.ChangeType:
		return wholeSlice(v.X, seen)
	case *ssa.Slice:
		return v.High == nil && v.Max == nil && wholeSlice(v.X, seen)
	case *ssa.Call:
		builtin, ok := v.Call.Value.(*ssa.Builtin)
		return ok && builtin.Name() == "append" && wholeSlice(v.Call.Args[0], append(seen, v))
	}
	return false
}
