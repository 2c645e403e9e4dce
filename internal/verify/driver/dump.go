package driver

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"
)

const (
	maxText  = 4 << 10 // bytes of a value that are kept; of the others a hash is
	maxNodes = 20000
)

// A dumper spells values: all that is reachable, equal values the same way.
type dumper struct {
	run   *run
	b     strings.Builder
	seen  map[uintptr]bool
	nodes int
}

func (r *run) dump(vs []reflect.Value) string {
	d := &dumper{run: r, seen: map[uintptr]bool{}}
	first := true
	for _, v := range vs {
		if v.Type() == contextType {
			continue
		}
		if !first {
			d.b.WriteString(", ")
		}
		first = false
		d.value(v)
	}
	s := d.b.String()
	if len(s) <= maxText {
		return s
	}
	h := fnv.New64()
	h.Write([]byte(s))
	return s[:maxText] + fmt.Sprintf("... (%d bytes, %x)", len(s), h.Sum64())
}

func (d *dumper) value(v reflect.Value) {
	if d.nodes++; d.nodes > maxNodes {
		return
	}
	switch v.Kind() {
	case reflect.Invalid:
		d.b.WriteString("nil")
	case reflect.Bool:
		fmt.Fprint(&d.b, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		d.b.WriteString(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		d.b.WriteString(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32, reflect.Float64:
		d.b.WriteString(strconv.FormatFloat(v.Float(), 'g', -1, 64))
	case reflect.Complex64, reflect.Complex128:
		fmt.Fprint(&d.b, v.Complex())
	case reflect.String:
		d.b.WriteString(strconv.Quote(v.String()))
	case reflect.Interface:
		d.boxed(v)
	case reflect.Ptr:
		d.pointer(v)
	case reflect.Slice, reflect.Array:
		d.list(v)
	case reflect.Map:
		d.mapping(v)
	case reflect.Struct:
		d.structure(v)
	default: // a function, a channel
		if v.IsNil() {
			d.b.WriteString("nil")
		} else {
			d.b.WriteString(v.Kind().String())
		}
	}
}

func (d *dumper) boxed(v reflect.Value) {
	if v.IsNil() {
		d.b.WriteString("nil")
		return
	}
	if v.CanInterface() {
		if err, ok := v.Interface().(error); ok {
			d.b.WriteString(errorText(err))
			return
		}
	}
	e := v.Elem()
	if e.Kind() != reflect.Ptr && e.Kind() != reflect.Struct && e.Type().Name() != "" {
		d.b.WriteString(d.run.typeName(e.Type()) + " ")
	}
	d.value(e)
}

func errorText(err error) (s string) {
	defer func() {
		if p := recover(); p != nil {
			s = fmt.Sprintf("error %T", err)
		}
	}()
	return "error " + strconv.Quote(err.Error())
}

func (d *dumper) pointer(v reflect.Value) {
	if v.IsNil() {
		d.b.WriteString("nil")
		return
	}
	if d.seen[v.Pointer()] {
		d.b.WriteString("^")
		return
	}
	d.seen[v.Pointer()] = true
	d.b.WriteString("&")
	d.value(v.Elem())
	delete(d.seen, v.Pointer())
}

func (d *dumper) list(v reflect.Value) {
	if v.Kind() == reflect.Slice {
		if v.IsNil() {
			d.b.WriteString("nil")
			return
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			b := make([]byte, v.Len())
			for i := range b {
				b[i] = byte(v.Index(i).Uint())
			}
			d.b.WriteString(strconv.Quote(string(b)))
			return
		}
	}
	d.b.WriteString("[")
	for i := 0; i < v.Len(); i++ {
		if i > 0 {
			d.b.WriteString(" ")
		}
		d.value(v.Index(i))
	}
	d.b.WriteString("]")
}

func (d *dumper) mapping(v reflect.Value) {
	if v.IsNil() {
		d.b.WriteString("nil")
		return
	}
	var lines []string
	for _, k := range v.MapKeys() {
		e := &dumper{run: d.run, seen: d.seen, nodes: d.nodes}
		e.value(k)
		e.b.WriteString(":")
		e.value(v.MapIndex(k))
		d.nodes = e.nodes
		lines = append(lines, e.b.String())
	}
	sort.Strings(lines)
	d.b.WriteString("map[" + strings.Join(lines, " ") + "]")
}

func (d *dumper) structure(v reflect.Value) {
	t := v.Type()
	if t == timeType {
		if v.CanInterface() {
			d.b.WriteString(v.Interface().(time.Time).Format(time.RFC3339Nano))
		} else {
			d.b.WriteString("a time")
		}
		return
	}
	name := d.run.typeName(t)
	d.b.WriteString(name + "{")
	first := true
	for i := 0; i < t.NumField(); i++ {
		if d.run.other[name+"."+t.Field(i).Name] {
			continue
		}
		if !first {
			d.b.WriteString(" ")
		}
		first = false
		d.value(v.Field(i))
	}
	d.b.WriteString("}")
}
