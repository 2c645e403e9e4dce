package node

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/unweld/unweld/bindings/codegen/foreign"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// declarations are what TypeScript and editors know of the module index.
func (m *module) declarations() string {
	var b strings.Builder
	if len(m.c.Handles()) > 0 {
		b.WriteString("/// <reference lib=\"esnext.disposable\" />\n\n")
	}
	var names []string
	for _, s := range shared {
		names = append(names, strings.Fields(s.names)...)
	}
	names = append(names, "CallOptions")
	slices.Sort(names)
	b.WriteString(comment("", m.packageDoc()))
	fmt.Fprintf(&b, "import { Handle as $Handle, %s } from \"./runtime.cjs\";\n", strings.Join(names, ", "))
	fmt.Fprintf(&b, "export { %s } from \"./runtime.cjs\";\n", strings.Join(names, ", "))
	for _, t := range m.declared() {
		if t.Kind == component.KindStruct {
			m.declareStruct(&b, t)
		} else {
			m.declareEnum(&b, t)
		}
	}
	for _, e := range m.errors {
		fmt.Fprintf(&b, "\n%sexport declare class %s extends GoError {", comment("", e.Doc, fmt.Sprintf("`%s.%s` in Go.", e.Package.Path, e.Name)), e.class)
		if t := m.s.Type(e.Type); t != nil && t.Kind == component.KindStruct {
			b.WriteString("\n")
			for i, f := range m.s.StructMessage(e.Type).Fields {
				fmt.Fprintf(&b, "%s  %s: %s;\n", comment("  ", foreign.FieldDoc(t, f.Name)), m.fields[e.Type][i], m.out(f.Type))
			}
		}
		b.WriteString("}\n")
	}
	for _, t := range m.c.Handles() {
		fmt.Fprintf(&b, "\n%sexport declare class %s extends $Handle {\n  private constructor();\n", comment("", t.Doc, "The value is in Go. It is let go when nothing refers to this object any more, by release, or at the end of using."), m.types[t.ID])
		for _, x := range m.methods {
			if x.Handle == t.ID {
				m.declareFunction(&b, x, "  ", "")
			}
		}
		b.WriteString("}\n")
	}
	for _, x := range m.methods {
		if x.Handle == "" {
			m.declareFunction(&b, x, "", "export declare function ")
		}
	}
	return b.String()
}

func (m *module) packageDoc() string {
	left := ""
	if len(m.left) > 0 {
		left = "\n\nWhat is only there in Go:\n\n- " + strings.Join(m.left, "\n- ")
	}
	return fmt.Sprintf("%s\n\nThese functions call the Go code of %s in this process.%s\n\n@packageDocumentation", m.c.Doc, m.c.Package.Path, left)
}

// declareStruct declares a class, and objects that do for one.
func (m *module) declareStruct(b *strings.Builder, t *component.Type) {
	name := m.types[t.ID]
	doc := t.Doc
	if doc == "" {
		doc = name + " is " + string(t.ID) + "."
	}
	fmt.Fprintf(b, "\n%sexport declare class %s {\n  constructor(init?: Partial<%s>);\n", comment("", doc), name, name)
	fields := m.s.StructMessage(t.ID).Fields
	for i, f := range fields {
		fmt.Fprintf(b, "%s  %s: %s;\n", comment("  ", foreign.FieldDoc(t, f.Name)), m.fields[t.ID][i], m.out(f.Type))
	}
	fmt.Fprintf(b, "}\n\n/** Some or all of the fields of a {@link %s}; the others have Go's zero values. */\nexport interface %s {\n", name, m.inits[t.ID])
	for i, f := range fields {
		fmt.Fprintf(b, "  %s?: %s;\n", m.fields[t.ID][i], m.in(f.Type))
	}
	b.WriteString("}\n")
}

// declareEnum declares a number or string with named values. Others may come, too: in Go
// nothing keeps them out.
func (m *module) declareEnum(b *strings.Builder, t *component.Type) {
	name := m.types[t.ID]
	fmt.Fprintf(b, "\n%sexport type %s = %s;\nexport declare const %s: {\n", comment("", t.Doc, t.ConstantsDoc, "Values without a name may be there, too."), name, m.plain(t), name)
	for _, c := range m.constants(t) {
		fmt.Fprintf(b, "%s  readonly %s: %s;\n", comment("  ", c.doc), c.name, c.value)
	}
	b.WriteString("};\n")
}

// plain is the type of JavaScript's that a number or string is.
func (m *module) plain(t *component.Type) string {
	switch {
	case t.Kind == component.KindString:
		return "string"
	case m.isBig(t.Kind):
		return "bigint"
	}
	return "number"
}

