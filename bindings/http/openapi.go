package http

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/unweld/unweld/internal/component"
)

// An object is an object of JSON whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members one after another.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(append(append(name, ':'), value...))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// add adds a member, unless it is empty text.
func (o *object) add(name string, value any) {
	if value != "" {
		*o = append(*o, member{name, value})
	}
}

func ref(kind, name string) object { return object{{"$ref", "#/components/" + kind + "/" + name}} }

// A document is the OpenAPI document of a component.
type document struct {
	*table
	names   map[int]string // of schemas, by type
	taken   map[string]bool
	schemas object
	used    map[string]bool // schemas of the run-time
}

// openAPI returns the component as an OpenAPI 3.1 document.
func (t *table) openAPI(version string) ([]byte, error) {
	d := &document{table: t, names: map[int]string{}, taken: map[string]bool{}, used: map[string]bool{}}
	c := t.contract
	info := object{{"title", c.Component}, {"version", version}}
	info.add("description", strings.TrimSpace(clean(c.Doc)+"\n\n"+t.unitsOnly()))
	components := object{}
	paths := d.paths()
	d.common()
	components.add("schemas", d.schemas)
	components.add("responses", object{{"Problem", problemResponse}})
	components.add("parameters", commonParameters)
	tag := object{{"name", c.Component}}
	tag.add("description", summary(c.Doc))
	doc := object{{"openapi", "3.1.0"}, {"info", info}, {"servers", []object{{{"url", "/"}}}}, {"tags", []object{tag}}, {"paths", paths}, {"components", components}}
	plain, err := marshal(doc)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, plain, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// clean is a comment as text that every reader shows as it is.
func clean(doc string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(doc, "\uFFFD")))
}

// summary is the first sentence of a comment.
func summary(doc string) string {
	first, _, _ := strings.Cut(clean(doc), "\n\n")
	first = strings.Join(strings.Fields(first), " ")
	for i, r := range first {
		if r == '.' && (i+1 == len(first) || first[i+1] == ' ') {
			return first[:i]
		}
	}
	return first
}

func deprecated(doc string) bool {
	return strings.HasPrefix(doc, "Deprecated: ") || strings.Contains(doc, "\n\nDeprecated: ")
}

// paths are the calls, by path. Of a path that several endpoints share, each has
// its methods.
func (d *document) paths() object {
	var paths object
	operations := map[string]bool{}
	for i := range d.endpoints {
		e := &d.endpoints[i]
		if e.unitsOnly() != nil {
			continue
		}
		request := ""
		if e.uploaded() == nil {
			request = d.body(e, "Request", e.request, false)
		}
		reply := d.body(e, "Reply", e.reply, true)
		for _, r := range e.routes {
			id := camel(e.method.Name)
			if operations[id] {
				id += strings.ToUpper(r.method[:1]) + strings.ToLower(r.method[1:])
			}
			id = unique(operations, id)
			at := slices.IndexFunc(paths, func(m member) bool { return m.name == r.path })
			if at < 0 {
				at = len(paths)
				paths = append(paths, member{r.path, object{}})
			}
			calls := paths[at].value.(object)
			calls.add(strings.ToLower(r.method), d.operation(e, r, d.contract.Component+"."+id, request, reply))
			paths[at].value = calls
		}
	}
	return paths
}

