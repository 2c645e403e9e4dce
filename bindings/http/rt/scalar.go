package http

import (
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/unweld/unweld/bindings/rt/wire"
)

func (e *encoder) duration(v int64) {
	e.b = append(append(append(e.b, '"'), time.Duration(v).String()...), '"')
}

// external appends a value of a type that has an encoding of its own.
func (e *encoder) external(t *Type, m string) error {
	switch t.Kind {
	case Time:
		return e.time(m)
	case URL:
		return e.url(m)
	case Complex:
		var c complex128
		i := wire.DecodeComplex(m, &c)
		e.b = appendFloat(append(e.b, `{"real":`...), real(c), wire.Bits64(real(c)), 64)
		e.b = appendFloat(append(e.b, `,"imaginary":`...), imag(c), wire.Bits64(imag(c)), 64)
		e.b = append(e.b, '}')
		return fault(i)
	case JSON:
		if !json.Valid([]byte(m)) {
			return faultOf(t, "its MarshalJSON wrote what isn't JSON")
		}
		e.b = append(e.b, m...)
		return nil
	}
	text, err := textOf(t, m)
	if err != nil {
		return err
	}
	e.b = appendString(e.b, text)
	return nil
}

// gob begins what a big.Float is that its text would change.
const gobPrefix = "gob:"

// textOf is the text of an address or of a number of math/big.
func textOf(t *Type, m string) (string, error) {
	b := []byte(m)
	var err error
	switch t.Kind {
	case Address:
		var v netip.Addr
		if err = v.UnmarshalBinary(b); err == nil && v.IsValid() {
			return v.String(), nil
		}
	case AddressPort:
		var v netip.AddrPort
		if err = v.UnmarshalBinary(b); err == nil && v != (netip.AddrPort{}) {
			return exactText(t, m, v.String()), nil
		}
	case Prefix:
		var v netip.Prefix
		if err = v.UnmarshalBinary(b); err == nil && v != (netip.Prefix{}) {
			return exactText(t, m, v.String()), nil
		}
	case BigInt:
		var v big.Int
		if err = v.GobDecode(b); err == nil {
			return v.String(), nil
		}
	case BigRat:
		var v big.Rat
		if err = v.GobDecode(b); err == nil {
			return v.RatString(), nil
		}
	case BigFloat:
		var v big.Float
		if err = v.GobDecode(b); err == nil {
			return exactText(t, m, v.Text('g', -1)), nil
		}
	}
	return "", err
}

// exactText returns a text if it stands for the encoded value m, and otherwise the
// encoding itself.
func exactText(t *Type, m, text string) string {
	if back, ok := bytesOf(t, text); ok && string(back) == m && text != "0" {
		return text
	}
	return gobPrefix + base64.StdEncoding.EncodeToString([]byte(m))
}

// bytesOf is the encoding of what textOf wrote, or of what a person wrote.
func bytesOf(t *Type, text string) (b []byte, ok bool) {
	if rest, found := strings.CutPrefix(text, gobPrefix); found {
		b, err := base64.StdEncoding.DecodeString(rest)
		return b, err == nil
	}
	var err error
	switch t.Kind {
	case Address:
		var v netip.Addr
		if err = v.UnmarshalText([]byte(text)); err == nil {
			b, err = v.MarshalBinary()
		}
	case AddressPort:
		var v netip.AddrPort
		if err = v.UnmarshalText([]byte(text)); err == nil {
			b, err = v.MarshalBinary()
		}
	case Prefix:
		var v netip.Prefix
		if err = v.UnmarshalText([]byte(text)); err == nil {
			b, err = v.MarshalBinary()
		}
	case BigInt:
		v, ok := new(big.Int).SetString(text, 10)
		if !ok {
			return nil, false
		}
		b, err = v.GobEncode()
	case BigRat:
		v, ok := new(big.Rat).SetString(text)
		if !ok {
			return nil, false
		}
		b, err = v.GobEncode()
	case BigFloat:
		var v big.Float
		if err = v.UnmarshalText([]byte(text)); err == nil {
			b, err = v.GobEncode()
		}
	}
	return b, err == nil
}

// time appends a time: in RFC 3339, and for units with the name of its zone.
func (e *encoder) time(m string) error {
	var v time.Time
	if i := wire.DecodeTime(m, &v); i < 0 {
		return fault(i)
	}
	name, offset := v.Zone()
	if y := v.Year(); y < 0 || y > 9999 || offset%60 != 0 || offset <= -24*3600 || offset >= 24*3600 {
		e.b = strconv.AppendInt(append(e.b, `{"seconds":"`...), v.Unix(), 10)
		e.b = strconv.AppendInt(append(e.b, `","nanos":`...), int64(v.Nanosecond()), 10)
		if v.Location() != time.UTC {
			e.b = strconv.AppendInt(append(e.b, `,"offset":`...), int64(offset), 10)
			e.b = appendString(append(e.b, `,"zone":`...), name)
		}
		e.b = append(e.b, '}')
		return nil
	}
	zoned := e.exact && v.Location() != time.UTC
	if zoned {
		e.b = append(e.b, `{"time":`...)
	}
	e.b = append(v.AppendFormat(append(e.b, '"'), time.RFC3339Nano), '"')
	if zoned {
		e.b = append(appendString(append(e.b, `,"zone":`...), name), '}')
	}
	return nil
}

