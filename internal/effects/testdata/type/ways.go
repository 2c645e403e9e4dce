package p

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"unsafe"
)

type inner struct{ n int }

func (i *inner) bump()   { i.n++ }
func (i inner) get() int { return i.n }

type visitor interface{ visit(*inner) }

type counter struct{ total int }

func (c *counter) visit(i *inner) { c.total += i.n }

type resetter struct{}

func (resetter) visit(i *inner) { i.n = 0 }

type Engine struct {
	in    inner
	list  []*inner
	hooks []func()
	any   interface{}
	next  *Engine
	mu    sync.Mutex
}

// want writes goroutine
func (e *Engine) GoMethod() { go e.in.bump() }

// want reads goroutine
func (e *Engine) GoReads() { go func() { _ = e.in.n }() }

// want writes
func (e *Engine) BoundMethod() { f := e.in.bump; f() }

// want writes
func (e *Engine) MethodExpr() { f := (*inner).bump; f(&e.in) }

// want reads
func (e *Engine) ValueMethod() int { f := inner.get; return f(e.in) }

// want writes
func (e *Engine) DeferredBound() { defer e.in.bump() }

// want writes
func (e *Engine) ClosureInStruct() {
	s := struct{ f func() }{func() { e.in.n = 1 }}
	s.f()
}

// want reads
func (e *Engine) ClosureInStructReads() int {
	s := struct{ f func() int }{func() int { return e.in.n }}
	return s.f()
}

func (e *Engine) walk(v visitor) {
	for _, i := range e.list {
		v.visit(i)
	}
}

// The visitor is behind an interface that walk doesn't see through.
//
// want unknown unfollowed
func (e *Engine) Reset() { e.walk(resetter{}) }

// want writes
func (e *Engine) ResetOne() { resetter{}.visit(e.list[0]) }

// want reads
func (e *Engine) CountOne() int { var c counter; c.visit(e.list[0]); return c.total }

// want unknown unfollowed
func (e *Engine) Reflect() { reflect.ValueOf(e).Elem().Field(0).SetInt(1) }

// want reads
func (e *Engine) ReflectRead() bool { return reflect.DeepEqual(e.in, inner{}) }

// want writes
func (e *Engine) Unsafe() { *(*int)(unsafe.Pointer(&e.in)) = 1 }

// want unknown
func (e *Engine) UnsafeSum() { *(*int)(unsafe.Pointer(uintptr(unsafe.Pointer(&e.in)) + 8)) = 1 }

// want writes
func (e *Engine) UnsafeAdd() { *(*int)(unsafe.Add(unsafe.Pointer(&e.in), 8)) = 1 }

// want reads
func (e *Engine) UnsafeRead() int { return *(*int)(unsafe.Pointer(&e.in)) }

// want writes
func (e *Engine) Decode(b []byte) error { return json.Unmarshal(b, &e.in) }

// want reads
func (e *Engine) Encode() ([]byte, error) { return json.Marshal(e.in) }

// want writes
func (e *Engine) ThroughAny() { e.any.(*inner).n = 1 }

// want writes
func (e *Engine) ThroughCycle() { e.next.next.next.in.n = 1 }

// want writes
func (e *Engine) Keep(f func()) { e.hooks = append(e.hooks, f) }

// want unknown unfollowed
func (e *Engine) Run() { e.hooks[0]() }

// want writes
func (e *Engine) Recovered() {
	defer func() {
		if r := recover(); r != nil {
			e.in.n = 0
		}
	}()
	panic(fmt.Sprint("x"))
}

// want reads
func (e *Engine) Locked() int { e.mu.Lock(); defer e.mu.Unlock(); return e.in.n }

// want writes
func (e *Engine) Labelled() {
	func() {
		func() {
			for _, i := range e.list {
				p := &i.n
				*p = 2
			}
		}()
	}()
}

// want writes
func (e *Engine) ArrayOfPointers() { a := [2]*inner{e.list[0], nil}; b := a; b[0].n = 1 }

// want reads
func (e *Engine) StructCopy() int { c := e.in; c.n = 1; return c.n }

// want writes
func (e *Engine) Channel() { c := make(chan *inner, 1); c <- e.list[0]; (<-c).n = 1 }

// want writes
func (e *Engine) Generic() { set(&e.in.n, 1) }

func set[T any](p *T, v T) { *p = v }

// want reads
func (e *Engine) GenericRead() int { return get(&e.in.n) }

func get[T any](p *T) T { return *p }

// Whoever has the function may change the state with it.
//
// want unknown
func (e *Engine) Setter() func() { return func() { e.in.n = 1 } }

// want unknown
func (e *Engine) Bound() func() { return e.in.bump }

// want reads
func (e *Engine) Getter() func() int { return func() int { return e.in.n } }

func (e *Engine) lock() func() { e.mu.Lock(); return e.mu.Unlock }

// want reads
func (e *Engine) LockHelper() int { defer e.lock()(); return e.in.n }

// want unknown
func (e *Engine) HandOut(to *[]func()) { *to = append(*to, func() { e.in.n = 1 }) }
