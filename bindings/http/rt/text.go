package http

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendString appends a string of JSON. A byte that isn't UTF-8 becomes a lone
// surrogate, as in PEP 383.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, `\n`...)
			case '\r':
				b = append(b, `\r`...)
			case '\t':
				b = append(b, `\t`...)
			default:
				b = append(b, `\u00`...)
				b = append(b, hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b = append(b, s[start:i]...)
			b = append(b, `\udc`...)
			b = append(b, hexDigits[c>>4], hexDigits[c&15])
			start = i + 1
		}
		i += size
	}
	return append(append(b, s[start:]...), '"')
}

// The bits of what math.NaN returns.
const (
	nan64 = 0x7FF8000000000001
	nan32 = 0x7FC00000
)

// appendFloat appends a number as encoding/json writes it, and for those that
// aren't numbers their names.
func appendFloat(b []byte, v float64, bits uint64, size int) []byte {
	switch {
	case math.IsNaN(v):
		b = append(b, `"NaN`...)
		if size == 64 && bits != nan64 || size == 32 && bits != nan32 {
			b = strconv.AppendUint(append(b, ':'), bits, 16)
		}
		return append(b, '"')
	case math.IsInf(v, 1):
		return append(b, `"Infinity"`...)
	case math.IsInf(v, -1):
		return append(b, `"-Infinity"`...)
	}
	format := byte('f')
	if abs := math.Abs(v); abs != 0 && (size == 64 && (abs < 1e-6 || abs >= 1e21) || size == 32 && (float32(abs) < 1e-6 || float32(abs) >= 1e21)) {
		format = 'e'
	}
	return strconv.AppendFloat(b, v, format, -1, size)
}

// parseFloat reads what appendFloat wrote, without the quotes; bits are those of
// the given size.
func parseFloat(s string, size int) (bits uint64, ok bool) {
	var v float64
	switch {
	case s == "NaN" && size == 64:
		return nan64, true
	case s == "NaN":
		return nan32, true
	case s == "Infinity":
		v = math.Inf(1)
	case s == "-Infinity":
		v = math.Inf(-1)
	case strings.HasPrefix(s, "NaN:"):
		bits, err := strconv.ParseUint(s[len("NaN:"):], 16, size)
		if err != nil || size == 64 && !math.IsNaN(math.Float64frombits(bits)) || size == 32 && !math.IsNaN(float64(math.Float32frombits(uint32(bits)))) {
			return 0, false
		}
		return bits, true
	default:
		var err error
		if v, err = strconv.ParseFloat(s, size); err != nil || !isNumber(s) {
			return 0, false
		}
	}
	if size == 32 {
		return uint64(math.Float32bits(float32(v))), true
	}
	return math.Float64bits(v), true
}

// isNumber reports whether s is a number of JSON.
func isNumber(s string) bool {
	digits := func() bool {
		n := 0
		for n < len(s) && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		s = s[n:]
		return n > 0
	}
	s = strings.TrimPrefix(s, "-")
	if strings.HasPrefix(s, "0") {
		s = s[1:]
	} else if !digits() {
		return false
	}
	if strings.HasPrefix(s, ".") {
		if s = s[1:]; !digits() {
			return false
		}
	}
	if s != "" && s[0]|0x20 == 'e' {
		if s = s[1:]; s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if !digits() {
			return false
		}
	}
	return s == ""
}
