// Package driver calls functions with random arguments and writes down what came
// of each call. It is part of the test program that verify builds in a copy of a
// user's module, which may be written in an older version of Go.
package driver

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand"
	"os"
	"reflect"
	"regexp"
	"runtime/debug"
	"strings"
	"time"
)

// Func is a function to call.
type Func struct {
	ID     string
	F      interface{}
	Gained bool // its last result is an error that the other version doesn't have
}

// Config is what a run is told, as JSON in the file that ConfigVariable names.
type Config struct {
	Out     string            // the file to write Lines to
	Module  string            // whose structs are filled with what isn't exported, too
	Words   []string          // strings to try
	Other   []string          // fields, as Type.field, that aren't looked at
	Types   map[string]string // types whose name the other version doesn't have, by import path and name, with the name that it has
	Skip    []string          // functions by ID
	Inputs  int               // how many for each function
	Milli   int               // how long for each function
	Timeout int               // how many milliseconds one call may take
}

// ConfigVariable is the environment variable that names the file with the Config.
const ConfigVariable = "UNWELD_VERIFY"

// A Line tells of one call, or of a function.
type Line struct {
	ID    string
	Sig   string `json:",omitempty"` // once for each function, before its calls
	Not   string `json:",omitempty"` // why it can't be called
	Call  int    // counted from 1
	Begun bool   `json:",omitempty"` // the call begins now
	Hangs bool   `json:",omitempty"` // it doesn't return
	In    string `json:",omitempty"`
	Out   string `json:",omitempty"`
}

type run struct {
	config Config
	out    *os.File
	other  map[string]bool
}

// Run calls each function.
func Run(fs []Func) error {
	content, err := os.ReadFile(os.Getenv(ConfigVariable))
	if err != nil {
		return err
	}
	r := &run{other: map[string]bool{}}
	if err := json.Unmarshal(content, &r.config); err != nil {
		return err
	}
	for _, f := range r.config.Other {
		r.other[f] = true
	}
	skip := map[string]bool{}
	for _, id := range r.config.Skip {
		skip[id] = true
	}
	if r.out, err = os.Create(r.config.Out); err != nil {
		return err
	}
	debug.SetMaxStack(64 << 20)
	for _, f := range fs {
		if !skip[f.ID] {
			r.drive(f)
		}
	}
	return r.out.Close()
}

func (r *run) write(l Line) {
	b, err := json.Marshal(l)
	if err == nil {
		_, err = r.out.Write(append(b, '\n'))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

// drive calls one function.
func (r *run) drive(f Func) {
	v := reflect.ValueOf(f.F)
	t := v.Type()
	var sig []string
	for i := 0; i < t.NumIn(); i++ {
		in := t.In(i)
		if in == contextType {
			continue
		}
		sig = append(sig, r.shortType(in))
		if why := r.isData(in, 0); why != "" {
			r.write(Line{ID: f.ID, Not: why})
			return
		}
	}
	results := t.NumOut()
	if f.Gained {
		results--
	}
	r.write(Line{ID: f.ID, Sig: fmt.Sprintf("(%s), %d results", strings.Join(sig, ", "), results)})
	seed := fnv.New64()
	seed.Write([]byte(f.ID))
	end := time.Now().Add(time.Duration(r.config.Milli) * time.Millisecond)
	for i := 1; i <= r.config.Inputs && (i < 3 || time.Now().Before(end)); i++ {
		g := &generator{run: r, Rand: rand.New(rand.NewSource(int64(seed.Sum64()) + int64(i)))}
		r.call(f, v, g, i)
	}
}

func (r *run) call(f Func, v reflect.Value, g *generator, i int) {
	t := v.Type()
	args := make([]reflect.Value, t.NumIn())
	for n := range args {
		args[n] = g.argument(t.In(n), n == 0)
	}
	in := r.dump(args)
	r.write(Line{ID: f.ID, Call: i, Begun: true, In: in})
	done := make(chan string, 1)
	go func() {
		out := "it ends its goroutine"
		defer func() { done <- out }()
		defer func() {
			if p := recover(); p != nil {
				out = fmt.Sprintf("panic: %v", p)
			}
		}()
		var results []reflect.Value
		if t.IsVariadic() {
			results = v.CallSlice(args)
		} else {
			results = v.Call(args)
		}
		out = r.outcome(results, f.Gained)
	}()
	select {
	case out := <-done:
		if after := r.dump(args); after != in {
			out += "; arguments afterwards: " + after
		}
		r.write(Line{ID: f.ID, Call: i, In: in, Out: out})
	case <-time.After(time.Duration(r.config.Timeout) * time.Millisecond):
		r.write(Line{ID: f.ID, Call: i, Hangs: true, In: in})
		os.Exit(3) // what runs on may change what the others see
	}
}

// outcome spells results. The error that a function gained counts only where there
// is one.
func (r *run) outcome(results []reflect.Value, gained bool) string {
	if n := len(results) - 1; gained && n >= 0 {
		if err := results[n]; !err.IsNil() {
			return r.dump(results[n:])
		}
		results = results[:n]
	}
	if len(results) == 0 {
		return "nothing"
	}
	return r.dump(results)
}

// shortType spells a type without its packages, which may have another name in the
// other version.
func (r *run) shortType(t reflect.Type) string {
	if t.Name() != "" {
		return r.typeName(t)
	}
	switch t.Kind() {
	case reflect.Ptr:
		return "*" + r.shortType(t.Elem())
	case reflect.Slice:
		return "[]" + r.shortType(t.Elem())
	case reflect.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), r.shortType(t.Elem()))
	case reflect.Map:
		return "map[" + r.shortType(t.Key()) + "]" + r.shortType(t.Elem())
	case reflect.Chan:
		return t.ChanDir().String() + " " + r.shortType(t.Elem())
	case reflect.Func:
		return r.shortFunc(t)
	}
	return withoutPackages(t.String())
}

func (r *run) shortFunc(t reflect.Type) string {
	var in, out []string
	for i := 0; i < t.NumIn(); i++ {
		in = append(in, r.shortType(t.In(i)))
	}
	for i := 0; i < t.NumOut(); i++ {
		out = append(out, r.shortType(t.Out(i)))
	}
	return "func(" + strings.Join(in, ", ") + ") (" + strings.Join(out, ", ") + ")"
}

var inPackage = regexp.MustCompile(`[\pL\pN_~-][\pL\pN_./~-]*\.`)

// withoutPackages takes the packages out of what a type is called.
func withoutPackages(typ string) string { return inPackage.ReplaceAllString(typ, "") }

// typeName is the name by which both versions know a type.
func (r *run) typeName(t reflect.Type) string {
	if other, ok := r.config.Types[t.PkgPath()+"."+t.Name()]; ok {
		return other
	}
	return withoutPackages(t.Name())
}
