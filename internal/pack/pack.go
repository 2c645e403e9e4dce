package pack

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"reflect"
	"slices"
	"strings"
)

const name = "uwp1"

var table = crc32.MakeTable(crc32.Castagnoli)

// ErrDamaged is the error for data that isn't an encoding of the given type.
var ErrDamaged = errors.New("pack: the bytes are not those of such a value")

// Marshal encodes v, which is plain data or a pointer to it.
func Marshal(v any) ([]byte, error) {
	value := reflect.ValueOf(v)
	if value.Kind() == reflect.Pointer && !value.IsNil() {
		value = value.Elem()
	}
	if !value.IsValid() {
		return nil, errors.New("pack: nothing to write")
	}
	c, err := codecOf(value.Type(), nil)
	if err != nil {
		return nil, err
	}
	w := &writer{index: map[string]uint64{}}
	c.write(w, value)
	return w.finish(), nil
}

// Unmarshal decodes data into v, a pointer to the type that was encoded.
// Strings in it share one copy of data. Invalid data is an error that matches
// ErrDamaged; v is then undefined. It allocates at most a few hundred times the
// size of data.
func Unmarshal(data []byte, v any) error {
	value := reflect.ValueOf(v)
	if value.Kind() != reflect.Pointer || value.IsNil() {
		return errors.New("pack: needs a pointer to read into")
	}
	c, err := codecOf(value.Type().Elem(), nil)
	if err != nil {
		return err
	}
	if len(data) < len(name)+4 || string(data[:len(name)]) != name ||
		binary.LittleEndian.Uint32(data[len(name):]) != crc32.Checksum(data[len(name)+4:], table) {
		return ErrDamaged
	}
	r := &reader{data: data[len(name)+4:], budget: maxGrowth * (len(data) + 1)}
	r.strings()
	c.read(r, value.Elem())
	if r.failed || len(r.data) > 0 {
		return ErrDamaged
	}
	return nil
}

type writer struct {
	index  map[string]uint64 // of strings, in the order of their first use
	all    []string
	values []byte
}

func (w *writer) finish() []byte {
	size := 0
	for _, s := range w.all {
		size += len(s) + 2
	}
	out := make([]byte, len(name)+4, len(name)+14+size+len(w.values))
	copy(out, name)
	out = binary.AppendUvarint(out, uint64(len(w.all)))
	for _, s := range w.all {
		out = binary.AppendUvarint(out, uint64(len(s)))
	}
	for _, s := range w.all {
		out = append(out, s...)
	}
	out = append(out, w.values...)
	binary.LittleEndian.PutUint32(out[len(name):], crc32.Checksum(out[len(name)+4:], table))
	return out
}

func (w *writer) uint(n uint64) { w.values = binary.AppendUvarint(w.values, n) }
func (w *writer) int(n int64)   { w.values = binary.AppendVarint(w.values, n) }
func (w *writer) float(f float64) {
	w.values = binary.LittleEndian.AppendUint64(w.values, math.Float64bits(f))
}

func (w *writer) bool(b bool) {
	n := uint64(0)
	if b {
		n = 1
	}
	w.uint(n)
}

// length writes how many elements follow; nil is apart from none.
func (w *writer) length(isNil bool, n int) {
	if isNil {
		w.uint(0)
		return
	}
	w.uint(uint64(n) + 1)
}

func (w *writer) string(s string) {
	i, ok := w.index[s]
	if !ok {
		i = uint64(len(w.all))
		w.index[s] = i
		w.all = append(w.all, s)
	}
	w.uint(i)
}

// maxGrowth is how many times the size of the bytes a value may have in memory.
const maxGrowth = 400

type reader struct {
	data   []byte
	table  []string
	budget int // of memory that may still be taken
	failed bool
}

func (r *reader) fail() { r.failed, r.data = true, nil }

func (r *reader) uint() uint64 {
	n, size := binary.Uvarint(r.data)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.data = r.data[size:]
	return n
}

func (r *reader) int() int64 {
	n, size := binary.Varint(r.data)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.data = r.data[size:]
	return n
}

func (r *reader) float() float64 {
	if len(r.data) < 8 {
		r.fail()
		return 0
	}
	f := math.Float64frombits(binary.LittleEndian.Uint64(r.data))
	r.data = r.data[8:]
	return f
}

// length reads what the writer's length wrote. Each element takes a byte.
func (r *reader) length() (n int, isNil bool) {
	count := r.uint()
	if count == 0 {
		return 0, true
	}
	if count-1 > uint64(len(r.data)) {
		r.fail()
		return 0, true
	}
	return int(count - 1), false
}

// spend reports whether n values of t may be made.
func (r *reader) spend(n int, t reflect.Type) bool {
	if r.budget -= n * int(t.Size()); r.budget < 0 {
		r.fail()
	}
	return !r.failed
}

func (r *reader) string() string {
	i := r.uint()
	if i >= uint64(len(r.table)) {
		r.fail()
		return ""
	}
	return r.table[i]
}

// strings reads the table of strings: parts of one copy of the bytes.
func (r *reader) strings() {
	n := r.uint()
	if n > uint64(len(r.data)) {
		r.fail()
		return
	}
	sizes := make([]int, n)
	total := uint64(0)
	for i := range sizes {
		size := r.uint()
		if total += size; size > uint64(len(r.data)) || total > uint64(len(r.data)) {
			r.fail()
			return
		}
		sizes[i] = int(size)
	}
	if total > uint64(len(r.data)) {
		r.fail()
		return
	}
	all := string(r.data[:total])
	r.data = r.data[total:]
	r.table = make([]string, n)
	for i, size := range sizes {
		r.table[i], all = all[:size], all[size:]
	}
}

func sortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}
