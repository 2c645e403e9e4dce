package http

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/unweld/unweld/bindings/rt/link"
)

// A scanner reads JSON from the beginning to the end.
type scanner struct {
	s string
	i int
	// spare is how many bytes may be read twice, where the members of an object
	// aren't in the order in which they are needed.
	spare int
	// param: it is a parameter of a URL, and no JSON.
	param bool
}

// bad is the error of malformed input, at the present place.
func (d *scanner) bad(format string, args ...any) error {
	if d.param {
		return fmt.Errorf(format, args...)
	}
	return link.Malformed(fmt.Errorf("byte %d of the JSON: %w", d.i, fmt.Errorf(format, args...)))
}

func (d *scanner) space() {
	for d.i < len(d.s) {
		switch d.s[d.i] {
		case ' ', '\n', '\t', '\r':
			d.i++
		default:
			return
		}
	}
}

// peek returns the next byte that isn't space, and 0 at the end.
func (d *scanner) peek() byte {
	if d.i < len(d.s) && d.s[d.i] > ' ' {
		return d.s[d.i]
	}
	if d.space(); d.i < len(d.s) {
		return d.s[d.i]
	}
	return 0
}

// take reads a byte if it is the next one.
func (d *scanner) take(c byte) bool {
	if d.peek() != c {
		return false
	}
	d.i++
	return true
}

// null reads null, if that is next.
func (d *scanner) null() bool {
	if d.peek() != 'n' || !strings.HasPrefix(d.s[d.i:], "null") {
		return false
	}
	d.i += len("null")
	return true
}

// next reads what stands between two elements, or after the last one.
func (d *scanner) next(end byte) (more bool, err error) {
	switch d.peek() {
	case ',':
		d.i++
		return true, nil
	case end:
		d.i++
		return false, nil
	}
	return false, d.bad("want , or %c", end)
}

// text reads a string.
func (d *scanner) text() (string, error) {
	if !d.take('"') {
		return "", d.bad("want a string")
	}
	start := d.i
	for d.i < len(d.s) {
		switch c := d.s[d.i]; {
		case c == '"':
			d.i++
			return d.s[start : d.i-1], nil
		case c < ' ':
			return "", d.bad("a control character in a string")
		case c == '\\' || c >= utf8.RuneSelf:
			return d.escaped(start)
		}
		d.i++
	}
	return "", d.bad("it ends inside a string")
}

// escaped reads the rest of a string that began at start, from the first character
// that isn't plain.
func (d *scanner) escaped(start int) (string, error) {
	var out []byte
	copied := start
	for d.i < len(d.s) {
		switch c := d.s[d.i]; {
		case c == '"':
			d.i++
			if copied == start {
				return d.s[start : d.i-1], nil
			}
			return string(append(out, d.s[copied:d.i-1]...)), nil
		case c < ' ':
			return "", d.bad("a control character in a string")
		case c == '\\':
			out = append(out, d.s[copied:d.i]...)
			var err error
			if out, err = d.escape(out); err != nil {
				return "", err
			}
			copied = d.i
			if copied == start { // never: an escape has two bytes at least
				return "", d.bad("an escape")
			}
		case c < utf8.RuneSelf:
			d.i++
		default:
			r, size := utf8.DecodeRuneInString(d.s[d.i:])
			if r == utf8.RuneError && size == 1 {
				return "", d.bad("a string that isn't UTF-8")
			}
			d.i += size
		}
	}
	return "", d.bad("it ends inside a string")
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads what begins with a backslash.
func (d *scanner) escape(out []byte) ([]byte, error) {
	if d.i+1 < len(d.s) && d.s[d.i+1] != 'u' {
		c, ok := escapes[d.s[d.i+1]]
		if !ok {
			return nil, d.bad("no such escape")
		}
		d.i += 2
		return append(out, c), nil
	}
	r, ok := d.unicode()
	if !ok {
		return nil, d.bad("no such escape")
	}
	switch {
	case r < 0xD800 || r > 0xDFFF:
		d.i += 6
		return utf8.AppendRune(out, r), nil
	case r >= 0xDC80 && r <= 0xDCFF: // a byte that isn't UTF-8
		d.i += 6
		return append(out, byte(r)), nil
	case r >= 0xDC00:
		return nil, d.bad("a lone surrogate")
	}
	d.i += 6
	low, ok := d.unicode()
	if !ok || low < 0xDC00 || low > 0xDFFF {
		return nil, d.bad("a lone surrogate")
	}
	d.i += 6
	return utf8.AppendRune(out, (r-0xD800)<<10|(low-0xDC00)+0x10000), nil
}

// unicode returns the number in \uXXXX, which is next.
func (d *scanner) unicode() (r rune, ok bool) {
	if d.i+6 > len(d.s) || d.s[d.i] != '\\' || d.s[d.i+1] != 'u' {
		return 0, false
	}
	for _, c := range []byte(d.s[d.i+2 : d.i+6]) {
		digit := strings.IndexByte(hexDigits, c|0x20)
		if c < 'A' {
			digit = strings.IndexByte(hexDigits[:10], c)
		}
		if digit < 0 {
			return 0, false
		}
		r = r<<4 | rune(digit)
	}
	return r, true
}

// token reads a number, true or false.
func (d *scanner) token() string {
	d.space()
	start := d.i
	for d.i < len(d.s) {
		c := d.s[d.i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '-' || c == '+' || c == '.' || c == 'E' {
			d.i++
			continue
		}
		break
	}
	return d.s[start:d.i]
}

// raw reads a value of any kind as it is written.
func (d *scanner) raw() (string, error) {
	d.space()
	start, depth := d.i, 0
	for d.i < len(d.s) {
		switch c := d.s[d.i]; c {
		case '"':
			if _, err := d.text(); err != nil {
				return "", err
			}
			d.i--
		case '{', '[':
			depth++
		case '}', ']', ',', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return d.valid(start)
			}
			if c == '}' || c == ']' {
				depth--
			}
		}
		d.i++
		if depth == 0 && (d.s[d.i-1] == '}' || d.s[d.i-1] == ']' || d.s[d.i-1] == '"') {
			break
		}
	}
	return d.valid(start)
}

func (d *scanner) valid(start int) (string, error) {
	if v := d.s[start:d.i]; json.Valid([]byte(v)) {
		return v, nil
	}
	d.i = start
	return "", d.bad("a value that isn't JSON")
}

// end checks that nothing follows.
func (d *scanner) end() error {
	if d.peek() != 0 || d.i < len(d.s) {
		return d.bad("something follows the value")
	}
	return nil
}

// members calls f with each member of an object, which reads its value.
func (d *scanner) members(f func(name string) error) error {
	if !d.take('{') {
		return d.bad("want an object")
	}
	if d.take('}') {
		return nil
	}
	for more := true; more; {
		name, err := d.text()
		if err != nil {
			return err
		}
		if !d.take(':') {
			return d.bad("want :")
		}
		if err := f(name); err != nil {
			return err
		}
		if more, err = d.next('}'); err != nil {
			return err
		}
	}
	return nil
}

// elements calls f before each element of a list, which it reads.
func (d *scanner) elements(f func() error) error {
	if !d.take('[') {
		return d.bad("want a list")
	}
	if d.take(']') {
		return nil
	}
	for more := true; more; {
		if err := f(); err != nil {
			return err
		}
		var err error
		if more, err = d.next(']'); err != nil {
			return err
		}
	}
	return nil
}
