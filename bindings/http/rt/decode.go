package http

import (
	"encoding/base64"
	"strings"

	"github.com/unweld/unweld/bindings/rt/wire"
)

// A decoder turns JSON, from anywhere, into messages.
type decoder struct {
	scanner
	types []Type
	b     []byte
	depth wire.Mode // how deep messages may still nest
	unit  bool      // a unit wrote it: it may have hidden fields
}

// parseJSON reads the JSON of a message of the type with the given index, which
// is a struct.
func (c *Component) parseJSON(b []byte, typ int, s string, unit bool) ([]byte, error) {
	d := c.decoder(b, s, unit)
	var seen fieldSet
	if err := d.object(&c.Types[typ], &seen); err != nil {
		return nil, err
	}
	return d.b, d.end()
}

func (c *Component) decoder(b []byte, s string, unit bool) *decoder {
	return &decoder{scanner: scanner{s: s, spare: 4*len(s) + 1<<16}, types: c.Types, b: b, depth: wire.MaxDepth, unit: unit}
}

// A fieldSet has the fields of a message that were there.
type fieldSet struct {
	first uint64
	more  map[int]bool
}

// add adds a field, and reports whether it was there already.
func (f *fieldSet) add(i int) (again bool) {
	if i < 64 {
		again = f.first&(1<<i) != 0
		f.first |= 1 << i
		return again
	}
	again = f.more[i]
	if f.more == nil {
		f.more = map[int]bool{}
	}
	f.more[i] = true
	return again
}

func (d *decoder) tag(number, wireType int) {
	d.b = wire.AppendUvarint(d.b, uint64(number)<<3|uint64(wireType))
}

// open begins a message; close ends it.
func (d *decoder) open(number int) (at int, err error) {
	if wire.Spent(d.depth) {
		return 0, d.bad("%w", wire.ErrTooDeep)
	}
	d.tag(number, wire.TypeBytes)
	d.b = wire.Reserve(d.b, d.depth)
	d.depth--
	return len(d.b), nil
}

func (d *decoder) close(at int) {
	d.depth++
	d.b = wire.CloseReserved(d.b, at, d.depth)
}

// in reads a value with f into a message of its own.
func (d *decoder) in(number int, f func() error) error {
	at, err := d.open(number)
	if err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	d.close(at)
	return nil
}

// object reads the fields of a struct.
func (d *decoder) object(t *Type, seen *fieldSet) error {
	last := 0
	return d.members(func(name string) error {
		i := d.member(t, name, last)
		if i < 0 {
			return d.bad("%s has no %q; it has %s", t.Name, name, d.names(t))
		}
		last = i + 1
		if seen.add(i) {
			return d.bad("%q is there twice", name)
		}
		return d.field(&d.types[t.Fields[i].Type], t.Fields[i].Number)
	})
}

// member finds a field by its name, beginning with the one expected.
func (d *decoder) member(t *Type, name string, expected int) int {
	n := len(t.Fields)
	for i := range n {
		if at := (expected + i) % n; t.Fields[at].Name == name && (d.unit || !t.Fields[at].Hidden) {
			return at
		}
	}
	return -1
}

