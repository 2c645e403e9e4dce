package p

import (
	"fmt"
	"runtime"
	"time"
)

type node struct {
	n    int
	next *node
}

type leaf struct {
	name string
	at   time.Time
}

type named struct{ p *int }

func (n *named) String() string { return "named" }

type Engine struct {
	text string
	root *node
	leaf *leaf
	all  map[string]*leaf
	list []leaf
	name *named
	hook func()
	ch   chan int
	ptr  *int
}

// want writes process
func (e *Engine) Percent() { e.text = fmt.Sprintf("%p", e.leaf) }

// want writes
func (e *Engine) NotPercent() { e.text = fmt.Sprintf("100%%p %v", e.leaf) }

// want writes process
func (e *Engine) Pointer() { e.text = fmt.Sprint(e.ptr) }

// want writes process
func (e *Engine) Nested() { e.text = fmt.Sprint(e.root) }

// want writes process
func (e *Engine) InMap() { e.text = fmt.Sprint("all", e.all) }

// want writes
func (e *Engine) InSlice() { e.text = fmt.Sprint(e.list, len(e.all)) }

// want writes
func (e *Engine) Stringer() { e.text = fmt.Sprint(e.name) }

// want writes process
func (e *Engine) Channel() { e.text = fmt.Sprintln(e.ch) }

// want writes process
func (e *Engine) Func() { e.text = fmt.Sprintf("%v", e.hook) }

// want writes process
func (e *Engine) Goroutine() {
	b := make([]byte, 64)
	e.text = string(b[:runtime.Stack(b, false)])
}