func (d *document) operation(e *endpoint, r route, id string, request, reply string) object {
	m := e.method
	call := object{{"operationId", id}, {"tags", []string{d.contract.Component}}}
	call.add("summary", summary(m.Doc))
	call.add("description", clean(m.Doc))
	if deprecated(m.Doc) {
		call.add("deprecated", true)
	}
	inPath := r.params()
	params := []object{}
	fields := d.types[e.request].fields
	up := e.uploaded()
	for _, f := range fields {
		switch {
		case slices.Contains(inPath, f.name):
			params = append(params, d.parameter(f, "path"))
		case up != nil && f.name == up.name:
		case up != nil || !hasBody(r.method):
			params = append(params, d.parameter(f, "query"))
		}
	}
	params = append(params, ref("parameters", "Timeout"), ref("parameters", "Metadata"))
	call.add("parameters", params)
	switch {
	case up != nil:
		call.add("requestBody", object{{"required", true}, {"content", d.upload(*up)}})
	case hasBody(r.method) && len(fields) > len(inPath):
		schema := ref("schemas", request)
		if len(inPath) > 0 {
			schema = d.members(slices.DeleteFunc(slices.Clone(fields), func(f field) bool { return slices.Contains(inPath, f.name) }), false)
		}
		call.add("requestBody", object{{"required", true}, {"content", object{{"application/json", object{{"schema", schema}}}}}})
	}
	content := object{{"application/json", object{{"schema", ref("schemas", reply)}}}}
	if len(e.streams) > 0 && up == nil {
		content = d.events(e, reply)
	}
	success := object{{"description", "What " + m.Name + " returns."}, {"content", content}}
	call.add("responses", object{{"200", success}, {"default", ref("responses", "Problem")}})
	return call
}

func (d *document) parameter(f field, in string) object {
	p := object{{"name", f.name}, {"in", in}}
	p.add("description", clean(f.doc))
	if in == "path" {
		p.add("required", true)
	}
	typ := f.typ
	if d.types[typ].kind == "Pointer" {
		typ = d.types[typ].elem
	}
	p.add("schema", d.plain(typ))
	return p
}

// body adds the schema of a request or a reply, and returns its name.
func (d *document) body(e *endpoint, what string, typ int, required bool) string {
	name := d.schemaName(e.method.Name + what)
	at := d.reserve(name)
	s := d.members(d.types[typ].fields, required)
	s = append(object{{"title", d.types[typ].name}}, s...)
	d.schemas[at].value = s
	return name
}

// schemaName is a name that no other schema has, in front of which that of the
// component keeps it apart from those of others.
func (d *document) schemaName(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-':
			return r
		case r == '*':
			return 'P'
		}
		return '_'
	}, name)
	return unique(d.taken, d.contract.Component+"."+plain)
}

func (d *document) reserve(name string) int {
	d.schemas = append(d.schemas, member{name, nil})
	return len(d.schemas) - 1
}

// members is the schema of an object with some fields.
func (d *document) members(fields []field, required bool) object {
	properties, names, whole := object{}, []string{}, true
	for _, f := range fields {
		if f.hidden {
			whole = false // between units
			continue
		}
		s := d.schema(f.typ)
		if doc := clean(f.doc); doc != "" {
			s = described(s, doc)
		}
		properties = append(properties, member{f.name, s})
		names = append(names, f.name)
	}
	o := object{{"type", "object"}, {"properties", properties}}
	if required && len(names) > 0 {
		o = append(o, member{"required", names})
	}
	if whole {
		o = append(o, member{"additionalProperties", false})
	}
	return o
}

// described adds a description to a schema.
func described(s object, doc string) object {
	out := slices.Clone(s)
	for i := range out {
		if out[i].name == "description" {
			out[i].value = doc + "\n\n" + out[i].value.(string)
			return out
		}
	}
	return append(out, member{"description", doc})
}

// typeDoc is what is said of a declared type.
func typeDoc(t *typ) string {
	if t.of == nil || t.of.Name == "" || t.of.Kind == component.KindExternal {
		return ""
	}
	return clean(t.doc)
}

// valuesDoc says what the names of a number mean.
func valuesDoc(t *typ) string {
	var b strings.Builder
	for _, v := range t.values {
		line, _, _ := strings.Cut(clean(v.doc), "\n")
		fmt.Fprintf(&b, "- %s (%d)", v.name, v.number)
		if line != "" {
			b.WriteString(": " + line)
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String())
}