func (d *decoder) names(t *Type) string {
	var names []string
	for _, f := range t.Fields {
		if d.unit || !f.Hidden {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// empty notes that the list or map in a field is empty, and not nil.
func (d *decoder) empty(number int) {
	d.tag(wire.PresenceNumber(number), wire.TypeVarint)
	d.b = wire.AppendUvarint(d.b, 1<<((number-1)%64))
}

// field reads the value of a field. Null is the same as nothing at all.
func (d *decoder) field(t *Type, number int) error {
	if t.Kind != JSON && d.null() {
		return nil
	}
	switch t.Kind {
	case Pointer:
		return d.pointer(&d.types[t.Elem], number)
	case Bytes, ByteArray:
		d.tag(number, wire.TypeBytes)
		return d.base64(t)
	case List:
		return d.list(t, number)
	case Map:
		return d.mapping(t, number)
	case Error:
		return d.tree(number)
	case BigInt, BigFloat, BigRat:
		return d.big(t, number)
	}
	return d.present(t, number)
}

// big reads a number of math/big. A zero one isn't written, which keeps it as it is
// without a value.
func (d *decoder) big(t *Type, number int) error {
	d.space()
	start, before := d.i, len(d.b)
	if err := d.present(t, number); err != nil {
		return err
	}
	if text := d.s[start:d.i]; text == "0" || text == `"0"` {
		d.b = d.b[:before]
	}
	return nil
}

// present reads a value that is written also where it is zero.
func (d *decoder) present(t *Type, number int) error {
	switch t.Kind {
	case Struct:
		return d.in(number, func() error {
			var seen fieldSet
			return d.object(t, &seen)
		})
	case Union:
		return d.in(number, func() error { return d.union(t) })
	}
	d.tag(number, wireType(t.Kind))
	return d.single(t)
}

func (d *decoder) pointer(elem *Type, number int) error {
	brackets := elem.nullable()
	if brackets && !d.take('[') {
		return d.bad("want null, or a list of one")
	}
	var err error
	if elem.Kind.single() {
		if elem.Kind == Union && d.null() {
			err = d.in(number, func() error { return nil })
		} else {
			err = d.present(elem, number)
		}
	} else {
		err = d.in(number, func() error { return d.field(elem, 1) })
	}
	if err == nil && brackets && !d.take(']') {
		return d.bad("want ]: of a pointer, the list has one element")
	}
	return err
}

func (d *decoder) base64(t *Type) error {
	s, err := d.text()
	if err != nil {
		return err
	}
	at := len(d.b)
	d.b, err = base64.StdEncoding.AppendDecode(append(d.b, 0), []byte(s))
	if err != nil {
		return d.bad("want base64: %v", err)
	}
	if n := len(d.b) - at - 1; t.Kind == ByteArray && n != t.Len {
		return d.bad("want %d bytes, not %d", t.Len, n)
	}
	d.b = wire.Close(d.b, at+1)
	return nil
}

func (d *decoder) list(t *Type, number int) error {
	elem := &d.types[t.Elem]
	form, n := elementOf(d.types, elem), 0
	var err error
	if form == packed {
		d.tag(number, wire.TypeBytes)
		at := len(d.b) + 1
		d.b = append(d.b, 0)
		err = d.elements(func() error {
			n++
			return d.single(elem)
		})
		if n == 0 {
			d.b = d.b[:at-1-tagLen(number)]
		} else if err == nil {
			d.b = wire.Close(d.b, at)
		}
	} else {
		err = d.elements(func() error {
			n++
			return d.element(elem, form, number)
		})
	}
	switch {
	case err != nil:
		return err
	case t.Array && n != t.Len:
		return d.bad("want %d elements, not %d", t.Len, n)
	case n == 0 && !t.Array:
		d.empty(number)
	}
	return nil
}

func tagLen(number int) int { return len(wire.AppendUvarint(nil, uint64(number)<<3)) }

func (d *decoder) element(elem *Type, form elementForm, number int) error {
	switch form {
	case nulled:
		if d.null() {
			d.tag(number, wire.TypeBytes)
			d.b = wire.AppendText(d.b, wire.Null)
			return nil
		}
		return d.pointer(&d.types[elem.Elem], number)
	case wrapped:
		return d.in(number, func() error { return d.field(elem, 1) })
	}
	if elem.Kind != JSON && d.null() {
		return d.zero(elem, number)
	}
	return d.present(elem, number)
}

// zero appends an element that is null.
func (d *decoder) zero(t *Type, number int) error {
	switch t.Kind {
	case String, Struct, Union, URL:
		return d.in(number, func() error { return nil })
	}
	return d.bad("want an element, not null")
}

func (d *decoder) mapping(t *Type, number int) error {
	key, value := &d.types[t.Key], &d.types[t.Elem]
	n := 0
	var err error
	if key.keyed() && d.peek() == '{' {
		err = d.members(func(name string) error {
			n++
			return d.in(number, func() error {
				d.tag(1, wireType(key.Kind))
				if err := d.fromText(key, name); err != nil {
					return err
				}
				return d.field(value, 2)
			})
		})
	} else {
		err = d.elements(func() error {
			n++
			return d.in(number, func() error { return d.entry(key, value) })
		})
	}
	if err == nil && n == 0 {
		d.empty(number)
	}
	return err
}

// wireType is that of a value which isn't in a list.
func wireType(k Kind) int {
	switch k {
	case Bool, Int, Uint, Duration:
		return wire.TypeVarint
	case Float32:
		return wire.TypeFixed32
	case Float64:
		return wire.TypeFixed64
	}
	return wire.TypeBytes
}

// entry reads an entry of a map that is written as a list.
func (d *decoder) entry(key, value *Type) error {
	var seen fieldSet
	return d.members(func(name string) error {
		t, number := key, 1
		switch name {
		case "key":
		case "value":
			t, number = value, 2
		default:
			return d.bad("an entry has no %q; it has key, value", name)
		}
		if seen.add(number) {
			return d.bad("%q is there twice", name)
		}
		return d.field(t, number)
	})
}

// union reads what is behind a sealed interface.
func (d *decoder) union(t *Type) error {
	if d.null() {
		return nil
	}
	start := d.i
	name, value := "", -1
	err := d.members(func(member string) error {
		var err error
		switch {
		case member == "type" && name == "":
			name, err = d.text()
			if err == nil && name == "" {
				return d.bad("want the name of a type")
			}
		case member == "value" && value < 0 && name != "": // as it should be
			value = d.i
			return d.variant(t, name)
		case member == "value" && value < 0:
			value = d.i
			_, err = d.raw()
			if d.spare -= d.i - value; d.spare < 0 {
				return d.bad("write \"type\" before \"value\"")
			}
			value = -2 - value
		default:
			return d.bad("%s has no %q; it has type, value, once each", t.Name, member)
		}
		return err
	})
	switch end := d.i; {
	case err != nil:
		return err
	case name == "":
		d.i = start
		return d.bad("%s needs a \"type\": %s", t.Name, d.names(t))
	case value == -1:
		return d.variantZero(t, name)
	case value < -1:
		d.i = -value - 2
		err := d.variant(t, name)
		d.i = end
		return err
	}
	return nil
}

func (d *decoder) behind(t *Type, name string) (*Field, error) {
	i := d.member(t, name, 0)
	if i < 0 {
		return nil, d.bad("%s isn't %q; it is one of %s", t.Name, name, d.names(t))
	}
	return &t.Fields[i], nil
}

func (d *decoder) variant(t *Type, name string) error {
	f, err := d.behind(t, name)
	if err != nil {
		return err
	}
	of := &d.types[f.Type]
	if of.Kind == Pointer && d.types[of.Elem].Kind == Struct {
		of = &d.types[of.Elem]
	}
	if of.Kind == Struct {
		if d.null() {
			return d.variantZero(t, name)
		}
		return d.present(of, f.Number)
	}
	return d.in(f.Number, func() error { return d.field(of, 1) })
}

// variantZero appends the zero value of a type behind an interface.
func (d *decoder) variantZero(t *Type, name string) error {
	f, err := d.behind(t, name)
	if err != nil {
		return err
	}
	d.tag(f.Number, wire.TypeBytes)
	if of := &d.types[f.Type]; of.Kind == Pointer && d.types[of.Elem].Kind == Struct {
		d.b = wire.AppendText(d.b, wire.Null)
		return nil
	}
	d.b = append(d.b, 0)
	return nil
}

// tree reads an error.
func (d *decoder) tree(number int) error {
	nodes := decoder{scanner: d.scanner, types: errorTypes, b: d.b, depth: d.depth, unit: d.unit}
	err := nodes.present(&errorTypes[0], number)
	d.scanner, d.b = nodes.scanner, nodes.b
	return err
}
