package codegen

import (
	"fmt"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// variables are names v0, v1 and so on with the types of a message's fields.
func (f *file) variables(msg *schema.Message) (names, declared []string) {
	for i, field := range msg.Fields {
		names = append(names, fmt.Sprintf("v%d", i))
		declared = append(declared, names[i]+" "+f.typeName(field.Type))
	}
	return names, declared
}

// give emits what makes a stream that this side has available to the other one.
func (f *file) give(x schema.Stream, value string) {
	g, stream := f.g, f.runtime("stream")
	t := g.contract.Type(x.Type)
	to := fmt.Sprintf("call, %d, %t", x.Place, x.Result)
	closer := "nil"
	if t.Stream.Closes {
		closer = value
	}
	switch t.Stream.Form {
	case component.StreamReader:
		f.printf("%s.GiveReader(%s, %s, %s)\n", stream, to, value, closer)
	case component.StreamWriter:
		f.printf("%s.GiveWriter(%s, %s, %s)\n", stream, to, value, closer)
	case component.StreamReadWriter:
		f.printf("%s.GiveReadWriter(%s, %s, %s)\n", stream, to, value, closer)
	case component.StreamSeq, component.StreamSeq2:
		names, declared := f.variables(x.Value)
		f.printf("%s.GiveItems(%s, %s, func(push func(*%s) bool) {\n", stream, to, g.encodeName(x.Value.Name, ""), g.elementName(x.Value))
		f.printf("%s(func(%s) bool { return push(&%s{%s}) })\n})\n", value, strings.Join(declared, ", "), g.elementName(x.Value), strings.Join(names, ", "))
	case component.StreamChannel:
		_, declared := f.variables(x.Value)
		f.printf("%s.GiveChannel(%s, %s, %s, func(%s) %s { return %s{v0} })\n", stream, to, value, g.encodeName(x.Value.Name, ""),
			declared[0], g.elementName(x.Value), g.elementName(x.Value))
	case component.StreamCallback:
		f.giveCallback(x, value, t.Methods[0])
	}
}

func (f *file) giveCallback(x schema.Stream, value string, fn component.Method) {
	g, ctx := f.g, f.use("context", "context")
	f.printf("%s.GiveCallback(ctx, call, %d, func(ctx %s.Context, arguments string, results []byte) ([]byte, error) {\n", f.runtime("stream"), x.Place, ctx)
	f.printf("var in %s\nif err := %s(arguments, &in); err != nil {\nreturn results, %s.Malformed(err)\n}\n",
		g.elementName(x.Value), g.decodeName(x.Value.Name, ""), f.runtime("link"))
	var args, results []string
	if fn.Context {
		args = append(args, "ctx")
	}
	for i := range fn.Params {
		args = append(args, fmt.Sprintf("in.E%d", i))
	}
	for i := range fn.Results {
		results = append(results, fmt.Sprintf("out.E%d", i))
	}
	f.printf("var out %s\nvar err error\n", g.elementName(x.Answer))
	if fn.Error {
		results = append(results, "err")
	}
	if len(results) > 0 {
		f.printf("%s = ", strings.Join(results, ", "))
	}
	f.printf("%s(%s)\n", value, strings.Join(args, ", "))
	f.printf("results, bad := %s(results, &out)\nif bad != nil {\nreturn results, bad\n}\nreturn results, err\n})\n", g.encodeName(x.Answer.Name, ""))
}

// take emits the assignment of a stream that the other side has.
func (f *file) take(x schema.Stream, to string) {
	g, stream := f.g, f.runtime("stream")
	t := g.contract.Type(x.Type)
	from := fmt.Sprintf("call, %d, %t", x.Place, x.Result)
	switch t.Stream.Form {
	case component.StreamReader, component.StreamWriter, component.StreamReadWriter:
		does := map[component.StreamForm]string{component.StreamReader: "Read", component.StreamWriter: "Write", component.StreamReadWriter: "ReadWrite"}[t.Stream.Form]
		ending := map[string]string{"Read": "er", "Write": "r", "ReadWrite": "r"}[does]
		if t.Stream.Closes {
			ending = "Closer"
		}
		f.printf("%s = %s.Take%s%s(%s)\n", to, stream, does, ending, from)
	case component.StreamSeq, component.StreamSeq2:
		f.takeItems(x, to, t)
	case component.StreamChannel:
		f.printf("%s = %s.Channel(%s, %s, func(e *%s) %s { return e.E0 })\n", to, stream, from,
			g.decodeName(x.Value.Name, ""), g.elementName(x.Value), f.typeName(t.Elem))
	case component.StreamCallback:
		f.takeCallback(x, to, t.Methods[0])
	}
}

// takeItems emits an iterator over values of the other side.
func (f *file) takeItems(x schema.Stream, to string, t *component.Type) {
	g, stream := f.g, f.runtime("stream")
	_, declared := f.variables(x.Value)
	var values, types []string
	for i := range declared {
		values = append(values, fmt.Sprintf("e.E%d", i))
		types = append(types, f.typeName(x.Value.Fields[i].Type))
	}
	f.printf("from := %s.Take(call, %d, %t)\n", stream, x.Place, x.Result)
	f.printf("%s = func(yield func(%s) bool) {\n", to, strings.Join(types, ", "))
	f.printf("err := %s.Each(from, %s, func(e *%s) bool { return yield(%s) })\n", stream, g.decodeName(x.Value.Name, ""), g.elementName(x.Value), strings.Join(values, ", "))
	f.printf("if err != nil {\n")
	if t.Stream.Fails {
		f.printf("%s", yieldError(types))
	} else {
		f.printf("%s.Abandon(call, err)\n", stream)
	}
	f.printf("}\n}\n")
}

// yieldError is the yielding of err by an iterator over the given types, the last
// of which is error.
func yieldError(types []string) string {
	if len(types) == 1 {
		return "yield(err)\n"
	}
	return "var none " + types[0] + "\nyield(none, err)\n"
}

// takeCallback emits a function that calls one of the other side.
func (f *file) takeCallback(x schema.Stream, to string, fn component.Method) {
	g, stream := f.g, f.runtime("stream")
	names, declared := f.variables(x.Value)
	if fn.Context {
		declared = append([]string{"ctx " + f.use("context", "context") + ".Context"}, declared...)
	}
	var results, types []string
	for i, r := range x.Answer.Fields {
		results = append(results, fmt.Sprintf("out.E%d", i))
		types = append(types, f.typeName(r.Type))
	}
	if fn.Error {
		results, types = append(results, "err"), append(types, "error")
	}
	f.printf("from := %s.TakeCallback(call, %d)\n", stream, x.Place)
	f.printf("%s = func(%s) (%s) {\n", to, strings.Join(declared, ", "), strings.Join(types, ", "))
	f.printf("in := %s{%s}\nvar out %s\n", g.elementName(x.Value), strings.Join(names, ", "), g.elementName(x.Answer))
	f.printf("arguments, err := %s(nil, &in)\nif err == nil {\n", g.encodeName(x.Value.Name, ""))
	f.printf("err = from.Do(ctx, arguments, func(results string) error { return %s(results, &out) })\n}\n", g.decodeName(x.Answer.Name, ""))
	switch {
	case fn.Error:
	case len(results) > 0:
		f.printf("if err != nil {\n%s.Abandon(call, err)\n}\n", stream)
	default: // later calls have no effect
		f.printf("if err != nil && !%s.Ended(err) {\n%s.Abandon(call, err)\n}\n", stream, stream)
	}
	if len(results) > 0 {
		f.printf("return %s\n", strings.Join(results, ", "))
	}
	f.printf("}\n")
}

// brokenStream is a stream of which err is all that comes.
func (f *file) brokenStream(id component.TypeID) string {
	t := f.g.contract.Type(id)
	switch t.Stream.Form {
	case component.StreamSeq, component.StreamSeq2:
		types := []string{f.typeName(t.Elem)}
		if t.Key != "" {
			types = append([]string{f.typeName(t.Key)}, types...)
		}
		return fmt.Sprintf("func(yield func(%s) bool) {\n%s}", strings.Join(types, ", "), yieldError(types))
	}
	return f.runtime("stream") + ".Broken(err)"
}
