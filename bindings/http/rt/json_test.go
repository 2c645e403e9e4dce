package http

import (
	"math"
	"strings"
	"testing"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// everything is a component whose one message has a field of each kind, each named
// after it.
var everything = func() *Component {
	c := &Component{Name: "everything", Types: []Type{{Kind: Struct, Name: "All"}}}
	add := func(name string, t Type) int {
		c.Types = append(c.Types, t)
		i := len(c.Types) - 1
		if name != "" {
			c.Types[0].Fields = append(c.Types[0].Fields, Field{Name: name, Number: len(c.Types[0].Fields) + 1, Type: i, Omit: true})
		}
		return i
	}
	text := add("string", Type{Kind: String})
	add("bool", Type{Kind: Bool})
	add("int8", Type{Kind: Int, Bits: 8})
	whole := add("int", Type{Kind: Int, Bits: 64})
	add("uint", Type{Kind: Uint, Bits: 64})
	add("duration", Type{Kind: Duration})
	float := add("float32", Type{Kind: Float32})
	add("float", Type{Kind: Float64})
	add("complex", Type{Kind: Complex})
	add("time", Type{Kind: Time})
	add("url", Type{Kind: URL})
	add("text", Type{Kind: Text, Name: "Text"})
	raw := add("json", Type{Kind: JSON, Name: "Raw"})
	add("binary", Type{Kind: Binary})
	add("address", Type{Kind: Address})
	add("port", Type{Kind: AddressPort})
	add("prefix", Type{Kind: Prefix})
	big := add("bigInt", Type{Kind: BigInt})
	add("bigFloat", Type{Kind: BigFloat})
	add("bigRat", Type{Kind: BigRat})
	bytes := add("bytes", Type{Kind: Bytes})
	add("array", Type{Kind: ByteArray, Array: true, Len: 2})
	add("texts", Type{Kind: List, Elem: text})
	numbers := add("numbers", Type{Kind: List, Elem: whole})
	add("lists", Type{Kind: List, Elem: numbers})
	add("pair", Type{Kind: List, Elem: whole, Array: true, Len: 2, Name: "Pair"})
	add("map", Type{Kind: Map, Key: text, Elem: numbers})
	add("byNumber", Type{Kind: Map, Key: whole, Elem: text})
	add("byFloat", Type{Kind: Map, Key: float, Elem: text})
	add("pointer", Type{Kind: Pointer, Elem: whole})
	add("toList", Type{Kind: Pointer, Elem: numbers})
	add("toBig", Type{Kind: Pointer, Elem: big})
	add("toJSON", Type{Kind: Pointer, Elem: raw})
	add("error", Type{Kind: Error})
	add("all", Type{Kind: Pointer, Elem: 0})
	self := len(c.Types) - 1
	add("list", Type{Kind: List, Elem: self})
	add("blobs", Type{Kind: List, Elem: bytes})
	inner := add("", Type{Kind: Struct, Name: "Circle", Fields: []Field{{Name: "r", Number: 1, Type: whole}}})
	toInner := add("", Type{Kind: Pointer, Elem: inner})
	add("shape", Type{Kind: Union, Name: "Shape", Fields: []Field{{Name: "circle", Number: 1, Type: inner}, {Name: "*circle", Number: 2, Type: toInner}, {Name: "letter", Number: 3, Type: whole}, {Name: "both", Number: 4, Type: 0}}})
	add("toShape", Type{Kind: Pointer, Elem: len(c.Types) - 1})
	return c
}()

func trip(t *testing.T, text string, unit bool) (message, back string) {
	t.Helper()
	m, err := everything.parseJSON(nil, 0, text, unit)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	out, err := everything.appendJSON(nil, 0, string(m), unit)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return string(m), string(out)
}

// TestValues: what a person writes comes back in the form of the other direction,
// and that form as it is.
func TestValues(t *testing.T) {
	for in, want := range map[string]string{
		`{}`: `{}`, " {\n} ": `{}`, `{"string": null, "all": null}`: `{}`,
		`{"string":"a\"\\\/\b\f\n\r\t\u0001é\ud83d\ude00"}`:                  `{"string":"a\"\\/\u0008\u000c\n\r\t\u0001é😀"}`,
		`{"string":"\udcff\uDC80"}`:                                          `{"string":"\udcff\udc80"}`,
		`{"bool":true}`:                                                      `{"bool":true}`,
		`{"int8":-128,"int":9007199254740991}`:                               `{"int8":-128,"int":9007199254740991}`,
		`{"int":9007199254740992}`:                                           `{"int":"9007199254740992"}`,
		`{"int":"-9223372036854775808"}`:                                     `{"int":"-9223372036854775808"}`,
		`{"uint":18446744073709551615}`:                                      `{"uint":"18446744073709551615"}`,
		`{"duration":1500}`:                                                  `{"duration":"1.5µs"}`,
		`{"duration":"-2562047h47m16.854775808s"}`:                           `{"duration":"-2562047h47m16.854775808s"}`,
		`{"float32":0.1,"float":1e400}`:                                      ``,
		`{"float32":0.1,"float":1e21}`:                                       `{"float32":0.1,"float":1e+21}`,
		`{"float":-0}`:                                                       `{"float":-0}`,
		`{"float":"NaN","float32":"-Infinity"}`:                              `{"float32":"-Infinity","float":"NaN"}`,
		`{"float":"NaN:7ff8000000000abc"}`:                                   `{"float":"NaN:7ff8000000000abc"}`,
		`{"complex":{"imaginary":"NaN","real":1}}`:                           `{"complex":{"real":1,"imaginary":"NaN"}}`,
		`{"time":"2024-02-29T12:00:00.000000001Z"}`:                          `{"time":"2024-02-29T12:00:00.000000001Z"}`,
		`{"time":{"seconds":"-9000000000000","nanos":1}}`:                    `{"time":{"seconds":"-9000000000000","nanos":1}}`,
		`{"url":"https://u:p@h/a?b#c"}`:                                      `{"url":"https://u:p@h/a?b#c"}`,
		`{"text":""}`:                                                        `{"text":""}`,
		`{"json": {"a" : [1, 2]} }`:                                          `{"json":{"a" : [1, 2]}}`,
		`{"json":null}`:                                                      `{"json":null}`,
		`{"binary":"AQI="}`:                                                  `{"binary":"AQI="}`,
		`{"address":"fe80::1%eth0","port":"[::1]:80","prefix":"10.0.0.0/8"}`: `{"address":"fe80::1%eth0","port":"[::1]:80","prefix":"10.0.0.0/8"}`,
		`{"bigInt":123456789012345678901234567890}`:                          `{"bigInt":"123456789012345678901234567890"}`,
		`{"bigFloat":1.5,"bigRat":"2/6"}`:                                    `{"bigFloat":"1.5","bigRat":"1/3"}`,
		`{"bytes":""}`:                                                       `{"bytes":""}`,
		`{"array":"AQI="}`:                                                   `{"array":"AQI="}`,
		`{"texts":["a",null,""]}`:                                            `{"texts":["a","",""]}`,
		`{"numbers":[1,"-2"],"lists":[null,[],[3]]}`:                         `{"numbers":[1,-2],"lists":[null,[],[3]]}`,
		`{"texts":[],"numbers":[],"map":{},"byFloat":[]}`:                    `{"texts":[],"numbers":[],"map":{},"byFloat":[]}`,
		`{"pair":[0,5]}`:                                                     `{"pair":[0,5]}`,
		`{"map":{"\udcff":[1]}}`:                                             `{"map":{"\udcff":[1]}}`,
		`{"map":[{"value":null,"key":"a"}]}`:                                 `{"map":{"a":null}}`,
		`{"byNumber":{"-9007199254740993":"a"}}`:                             `{"byNumber":{"-9007199254740993":"a"}}`,
		`{"byFloat":[{"key":"NaN","value":"a"},{}]}`:                         `{"byFloat":[{"key":"NaN","value":"a"},{"key":0,"value":""}]}`,
		`{"pointer":0,"toList":[null],"toBig":"0"}`:                          `{"pointer":0,"toList":[null],"toBig":"0"}`,
		`{"toList":[[1]],"toJSON":[null]}`:                                   `{"toList":[[1]],"toJSON":[null]}`,
		`{"all":{"all":{}}}`:                                                 `{"all":{"all":{}}}`,
		`{"list":[null,{},{"int":1}]}`:                                       `{"list":[null,{},{"int":1}]}`,
		`{"blobs":[null,"","AA=="]}`:                                         `{"blobs":[null,"","AA=="]}`,
		`{"shape":{"type":"circle","value":{"r":1}}}`:                        `{"shape":{"type":"circle","value":{"r":1}}}`,
		`{"shape":{"value":{"r":1},"type":"*circle"}}`:                       `{"shape":{"type":"*circle","value":{"r":1}}}`,
		`{"shape":{"type":"*circle"}}`:                                       `{"shape":{"type":"*circle","value":null}}`,
		`{"shape":{"type":"circle","value":null}}`:                           `{"shape":{"type":"circle","value":{"r":0}}}`,
		`{"shape":{"type":"letter","value":97}}`:                             `{"shape":{"type":"letter","value":97}}`,
		`{"toShape":[null]}`:                                                 `{"toShape":[null]}`,
		`{"error":{"message":"x","wraps":[{"sentinel":"io.EOF"}]}}`:          `{"error":{"message":"x","wraps":[{"message":"","sentinel":"io.EOF"}]}}`,
	} {
		if want == "" {
			if _, err := everything.parseJSON(nil, 0, in, false); err == nil {
				t.Errorf("%s was read", in)
			}
			continue
		}
		first, got := trip(t, in, false)
		if got != want {
			t.Errorf("%s came back as %s, want %s", in, got, want)
		}
		if again, same := trip(t, got, false); same != want || len(again) > len(first)+8 {
			t.Errorf("%s came back as %s", got, same)
		}
	}
}

// TestZones: units keep the name of a zone, others see a plain time.
func TestZones(t *testing.T) {
	m, err := everything.parseJSON(nil, 0, `{"time":{"time":"2024-02-29T12:00:00+03:30","zone":"Odd"}}`, true)
	if err != nil {
		t.Fatal(err)
	}
	for unit, want := range map[bool]string{true: `{"time":{"time":"2024-02-29T12:00:00+03:30","zone":"Odd"}}`, false: `{"time":"2024-02-29T12:00:00+03:30"}`} {
		out, err := everything.appendJSON(nil, 0, string(m), unit)
		if string(out) != want || err != nil {
			t.Errorf("%s, want %s: %v", out, want, err)
		}
	}
}

func TestRefused(t *testing.T) {
	deep := strings.Repeat(`{"all":`, wire.MaxDepth+1) + "{}" + strings.Repeat("}", wire.MaxDepth+1)
	// Each level is read twice, and what is in it as well.
	twice := strings.Repeat(`{"shape":{"value":`, 3000) + "{}" + strings.Repeat(`,"type":"both"}}`, 3000)
	for in, want := range map[string]string{
		``: "want an object", `null`: "want an object", `{`: "want a string", `{"int"`: "want :", `{"int":}`: "want an integer", `{"int":1`: "want , or }", `{"int":1,}`: "want a string",
		`{"no":1}`: `All has no "no"`, `{"int":1.5}`: "want an integer, not", `{"int":1e2}`: "want an integer", `{"int8":128}`: "want an integer", `{"int":"+1"}`: "want an integer", `{"uint":-1}`: "want an integer from 0",
		`{"int":true}`: "want an integer", `{"bool":1}`: "want true or false", `{"string":true}`: "want a string", `{"float":01}`: "want a number", `{"float":"1_0"}`: "want a number", `{"float":"0x1p3"}`: "want a number", `{"float":"NaN:0"}`: "want a number",
		"{\"string\":\"\xff\"}": "isn't UTF-8", `{"string":"\ud800"}`: "lone surrogate", `{"string":"\udc00"}`: "lone surrogate", `{"string":"\ud800\u0041"}`: "lone surrogate", `{"string":"\x"}`: "no such escape", `{"string":"\u00g0"}`: "no such escape",
		"{\"string\":\"\n\"}": "control character", `{"string":"`: "ends inside", `{"time":"yesterday"}`: "want a time", `{"time":{"time":"2024-02-29T12:00:00Z","seconds":1}}`: "either a time or seconds", `{"time":{}}`: "either a time or seconds",
		`{"time":{"seconds":1,"nanos":1000000000}}`: "want nanoseconds", `{"json":{"a":}}`: "isn't JSON", `{"json":}`: "isn't JSON", `{"bytes":"?"}`: "want base64", `{"array":"AQ=="}`: "want 2 bytes, not 1",
		`{"pair":[1]}`: "want 2 elements, not 1", `{"pair":[1,2,3]}`: "want 2 elements", `{"numbers":[null]}`: "want an integer", `{"numbers":{}}`: "want a list", `{"map":{"a":1}}`: "want a list", `{"byNumber":{"x":""}}`: "want an integer",
		`{"byFloat":{}}`: "want a list", `{"byFloat":[{"k":1}]}`: "an entry has no", `{"toList":[]}`: "want a list", `{"toList":[[],[]]}`: "one element", `{"toList":1}`: "a list of one",
		`{"shape":{"type":"square"}}`: `Shape isn't "square"; it is one of circle, *circle, letter, both`, `{"shape":{}}`: `Shape needs a "type"`, `{"shape":{"type":"circle","r":1}}`: `Shape has no "r"`, `{"shape":{"type":"circle","type":"circle"}}`: "once each",
		`{"error":{"fields":"AA=="}}`: `error has no "fields"`, `{"address":"x"}`: "want an IP address", `{"bigInt":"x"}`: "want an integer", `{"url":"http://[::1"}`: "want a URL",
		deep: "nests deeper than 10000", twice: `write "type" before "value"`,
	} {
		_, err := everything.parseJSON(nil, 0, in, false)
		if err == nil || !strings.Contains(err.Error(), want) || !isMalformed(err) {
			t.Errorf("%.100s: %v, want %s", in, err, want)
		}
	}
}

func isMalformed(err error) bool {
	parsed, bad := link.NewErrors().Parse(string(link.NewErrors().Append(nil, err)))
	return bad == nil && codeOf(link.StatusRefused, string(link.NewErrors().Append(nil, parsed))) == 400
}

// TestNoBlowUp: a small message of many empty structs doesn't become an endless one.
func TestNoBlowUp(t *testing.T) {
	c := &Component{Types: []Type{{Kind: Struct, Fields: []Field{{Name: "list", Number: 1, Type: 1}}}, {Kind: List, Elem: 2}, {Kind: Struct}, {Kind: String}}}
	for i := range 100 {
		c.Types[2].Fields = append(c.Types[2].Fields, Field{Name: strings.Repeat("x", 50), Number: i + 1, Type: 3})
	}
	if _, err := c.appendJSON(nil, 0, strings.Repeat("\x0a\x00", 1<<20), false); err == nil {
		t.Error("it was written")
	}
}

func TestFloats(t *testing.T) {
	for _, v := range []float64{0, math.Copysign(0, -1), 1, 0.1, 1e-7, 1e20, 1e21, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.Pi} {
		text := strings.Trim(string(appendFloat(nil, v, math.Float64bits(v), 64)), `"`)
		if bits, ok := parseFloat(text, 64); !ok || bits != math.Float64bits(v) {
			t.Errorf("%v came back as %v", v, math.Float64frombits(bits))
		}
	}
}

// FuzzJSON: whatever is read is written in a form that is read as the same.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{}`, `{"string":"\udcff","int":"1","lists":[[],null,[1]],"map":{"a":[]},"shape":{"value":{"r":1},"type":"circle"}}`, `{"time":{"seconds":1,"zone":"x"},"json":[{}],"error":{"is":["a"]}}`,
		`{"list":[null,{"toShape":[null]}],"bigFloat":"gob:AQ==","byFloat":[{"key":"NaN:7fc00001"}],"duration":"1h"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := everything.parseJSON(nil, 0, text, true)
		if err != nil {
			return
		}
		out, err := everything.appendJSON(nil, 0, string(first), true)
		if err != nil {
			return // such as a number that its type refuses
		}
		second, err := everything.parseJSON(nil, 0, string(out), true)
		if err != nil {
			t.Fatalf("%q: %s: %v", text, out, err)
		}
		again, err := everything.appendJSON(nil, 0, string(second), true)
		if err != nil || string(again) != string(out) {
			t.Fatalf("%q: %s and then %s: %v", text, out, again, err)
		}
	})
}

// FuzzMessage: no message, however broken, does harm.
func FuzzMessage(f *testing.F) {
	m, err := everything.parseJSON(nil, 0, `{"string":"a","lists":[[1],[]],"map":{"a":[]},"shape":{"type":"*circle"},"error":{"message":"x"},"toBig":"5","time":"2024-02-29T12:00:00Z"}`, true)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(m))
	f.Fuzz(func(t *testing.T, message string) {
		out, err := everything.appendJSON(nil, 0, message, true)
		if err == nil && !validJSON(out) {
			t.Fatalf("%q: %s", message, out)
		}
	})
}

func validJSON(b []byte) bool {
	s := scanner{s: string(b)}
	_, err := s.raw()
	return err == nil && s.end() == nil
}
