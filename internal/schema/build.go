package schema

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// Build returns the schema of a contract. Fields and methods in previous keep
// their numbers; previous may be nil and isn't changed. Every problem is an
// error: a type that can't be encoded, or an incompatible change.
func Build(c *component.Contract, previous *Lock) (*Schema, []component.Problem) {
	b := &builder{
		s:    &Schema{Component: c.Component, contract: c, byKey: map[string]*Message{}},
		lock: previous.clone(),
	}
	b.reached = c.Walker(b.message)
	methods := c.Generated()
	for _, m := range methods {
		b.check(m)
	}
	if len(b.problems) > 0 {
		return nil, b.problems
	}
	for _, m := range methods {
		b.number(m.Name)
	}
	for _, m := range methods {
		b.method(m, "")
	}
	b.handles()
	for _, e := range c.Errors {
		if t := c.Type(e.Type); t != nil && t.Kind == component.KindStruct {
			b.reach(e.Type)
		} else if t != nil && t.Kind != component.KindExternal {
			b.box(e.Type)
			b.reach(e.Type)
		}
	}
	b.finish(previous)
	if len(b.problems) > 0 {
		return nil, component.SortProblems(b.problems)
	}
	return b.s, nil
}

type builder struct {
	s        *Schema
	lock     *Lock
	problems []component.Problem
	reached  *component.Walker // makes the messages of what it visits
}

