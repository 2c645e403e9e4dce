package node

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/unweld/unweld/bindings/codegen/foreign"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// keywords can't be names of functions, classes and parameters; they can be those of fields.
var keywords = strings.Fields(`arguments await break case catch class const continue debugger default delete do else enum eval export extends false
	finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true
	try typeof undefined var void while with yield NaN Infinity`)

// globals are named by the declarations for TypeScript, and the package's own names.
var globals = strings.Fields(`AbortSignal Array Date Error Function Map Number Object Promise ReadonlyMap String Symbol URL Uint8Array bigint boolean
	number string unknown never any Cancelled CallOptions Complex Deadline Duration EndOfFile Exist GoError Invalid NotExist NotPermitted Panic Rat Time Typed
	Unsupported Url __dirname __filename exports module require`)

// A module is the package being written.
type module struct {
	c       *component.Contract
	s       *schema.Schema
	methods []schema.Method // those that it has
	left    []string        // why others aren't there
	types   map[component.TypeID]string
	inits   map[component.TypeID]string // of structs: the type of objects with some of the fields
	errors  []failure
	fields  map[component.TypeID][]string // names of the fields of structs
	names   map[string]twins              // of functions, by endpoint
	big     bool                          // int and uint are BigInts, too
	scope   *foreign.Names
}

// twins are the names of an endpoint's two functions.
type twins struct{ async, sync string }

// A failure is an error of the contract.
type failure struct {
	component.ErrorIdentity
	class string
}

// identifier makes a name of JavaScript of one of Go, whose letters and digits are nearly
// the same.
func identifier(name string) string {
	out := strings.Map(func(r rune) rune {
		if r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, name)
	if out == "" || unicode.IsDigit([]rune(out)[0]) {
		out = "_" + out
	}
	return out
}

func newNames(words ...string) *foreign.Names { return foreign.NewNames(identifier, words...) }

// members is a scope of fields and methods: any word may be one but for some.
func members(words ...string) *foreign.Names {
	return newNames(append(words, "constructor", "__proto__", "prototype")...)
}

func newModule(req *generate.Request) *module {
	m := &module{
		c: req.Contract, s: req.Schema, big: req.Options.Text(integers.Name) == "bigint",
		types: map[component.TypeID]string{}, inits: map[component.TypeID]string{}, fields: map[component.TypeID][]string{}, names: map[string]twins{},
		scope: newNames(slices.Concat(keywords, globals)...),
	}
	m.methods, m.left = foreign.Endpoints(m.c, m.s)
	for _, x := range m.methods {
		if x.Handle == "" {
			m.names[x.Name] = take(m.scope, x.Name)
		}
	}
	for i := range m.c.Types {
		m.name(&m.c.Types[i])
	}
	for _, t := range m.c.Handles() {
		m.types[t.ID] = m.scope.Take(foreign.UpperFirst(m.s.HandleName(t.ID)))
		// What has a method then is taken for a promise by await.
		names := members("release", "then")
		for _, x := range m.methods {
			if x.Handle == t.ID {
				m.names[x.Name] = take(names, m.s.HandleMethod(x).Name)
			}
		}
	}
	for _, e := range m.c.Errors {
		m.errors = append(m.errors, failure{e, m.scope.Take(foreign.ErrorName(e))})
	}
	return m
}

// take takes the names of an endpoint's two functions.
func take(names *foreign.Names, endpoint string) twins {
	name := foreign.Camel(endpoint)
	return twins{names.Take(name), names.Take(name + "Sync")}
}

// name gives a type the name of a class or an enum, if it is to be one.
func (m *module) name(t *component.Type) {
	switch {
	case t.Kind == component.KindStruct:
		message := m.s.StructMessage(t.ID)
		if message == nil {
			return // nothing that crosses has it
		}
		name, names := t.Name, members()
		if name == "" {
			name = message.Name
		}
		if foreign.IsError(m.c, t.ID) {
			name += "Fields"
			names = members("message", "name", "stack", "cause", "identities", "results", "code", "goStack")
		}
		m.types[t.ID] = m.scope.Take(foreign.UpperFirst(name))
		m.inits[t.ID] = m.scope.Take(m.types[t.ID] + "Init")
		for _, f := range message.Fields {
			m.fields[t.ID] = append(m.fields[t.ID], names.Take(foreign.Camel(f.Name)))
		}
	case foreign.IsEnum(t):
		m.types[t.ID] = m.scope.Take(foreign.UpperFirst(t.Name))
	}
}

// isBig reports whether numbers of the kind are BigInts.
func (m *module) isBig(k component.Kind) bool {
	switch k {
	case component.KindInt64, component.KindUint64:
		return true
	case component.KindInt, component.KindUint:
		return m.big
	}
	return false
}

// declared are the types that the module types has, in the contract's order.
func (m *module) declared() []*component.Type {
	var out []*component.Type
	for i := range m.c.Types {
		if t := &m.c.Types[i]; m.types[t.ID] != "" && t.Kind != component.KindHandle {
			out = append(out, t)
		}
	}
	return out
}

// zero is the value that a variable of the type has in Go, where nothing was written.
func (m *module) zero(id component.TypeID) string {
	t := m.s.Type(id)
	switch t.Kind {
	case component.KindStruct:
		return "new $t." + m.types[id] + "()"
	case component.KindBool:
		return "false"
	case component.KindString:
		return `""`
	case component.KindComplex64, component.KindComplex128:
		return "$v.complex.make()"
	case component.KindSlice:
		if m.s.FormOf(id) == schema.Bytes {
			return "$.nilBytes()"
		}
		return "$.nilArray()"
	case component.KindArray:
		if m.s.FormOf(id) == schema.ByteArray {
			return fmt.Sprintf("$.byteArray(%d)", t.Len)
		}
		return fmt.Sprintf("$.array(%d, () => %s)", t.Len, m.zero(t.Elem))
	case component.KindMap:
		return "$.nilMap()"
	case component.KindPointer, component.KindUnion, component.KindAny, component.KindError, component.KindHandle:
		return "null"
	case component.KindExternal:
		return "$v." + externals[t.Codec].codec + ".make()"
	}
	switch {
	case id == foreign.DurationID:
		return "new $v.Duration()"
	case m.isBig(t.Kind):
		return "0n"
	}
	return "0"
}

// An external is how JavaScript has a type that is encoded as a whole.
type external struct {
	codec   string // in values.cjs
	in, out string // for TypeScript
	as      category
}

var externals = map[string]external{
	"time":           {"time", "Date", "Time", isTime},
	"url":            {"url", "Url | URL | string", "Url", isURL},
	"text":           {"text", "string", "string", isString},
	"binary":         {"binary", "Uint8Array", "Uint8Array", isBytes},
	"gob":            {"binary", "Uint8Array", "Uint8Array", isBytes},
	"protobuf":       {"binary", "Uint8Array", "Uint8Array", isBytes},
	"json":           {"json", "unknown", "any", isOther},
	"netip.Addr":     {"addr", "string", "string", isString},
	"netip.AddrPort": {"addrPort", "string", "string", isString},
	"netip.Prefix":   {"prefix", "string", "string", isString},
	"big.Int":        {"bigInt", "bigint | number", "bigint", isBigInt},
	"big.Float":      {"binary", "Uint8Array", "Uint8Array", isBytes},
	"big.Rat":        {"bigRat", "Rat", "Rat", isRat},
}

// quote writes a string as JavaScript does.
func quote(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			out.WriteRune('\\')
			out.WriteRune(r)
		case r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029:
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String() + `"`
}
