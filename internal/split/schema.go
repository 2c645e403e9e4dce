package split

import (
	"encoding/json"
	"reflect"
	"strings"
)

// Schema returns the JSON Schema of unweld.yaml, for editors. It says what keys
// and kinds of values there are; what only Parse can see, it leaves to Parse.
func Schema() []byte {
	root := schemaOf(reflect.TypeFor[Config]())
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

func schemaOf(t reflect.Type) object {
	switch t.Kind() {
	case reflect.Struct:
		return structSchema(t)
	case reflect.Map:
		return object{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.Slice:
		return object{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Int:
		return object{"type": "integer"}
	}
	return object{"type": "string"}
}

func structSchema(t reflect.Type) object {
	properties := object{}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" {
			continue
		}
		s := schemaOf(f.Type)
		for _, a := range axes {
			if t == reflect.TypeFor[Unit]() && a.key == name {
				s["enum"] = a.values
			}
		}
		properties[name] = s
	}
	return object{"type": "object", "properties": properties, "additionalProperties": false}
}