func (b *builder) problem(code, path string, span text.Span, hint, format string, args ...any) {
	b.problems = append(b.problems, component.Problem{
		Code: code, Severity: component.Error, Component: b.s.Component, Path: path,
		Span: span, Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// check refuses what no binding can carry, before anything relies on it.
func (b *builder) check(m component.Method) {
	if !m.Context {
		b.problem("no-context", m.Name, m.Span, "add a context.Context as the first parameter",
			"%s takes no context, so a deadline can't reach it", m.Name)
	}
	if !b.s.contract.Fails(&m) {
		b.problem("no-error-result", m.Name, m.Span, "add an error as the last result",
			"%s returns no error, so a failed link can't be reported", m.Name)
	}
	for _, p := range m.Params {
		b.checkType(p.Type, m.Name+"("+p.Name+")", m.Span)
	}
	for i, r := range m.Results {
		b.checkType(r.Type, fmt.Sprintf("%s() result %d", m.Name, i+1), m.Span)
	}
}

// checkType refuses what a parameter or result consists of and the wire format
// knows nothing of.
func (b *builder) checkType(ref component.TypeRef, path string, span text.Span) {
	b.s.contract.Walker(func(v component.Visit) bool {
		if v.Type == nil {
			b.problem("foreign-type", v.Path+" ("+string(v.ID)+")", v.Span, "give it another type, or marshalers",
				"%s has a type the contract doesn't describe: %s", v.Path, v.ID)
		} else if v.Type.Kind == component.KindExternal {
			if _, ok := Externals[v.Type.Codec]; !ok {
				b.problem("foreign-type", v.Path+" ("+string(v.ID)+")", v.Span, "give it a text or binary marshaler",
					"%s has no codec named %q", v.ID, v.Type.Codec)
			}
		}
		return true
	}).Type(ref.ID(), path, span)
}

func (b *builder) method(m component.Method, handle component.TypeID) {
	l := b.lock.Methods[m.Name]
	req := &Message{Key: "request " + m.Name, Kind: Request, Method: m.Name, Name: m.Name + "Request"}
	rep := &Message{Key: "reply " + m.Name, Kind: Reply, Method: m.Name, Name: m.Name + "Reply"}
	b.positional(req, m, m.Params, locked{&l.Params, &l.RemovedParams, &l.ParamOrder, "p"})
	b.positional(rep, m, m.Reply(), locked{&l.Results, &l.RemovedResults, &l.ResultOrder, "r"})
	b.lock.Methods[m.Name] = l
	b.s.byKey[req.Key], b.s.byKey[rep.Key] = req, rep
	for _, f := range slices.Concat(req.Fields, rep.Fields) {
		req.Caller = req.Caller || f.Form == Reference
	}
	method := Method{Name: m.Name, ID: l.ID, Request: req, Reply: rep, Source: m, Handle: handle}
	b.streams(&method, m.Span)
	b.s.Methods = append(b.s.Methods, method)
	for _, f := range slices.Concat(req.Fields, rep.Fields) {
		b.reach(f.Type)
	}
}

// locked is what a lock has of a method's parameters or results.
type locked struct {
	fields, removed *[]FieldLock
	order           *[]string
	prefix          string // of the names of those that have none
}

// positional numbers parameters or results. They match the locked ones by name; one
// that is left matches by position if the shape is the same, which is a renamed
// parameter.
func (b *builder) positional(msg *Message, m component.Method, ps []component.Param, l locked) {
	now := make([]FieldLock, len(ps))
	for i, p := range ps {
		name := p.Name
		if name == "" || name == "_" {
			name = fmt.Sprintf("%s%d", l.prefix, i+1)
		}
		now[i] = FieldLock{Name: name, Shape: b.shape(p.Type.ID())}
	}
	rename := renaming{locked: *l.fields, order: *l.order, prefix: l.prefix}
	if gone, fresh := rename.match(now, *l.removed); gone != nil {
		b.problem("incompatible-schema", m.Name, m.Span, "rename them one by one, with unweld bind after each; or keep the old names and add what is new",
			"of %s, %s of the last version became %s: which is which can't be told, and running units would take one for another",
			m.Name, strings.Join(gone, " and "), strings.Join(fresh, " and "))
	}
	fields, gone := b.assign(m.Name, m.Span, now, *l.fields, *l.removed)
	*l.fields, *l.removed, *l.order = fields, gone, orderOf(now)
	for i, p := range ps {
		msg.Fields = append(msg.Fields, Field{
			Name: now[i].Name, Number: now[i].Number, Type: p.Type.ID(), Form: b.s.FormOf(p.Type.ID())})
	}
	for _, g := range gone {
		msg.Reserved = append(msg.Reserved, g.Number)
	}
}

// reach makes the messages of a type and of all below it.
func (b *builder) reach(id component.TypeID) { b.reached.Type(id, "", text.Span{}) }

// message makes the messages that a type itself needs.
func (b *builder) message(v component.Visit) bool {
	switch t := v.Type; t.Kind {
	case component.KindStruct:
		b.structMessage(v.ID)
	case component.KindUnion, component.KindAny:
		b.structMessage(v.ID)
		for _, f := range t.Fields {
			if b.s.variant(f.Type) == "" {
				b.box(f.Type)
			}
		}
	case component.KindSlice, component.KindArray:
		if b.s.Element(t.Elem) == Wrapped {
			b.box(t.Elem)
		}
	case component.KindPointer:
		if b.s.FormOf(v.ID) == Boxed {
			b.box(t.Elem)
		}
	case component.KindMap:
		b.entry(v.ID, t)
	}
	return true
}

// structMessage makes the message of a struct or interface.
func (b *builder) structMessage(id component.TypeID) {
	key := structKey(id)
	if b.s.byKey[key] != nil {
		return
	}
	t := b.s.Type(id)
	msg := &Message{Key: key, Kind: Struct, Type: id}
	shape, form := b.shape, b.s.FormOf
	if isInterface(t.Kind) {
		msg.Kind, shape, form = Union, b.variantShape, func(component.TypeID) Form { return Variant }
	}
	b.s.byKey[key] = msg
	now := make([]FieldLock, len(t.Fields))
	for i, f := range t.Fields {
		now[i] = FieldLock{Name: f.Name, Shape: shape(f.Type)}
	}
	l := b.lock.Types[string(id)]
	name := t.Name
	if name == "" {
		name = string(id)
	}
	l.Fields, l.Removed = b.assign(name, t.Span, now, l.Fields, l.Removed)
	b.lock.Types[string(id)] = l
	for i, f := range t.Fields {
		msg.Fields = append(msg.Fields, Field{
			Name: f.Name, Number: now[i].Number, Type: f.Type, Form: form(f.Type)})
	}
	for _, g := range l.Removed {
		msg.Reserved = append(msg.Reserved, g.Number)
	}
}

// box makes the message around a value. The shape of a declared type is locked
// here, since those that mention it do so by name.
func (b *builder) box(id component.TypeID) {
	key := boxKey(id)
	if b.s.byKey[key] != nil {
		return
	}
	b.s.byKey[key] = &Message{Key: key, Kind: Box, Type: id,
		Fields: []Field{{Name: "value", Number: 1, Type: id, Form: b.s.FormOf(id)}}}
	if t := b.s.Type(id); t.Name != "" && t.Kind != component.KindStruct {
		now := []FieldLock{{Name: "value", Shape: b.shape(id)}}
		l := b.lock.Types[string(id)]
		l.Fields, l.Removed = b.assign(t.Name, t.Span, now, l.Fields, l.Removed)
		b.lock.Types[string(id)] = l
	}
}

func (b *builder) entry(id component.TypeID, t *component.Type) {
	key := entryKey(id)
	if b.s.byKey[key] != nil {
		return
	}
	b.s.byKey[key] = &Message{Key: key, Kind: Entry, Type: id, Fields: []Field{
		{Name: "key", Number: 1, Type: t.Key, Form: b.s.FormOf(t.Key)},
		{Name: "value", Number: 2, Type: t.Elem, Form: b.s.FormOf(t.Elem)},
	}}
}

func (b *builder) finish(previous *Lock) {
	s := b.s
	var calls []*Message
	for _, m := range s.Methods {
		calls = append(calls, m.Request, m.Reply)
		for _, x := range m.Streams {
			calls = append(calls, slices.DeleteFunc([]*Message{x.Value, x.Answer}, func(m *Message) bool { return m == nil })...)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(s.byKey)) {
		if m := s.byKey[k]; m.Kind != Request && m.Kind != Reply && m.Kind != Element {
			s.Messages = append(s.Messages, m)
		}
	}
	s.Messages = append(s.Messages, calls...)
	for _, m := range s.Messages {
		for _, f := range m.Fields {
			if f.Number > MaxNumber {
				b.problem("too-many-fields", m.Key, text.Span{}, "split the struct", "%s has a field number above %d", m.Key, MaxNumber)
			}
		}
	}
	s.nameMessages()
	s.markRecursive()
	s.markFallible()
	s.Lock = b.lock
	s.Lock.remember(s.Fingerprint())
	s.rememberRequests(previous)
}

// number gives a method its number: the locked one, or the next.
func (b *builder) number(name string) int {
	l := b.lock.Methods[name]
	if l.ID == 0 {
		next := 0
		for _, l := range b.lock.Methods {
			next = max(next, l.ID)
		}
		l.ID = next + 1
		b.lock.Methods[name] = l
	}
	return l.ID
}

func sortByNumber(fs []FieldLock) {
	slices.SortFunc(fs, func(a, b FieldLock) int { return cmp.Compare(a.Number, b.Number) })
}
