package source

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// A difference is what declarations mean otherwise than before, as far as the types of
// function bodies go whose text is the same: see concerned.
type difference struct {
	// names are those of functions, variables, constants, types, fields and methods that
	// are new, gone or of another type.
	names map[string]bool
	// types are those of which a value can be used in fewer ways, or gives something else
	// when it is used without naming a part of it, by typeName.
	types map[string]bool
	// structs are those with other fields, by typeName, and shapes the structs without a
	// name to which and from which their values could be assigned, by typeKey.
	structs, shapes map[string]bool
}

func newDifference() *difference {
	return &difference{names: map[string]bool{}, types: map[string]bool{}, structs: map[string]bool{}, shapes: map[string]bool{}}
}

// none reports whether everything means what it did.
func (d *difference) none() bool {
	return len(d.names) == 0 && len(d.types) == 0 && len(d.structs) == 0
}

// add takes over what another package means otherwise.
func (d *difference) add(other *difference) {
	maps.Copy(d.names, other.names)
	maps.Copy(d.types, other.types)
	maps.Copy(d.structs, other.structs)
	maps.Copy(d.shapes, other.shapes)
}

// compare adds what the declarations of a package mean otherwise than before.
func (d *difference) compare(before, after *types.Package) {
	was, is := before.Scope(), after.Scope()
	for _, name := range was.Names() {
		if is.Lookup(name) == nil {
			d.names[name] = true
			d.members(was.Lookup(name))
		}
	}
	for _, name := range is.Names() {
		old, obj := was.Lookup(name), is.Lookup(name)
		if old == nil {
			d.names[name] = true
			d.members(obj)
			continue
		}
		if objectKey(old) != objectKey(obj) {
			d.names[name] = true
		}
		a, b := declaredType(old), declaredType(obj)
		if a != nil && b != nil {
			d.compareTypes(a, b)
		} else if a != b {
			d.members(old)
			d.members(obj)
		}
	}
}

// declaredType returns the type that obj declares, nil if it is no type or another name of
// one.
func declaredType(obj types.Object) *types.Named {
	tn, ok := obj.(*types.TypeName)
	if !ok || tn.IsAlias() {
		return nil
	}
	n, _ := tn.Type().(*types.Named)
	return n
}

// members adds the names of the fields and methods of a type that is new or gone: where
// it is embedded they are those of another, too.
func (d *difference) members(obj types.Object) {
	n := declaredType(obj)
	if n == nil {
		return
	}
	d.types[typeName(n)] = true
	for name := range fieldsOf(n) {
		d.names[name] = true
	}
	for name := range methodKeysOf(n) {
		d.names[name] = true
	}
}

func (d *difference) compareTypes(was, is *types.Named) {
	name := typeName(is)
	changes := func(a, b map[string]string) (fewer, other bool) {
		for m, key := range a {
			if b[m] != key {
				d.names[m] = true
				fewer = true
			}
		}
		for m := range b {
			if _, ok := a[m]; !ok {
				d.names[m] = true
				other = true
			}
		}
		return fewer, other
	}
	fewer, more := changes(methodKeysOf(was), methodKeysOf(is))
	if fewer || more && types.IsInterface(is) || parametersKey(was) != parametersKey(is) || types.Comparable(was) != types.Comparable(is) {
		d.types[name] = true
	}
	changes(fieldsOf(was), fieldsOf(is))
	before, after := typeKey(was.Underlying()), typeKey(is.Underlying())
	if before == after {
		return
	}
	d.structs[name], d.shapes[before], d.shapes[after] = true, true, true
	_, a := was.Underlying().(*types.Struct)
	_, b := is.Underlying().(*types.Struct)
	if !a || !b || is.TypeParams().Len() > 0 { // each instance is comparable for itself
		d.types[name] = true
	}
}

