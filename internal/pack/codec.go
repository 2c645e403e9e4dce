package pack

import (
	"fmt"
	"reflect"
	"sync"
)

// A codec writes and reads the values of one type.
type codec struct {
	write func(*writer, reflect.Value)
	read  func(*reader, reflect.Value)
}

var codecs sync.Map // reflect.Type -> *codec

// codecOf returns the codec of a type, or why it is not plain data.
func codecOf(t reflect.Type, around []reflect.Type) (*codec, error) {
	if c, ok := codecs.Load(t); ok {
		return c.(*codec), nil
	}
	for _, a := range around {
		if a == t {
			return nil, fmt.Errorf("pack: %s holds itself", t)
		}
	}
	c, err := makeCodec(t, append(around, t))
	if err != nil {
		return nil, err
	}
	codecs.Store(t, c)
	return c, nil
}

func makeCodec(t reflect.Type, around []reflect.Type) (*codec, error) {
	switch t.Kind() {
	case reflect.Bool:
		return &codec{
			func(w *writer, v reflect.Value) { w.bool(v.Bool()) },
			func(r *reader, v reflect.Value) { v.SetBool(r.uint() != 0) },
		}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return &codec{
			func(w *writer, v reflect.Value) { w.int(v.Int()) },
			func(r *reader, v reflect.Value) { v.SetInt(r.int()) },
		}, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &codec{
			func(w *writer, v reflect.Value) { w.uint(v.Uint()) },
			func(r *reader, v reflect.Value) { v.SetUint(r.uint()) },
		}, nil
	case reflect.Float32, reflect.Float64:
		return &codec{
			func(w *writer, v reflect.Value) { w.float(v.Float()) },
			func(r *reader, v reflect.Value) { v.SetFloat(r.float()) },
		}, nil
	case reflect.String:
		return &codec{
			func(w *writer, v reflect.Value) { w.string(v.String()) },
			func(r *reader, v reflect.Value) { v.SetString(r.string()) },
		}, nil
	case reflect.Struct:
		return structCodec(t, around)
	case reflect.Slice, reflect.Pointer, reflect.Map:
		return compoundCodec(t, around)
	}
	return nil, fmt.Errorf("pack: %s is not plain data", t)
}

// A field is one exported field of a struct.
type field struct {
	index int
	*codec
}

func structCodec(t reflect.Type, around []reflect.Type) (*codec, error) {
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		c, err := codecOf(f.Type, around)
		if err != nil {
			return nil, err
		}
		fields = append(fields, field{i, c})
	}
	if len(fields) > 64 {
		return nil, fmt.Errorf("pack: %s has more than 64 fields", t)
	}
	write := func(w *writer, v reflect.Value) {
		var there uint64
		for k, f := range fields {
			if !v.Field(f.index).IsZero() {
				there |= 1 << k
			}
		}
		w.uint(there)
		for k, f := range fields {
			if there&(1<<k) != 0 {
				f.write(w, v.Field(f.index))
			}
		}
	}
	read := func(r *reader, v reflect.Value) {
		there := r.uint()
		if there>>len(fields) != 0 {
			r.fail()
			return
		}
		for k, f := range fields {
			if there&(1<<k) != 0 {
				f.read(r, v.Field(f.index))
			} else {
				v.Field(f.index).SetZero()
			}
		}
	}
	return &codec{write, read}, nil
}

func compoundCodec(t reflect.Type, around []reflect.Type) (*codec, error) {
	elem, err := codecOf(t.Elem(), around)
	if err != nil {
		return nil, err
	}
	switch t.Kind() {
	case reflect.Pointer:
		return &codec{
			func(w *writer, v reflect.Value) {
				w.bool(!v.IsNil())
				if !v.IsNil() {
					elem.write(w, v.Elem())
				}
			},
			func(r *reader, v reflect.Value) {
				v.SetZero()
				if r.uint() != 0 && r.spend(1, t.Elem()) {
					v.Set(reflect.New(t.Elem()))
					elem.read(r, v.Elem())
				}
			},
		}, nil
	case reflect.Map:
		return mapCodec(t, elem)
	}
	return &codec{
		func(w *writer, v reflect.Value) {
			w.length(v.IsNil(), v.Len())
			for i := range v.Len() {
				elem.write(w, v.Index(i))
			}
		},
		func(r *reader, v reflect.Value) {
			n, isNil := r.length()
			v.SetZero()
			if isNil || !r.spend(n, t.Elem()) {
				return
			}
			v.Set(reflect.MakeSlice(t, n, n))
			for i := 0; i < n && !r.failed; i++ {
				elem.read(r, v.Index(i))
			}
		},
	}, nil
}

func mapCodec(t reflect.Type, elem *codec) (*codec, error) {
	if t.Key().Kind() != reflect.String {
		return nil, fmt.Errorf("pack: the keys of %s are no strings", t)
	}
	write := func(w *writer, v reflect.Value) {
		w.length(v.IsNil(), v.Len())
		for _, key := range sortedKeys(v) {
			w.string(key.String())
			elem.write(w, v.MapIndex(key))
		}
	}
	read := func(r *reader, v reflect.Value) {
		n, isNil := r.length()
		v.SetZero()
		if isNil || !r.spend(n, t.Elem()) {
			return
		}
		v.Set(reflect.MakeMapWithSize(t, n))
		for i := 0; i < n && !r.failed; i++ {
			key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
			key.SetString(r.string())
			elem.read(r, value)
			v.SetMapIndex(key, value)
		}
	}
	return &codec{write, read}, nil
}