// url appends a URL: its text, unless that would change it.
func (e *encoder) url(m string) error {
	var v url.URL
	if i := wire.DecodeURL(m, &v, wire.MaxDepth); i < 0 {
		return fault(i)
	}
	text := v.String()
	if back, err := url.Parse(text); err == nil && reflect.DeepEqual(back, &v) {
		e.b = appendString(e.b, text)
		return nil
	}
	e.b = append(append(append(e.b, `{"parts":"`...), base64.StdEncoding.EncodeToString([]byte(m))...), `"}`...)
	return nil
}

// single reads a value that is neither a struct nor a union, without its tag.
func (d *decoder) single(t *Type) error {
	switch t.Kind {
	case Bool:
		switch text := d.token(); text {
		case "true":
			d.b = append(d.b, 1)
		case "false":
			d.b = append(d.b, 0)
		default:
			return d.bad("want true or false")
		}
		return nil
	case Time, URL, Complex:
		if d.peek() == '{' {
			return d.parts(t)
		}
	case JSON:
		raw, err := d.raw()
		d.b = wire.AppendText(d.b, raw)
		return err
	case Binary:
		return d.base64(t)
	}
	if c := d.peek(); c != '"' && (c == '-' || c >= '0' && c <= '9') && numeric(t.Kind) {
		return d.fromText(t, d.token())
	}
	if d.peek() != '"' {
		return d.bad("want %s", wanted(t))
	}
	text, err := d.text()
	if err != nil {
		return err
	}
	return d.fromText(t, text)
}

// numeric reports whether a value may be written as a number. A duration is then
// in nanoseconds, as encoding/json has it.
func numeric(k Kind) bool {
	switch k {
	case Int, Uint, Float32, Float64, Duration, BigInt, BigFloat, BigRat:
		return true
	}
	return false
}

var wants = map[Kind]string{
	Bool: "true or false", Int: "an integer", Uint: "an integer from 0", Duration: `a duration such as "1.5s"`, Float32: "a number", Float64: "a number",
	String: "a string", Text: "a string", Time: `a time such as "2024-02-29T12:00:00Z"`, URL: "a URL", Complex: `{"real": 1, "imaginary": 2}`,
	Binary: "base64", Address: "an IP address", AddressPort: "an IP address and a port", Prefix: `a prefix such as "10.0.0.0/8"`,
	BigInt: "an integer", BigFloat: "a number", BigRat: `a fraction such as "1/3"`,
}

// wanted says what values of a type look like.
func wanted(t *Type) string {
	if len(t.Values) == 0 {
		return wants[t.Kind]
	}
	names := make([]string, len(t.Values))
	for i, v := range t.Values {
		names[i] = v.Name
	}
	return wants[t.Kind] + " or one of " + strings.Join(names, ", ")
}

// fromText appends the value that a text stands for, without a tag: that of a
// string, of a number, or of a parameter in a URL.
func (d *decoder) fromText(t *Type, s string) error {
	ok := false
	switch t.Kind {
	case Bool:
		ok = s == "true" || s == "false"
		d.b = wire.AppendBool(d.b, s == "true")
	case Int, Uint:
		ok = d.integer(t, s)
	case Duration:
		var v time.Duration
		var err error
		if v, err = time.ParseDuration(s); err != nil {
			var n int64
			n, err = strconv.ParseInt(s, 10, 64)
			v = time.Duration(n)
		}
		ok = err == nil
		d.b = wire.AppendSint(d.b, int64(v))
	case Float32:
		var bits uint64
		bits, ok = parseFloat(s, 32)
		d.b = append(d.b, byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24))
	case Float64:
		var bits uint64
		bits, ok = parseFloat(s, 64)
		for range 8 {
			d.b = append(d.b, byte(bits))
			bits >>= 8
		}
	case String, Text:
		ok = true
		d.b = wire.AppendText(d.b, s)
	case Time:
		v, err := time.Parse(time.RFC3339Nano, s)
		ok = err == nil
		d.body(func() { d.b = wire.AppendTime(d.b, v) })
	case URL:
		v, err := url.Parse(s)
		if ok = err == nil; ok {
			d.body(func() { d.b = wire.AppendURL(d.b, v) })
		}
	case Address, AddressPort, Prefix, BigInt, BigFloat, BigRat:
		var b []byte
		b, ok = bytesOf(t, s)
		d.b = wire.AppendBytes(d.b, b)
	}
	if !ok {
		return d.bad("want %s, not %s", wanted(t), strconv.Quote(s[:min(len(s), 100)]))
	}
	return nil
}

