package http

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// schema is the schema of a value as a member of an object or an element of a list:
// one that may be nil is null.
func (d *document) schema(i int) object {
	t := d.types[i]
	if d.holdsItself(i) {
		if t.array {
			return ref("schemas", d.named(i))
		}
		return orNull(ref("schemas", d.named(i)))
	}
	return d.written(i)
}

// written is the schema of a value where it is not that of a name.
func (d *document) written(i int) object {
	t := d.types[i]
	switch t.kind {
	case "Pointer":
		elem := d.types[t.elem]
		if d.nullable(elem) {
			return object{{"type", []string{"array", "null"}}, {"items", d.schema(t.elem)}, {"minItems", 1}, {"maxItems", 1}}
		}
		return orNull(d.schema(t.elem))
	case "Text", "Binary", "Bytes", "Union", "Error":
		return orNull(d.plain(i))
	case "List":
		if !t.array {
			return orNull(d.plain(i))
		}
	case "Map":
		return orNull(d.plain(i))
	}
	return d.plain(i)
}

// nullable reports whether null is a value of the type itself; the run-time has the
// same rule.
func (d *document) nullable(t *typ) bool {
	switch t.kind {
	case "Pointer", "Map", "Bytes", "Union", "Error", "JSON":
		return true
	}
	return t.kind == "List" && !t.array
}

func orNull(s object) object {
	if s[0].name == "type" {
		out := slices.Clone(s)
		switch kinds := s[0].value.(type) {
		case string:
			out[0].value = []string{kinds, "null"}
		case []string:
			if !slices.Contains(kinds, "null") {
				out[0].value = append(slices.Clone(kinds), "null")
			}
		}
		return out
	}
	if s[0].name == "anyOf" {
		out := slices.Clone(s)
		out[0].value = append(slices.Clone(s[0].value.([]object)), object{{"type", "null"}})
		return out
	}
	return object{{"anyOf", []object{s, {{"type", "null"}}}}}
}

// holdsItself reports whether a type is a list, map or pointer of itself, with nothing
// but others of these in between: type Path []Path. Its schema must have a name.
func (d *document) holdsItself(i int) bool {
	seen := map[int]bool{}
	next := []int{i}
	for len(next) > 0 {
		j := next[0]
		next = next[1:]
		t := d.types[j]
		var parts []int
		switch t.kind {
		case "List", "Pointer":
			parts = []int{t.elem}
		case "Map":
			parts = []int{t.key, t.elem}
		}
		for _, p := range parts {
			if p == i {
				return true
			}
			if !seen[p] {
				seen[p] = true
				next = append(next, p)
			}
		}
	}
	return false
}

const integerPattern = `^-?[0-9]+$`

// plain is the schema of a value that isn't nil.
func (d *document) plain(i int) object {
	t := d.types[i]
	switch t.kind {
	case "Struct", "Union":
		return ref("schemas", d.named(i))
	case "Int", "Uint":
		return d.integer(t)
	case "Bytes", "Binary":
		return object{{"type", "string"}, {"contentEncoding", "base64"}}
	case "ByteArray":
		n := (t.len + 2) / 3 * 4
		return object{{"type", "string"}, {"contentEncoding", "base64"}, {"minLength", n}, {"maxLength", n}}
	case "List":
		o := object{{"type", "array"}, {"items", d.schema(t.elem)}}
		if t.array {
			o = append(o, member{"minItems", t.len}, member{"maxItems", t.len})
		}
		return o
	case "Map":
		return d.mapping(t)
	case "Pointer":
		return d.written(i)
	case "Time", "URL", "Complex", "Error":
		name := map[string]string{"Time": "Time", "URL": "URL", "Complex": "Complex", "Error": "Error"}[t.kind]
		d.used[name] = true
		return ref("schemas", name)
	case "JSON":
		return object{{"description", "Any JSON: " + t.name + "."}}
	}
	s := slices.Clone(scalars[t.kind])
	if doc := typeDoc(t); doc != "" {
		s = described(s, doc)
	}
	if t.kind == "String" && t.of != nil && len(t.of.Constants) > 0 {
		var values []string
		for _, c := range t.of.Constants {
			values = append(values, strings.Trim(c.Value, `"`))
		}
		s = append(s, member{"examples", values})
	}
	return s
}

