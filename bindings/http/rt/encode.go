package http

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/wire"
)

// An encoder turns messages into JSON. They were written by generated code, so
// what is wrong with them is a fault of this program.
type encoder struct {
	types []Type
	b     []byte
	exact bool // for a unit: with what JSON alone loses
}

// appendJSON appends a message of the type with the given index.
func (c *Component) appendJSON(b []byte, typ int, message string, exact bool) ([]byte, error) {
	e := encoder{c.Types, b, exact}
	err := e.message(&c.Types[typ], message)
	return e.b, err
}

func fault(i int) error {
	if i < 0 {
		return wire.Fault(i)
	}
	return nil
}

// bit reports whether the presence bit of a field is among the given bits, which
// are those of a presence field.
func bit(field int, presence uint64, bits uint64) bool {
	return uint64(wire.PresenceNumber(field)) == presence && bits&(1<<((field-1)%64)) != 0
}

// A place is where a message has a field: -1 if it hasn't, and then empty says
// that the list or map is nevertheless not nil.
type place struct {
	at    int
	empty bool
}

// places finds the fields of a message.
func places(fields []Field, s string, out []place) ([]place, error) {
	for range fields {
		out = append(out, place{at: -1})
	}
	last := 0
	for i := 0; i < len(s); {
		var tag uint64
		if tag, i = wire.Uvarint(s, i); i < 0 {
			return nil, fault(i)
		}
		number := tag >> 3
		if number > wire.MaxNumber {
			var bits uint64
			if bits, i = wire.Uvarint(s, i); i < 0 {
				return nil, fault(i)
			}
			for f := range fields {
				out[f].empty = out[f].empty || bit(fields[f].Number, number, bits)
			}
			continue
		}
		for n := 0; n < len(fields); n++ {
			if f := (last + n) % len(fields); uint64(fields[f].Number) == number {
				if out[f].at < 0 {
					out[f].at = i
				}
				last = f
				break
			}
		}
		if i = wire.Skip(s, i, tag); i < 0 {
			return nil, fault(i)
		}
	}
	return out, nil
}

// lone finds the one field of a box, or one of an entry.
func lone(s string, number int) (place, error) {
	var few [1]place
	found, err := places([]Field{{Number: number}}, s, few[:0])
	if err != nil {
		return place{}, err
	}
	return found[0], nil
}

// message appends a struct.
func (e *encoder) message(t *Type, s string) error {
	if len(e.b) > MaxMessage {
		return fmt.Errorf("%w: more than %d bytes of JSON", link.ErrTooLarge, MaxMessage)
	}
	var few [16]place
	found, err := places(t.Fields, s, few[:0])
	if err != nil {
		return err
	}
	e.b = append(e.b, '{')
	comma := false
	for i := range t.Fields {
		f, at := &t.Fields[i], found[i]
		if f.Hidden && !e.exact || at.at < 0 && !at.empty && (f.Omit || e.types[f.Type].Kind == JSON) {
			continue
		}
		if comma {
			e.b = append(e.b, ',')
		}
		comma = true
		e.b = append(appendString(e.b, f.Name), ':')
		if err := e.field(&e.types[f.Type], s, at, f.Number); err != nil {
			return err
		}
	}
	e.b = append(e.b, '}')
	return nil
}

func (e *encoder) null() { e.b = append(e.b, "null"...) }

// inside appends the one value in a message around it.
func (e *encoder) inside(t *Type, s string, number int) error {
	at, err := lone(s, number)
	if err != nil {
		return err
	}
	return e.field(t, s, at, number)
}

// field appends the value of a field of the message s.
func (e *encoder) field(t *Type, s string, at place, number int) error {
	if at.at < 0 {
		return e.absent(t, at.empty)
	}
	switch t.Kind {
	case Pointer:
		return e.pointer(&e.types[t.Elem], s, at.at)
	case Bytes, ByteArray:
		m, i := wire.Message(s, at.at)
		e.base64(m)
		return fault(i)
	case List:
		return e.list(&e.types[t.Elem], s, at.at, number)
	case Map:
		return e.mapping(t, s, at.at, number)
	case Error:
		m, i := wire.Message(s, at.at)
		if i < 0 {
			return fault(i)
		}
		return e.tree(m)
	}
	_, err := e.single(t, s, at.at)
	return err
}

func (e *encoder) base64(m string) {
	e.b = append(e.b, '"')
	e.b = base64.StdEncoding.AppendEncode(e.b, []byte(m))
	e.b = append(e.b, '"')
}

