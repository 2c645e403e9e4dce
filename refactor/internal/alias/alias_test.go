package alias_test

import (
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/alias"
	"github.com/unweld/unweld/refactor/internal/code"
)

// functions has one function a line; the comment behind it is what Keeps says of its
// parameter p: nothing, or a part of the reason.
const functions = `package p

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"unsafe"
)

type T struct {
	N    int
	In   []int
	Next *T
	Buf  [4]byte
	mu   sync.Mutex
}

type E struct{ N int }

func (e *E) Error() string { return "" }

func (t *T) Inc()         { t.N++ }
func (t *T) Self() *T     { return t }
func (t T) Value() int    { return t.N }

var last *T
var list []*T

type S struct{ t *T; m map[*T]int; inner struct{ t *T } }

func read(p *T) int            { return p.N + len(p.In) } //
func write(p *T)               { p.N = 1; *p = T{N: 2}; p.Buf[0] = 3 } //
func method(p *T)              { p.Inc() } //
func valueMethod(p *T) int     { return p.Value() } //
func returned(p *T) *T         { return p } // is a result
func named(p *T) (out *T)      { out = p; return } // is a result
func field(p *T) *int          { return &p.N } // is a result
func element(p []int) *int     { return &p[1] } // is a result
func part(p []int) []int       { return p[1:] } // is a result
func array(p *T) []byte        { return p.Buf[:] } // is a result
func further(p *T) []int       { return p.In } //
func copied(p *T) T            { return *p } //
func next(p *T) *T             { return p.Next } //
func global(p *T)              { last = p } // is stored in last
func appended(p *T)            { list = append(list, p) } // is appended to list
func grown(p []int) []int      { return append(p, 1) } // is a result
func spread(p []int) []int     { return append([]int{}, p...) } //
func inField(s *S, p *T)       { s.inner.t = p } // is stored in s.inner.t
func key(s *S, p *T)           { s.m[p] = 1 } // is a key
func literal(p *T) S           { return S{t: p} } // is stored in a literal
func sent(c chan *T, p *T)     { c <- p } // is sent to a channel
func passed(p *T)              { write(p); method(p) } //
func passedOn(p *T)            { passed(p); global(p) } // is given to global, where it is stored in last
func self(p *T) *T             { return p.Self() } // is given to Self, where it is a result
func recursive(p *T, n int)    { if n > 0 { recursive(p, n-1) } } //
func other(p *T)               { q := p; q.N = 1 } //
func otherKept(p *T)           { q := p; r := q; last = r } // is stored in last
func closure(p *T) func()      { return func() { p.N++ } } // is used in a function literal that may run later
func called(p *T)              { func() { p.N++ }() } //
func deferred(p *T)            { defer func() { p.N++ }() } // is used in a function literal that may run later
func deferredCall(p *T)        { defer p.Inc() } // is used by a call that runs later
func started(p *T)             { go write(p) } // is used by a call that runs later
func sorted(p []int)           { sort.Slice(p, func(i, j int) bool { return p[i] < p[j] }) } //
func sortedFunc(p []int)       { slices.SortFunc(p, func(a, b int) int { return a - b - p[0]*0 }) } //
func joined(p []string) string { return strings.Join(p, ",") } //
func filled(p *T) error        { return json.Unmarshal(nil, p) } //
func wrapped(p *E) error       { return fmt.Errorf("%w", p) } // is given to Errorf
func unwrapped(p *E) error     { return errors.Join(p) } // is given to Join
func value(p *T, f func(*T))   { f(p) } // a function value
func iface(p *T, f interface{ F(*T) }) { f.F(p) } // is given to F
func boxed(p *T) any           { return any(p) } // is a result
func hidden(p *T) uintptr      { return uintptr(unsafe.Pointer(p)) } // becomes an unsafe.Pointer
func methodValue(p *T) func()  { return p.Inc } // is bound to a method value
func ranged(p map[string]int) (n int) { for _, v := range p { n += v }; return n } //
func deleted(p map[string]int) { delete(p, "a"); clear(p) } //
func locked(p *T)              { p.mu.Lock() } // is given to Lock
func nilTest(p *T) bool        { return p == nil || p != last } //
func asserted(p any) bool      { _, ok := p.(*T); return ok } // isn't followed
func callback(p *T)            { each(func(n int) { p.N += n }) } //
func each(f func(int))         { f(1) } //
func storedCallback(p *T)      { keep(func(n int) { p.N += n }) } // is used in a function literal that may run later
func keep(f func(int))         { kept = f } //

var kept func(int)
`

func TestKeeps(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "p.go": functions} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	world, err := code.Load(t.Context(), refactor.Input{Snapshot: snap}, "test")
	if err != nil {
		t.Fatal(err)
	}
	program := alias.New(world)
	want := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^func (\w+)\(.*\} // ?(.*)$`).FindAllStringSubmatch(functions, -1) {
		want[m[1]] = m[2]
	}
	scope := world.Packages[0].Types.Scope()
	for name, want := range want {
		fn := scope.Lookup(name).(*types.Func)
		for i := range fn.Signature().Params().Len() {
			if fn.Signature().Params().At(i).Name() != "p" {
				continue
			}
			if why := program.Keeps(fn, i); !strings.Contains(why, want) || want == "" && why != "" {
				t.Errorf("%s: %q, want %q", name, why, want)
			}
		}
	}
	if len(want) < 50 {
		t.Errorf("only %d functions were looked at", len(want))
	}
}
