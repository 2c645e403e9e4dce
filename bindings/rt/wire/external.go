package wire

import (
	"encoding"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
)

// AppendMarshaledText appends the length and text of v.
func AppendMarshaledText(b []byte, v encoding.TextMarshaler) ([]byte, error) {
	t, err := v.MarshalText()
	return appendMarshaled(b, t, v, err)
}

// AppendMarshaledBinary appends the length and binary form of v.
func AppendMarshaledBinary(b []byte, v encoding.BinaryMarshaler) ([]byte, error) {
	t, err := v.MarshalBinary()
	return appendMarshaled(b, t, v, err)
}

// AppendMarshaledGob appends the length and gob form of v, which keeps what
// the text of a math/big value loses.
func AppendMarshaledGob(b []byte, v gob.GobEncoder) ([]byte, error) {
	t, err := v.GobEncode()
	return appendMarshaled(b, t, v, err)
}

// AppendMarshaledJSON appends the length and JSON form of v.
func AppendMarshaledJSON(b []byte, v json.Marshaler) ([]byte, error) {
	t, err := v.MarshalJSON()
	return appendMarshaled(b, t, v, err)
}

func appendMarshaled(b, t []byte, v any, err error) ([]byte, error) {
	if err != nil {
		return b, fmt.Errorf("encode %T: %w", v, err)
	}
	return AppendBytes(b, t), nil
}

// IsZero reports whether v points to a zero value, of a type that may not be
// comparable.
func IsZero[T any](v *T) bool { return reflect.ValueOf(v).Elem().IsZero() }

// UnmarshalText reads a value with its own method.
func UnmarshalText(s string, i int, v encoding.TextUnmarshaler) int {
	t, i := Message(s, i)
	if i >= 0 && v.UnmarshalText([]byte(t)) != nil {
		return faultValue
	}
	return i
}

// UnmarshalBinary reads a value with its own method.
func UnmarshalBinary(s string, i int, v encoding.BinaryUnmarshaler) int {
	t, i := Message(s, i)
	if i >= 0 && v.UnmarshalBinary([]byte(t)) != nil {
		return faultValue
	}
	return i
}

// UnmarshalGob reads a value with its own method.
func UnmarshalGob(s string, i int, v gob.GobDecoder) int {
	t, i := Message(s, i)
	if i >= 0 && v.GobDecode([]byte(t)) != nil {
		return faultValue
	}
	return i
}

// UnmarshalJSON reads a value with its own method, which is spared what isn't JSON,
// as by encoding/json.
func UnmarshalJSON(s string, i int, v json.Unmarshaler) int {
	t, i := Message(s, i)
	if i >= 0 && (!json.Valid([]byte(t)) || v.UnmarshalJSON([]byte(t)) != nil) {
		return faultValue
	}
	return i
}

// AppendComplex appends v as the body of a message: the real part (1) and the
// imaginary part (2).
func AppendComplex(b []byte, v complex128) []byte {
	b = AppendFloat64(append(b, 1<<3|TypeFixed64), real(v))
	return AppendFloat64(append(b, 2<<3|TypeFixed64), imag(v))
}

// IsZeroComplex reports whether both parts of v are plain zero.
func IsZeroComplex(v complex128) bool { return Bits64(real(v))|Bits64(imag(v)) == 0 }

// DecodeComplex reads what AppendComplex wrote.
func DecodeComplex(s string, v *complex128) int {
	var re, im float64
	i := 0
	for uint(i) < uint(len(s)) {
		var tag uint64
		tag, i = Uvarint(s, i)
		switch tag {
		case 1<<3 | TypeFixed64:
			re, i = Float64(s, i)
		case 2<<3 | TypeFixed64:
			im, i = Float64(s, i)
		default:
			i = Skip(s, i, tag)
		}
	}
	*v = complex(re, im)
	return i
}

// AppendURL appends u field by field, since its text doesn't preserve how it
// was escaped. The numbers are those of the fields in net/url, with the user's
// name and password as 12 and 13.
func AppendURL(b []byte, u *url.URL) []byte {
	for n, s := range []string{u.Scheme, u.Opaque, "", u.Host, u.Path, u.RawPath, "", "", u.RawQuery, u.Fragment, u.RawFragment} {
		if s != "" {
			b = AppendField(b, byte(n+1)<<3|TypeBytes, s)
		}
	}
	if u.OmitHost {
		b = append(b, 7<<3, 1)
	}
	if u.ForceQuery {
		b = append(b, 8<<3, 1)
	}
	if u.User == nil {
		return b
	}
	b = AppendField(b, 12<<3|TypeBytes, u.User.Username())
	if p, ok := u.User.Password(); ok {
		b = AppendField(b, 13<<3|TypeBytes, p)
	}
	return b
}

// DecodeURL reads what AppendURL wrote.
func DecodeURL(s string, u *url.URL, m Mode) int {
	var name, password string
	var hasName, hasPassword bool
	i := 0
	for uint(i) < uint(len(s)) {
		var tag uint64
		tag, i = Uvarint(s, i)
		switch tag {
		case 7 << 3:
			u.OmitHost, i = Bool(s, i)
		case 8 << 3:
			u.ForceQuery, i = Bool(s, i)
		case 12<<3 | TypeBytes:
			name, i = Text(s, i, m)
			hasName = true
		case 13<<3 | TypeBytes:
			password, i = Text(s, i, m)
			hasPassword = true
		default:
			if field := urlField(u, tag); field != nil {
				*field, i = Text(s, i, m)
			} else {
				i = Skip(s, i, tag)
			}
		}
	}
	switch {
	case hasPassword:
		u.User = url.UserPassword(name, password)
	case hasName:
		u.User = url.User(name)
	}
	return i
}

func urlField(u *url.URL, tag uint64) *string {
	if tag&7 != TypeBytes {
		return nil
	}
	switch tag >> 3 {
	case 1:
		return &u.Scheme
	case 2:
		return &u.Opaque
	case 4:
		return &u.Host
	case 5:
		return &u.Path
	case 6:
		return &u.RawPath
	case 9:
		return &u.RawQuery
	case 10:
		return &u.Fragment
	case 11:
		return &u.RawFragment
	}
	return nil
}

// Comparable reports whether what v points to can be the key of a map: what is
// behind an interface in it may be a slice or map.
func Comparable(v any) bool { return reflect.ValueOf(v).Elem().Comparable() }