// tree appends an error.
func (e *encoder) tree(m string) error {
	nodes := encoder{errorTypes, e.b, e.exact}
	err := nodes.message(&errorTypes[0], m)
	e.b = nodes.b
	return err
}

// absent appends the value of a field that isn't there: the zero one, but for
// lists and maps that are empty and not nil.
func (e *encoder) absent(t *Type, empty bool) error {
	switch t.Kind {
	case Bool:
		e.b = append(e.b, "false"...)
	case Int, Uint:
		e.number(t, 0)
	case Duration:
		e.b = append(e.b, `"0s"`...)
	case Float32, Float64:
		e.b = append(e.b, '0')
	case String, URL, Address, AddressPort, Prefix:
		e.b = append(e.b, `""`...)
	case Complex:
		e.b = append(e.b, `{"real":0,"imaginary":0}`...)
	case Time:
		e.b = append(e.b, `"0001-01-01T00:00:00Z"`...)
	case BigInt, BigFloat, BigRat:
		e.b = append(e.b, `"0"`...)
	case Struct:
		return e.message(t, "")
	case ByteArray:
		e.base64(string(make([]byte, t.Len)))
	case List:
		return e.none(t, empty)
	case Map:
		switch {
		case !empty:
			e.null()
		case e.types[t.Key].keyed():
			e.b = append(e.b, "{}"...)
		default:
			e.b = append(e.b, "[]"...)
		}
	default:
		e.null()
	}
	return nil
}

// none appends a list without elements.
func (e *encoder) none(t *Type, empty bool) error {
	switch {
	case empty || t.Array && t.Len == 0:
		e.b = append(e.b, "[]"...)
	case !t.Array:
		e.null()
	default: // whatever is in an array is there, unless it comes from elsewhere
		return fmt.Errorf("%w: no elements of %s", wire.ErrMalformed, t.Name)
	}
	return nil
}

func (e *encoder) pointer(elem *Type, s string, i int) error {
	if elem.nullable() {
		e.b = append(e.b, '[')
		defer func() { e.b = append(e.b, ']') }()
	}
	if elem.Kind.single() {
		_, err := e.single(elem, s, i)
		return err
	}
	m, i := wire.Message(s, i)
	if i < 0 {
		return fault(i)
	}
	return e.inside(elem, m, 1)
}

// again reports whether the field before offset i, whose tag is that of a message
// with the given number, is there once more, and where its value begins then.
func again(s string, i, number int) (int, bool) {
	if i >= len(s) {
		return i, false
	}
	tag, next := wire.Uvarint(s, i)
	return next, next > 0 && tag == uint64(number)<<3|wire.TypeBytes
}

func (e *encoder) list(elem *Type, s string, i, number int) error {
	form := elementOf(e.types, elem)
	e.b = append(e.b, '[')
	if form == packed {
		m, i := wire.Message(s, i)
		for j := 0; i >= 0 && j < len(m); {
			if j > 0 {
				e.b = append(e.b, ',')
			}
			var err error
			if j, err = e.single(elem, m, j); err != nil {
				return err
			}
		}
		e.b = append(e.b, ']')
		return fault(i)
	}
	for more := true; more; {
		end, err := e.element(elem, form, s, i)
		if err != nil {
			return err
		}
		if i, more = again(s, end, number); more {
			e.b = append(e.b, ',')
		}
	}
	e.b = append(e.b, ']')
	return nil
}

func (e *encoder) element(elem *Type, form elementForm, s string, i int) (int, error) {
	if form == each {
		return e.single(elem, s, i)
	}
	m, i := wire.Message(s, i)
	switch {
	case i < 0:
		return i, fault(i)
	case form == wrapped:
		return i, e.inside(elem, m, 1)
	case m == wire.Null:
		e.null()
		return i, nil
	case e.types[elem.Elem].Kind == Union: // a pointer to one that is nil is there
		e.b = append(e.b, '[')
		err := e.union(&e.types[elem.Elem], m)
		e.b = append(e.b, ']')
		return i, err
	}
	return i, e.message(&e.types[elem.Elem], m)
}