func (m *module) declareFunction(b *strings.Builder, x schema.Method, indent, keyword string) {
	params := m.params(x)
	source := x.Source.Params[len(x.Source.Params)-len(params):]
	var declared []string
	for i, p := range source {
		declared = append(declared, params[i]+": "+m.in(p.Type.ID()))
	}
	list := strings.Join(append(declared, "options?: CallOptions"), ", ")
	var results []string
	named := len(x.Source.Results) > 1
	names := newNames(keywords...)
	for _, r := range x.Source.Results {
		named = named && r.Name != "" && r.Name != "_"
	}
	for _, r := range x.Source.Results {
		result := m.out(r.Type.ID())
		if named {
			result = names.Take(foreign.Camel(r.Name)) + ": " + result
		}
		results = append(results, result)
	}
	result := "void"
	switch len(results) {
	case 0:
	case 1:
		result = results[0]
	default:
		result = "[" + strings.Join(results, ", ") + "]"
	}
	fmt.Fprintf(b, "\n%s%s%s%s(%s): Promise<%s>;\n", comment(indent, x.Source.Doc), indent, keyword, m.names[x.Name].async, list, result)
	fmt.Fprintf(b, "%s%s%s%s(%s): %s;\n", comment(indent, fmt.Sprintf("{@link %s} without a promise: nothing else is executed until it returns.", m.names[x.Name].async)), indent, keyword, m.names[x.Name].sync, list, result)
}

// out is how TypeScript writes a type of values that come from Go, in the type of those that
// are given to it.
func (m *module) out(id component.TypeID) string { return m.annotated(id, false, nil) }
func (m *module) in(id component.TypeID) string  { return m.annotated(id, true, nil) }

// annotated is out or in within other types: one that holds itself has no end.
func (m *module) annotated(id component.TypeID, in bool, within []component.TypeID) string {
	t := m.s.Type(id)
	if name := m.types[id]; name != "" {
		switch {
		case t.Kind == component.KindHandle:
			return name + " | null"
		case in && t.Kind == component.KindStruct:
			return name + " | " + m.inits[id]
		}
		return name
	}
	if slices.Contains(within, id) {
		return "any"
	}
	within = append(slices.Clone(within), id)
	inner := func(id component.TypeID) string { return m.annotated(id, in, within) }
	choose := func(out, given string) string {
		if in {
			return given
		}
		return out
	}
	switch t.Kind {
	case component.KindBool:
		return "boolean"
	case component.KindComplex64, component.KindComplex128:
		return choose("Complex", "Complex | number")
	case component.KindSlice, component.KindArray:
		if f := m.s.FormOf(id); f == schema.Bytes || f == schema.ByteArray {
			return "Uint8Array"
		}
		return choose("Array<", "ReadonlyArray<") + inner(t.Elem) + ">"
	case component.KindMap:
		key, elem := inner(t.Key), inner(t.Elem)
		if in && m.s.Type(t.Key).Kind == component.KindString {
			return "ReadonlyMap<" + key + ", " + elem + "> | { readonly [key: string]: " + elem + " }"
		}
		return choose("Map<", "ReadonlyMap<") + key + ", " + elem + ">"
	case component.KindPointer:
		return optional(inner(t.Elem))
	case component.KindUnion, component.KindAny:
		return m.union(t, in, within)
	case component.KindError:
		return "Error | null"
	case component.KindExternal:
		return choose(externals[t.Codec].out, externals[t.Codec].in)
	}
	switch {
	case id == foreign.DurationID:
		return choose("Duration", "Duration | bigint")
	case m.isBig(t.Kind):
		return choose("bigint", "bigint | number")
	case schema.IsNumber(t.Kind) && !foreign.IsFloat(t.Kind):
		return choose("number", "number | bigint")
	}
	return m.plain(t)
}

func optional(annotation string) string {
	if strings.HasSuffix(annotation, "| null") || annotation == "any" || annotation == "unknown" {
		return annotation
	}
	return annotation + " | null"
}

func (m *module) union(t *component.Type, in bool, within []component.TypeID) string {
	var names []string
	for _, v := range m.variants(m.s.StructMessage(t.ID).Fields) {
		var name string
		switch {
		case v.class != "":
			name = v.class
		case v.plain != "":
			name = strings.TrimSuffix(m.annotated(v.Type, in, within), " | null")
		default:
			name = fmt.Sprintf("Typed<%s, %s>", quote(v.label), m.annotated(v.Type, in, within))
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if slices.Contains(names, "any") {
		return "any"
	}
	return strings.Join(append(names, "null"), " | ")
}

// comment writes paragraphs as a comment of TypeScript, or nothing.
func comment(indent string, paragraphs ...string) string {
	text := foreign.Comment(strings.NewReplacer("*/", "*\u200b/", "\r", ""), paragraphs...)
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	if len(lines) == 1 {
		return indent + "/** " + text + " */\n"
	}
	var out strings.Builder
	out.WriteString(indent + "/**\n")
	for _, line := range lines {
		out.WriteString(strings.TrimRightFunc(indent+" * "+line, unicode.IsSpace) + "\n")
	}
	out.WriteString(indent + " */\n")
	return out.String()
}
