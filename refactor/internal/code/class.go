package code

import (
	"go/types"
	"maps"
	"slices"
	"strings"
)

// collectTypes gathers the module's declared types, and the instances of generic ones,
// by the names of the methods that they have, their own or promoted ones.
func (w *World) collectTypes() {
	for _, p := range w.Packages {
		for _, name := range p.Types.Scope().Names() {
			tn, ok := p.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || tn.IsAlias() {
				continue
			}
			if n, ok := tn.Type().(*types.Named); ok && !types.IsInterface(n) && n.TypeParams().Len() == 0 {
				w.withMethod.add(n)
			}
		}
	}
	for _, n := range w.genericInstances() {
		w.withMethod.add(n)
	}
}

// genericInstances returns the instances of the module's generic types, in the order of how
// they are spelled.
func (w *World) genericInstances() []*types.Named {
	found := map[string]*types.Named{}
	for _, p := range w.Packages {
		for _, inst := range p.Info.Instances {
			n, ok := types.Unalias(inst.Type).(*types.Named)
			if !ok || types.IsInterface(n) || w.FileOf(n.Obj()) == nil || n.Origin().NumMethods() == 0 {
				continue
			}
			if k := canon(n, (*types.Package).Path); found[k] == nil {
				found[k] = n
			}
		}
	}
	var out []*types.Named
	for _, k := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[k])
	}
	return out
}

// typesByMethod are declared types by the names of their methods.
type typesByMethod map[string][]*types.Named

func (all typesByMethod) add(n *types.Named) {
	for m := range types.NewMethodSet(types.NewPointer(n)).Methods() {
		name := m.Obj().Name()
		if has := all[name]; len(has) == 0 || has[len(has)-1] != n { // of two packages there can be two
			all[name] = append(has, n)
		}
	}
}

// Frozen returns why the signature of a function can't change: an interface
// outside the module, or known to other packages, that it satisfies directly or
// by way of the module's interfaces. The empty string means that it can.
func (w *World) Frozen(fn *types.Func) string {
	_, why := w.Class(fn)
	return why
}

// Class returns the methods that must have the same signature as fn, itself
// first: those of the module's interfaces that its type satisfies, and those of
// all types that satisfy one of these. If one of them can't change, frozen says
// why.
func (w *World) Class(fn *types.Func) (members []*types.Func, frozen string) {
	return w.classFor(fn, false)
}

// TypeClass is Class where nothing changes but that a pointer becomes an interface which
// it has: a template that calls a method by its name does so then, too.
func (w *World) TypeClass(fn *types.Func) (members []*types.Func, frozen string) {
	return w.classFor(fn, true)
}

func (w *World) classFor(fn *types.Func, ofTypes bool) (members []*types.Func, frozen string) {
	k := classKey{w.Key(fn.Origin()), ofTypes}
	c, known := w.classes[k]
	if !known {
		c.members, c.frozen = w.class(fn, ofTypes)
		w.classes[k] = c
	}
	return c.members, c.frozen
}

// A classKey is what a class is of.
type classKey struct {
	fn      Key
	ofTypes bool // see TypeClass
}

// A class is what Class found out.
type class struct {
	members []*types.Func
	frozen  string
}

func (w *World) class(fn *types.Func, ofTypes bool) (members []*types.Func, frozen string) {
	members = []*types.Func{fn}
	if fn.Signature().Recv() == nil {
		return members, ""
	}
	seen := map[Key]bool{w.Key(fn.Origin()): true}
	add := func(m *types.Func) {
		if k := w.Key(m.Origin()); !seen[k] {
			seen[k] = true
			members = append(members, m)
		}
	}
	done := map[*types.Interface]bool{} // by all that stand for it
	for i := 0; i < len(members); i++ {
		m := members[i]
		if slices.Contains(wellKnown[m.Name()], shape(m)) {
			return members, "other packages look for a method " + m.Name() + " by interface"
		}
		if why := w.calledByName(m, !ofTypes); why != "" {
			return members, why
		}
		if f := w.FileOf(m); f == nil || f.Generated() && !w.Regenerates(f) {
			if why := w.generatorReason(m); why != "" {
				return members, why
			}
			return members, "its interface is satisfied by, or is, something that isn't the module's to change: " + m.FullName()
		}
		holders := w.holders(m)
		for _, it := range w.interfaces.withMethod[m.Name()] {
			if done[it] {
				continue
			}
			if mi := method(it, m.Name()); w.related(m, it, mi, holders) {
				if w.FileOf(mi) == nil {
					return members, "it is needed to satisfy an interface of another module with a method " + m.Name()
				}
				done[it] = true
				add(mi)
				w.implementers(it, mi, add)
			}
		}
	}
	return members, ""
}

// related reports whether m belongs to it: as its method, or because a type that
// has m satisfies it.
func (w *World) related(m *types.Func, it *types.Interface, mi *types.Func, holders []types.Type) bool {
	if types.IsInterface(m.Signature().Recv().Type()) {
		return w.Key(m) == w.Key(mi)
	}
	return slices.ContainsFunc(holders, func(t types.Type) bool { return satisfies(t, it) && w.stands(t, it, mi) })
}

// stands reports whether a type that satisfies an interface is, or may be meant to
// be, a value of it.
func (w *World) stands(t types.Type, it *types.Interface, m *types.Func) bool {
	return w.Becomes(t, it) || w.FileOf(m) != nil && w.intended(t, m)
}