// body appends what f does as the body of a message.
func (d *decoder) body(f func()) {
	d.b = append(d.b, 0)
	at := len(d.b)
	f()
	d.b = wire.Close(d.b, at)
}

// integer appends a whole number that the type has room for, or one of its names.
func (d *decoder) integer(t *Type, s string) bool {
	for _, v := range t.Values {
		if v.Name == s {
			if t.Kind == Int {
				d.b = wire.AppendSint(d.b, v.Number)
			} else {
				d.b = wire.AppendUvarint(d.b, uint64(v.Number))
			}
			return true
		}
	}
	if strings.HasPrefix(s, "+") {
		return false
	}
	if t.Kind == Int {
		v, err := strconv.ParseInt(s, 10, t.Bits)
		d.b = wire.AppendSint(d.b, v)
		return err == nil
	}
	v, err := strconv.ParseUint(s, 10, t.Bits)
	d.b = wire.AppendUvarint(d.b, v)
	return err == nil
}

// partTypes are the objects that stand for values whose text isn't enough.
var partTypes = []Type{
	{Kind: Struct, Name: "a time", Fields: []Field{{Name: "time", Number: 1, Type: 3}, {Name: "zone", Number: 2, Type: 4}, {Name: "seconds", Number: 3, Type: 5}, {Name: "nanos", Number: 4, Type: 5}, {Name: "offset", Number: 5, Type: 5}}},
	{Kind: Struct, Name: "a URL", Fields: []Field{{Name: "parts", Number: 1, Type: 6}}},
	{Kind: Struct, Name: "a complex number", Fields: []Field{{Name: "real", Number: 1, Type: 7}, {Name: "imaginary", Number: 2, Type: 7}}},
	{Kind: Time}, {Kind: String}, {Kind: Int, Bits: 64}, {Kind: Bytes}, {Kind: Float64},
}

// parts reads such an object, and appends the value.
func (d *decoder) parts(t *Type) error {
	sub := decoder{scanner: d.scanner, types: partTypes, depth: d.depth}
	which := &partTypes[map[Kind]int{Time: 0, URL: 1, Complex: 2}[t.Kind]]
	var seen fieldSet
	err := sub.object(which, &seen)
	d.i = sub.i
	if err != nil {
		return err
	}
	var few [8]place
	found, err := places(which.Fields, string(sub.b), few[:0])
	if err != nil {
		return err
	}
	s := string(sub.b)
	switch t.Kind {
	case Complex: // the same message
		d.b = wire.AppendText(d.b, s)
		return nil
	case URL:
		var v url.URL
		parts := ""
		if at := found[0].at; at >= 0 {
			parts, _ = wire.Message(s, at)
		}
		if wire.DecodeURL(parts, &v, wire.MaxDepth) < 0 {
			return d.bad("want a URL")
		}
		d.b = wire.AppendText(d.b, parts)
		return nil
	}
	return d.zoned(s, found)
}

// zoned appends a time that was given with its zone, or in seconds.
func (d *decoder) zoned(s string, found []place) error {
	var v time.Time
	var zone string
	var numbers [3]int64
	if found[1].at >= 0 {
		zone, _ = wire.Message(s, found[1].at)
	}
	for i := range numbers {
		if at := found[2+i].at; at >= 0 {
			numbers[i], _ = wire.Sint(s, at)
		}
	}
	offset := int(numbers[2])
	inZone := found[1].at >= 0 || found[4].at >= 0
	switch rest := found[2].at >= 0 || found[3].at >= 0 || found[4].at >= 0; {
	case found[0].at >= 0 == rest:
		return d.bad("want either a time or seconds")
	case rest:
		const day = 24 * 60 * 60
		if numbers[1] < 0 || numbers[1] >= 1e9 || offset <= -2*day || offset >= 2*day {
			return d.bad("want nanoseconds below a second, and an offset below two days")
		}
		v = time.Unix(numbers[0], numbers[1]).UTC()
	default:
		m, _ := wire.Message(s, found[0].at)
		if wire.DecodeTime(m, &v) < 0 {
			return d.bad("want a time")
		}
		_, offset = v.Zone()
	}
	if len(zone) > 64 {
		return d.bad("want the name of a zone")
	}
	if inZone {
		v = v.In(time.FixedZone(zone, offset))
	}
	d.body(func() { d.b = wire.AppendTime(d.b, v) })
	return nil
}

// faultOf is the error of a value that its own type writes wrongly.
func faultOf(t *Type, what string) error { return &valueError{t.Name, what} }

type valueError struct{ of, what string }

func (e *valueError) Error() string { return e.of + ": " + e.what }
