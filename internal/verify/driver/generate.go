package driver

import (
	"bytes"
	"context"
	"errors"
	"math/rand"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

var (
	contextType = reflect.TypeOf((*context.Context)(nil)).Elem()
	errorType   = reflect.TypeOf((*error)(nil)).Elem()
	timeType    = reflect.TypeOf(time.Time{})
	bufferType  = reflect.TypeOf((*bytes.Buffer)(nil))
)

const maxDepth = 5

// isData returns why values of a type can't be made up, or "".
func (r *run) isData(t reflect.Type, depth int) string {
	switch t.Kind() {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return "a parameter of type " + t.String() + " is no data"
	case reflect.Interface:
		if t != errorType && t.NumMethod() > 0 && !bufferType.Implements(t) {
			return "a parameter of type " + t.String() + " is no data"
		}
	case reflect.Ptr, reflect.Slice, reflect.Array:
		return r.isData(t.Elem(), depth)
	case reflect.Map:
		if why := r.isData(t.Key(), depth); why != "" {
			return why
		}
		return r.isData(t.Elem(), depth)
	}
	return "" // of a struct, what isn't data stays zero
}

// A generator makes up values.
type generator struct {
	*rand.Rand
	run *run
}

// argument makes an argument. What may be a receiver is never nil.
func (g *generator) argument(t reflect.Type, first bool) reflect.Value {
	v := reflect.New(t).Elem()
	if t == contextType {
		v.Set(reflect.ValueOf(context.Background()))
		return v
	}
	if first && t.Kind() == reflect.Ptr {
		v.Set(reflect.New(t.Elem()))
		g.fill(v.Elem(), 1)
		return v
	}
	g.fill(v, 0)
	return v
}

// fill gives a settable value a random content.
func (g *generator) fill(v reflect.Value, depth int) {
	t := v.Type()
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(g.Intn(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(g.integer())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		n := g.integer()
		if n < 0 {
			n = -n
		}
		v.SetUint(uint64(n))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(g.float())
	case reflect.Complex64, reflect.Complex128:
		v.SetComplex(complex(g.float(), g.float()))
	case reflect.String:
		v.SetString(g.text())
	case reflect.Array:
		for i := 0; i < v.Len() && i < 64; i++ {
			g.fill(v.Index(i), depth+1)
		}
	case reflect.Slice:
		g.slice(v, depth)
	case reflect.Map:
		g.mapping(v, depth)
	case reflect.Ptr:
		if depth < maxDepth && g.Intn(6) > 0 && g.run.isData(t.Elem(), 0) == "" {
			v.Set(reflect.New(t.Elem()))
			g.fill(v.Elem(), depth+1)
		}
	case reflect.Struct:
		g.structure(v, depth)
	case reflect.Interface:
		g.boxed(v)
	}
}

func (g *generator) slice(v reflect.Value, depth int) {
	if depth >= maxDepth || g.Intn(6) == 0 || g.run.isData(v.Type().Elem(), 0) != "" {
		return
	}
	n := g.Intn(5)
	s := reflect.MakeSlice(v.Type(), n, n)
	for i := 0; i < n; i++ {
		g.fill(s.Index(i), depth+1)
	}
	v.Set(s)
}

func (g *generator) mapping(v reflect.Value, depth int) {
	t := v.Type()
	if depth >= maxDepth || g.Intn(8) == 0 || g.run.isData(t, 0) != "" {
		return
	}
	m := reflect.MakeMap(t)
	for n := g.Intn(4); n > 0; n-- {
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		g.fill(key, depth+1)
		g.fill(value, depth+1)
		if key.Kind() == reflect.Interface && !key.IsNil() && !key.Elem().Type().Comparable() {
			continue
		}
		m.SetMapIndex(key, value)
	}
	v.Set(m)
}

// structure fills what is exported, and of the module's own structs the rest, too.
func (g *generator) structure(v reflect.Value, depth int) {
	t := v.Type()
	if t == timeType {
		v.Set(reflect.ValueOf(time.Unix(g.integer()*3600, 0).UTC()))
		return
	}
	if depth >= maxDepth {
		return
	}
	own := t.PkgPath() == "" || t.PkgPath() == g.run.config.Module || strings.HasPrefix(t.PkgPath(), g.run.config.Module+"/")
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		if g.run.other[g.run.typeName(t)+"."+f.Name] || g.run.isData(f.Type, 0) != "" {
			continue
		}
		field := v.Field(i)
		if f.PkgPath != "" && !field.CanSet() {
			if !own {
				continue
			}
			field = reflect.NewAt(f.Type, unsafe.Pointer(field.UnsafeAddr())).Elem()
		}
		g.fill(field, depth+1)
	}
}

// boxed fills an interface.
func (g *generator) boxed(v reflect.Value) {
	switch {
	case v.Type() == errorType:
		if g.Intn(2) == 0 {
			v.Set(reflect.ValueOf(errors.New(g.text())))
		}
	case v.NumMethod() > 0:
		if bufferType.Implements(v.Type()) {
			v.Set(reflect.ValueOf(bytes.NewBufferString(g.text())))
		}
	default:
		switch g.Intn(4) {
		case 0:
			v.Set(reflect.ValueOf(int(g.integer())))
		case 1:
			v.Set(reflect.ValueOf(g.text()))
		case 2:
			v.Set(reflect.ValueOf(g.Intn(2) == 0))
		}
	}
}

// integer is small in most cases: it may be the size of something.
func (g *generator) integer() int64 {
	switch n := g.Intn(20); {
	case n < 12:
		return int64(g.Intn(13) - 3)
	case n < 16:
		return int64(g.Intn(512) - 128)
	case n < 18 && len(g.run.config.Words) > 0:
		if i, err := strconv.ParseInt(g.run.config.Words[g.Intn(len(g.run.config.Words))], 0, 32); err == nil && i < 1<<16 && i > -1<<16 {
			return i + int64(g.Intn(3)-1)
		}
	}
	return int64(g.Intn(1<<16) - 1<<15)
}

func (g *generator) float() float64 {
	switch g.Intn(8) {
	case 0:
		return 0
	case 1:
		return float64(g.integer()) / 4
	case 2:
		return g.NormFloat64() * 1e6
	}
	return float64(g.Intn(200)-50) / 2
}

var samples = []string{
	"", "a", "A", "b", "ab", "abc", "x", "0", "1", "42", "-7", "3.5", "true", "false", "null", " ", "a b", "hello, world", "key=value",
	"a,b,c", "a/b", "a.b", "a:b", "/", ".", "-", "_", "é", "日本", "\n", "line\nline\n", "\t", "\x00", "\xff", "%", "%d", "{}", "{\"a\":1}", "[1,2]", "<a>", "\"", "'",
	"2024-02-29", "2024-02-29T12:00:00Z", "user@example.com", "example.com", "127.0.0.1", "1h30m", "v1.2.3",
}

func (g *generator) text() string {
	words := g.run.config.Words
	switch n := g.Intn(10); {
	case n < 4 && len(words) > 0:
		return words[g.Intn(len(words))]
	case n < 7:
		return samples[g.Intn(len(samples))]
	case n < 9:
		return samples[g.Intn(len(samples))] + g.word() + samples[g.Intn(len(samples))]
	}
	return g.word()
}

func (g *generator) word() string {
	if words := g.run.config.Words; len(words) > 0 && g.Intn(2) == 0 {
		return words[g.Intn(len(words))]
	}
	b := make([]byte, g.Intn(8))
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyzABC0123456789 ,.-"[g.Intn(43)]
	}
	return string(b)
}