var scalars = map[string]object{
	"Bool":        {{"type", "boolean"}},
	"String":      {{"type", "string"}},
	"Float32":     {{"type", []string{"number", "string"}}, {"format", "float"}, {"pattern", `^(NaN(:[0-9a-f]+)?|-?Infinity|-?[0-9.eE+-]+)$`}},
	"Float64":     {{"type", []string{"number", "string"}}, {"format", "double"}, {"pattern", `^(NaN(:[0-9a-f]+)?|-?Infinity|-?[0-9.eE+-]+)$`}},
	"Duration":    {{"type", []string{"string", "integer"}}, {"description", "A duration such as 1h30m or 1.5s; a number is in nanoseconds."}, {"examples", []string{"1.5s"}}},
	"Text":        {{"type", "string"}},
	"Address":     {{"type", "string"}, {"description", "An IP address."}},
	"AddressPort": {{"type", "string"}, {"description", "An IP address and a port."}},
	"Prefix":      {{"type", "string"}, {"description", "An IP prefix, 10.0.0.0/8."}},
	"BigInt":      {{"type", []string{"string", "integer"}}, {"pattern", integerPattern}},
	"BigFloat":    {{"type", []string{"string", "number"}}, {"description", "A number of any precision; one whose text would change it is gob: and its encoding in base64."}},
	"BigRat":      {{"type", []string{"string", "number"}}, {"description", "A fraction: 1/3."}},
}

func (d *document) integer(t *typ) object {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	switch {
	case t.kind == "Int" && t.bits < 64:
		low, high = -1<<(t.bits-1), 1<<(t.bits-1)-1
	case t.kind == "Uint":
		low = 0
		if t.bits < 64 {
			high = 1<<t.bits - 1
		}
	}
	number := object{{"type", []string{"integer", "string"}}, {"format", "int64"}, {"pattern", integerPattern}}
	if t.bits < 64 {
		number = object{{"type", []string{"integer", "string"}}, {"format", fmt.Sprintf("int%d", t.bits)}, {"pattern", integerPattern}, {"minimum", low}, {"maximum", high}}
		if t.kind == "Uint" {
			number[1].value = fmt.Sprintf("uint%d", t.bits)
		}
	} else if t.kind == "Uint" {
		number[1].value = "uint64"
		number = append(number, member{"minimum", 0})
	}
	if len(t.values) > 0 {
		var names []string
		for _, v := range t.values {
			names = append(names, v.name)
		}
		number = object{{"anyOf", []object{{{"type", "string"}, {"enum", names}}, number}}, {"description", valuesDoc(t)}}
	}
	if doc := typeDoc(t); doc != "" {
		number = described(number, doc)
	}
	return number
}

func (d *document) mapping(t *typ) object {
	value := d.schema(t.elem)
	members := object{{"type", "object"}, {"additionalProperties", value}}
	entry := object{{"type", "object"}, {"properties", object{{"key", d.schema(t.key)}, {"value", value}}}, {"additionalProperties", false}}
	entries := object{{"type", "array"}, {"items", entry}}
	switch d.types[t.key].kind {
	case "String", "Bool", "Int", "Uint", "Duration", "Address", "AddressPort", "Prefix":
		return members
	case "Text": // the zero value need not have one
		return object{{"anyOf", []object{members, entries}}}
	}
	return entries
}

// named is the name of the schema of a struct, a union or what holds itself, which is made
// if need be.
func (d *document) named(i int) string {
	if name, ok := d.names[i]; ok {
		return name
	}
	t := d.types[i]
	name := d.schemaName(t.name)
	d.names[i] = name
	at := d.reserve(name)
	var s object
	switch t.kind {
	case "Struct":
		s = d.members(t.fields, false)
	case "Union":
		s = d.union(t, name)
	default:
		s = d.written(i)
	}
	if doc := clean(t.doc); doc != "" && t.of.Name != "" {
		s = append(object{{"description", doc}}, s...)
		if deprecated(t.doc) {
			s = append(s, member{"deprecated", true})
		}
	}
	d.schemas[at].value = s
	return name
}

