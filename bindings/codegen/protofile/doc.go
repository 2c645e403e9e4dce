package protofile

import (
	"slices"
	"strings"
	"unicode"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
	"github.com/unweld/unweld/internal/text"
)

// comment writes a text in front of what it is about. Whatever it contains, it
// stays a comment, and one paragraph stays one.
func (p *proto) comment(indent, text string) {
	if text = oneLineEnd(text); text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		p.printf("%s\n", strings.TrimRightFunc(indent+"// "+line, unicode.IsSpace))
	}
}

// oneLineEnd returns text as valid UTF-8 in which nothing but a newline ends a
// line, for one language or another, and in which no character is a control.
func oneLineEnd(text string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("\v\f\r\u0085\u2028\u2029", r):
			return '\n'
		case r != '\n' && r != '\t' && unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD")), "\n")
}

// paragraphs puts an empty line between texts, as far as there are any.
func paragraphs(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), "\n\n")
}

// deprecated reports whether a comment has the paragraph that says so in Go.
func deprecated(doc string) bool {
	return strings.HasPrefix(doc, "Deprecated: ") || strings.Contains(doc, "\n\nDeprecated: ")
}

// deprecate writes the option that tells other languages.
func (p *proto) deprecate(indent, doc string) {
	if deprecated(doc) {
		p.printf("%soption deprecated = true;\n", indent)
	}
}

// messageDoc is what stands above a message: what its type's comment says, and
// what it is in Go.
func (p *proto) messageDoc(m *schema.Message) string {
	name := p.messages[m]
	switch m.Kind {
	case schema.Request:
		return name + " holds the parameters of " + m.Method + "."
	case schema.Reply:
		return name + " holds the results of " + m.Method + "."
	case schema.Element:
		return name + " crosses by a stream of " + m.Method + "."
	case schema.Box:
		return name + " is a value of " + string(m.Type) + "."
	case schema.Entry:
		return name + " is an entry of " + string(m.Type) + "."
	}
	return paragraphs(p.s.Type(m.Type).Doc, name+" is "+string(m.Type)+".")
}

// fieldDocs are the comments of a message's fields.
func (p *proto) fieldDocs(m *schema.Message) []string {
	docs := make([]string, len(m.Fields))
	switch m.Kind {
	case schema.Struct:
		for i, f := range p.s.Type(m.Type).Fields {
			docs[i] = f.Doc
		}
	case schema.Request:
		for i, param := range p.method(m.Method).Params {
			docs[i] = param.Doc
		}
	case schema.Reply:
		for i, param := range p.method(m.Method).Reply() {
			docs[i] = param.Doc
		}
	}
	return docs
}

func (p *proto) method(name string) *component.Method {
	i := slices.IndexFunc(p.s.Methods, func(m schema.Method) bool { return m.Name == name })
	return &p.s.Methods[i].Source
}

// valuesDoc says of which declared types the numbers, strings and booleans in a
// field are: a message would have a place of its own for that.
func (p *proto) valuesDoc(id component.TypeID) string {
	var docs []string
	p.s.Contract().Walker(func(v component.Visit) bool {
		switch v.Type.Kind {
		case component.KindSlice, component.KindArray, component.KindPointer, component.KindMap:
		case component.KindStruct, component.KindUnion, component.KindAny, component.KindError, component.KindExternal, component.KindStream, component.KindHandle:
			return false
		default:
			docs = append(docs, p.basicDoc(v.Type))
		}
		return true
	}).Type(id, "", text.Span{})
	return paragraphs(docs...)
}

// basicDoc says what the values of a declared number, string or boolean are, and
// which of them have names.
func (p *proto) basicDoc(t *component.Type) string {
	if t.Name == "" {
		return ""
	}
	if enum := p.enums[t.ID]; enum != "" {
		return "A value of " + enum + "."
	}
	first, _, _ := strings.Cut(t.Doc, "\n\n")
	if len(t.Constants) == 0 {
		return first
	}
	values := "Values of " + t.Name + ":\n"
	for _, c := range t.Constants {
		values += "\n  " + c.Value + " " + c.Name
		if line, _, _ := strings.Cut(c.Doc, "\n"); line != "" {
			values += ": " + line
		}
	}
	return paragraphs(first, t.ConstantsDoc, values)
}