// holders returns the types that have the method m: its receiver, the instances of it
// where it is generic, and the declared structs that embed it.
func (w *World) holders(m *types.Func) []types.Type {
	recv := m.Signature().Recv().Type()
	out := []types.Type{recv}
	if types.IsInterface(recv) {
		return out
	}
	for _, n := range w.withMethod[m.Name()] {
		s, ok := n.Underlying().(*types.Struct)
		instance := n.TypeArgs().Len() > 0
		if !instance && (!ok || !embeds(s)) {
			continue
		}
		obj, path, _ := types.LookupFieldOrMethod(types.NewPointer(n), true, n.Obj().Pkg(), m.Name())
		if fn, ok := obj.(*types.Func); ok && (instance || len(path) > 1) && w.Key(fn.Origin()) == w.Key(m.Origin()) {
			out = append(out, n)
		}
	}
	return out
}

func embeds(s *types.Struct) bool {
	for f := range s.Fields() {
		if f.Embedded() {
			return true
		}
	}
	return false
}

// implementers calls add with the method of each type that satisfies an interface
// and stands for it.
func (w *World) implementers(it *types.Interface, m *types.Func, add func(*types.Func)) {
	for _, n := range w.withMethod[m.Name()] {
		if !satisfies(n, it) || !w.stands(n, it, m) {
			continue
		}
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(n), true, n.Obj().Pkg(), m.Name())
		if fn, ok := obj.(*types.Func); ok {
			add(fn)
		}
	}
}

// satisfies reports whether t or a pointer to it has the methods of it. Types
// are compared by their spelling, since the variants of a package that tests
// bring along have types of their own.
func satisfies(t types.Type, it *types.Interface) bool {
	if _, ok := t.(*types.Pointer); !ok {
		t = types.NewPointer(t)
	}
	for m := range it.Methods() {
		obj, _, _ := types.LookupFieldOrMethod(t, true, m.Pkg(), m.Name())
		fn, ok := obj.(*types.Func)
		if !ok || fullShape(fn) != fullShape(m) {
			return false
		}
	}
	return true
}

// AnyInterface reports whether found does so of an interface that values could be
// converted to.
func (w *World) AnyInterface(found func(*types.Interface) bool) bool {
	return slices.ContainsFunc(w.interfaces.list, found)
}

func method(it *types.Interface, name string) *types.Func {
	for m := range it.Methods() {
		if m.Name() == name {
			return m
		}
	}
	return nil
}

// wellKnown are methods, with their shapes, that are found by reflection or type
// assertion in packages that are loaded without syntax: the standard library,
// and libraries that many programs have.
var wellKnown = map[string][]string{
	"String": {"() (string)"}, "GoString": {"() (string)"}, "Format": {"(fmt.State, int32) ()"},
	"Error": {"() (string)"}, "Unwrap": {"() (error)", "() ([]error)", "() (http.ResponseWriter)"},
	"Is": {"(error) (bool)"}, "As": {"(any) (bool)"}, "Timeout": {"() (bool)"}, "Temporary": {"() (bool)"},
	"MarshalJSON": {marshals}, "UnmarshalJSON": {unmarshals}, "MarshalText": {marshals}, "UnmarshalText": {unmarshals},
	"MarshalBinary": {marshals}, "UnmarshalBinary": {unmarshals}, "GobEncode": {marshals}, "GobDecode": {unmarshals},
	"AppendText": {appends}, "AppendBinary": {appends},
	"MarshalJSONTo": {"(*jsontext.Encoder) (error)"}, "UnmarshalJSONFrom": {"(*jsontext.Decoder) (error)"},
	"MarshalXML": {"(*xml.Encoder, xml.StartElement) (error)"}, "UnmarshalXML": {"(*xml.Decoder, xml.StartElement) (error)"},
	"MarshalXMLAttr": {"(xml.Name) (xml.Attr, error)"}, "UnmarshalXMLAttr": {"(xml.Attr) (error)"},
	"MarshalYAML": {"() (any, error)", marshals}, "UnmarshalYAML": {"(func(any) (error)) (error)", "(*yaml.Node) (error)", unmarshals},
	"MarshalTOML": {marshals}, "UnmarshalTOML": {"(any) (error)", unmarshals}, "MarshalCBOR": {marshals}, "UnmarshalCBOR": {unmarshals},
	"Scan": {"(any) (error)", "(fmt.ScanState, int32) (error)"}, "Value": {"() (driver.Value, error)"},
	"LogValue": {"() (slog.Value)"}, "IsZero": {"() (bool)"}, "IsBoolFlag": {"() (bool)"},
	"ReadFrom": {"(io.Reader) (int64, error)"}, "WriteTo": {"(io.Writer) (int64, error)"},
	"Hijack": {"() (net.Conn, *bufio.ReadWriter, error)"}, "Generate": {"(*rand.Rand, int) (reflect.Value)"},
	"TableName": {"() (string)"},
}

const (
	marshals   = "() ([]uint8, error)"
	unmarshals = "([]uint8) (error)"
	appends    = "([]uint8) ([]uint8, error)"
)

// shape spells the types of a signature by package names, fullShape by import
// paths.
func shape(fn *types.Func) string { return shapeBy(fn, (*types.Package).Name) }

func fullShape(fn *types.Func) string { return shapeBy(fn, (*types.Package).Path) }

// SameShape reports whether two methods have the same signature, be it in different
// variants of a package.
func SameShape(a, b *types.Func) bool { return fullShape(a) == fullShape(b) }

func shapeBy(fn *types.Func, q types.Qualifier) string {
	return strings.TrimPrefix(canon(fn.Signature(), q), "func")
}
