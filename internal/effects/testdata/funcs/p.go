package p

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
)

var (
	ErrBad  = errors.New("bad")
	entity  = map[string]rune{"amp": '&'}
	count   int
	cache   map[string]string
	once    sync.Once
	table   map[string]int
	upper   = strings.ToUpper
	layouts = sync.OnceValue(func() []string { return []string{"a"} })
)

// want reads stateless
func Escape(s string) (string, error) {
	if s == "" {
		return "", ErrBad
	}
	return upper(s), nil
}

// want reads stateless
func Lookup(s string) rune { return entity[s] }

// want writes
func Count() int { count++; return count }

// want reads
func Counted() int { return count }

// want writes
func Cached(s string) { cache[s] = s }

// want writes
func Lazy(s string) int { once.Do(fill); return table[s] }

func fill() { table = map[string]int{"a": 1} }

// want reads stateless
func Layout() string { return layouts()[0] }

// want reads stateless unfollowed
func Copy(w io.Writer, b []byte) error { _, err := w.Write(b); return err }

// want reads stateless
func Buffer(s string) string { var b bytes.Buffer; b.WriteString(s); return b.String() }