func (d *document) union(t *typ, name string) object {
	variants, mapping := []object{}, object{}
	for _, f := range t.fields {
		variant := d.schemaName(strings.TrimPrefix(name, d.contract.Component+".") + "." + f.name)
		at := d.reserve(variant)
		value := d.schema(f.typ)
		d.schemas[at].value = object{{"type", "object"}, {"required", []string{"type"}},
			{"properties", object{{"type", object{{"const", f.name}}}, {"value", value}}}, {"additionalProperties", false}}
		variants = append(variants, ref("schemas", variant))
		mapping = append(mapping, member{f.name, "#/components/schemas/" + variant})
	}
	return object{{"oneOf", variants}, {"discriminator", object{{"propertyName", "type"}, {"mapping", mapping}}}}
}

// common adds the schemas of values that the run-time writes.
func (d *document) common() {
	d.used["Error"] = true // in problems
	for _, name := range []string{"Complex", "Error", "Time", "URL"} {
		if d.used[name] {
			d.schemas = append(d.schemas, member{name, wellKnown[name]})
		}
	}
	d.schemas = append(d.schemas, member{"Problem", problemSchema})
}

var (
	textSchema = object{{"type", "string"}}
	wholes     = object{{"type", []string{"integer", "string"}}, {"format", "int64"}, {"pattern", integerPattern}}
	texts      = object{{"type", []string{"array", "null"}}, {"items", textSchema}}
)

var wellKnown = map[string]object{
	"Time": {{"description", "A time in RFC 3339. Units of the program, which say so in their requests, also get the name of its zone; times that RFC 3339 can't tell are in seconds since 1970."},
		{"anyOf", []object{{{"type", "string"}, {"format", "date-time"}},
			{{"type", "object"}, {"properties", object{{"time", object{{"type", "string"}, {"format", "date-time"}}}, {"seconds", wholes}, {"nanos", wholes}, {"offset", wholes}, {"zone", textSchema}}}, {"additionalProperties", false}}}}},
	"URL": {{"description", "A URL, or its parts in base64 where the text would change it."},
		{"anyOf", []object{textSchema, {{"type", "object"}, {"properties", object{{"parts", object{{"type", "string"}, {"contentEncoding", "base64"}}}}}, {"additionalProperties", false}}}}},
	"Complex": {{"type", "object"}, {"properties", object{{"real", scalars["Float64"]}, {"imaginary", scalars["Float64"]}}}, {"additionalProperties", false}},
	"Error": {{"description", "An error with what it wraps. A caller can tell errors apart by sentinel, the name of a Go variable, and type."},
		{"type", "object"}, {"properties", object{{"message", textSchema}, {"sentinel", textSchema}, {"type", textSchema},
			{"fields", object{{"type", []string{"string", "null"}}, {"contentEncoding", "base64"}}}, {"wraps", object{{"type", []string{"array", "null"}}, {"items", ref("schemas", "Error")}}},
			{"list", object{{"type", "boolean"}}}, {"is", texts}, {"net", wholes}, {"nil", object{{"type", "boolean"}}}}}, {"additionalProperties", false}},
}

var problemSchema = object{{"description", "Why a call failed (RFC 9457)."}, {"type", "object"}, {"required", []string{"title", "status", "detail"}},
	{"properties", object{{"title", textSchema}, {"status", object{{"type", "integer"}}}, {"detail", textSchema}, {"error", ref("schemas", "Error")},
		{"results", object{{"description", "What the endpoint returned beside the error."}}}}}}

var problemResponse = object{{"description", "The call failed. Of one with the header Unweld-Status: refused, nothing was executed."},
	{"headers", object{{"Unweld-Status", object{{"description", "error: by the endpoint; refused: not executed; failed: executed, but there is no reply."}, {"schema", object{{"type", "string"}, {"enum", []string{"error", "refused", "failed"}}}}}}}},
	{"content", object{{"application/problem+json", object{{"schema", ref("schemas", "Problem")}}}}}}

var commonParameters = object{
	{"Timeout", object{{"name", "Unweld-Timeout"}, {"in", "header"}, {"description", "How long the call may take: 1.5s."}, {"schema", textSchema}}},
	{"Metadata", object{{"name", "Unweld-Metadata"}, {"in", "header"}, {"description", "A pair of metadata, key=value, escaped as in a query; may be repeated."}, {"schema", textSchema}}},
}
