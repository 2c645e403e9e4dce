package split

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestSchemaAccepts wants of the schema what Parse does with the same text.
func TestSchemaAccepts(t *testing.T) {
	own, err := os.ReadFile("../../unweld.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		ok   bool
	}{
		{string(own), true},
		{"version: 1\ncomponents: {a: {packages: [./a/...], contract: ./a.Service, owner: team}}\n" +
			"rules: {allow: {a: []}, layers: [a], private: [a/internal]}\n" +
			"splits:\n  micro:\n    units:\n      main: {components: ['*']}\n" +
			"      a: {components: [a], packaging: oci, isolation: container, state: {store: commandlog}, scale: {min: 1, max: 2, target: {inflight: 8}}, env: {A: b}}\n" +
			"    links: {a: grpc}\n", true},
		{"components: {a: {packages: [./a]}}\n", false},
		{"version: 2\n", false},
		{"version: 1\ncomponent: {}\n", false},
		{"version: 1\ncomponents: {a: {packages: ./a}}\n", false},
		{"version: 1\nsplits: {m: {units: {u: {components: ['*'], packaging: ocy}}}}\n", false},
		{"version: 1\nsplits: {m: {units: {u: {components: ['*'], scale: {min: one}}}}}\n", false},
	} {
		cfg, problems := Parse(FileName, []byte(c.text))
		problems = append(problems, cfg.CheckTerms(terms)...)
		if err := Usage(problems); (err == nil) != c.ok {
			t.Errorf("Parse: %v\n%s", err, c.text)
		}
		var value any
		if err := yaml.Unmarshal([]byte(c.text), &value); err != nil {
			t.Fatal(err)
		}
		var schema object
		if err := json.Unmarshal(Schema(terms), &schema); err != nil {
			t.Fatal(err)
		}
		if why := mismatch(schema, plainJSON(t, value)); (why == "") != c.ok {
			t.Errorf("schema: %q\n%s", why, c.text)
		}
	}
}

func plainJSON(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// mismatch applies the few keywords that Schema writes.
func mismatch(schema object, v any) string {
	if c, ok := schema["const"]; ok && c != v {
		return fmt.Sprintf("%v isn't %v", v, c)
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		return fmt.Sprintf("%v is none of %v", v, enum)
	}
	switch schema["type"] {
	case "string":
		if _, ok := v.(string); !ok {
			return fmt.Sprintf("%v is no string", v)
		}
	case "integer":
		if n, ok := v.(float64); !ok || n != math.Trunc(n) {
			return fmt.Sprintf("%v is no integer", v)
		}
	case "array":
		return arrayMismatch(schema, v)
	case "object":
		return objectMismatch(schema, v)
	}
	return ""
}

func arrayMismatch(schema object, v any) string {
	list, ok := v.([]any)
	if !ok {
		return fmt.Sprintf("%v is no array", v)
	}
	for _, e := range list {
		if why := mismatch(schema["items"].(object), e); why != "" {
			return why
		}
	}
	return ""
}

func objectMismatch(schema object, v any) string {
	m, ok := v.(object)
	if !ok {
		return fmt.Sprintf("%v is no object", v)
	}
	required, _ := schema["required"].([]any)
	for _, r := range required {
		if _, there := m[r.(string)]; !there {
			return fmt.Sprintf("%v is missing", r)
		}
	}
	properties, _ := schema["properties"].(object)
	for name, e := range m {
		s, ok := properties[name].(object)
		if !ok {
			s, ok = schema["additionalProperties"].(object)
		}
		if !ok {
			return name + " is unknown"
		}
		if why := mismatch(s, e); why != "" {
			return name + ": " + why
		}
	}
	return ""
}
