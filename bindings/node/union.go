package node

import (
	"fmt"
	"slices"

	"github.com/unweld/unweld/bindings/codegen/foreign"
	"github.com/unweld/unweld/bindings/rt/wire"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// A category is what JavaScript can tell of a value behind an interface. Of the types of Go
// in one category one is its plain value, if there is one that comes first; the others are a
// Typed.
type category string

const (
	isString   category = `typeof v === "string"`
	isBoolean  category = `typeof v === "boolean"`
	isNumber   category = `typeof v === "number"`
	isBigInt   category = `typeof v === "bigint"`
	isBytes    category = `v instanceof Uint8Array`
	isArray    category = `Array.isArray(v)`
	isMap      category = `v instanceof Map`
	isTime     category = `v instanceof Date`
	isDuration category = `v instanceof $v.Duration`
	isComplex  category = `v instanceof $v.Complex`
	isURL      category = `v instanceof $v.Url`
	isRat      category = `v instanceof $v.Rat`
	isError    category = `$.isError(v)`
	isOther    category = ""
)

// categoryOf is that of the values of a type that is no struct.
func (m *module) categoryOf(t *component.Type) category {
	switch t.Kind {
	case component.KindString:
		return isString
	case component.KindBool:
		return isBoolean
	case component.KindSlice, component.KindArray:
		if f := m.s.FormOf(t.ID); f == schema.Bytes || f == schema.ByteArray {
			return isBytes
		}
		return isArray
	case component.KindMap:
		return isMap
	case component.KindComplex64, component.KindComplex128:
		return isComplex
	case component.KindError:
		return isError
	case component.KindExternal:
		return externals[t.Codec].as
	}
	switch {
	case t.ID == foreign.DurationID:
		return isDuration
	case m.isBig(t.Kind):
		return isBigInt
	case schema.IsNumber(t.Kind):
		return isNumber
	}
	return isOther
}

// preference orders the types of a category: the lowest is the plain value. It is the
// predeclared type that JavaScript has, then any that isn't declared.
func preference(t *component.Type) int {
	switch {
	case t.ID == "float64" || t.ID == "string" || t.ID == "bool" || t.ID == "int64" || t.ID == "[]byte":
		return 0
	case t.ID == "int":
		return 1
	case t.Name == "":
		return 2
	}
	return 3
}

// A variant is a type that may be behind an interface.
type variant struct {
	schema.Field
	class string   // of a struct
	other bool     // of a struct: its first variant in the union is another one
	plain category // not empty: values are as they are, and this tells them from others
	label string   // otherwise: the type's name in a Typed
}

// variants are those of a union, in its order.
func (m *module) variants(fields []schema.Field) []variant {
	best, several := map[category]component.TypeID{}, map[category]bool{}
	for _, f := range fields {
		t := m.s.Type(f.Type)
		c := m.categoryOf(t)
		switch had, ok := best[c]; {
		case c == isOther:
		case !ok || preference(t) < preference(m.s.Type(had)):
			best[c], several[c] = f.Type, false
		case preference(t) == preference(m.s.Type(had)):
			several[c] = true
		}
	}
	var out []variant
	seen, labels := map[string]bool{}, map[string]bool{}
	for _, f := range fields {
		v := variant{Field: f}
		if t := m.s.Type(foreign.Pointed(m.s, f.Type)); t.Kind == component.KindStruct {
			v.class = m.types[t.ID]
			v.other = seen[v.class]
			seen[v.class] = true
		} else if c := m.categoryOf(m.s.Type(f.Type)); c != isOther && best[c] == f.Type && !several[c] {
			v.plain = c
		} else {
			v.label = m.labelOf(f.Type)
			if labels[v.label] {
				v.label = string(f.Type)
			}
			labels[v.label] = true
		}
		out = append(out, v)
	}
	return out
}

// labelOf is how a type is called in a Typed.
func (m *module) labelOf(id component.TypeID) string {
	t := m.s.Type(id)
	switch {
	case t.Name != "":
		return t.Name
	case t.Kind == component.KindPointer:
		return "*" + m.labelOf(t.Elem)
	}
	return string(id)
}

func (w *writer) putUnion(msg *schema.Message) {
	w.line(0, "\nfunction put_%s(w, v) {", w.messages[msg])
	w.line(1, "if (v === null || v === undefined) return;")
	variants := w.variants(msg.Fields)
	write := func(v variant, value string) {
		w.line(2, "const at = w.open(%d);", tagOf(v.Number, wire.TypeBytes))
		w.line(2, "put_%s(w, %s);", w.messages[w.s.VariantMessage(v.Type)], value)
		w.line(2, "w.close(at);")
		w.line(2, "return;")
		w.line(1, "}")
	}
	for _, v := range variants {
		if v.class == "" {
			continue
		}
		condition := fmt.Sprintf("v instanceof $t.%s", v.class)
		if v.other {
			condition += fmt.Sprintf(" && v[$.VARIANT] === %d", v.Number)
		} else if slices.ContainsFunc(variants, func(o variant) bool { return o.class == v.class && o.other }) {
			condition += " && v[$.VARIANT] === undefined"
		}
		w.line(1, "if (%s) {", condition)
		write(v, "v")
	}
	for _, v := range variants {
		switch {
		case v.plain != "":
			w.line(1, "if (%s) {", v.plain)
			write(v, "v")
		case v.class == "":
			w.line(1, "if (v instanceof $.Typed && v.type === %s) {", quote(v.label))
			write(v, "v.value")
		}
	}
	w.line(1, "throw $.unknown(v);")
	w.line(0, "}")
}

// parseVariant reads the value behind an interface if it is of the type of the field i.
func (w *writer) parseVariant(union *schema.Message, i int) {
	v := w.variants(union.Fields)[i]
	w.line(4, "const to = r.span(end);")
	w.line(4, "f = r.isNull(to) ? r.pass(to) : parse_%s(r, to);", w.messages[w.s.VariantMessage(v.Type)])
	if v.other {
		w.line(4, "$.remember(f, %d);", v.Number)
	} else if v.label != "" {
		w.line(4, "f = new $.Typed(%s, f);", quote(v.label))
	}
}