// fieldsOf returns what identifies the fields of a struct, promoted ones among them, by
// name; nothing for other types.
func fieldsOf(n *types.Named) map[string]string {
	fields := map[string]string{}
	seen := map[types.Type]bool{}
	var visit func(t types.Type)
	visit = func(t types.Type) {
		if p, ok := types.Unalias(t).(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok || seen[t] {
			return
		}
		seen[t] = true
		for f := range st.Fields() {
			if v, ok := fieldNamed(n, f); ok {
				fields[f.Name()] = fmt.Sprint(v.Embedded(), " ", typeKey(v.Type()))
			}
			if f.Embedded() {
				visit(f.Type())
			}
		}
	}
	visit(n)
	return fields
}

// fieldNamed returns what a value of type n has under the name of a field, if that is a field.
func fieldNamed(n *types.Named, f *types.Var) (*types.Var, bool) {
	obj, _, _ := types.LookupFieldOrMethod(n, true, f.Pkg(), f.Name())
	v, ok := obj.(*types.Var)
	return v, ok
}

// methodKeysOf returns what identifies the methods of a type and of pointers to it,
// promoted ones among them, by name.
func methodKeysOf(n *types.Named) map[string]string {
	keys := map[string]string{}
	var t types.Type = n
	if !types.IsInterface(n) {
		t = types.NewPointer(n)
	}
	values := types.NewMethodSet(n)
	for sel := range types.NewMethodSet(t).Methods() {
		obj := sel.Obj()
		byValue := values.Lookup(obj.Pkg(), obj.Name()) != nil
		keys[obj.Name()] = fmt.Sprint(byValue, " ", typeKey(sel.Type()))
	}
	return keys
}

// typeName names a declared type by its package.
func typeName(n *types.Named) string {
	obj := n.Origin().Obj()
	if obj.Pkg() == nil {
		return obj.Name()
	}
	return obj.Pkg().Path() + "." + obj.Name()
}

// objectKey identifies what a declaration means to those that mention its name, apart from
// the members of a type.
func objectKey(obj types.Object) string {
	switch obj := obj.(type) {
	case *types.Const:
		return "const " + typeKey(obj.Type()) + " " + obj.Val().ExactString()
	case *types.Var:
		return "var " + typeKey(obj.Type())
	case *types.Func:
		return "func " + typeKey(obj.Type())
	case *types.TypeName:
		if n := declaredType(obj); n != nil {
			return "type " + parametersKey(n)
		}
		if a, ok := obj.Type().(*types.Alias); ok {
			return "alias " + listKey(a.TypeParams()) + typeKey(a.Rhs())
		}
	}
	return typeKey(obj.Type())
}

func parametersKey(n *types.Named) string { return listKey(n.TypeParams()) }

func listKey(list *types.TypeParamList) string {
	var w typeWriter
	w.params(list)
	return w.String()
}

// typeKey spells a type: two of one spelling are identical if the declared types in them
// are the same declarations.
func typeKey(t types.Type) string {
	var w typeWriter
	w.typ(t)
	return w.String()
}

// A typeWriter spells types, with declared ones by their names and aliases by what they
// stand for.
type typeWriter struct {
	strings.Builder
}

func (w *typeWriter) typ(t types.Type) {
	switch t := types.Unalias(t).(type) {
	case nil:
		w.WriteString("none")
	case *types.Basic:
		w.WriteString(t.Name())
	case *types.Named:
		w.WriteString(typeName(t))
		w.list("[", slices.Collect(t.TypeArgs().Types()))
	case *types.TypeParam:
		fmt.Fprint(w, "$", t.Index(), t.Obj().Name())
	case *types.Pointer:
		w.of("*", t.Elem())
	case *types.Slice:
		w.of("[]", t.Elem())
	case *types.Array:
		w.of(fmt.Sprintf("[%d]", t.Len()), t.Elem())
	case *types.Chan:
		w.of(fmt.Sprintf("chan%d ", t.Dir()), t.Elem())
	case *types.Map:
		w.of("map[", t.Key())
		w.of("]", t.Elem())
	case *types.Tuple:
		w.tuple(t)
	case *types.Signature:
		w.WriteString("func")
		w.params(t.TypeParams())
		w.tuple(t.Params())
		fmt.Fprint(w, t.Variadic())
		w.tuple(t.Results())
	case *types.Struct:
		w.WriteString("struct{")
		for i := range t.NumFields() {
			f := t.Field(i)
			w.of(fmt.Sprintf("%s %v ", f.Id(), f.Embedded()), f.Type())
			fmt.Fprintf(w, " %q;", t.Tag(i))
		}
		w.WriteString("}")
	case *types.Interface:
		w.iface(t)
	case *types.Union:
		for term := range t.Terms() {
			w.of(fmt.Sprintf("|%v", term.Tilde()), term.Type())
		}
	default:
		fmt.Fprintf(w, "%T", t)
	}
}

func (w *typeWriter) of(before string, t types.Type) {
	w.WriteString(before)
	w.typ(t)
}

func (w *typeWriter) list(open string, all []types.Type) {
	if len(all) == 0 {
		return
	}
	w.WriteString(open)
	for _, t := range all {
		w.of(",", t)
	}
	w.WriteString("]")
}

func (w *typeWriter) tuple(t *types.Tuple) {
	w.WriteString("(")
	for v := range t.Variables() {
		w.of(",", v.Type())
	}
	w.WriteString(")")
}

func (w *typeWriter) params(list *types.TypeParamList) {
	for p := range list.TypeParams() {
		w.of("["+p.Obj().Name()+" ", p.Constraint())
	}
}

// iface spells an interface: its methods, in the order of their names, and the types that
// it embeds.
func (w *typeWriter) iface(t *types.Interface) {
	w.WriteString("interface{")
	for m := range t.ExplicitMethods() {
		w.of(m.Id()+" ", m.Type())
	}
	for e := range t.EmbeddedTypes() {
		w.of(";", e)
	}
	fmt.Fprint(w, "}", t.IsComparable())
}
