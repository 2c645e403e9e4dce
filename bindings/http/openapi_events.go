package http

import (
	"fmt"
	"strings"
)

// unitsOnly says which endpoints aren't in the document, if there are such.
func (t *table) unitsOnly() string {
	var names []string
	for i := range t.endpoints {
		if s := t.endpoints[i].unitsOnly(); s != nil {
			names = append(names, fmt.Sprintf("%s (%s)", t.endpoints[i].method.Name, s.name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "Only units of the program call " + strings.Join(names, ", ") + ": the caller would have to send a stream."
}

// events is the content of the reply of an endpoint with streams among its results.
// OpenAPI 3.1 has no word for what the data of events is, so x-events says it.
func (d *document) events(e *endpoint, reply string) object {
	var content, events object
	var doc strings.Builder
	doc.WriteString("Server-sent events. ")
	if len(d.types[e.reply].fields) > len(e.streams) {
		events = append(events, member{"results", object{{"schema", ref("schemas", reply)}}})
		doc.WriteString("The first, results, has what isn't a stream. ")
	}
	for _, s := range e.streams {
		name := "message"
		if len(e.streams) > 1 {
			name = s.name
			fmt.Fprintf(&doc, "Those with the name %s are the elements of %s. ", s.name, s.name)
		} else {
			doc.WriteString("Those without a name are its elements. ")
		}
		events = append(events, member{name, object{{"schema", d.elements(s)}}})
	}
	events = append(events, member{"problem", object{{"schema", ref("schemas", "Problem")}}}, member{"end", object{{"schema", object{{"type", "object"}}}}})
	doc.WriteString("The last one is end, or problem with the error: a reply that ends in anything else was cut.")
	schema := object{{"type", "string"}, {"description", doc.String()}}
	if len(e.streams) == 1 && e.streams[0].bytes && len(d.types[e.reply].fields) == 1 {
		content = append(content, member{"application/octet-stream", object{{"schema", object{{"type", "string"}, {"format", "binary"}, {"description", "What the reader has; the connection breaks where that ends in an error."}}}}})
	}
	return append(content, member{"text/event-stream", object{{"schema", schema}, {"x-events", events}}})
}

// upload is the content of a request whose body is a stream. OpenAPI 3.1 has no word for what
// the lines are, so x-lines says it.
func (d *document) upload(s stream) object {
	if s.bytes {
		schema := object{{"type", "string"}, {"format", "binary"}, {"description", strings.TrimSpace(clean(s.doc) + "\n\nThe bytes of " + s.name + ", which are read as they come.")}}
		return object{{"application/octet-stream", object{{"schema", schema}}}}
	}
	schema := object{{"type", "string"}, {"description", strings.TrimSpace(clean(s.doc) + "\n\nThe JSON of each of " + s.name + ", one in a line, which are read as they come.")}}
	return object{{"application/jsonl", object{{"schema", schema}, {"x-lines", object{{"schema", d.elements(s)}}}}}}
}

// elements is the schema of a stream's elements.
func (d *document) elements(s stream) object {
	if s.bytes {
		return object{{"type", "string"}, {"contentEncoding", "base64"}}
	}
	fields := d.types[s.typ].fields
	if len(fields) == 1 || s.fails {
		return d.schema(fields[0].typ)
	}
	return d.members(fields, true)
}