func (e *encoder) mapping(t *Type, s string, i, number int) error {
	key, value := &e.types[t.Key], &e.types[t.Elem]
	object := key.keyed() && (key.Kind != Text || e.allKeys(s, i, number))
	open, end := byte('['), byte(']')
	if object {
		open, end = '{', '}'
	}
	e.b = append(e.b, open)
	for more := true; more; {
		m, next := wire.Message(s, i)
		if next < 0 {
			return fault(next)
		}
		if !object {
			e.b = append(e.b, `{"key":`...)
		}
		start := len(e.b)
		if err := e.inside(key, m, 1); err != nil {
			return err
		}
		if object {
			e.quote(start)
			e.b = append(e.b, ':')
		} else {
			e.b = append(e.b, `,"value":`...)
		}
		if err := e.inside(value, m, 2); err != nil {
			return err
		}
		if !object {
			e.b = append(e.b, '}')
		}
		if i, more = again(s, next, number); more {
			e.b = append(e.b, ',')
		}
	}
	e.b = append(e.b, end)
	return nil
}

// allKeys reports whether all entries have their key: a zero one may have no text.
func (e *encoder) allKeys(s string, i, number int) bool {
	for more := true; more; {
		m, next := wire.Message(s, i)
		if next < 0 {
			return false
		}
		if at, err := lone(m, 1); err != nil || at.at < 0 {
			return false
		}
		i, more = again(s, next, number)
	}
	return true
}

// quote makes a string of the number or boolean that begins at start.
func (e *encoder) quote(start int) {
	if e.b[start] == '"' {
		return
	}
	e.b = append(e.b, `""`...)
	copy(e.b[start+1:], e.b[start:len(e.b)-2])
	e.b[start], e.b[len(e.b)-1] = '"', '"'
}

// union appends what is behind a sealed interface.
func (e *encoder) union(t *Type, s string) error {
	if s == "" {
		e.null()
		return nil
	}
	tag, i := wire.Uvarint(s, 0)
	for n := range t.Fields {
		f := &t.Fields[n]
		if uint64(f.Number)<<3|wire.TypeBytes != tag {
			continue
		}
		m, i := wire.Message(s, i)
		if i < 0 {
			return fault(i)
		}
		e.b = append(appendString(append(e.b, `{"type":`...), f.Name), `,"value":`...)
		if err := e.variant(&e.types[f.Type], m); err != nil {
			return err
		}
		e.b = append(e.b, '}')
		return nil
	}
	return fmt.Errorf("%w: nothing of %s", wire.ErrMalformed, t.Name)
}

func (e *encoder) variant(t *Type, m string) error {
	switch {
	case t.Kind == Struct:
		return e.message(t, m)
	case t.Kind != Pointer || e.types[t.Elem].Kind != Struct:
		return e.inside(t, m, 1)
	case m == wire.Null:
		e.null()
		return nil
	}
	return e.message(&e.types[t.Elem], m)
}

// single appends the value at offset i, and returns where it ends.
func (e *encoder) single(t *Type, s string, i int) (int, error) {
	switch t.Kind {
	case Bool:
		v, i := wire.Bool(s, i)
		e.b = strconv.AppendBool(e.b, v)
		return i, fault(i)
	case Int:
		v, i := wire.Sint(s, i)
		e.number(t, v)
		return i, fault(i)
	case Uint:
		v, i := wire.Uvarint(s, i)
		if v > math.MaxInt64 {
			e.b = append(strconv.AppendUint(append(e.b, '"'), v, 10), '"')
		} else {
			e.number(t, int64(v))
		}
		return i, fault(i)
	case Float32:
		v, i := wire.Float32(s, i)
		e.b = appendFloat(e.b, float64(v), uint64(math.Float32bits(v)), 32)
		return i, fault(i)
	case Float64:
		v, i := wire.Float64(s, i)
		e.b = appendFloat(e.b, v, math.Float64bits(v), 64)
		return i, fault(i)
	case Duration:
		v, i := wire.Sint(s, i)
		e.duration(v)
		return i, fault(i)
	}
	m, i := wire.Message(s, i)
	if i < 0 {
		return i, fault(i)
	}
	switch t.Kind {
	case String, Text:
		e.b = appendString(e.b, m)
		return i, nil
	case Struct:
		return i, e.message(t, m)
	case Union:
		return i, e.union(t, m)
	case Binary:
		e.base64(m)
		return i, nil
	}
	return i, e.external(t, m)
}

// maxSafe is the largest number that every reader of JSON takes as it is.
const maxSafe = 1<<53 - 1

// number appends an integer: its name, if it has one.
func (e *encoder) number(t *Type, v int64) {
	for i := range t.Values {
		if t.Values[i].Number == v {
			e.b = appendString(e.b, t.Values[i].Name)
			return
		}
	}
	if v > maxSafe || v < -maxSafe {
		e.b = append(strconv.AppendInt(append(e.b, '"'), v, 10), '"')
		return
	}
	e.b = strconv.AppendInt(e.b, v, 10)
}
