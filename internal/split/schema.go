package split

import (
	"encoding/json"
	"reflect"
	"strings"
)

// Schema returns the JSON Schema of unweld.yaml, for editors: the keys, the
// types of values, and the accepted terms. Errors that it can't express are
// reported by Parse only.
func Schema(t Terms) []byte {
	root := t.schemaOf(reflect.TypeFor[Config]())
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = FileName
	root["required"] = []string{"version"}
	properties := root["properties"].(object)
	properties["version"] = object{"const": 1}
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // maps, slices and strings
	}
	return append(out, '\n')
}

type object = map[string]any

func (terms Terms) schemaOf(t reflect.Type) object {
	switch t.Kind() {
	case reflect.Struct:
		return terms.structSchema(t)
	case reflect.Map:
		return object{"type": "object", "additionalProperties": terms.schemaOf(t.Elem())}
	case reflect.Slice:
		return object{"type": "array", "items": terms.schemaOf(t.Elem())}
	case reflect.Int:
		return object{"type": "integer"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Pointer:
		return terms.schemaOf(t.Elem())
	}
	return object{"type": "string"}
}

func (terms Terms) structSchema(t reflect.Type) object {
	properties := object{}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" {
			continue
		}
		s := terms.schemaOf(f.Type)
		for _, a := range axes {
			if t == reflect.TypeFor[Unit]() && a.key == name {
				s["enum"] = terms.values(a)
			}
		}
		if t == reflect.TypeFor[State]() && name == "store" {
			s["enum"] = terms.stores()
		}
		if doc := keyDocs[t][name]; doc != "" {
			s["description"] = doc
		}
		properties[name] = s
	}
	return object{"type": "object", "properties": properties, "additionalProperties": false}
}
