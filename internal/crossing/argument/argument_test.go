package argument

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

var std = importer.ForCompiler(token.NewFileSet(), "source", nil)

// linked links one package, with at most limit facts of a function as they are.
func linked(t *testing.T, src string, limit int) (*Linked, *types.Package) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Implicits: map[ast.Node]types.Object{}}
	pkg, err := (&types.Config{Importer: std}).Check("m/p", fset, []*ast.File{f}, info)
	if err != nil {
		t.Fatal(err)
	}
	source := &Source{Info: info, Local: func(path string) bool { return path == "m/p" }, Span: func(pos, _ token.Pos) text.Span {
		return text.Span{File: "p.go", Line: fset.Position(pos).Line}
	}}
	facts := map[component.Subject][]Fact{}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			facts[Subject(info.Defs[fn.Name].(*types.Func))] = Coarse(Of(source, fn), limit)
		}
	}
	return Link(facts), pkg
}

// TestMutations has one function a line; the comment behind it is what is
// expected: the numbers of the parameters that it changes, with ? where it may.
func TestMutations(t *testing.T) {
	src := `package p

import (
	"bytes"
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"sort"
	"strconv"
	"sync"
	"net/netip"
	"time"
)

type T struct{ N int; In []int; Next *T; M map[string]*T; mu sync.Mutex }

func set(p []byte)            { p[0] = 1 } // 0

type day struct { At time.Time; Hours []time.Time }
func days(ds []day, from time.Time) []day { for d := from.UTC(); len(ds) < 3; d = d.AddDate(0, 0, 1) { ds = append(ds, day{At: d, Hours: []time.Time{from}}) }; return ds } //
func sortedDays(from time.Time) []day { ds := days(nil, from); for i, d := range ds { sort.Slice(d.Hours, nil); ds[i] = d }; sort.Slice(ds, nil); return ds } //
func sortedTimes(ts []time.Time) { sort.Slice(ts, func(i, j int) bool { return ts[i].Before(ts[j]) }) } // 0
func setTime(p *time.Time) { *p = p.Add(1) } // 0
func inZone(z *time.Location, a netip.Addr) []any { out := []any{z, a}; out[0] = time.Now().In(z); return out } //
func unknownTime(t time.Time, a netip.Prefix, f func(any)) { f(t); f(a) } //
func through(n int, p []byte) { set(p) } // 1
func twice(n int, p []byte)   { through(n, p[2:]) } // 1
func add(p []byte) []byte     { return append(p, 1) } //
func addAll(p []byte) []byte  { for range 3 { p = append(p, 1) }; return add(p) } //
func addThenSet(p []byte) []byte { q := append(p, 1); p[0] = 2; return q } // 0
func over(p []byte) []byte    { return append(p[:0], 1) } // 0
func filter(p []int) []int    { out := p[:0]; for _, x := range p { if x > 0 { out = append(out, x) } }; return out } // 0
func remove(p []int) []int    { return append(p[:1], p[2:]...) } // 0
func copied(p []byte) []byte  { return append([]byte(nil), p...) } //
func cloned(p []int) []int    { p = slices.Clone(p); p[0] = 1; sort.Ints(p); return p } //
func clonedLate(p []int)      { p[0] = 1; p = slices.Clone(p) } // 0
func clonedMaybe(p []int, b bool) { if b { p = slices.Clone(p) }; p[0] = 1 } // 0
func value(t T) int           { t.N = 1; return t.N } //
func inner(t T)               { t.In[0] = 1 } // 0
func pointer(t *T)            { t.N = 1 } // 0
func deep(t *T)               { t.Next.Next.N++ } // 0
func swap(t *T)               { *t = T{} } // 0
func copyOf(t *T)             { c := *t; c.N = 1 } //
func copyDeep(t *T)           { c := *t; c.In[0] = 1 } // 0
func key(m map[string]int)    { m["a"] = 1 } // 0
func del(m map[string]int)    { delete(m, "a") } // 0
func wipe(m map[string]int)   { clear(m) } // 0
func variadic(xs ...int)      { sort.Ints(xs) } // 0
func spread(xs []int)         { variadic(xs...) } // 0
func spreadOne(x int, xs []int) { variadic(x, xs[0]) } //
func pointers(xs ...*int)     { *xs[0] = 1 } // 0
func spreadPointers(a, b *int) { pointers(a, b) } // 0 1
func read(t *T, p []byte) int { return t.N + len(p) } //
func bigSum(x *big.Int) string { return new(big.Int).Set(x).Add(x, x).String() } //
func bigRest(x, m *big.Int)   { new(big.Int).DivMod(x, x, m) } // 1
func local(p []byte)          { q := make([]byte, len(p)); copy(q, p); q[0] = 1 } //
func fill(p []byte) (int, error) { return io.ReadFull(rand.Reader, p) } // 0
func fillBuffered(r *bufio.Reader, p []byte) { r.Read(p) } // 0 1
func fillReader(r io.Reader, p []byte) { r.Read(p) } // 1
func fillRand(p []byte)       { rand.Read(p) } // 0
func fillBinary(v *int32)     { binary.Read(bytes.NewReader(nil), binary.LittleEndian, v) } // 0
func fillJSON(b []byte, t *T) error { return json.Unmarshal(b, t) } // 1
func fillDecoder(t *T) error  { return json.NewDecoder(nil).Decode(t) } // 0
func scan(s string, n *int)   { fmt.Sscan(s, n) } // 1
func as(err error, t **T) bool { return errors.As(err, t) } // 1
func put(p []byte)            { binary.BigEndian.PutUint16(p[2:], 7) } // 0
func number(p []byte) []byte  { return strconv.AppendInt(p, 1, 10) } //
func numberOver(p []byte) []byte { return strconv.AppendInt(p[:0], 1, 10) } // 0
func trim(p []byte)           { bytes.TrimSpace(p)[0] = 1 } // 0
func merge(a, b map[string]int) { maps.Copy(a, b) } // 0
func less(p []*T)             { slices.SortFunc(p, func(a, b *T) int { return a.N - b.N }) } // 0
func each(p []*T, f func(*T)) { for _, x := range p { f(x) } } // 0?
func callback(p []*T)         { each(p, func(x *T) { x.N = 1 }) } // 0
func closure(p []int)         { f := func() { p[0] = 1 }; f() } // 0
func literal(p []int)         { f := func(q []int) { q[0] = 1 }; f(p) } // 0
func deferred(p []int)        { defer func() { p[0] = 1 }() } // 0
func started(p []int)         { go func() { p[0] = 1 }() } // 0?
func ranged(ts []*T)          { for _, t := range ts { t.N = 1 } } // 0
func rangedCopy(ts []T)       { for _, t := range ts { t.N = 1 } } //
func rangedIndex(ts []T)      { for i := range ts { ts[i].N = 1 } } // 0
func locked(t *T)             { t.mu.Lock(); defer t.mu.Unlock() } //
func array(a [4]int) int      { a[0] = 1; return a[0] } //
func arrayPointer(a *[4]int)  { a[0] = 1 } // 0
func slicedArray(a *[4]byte)  { set(a[:]) } // 0
func ownArray(p []byte)       { var a [4]byte; copy(a[:], p); set(a[:]) } //
func alias(t *T)              { u := t; v := &u.In; (*v)[0] = 1 } // 0
func interior(t *T)           { n := &t.N; *n = 1 } // 0
func addressOf(n int)         { p := &n; *p = 1 } //
func typed(x any)             { switch v := x.(type) { case *T: v.N = 1 } } // 0
func asserted(x any)          { x.(*T).N = 1 } // 0

func id(p []byte) []byte      { return p } //
func tail(t *T) *T            { return t.Next } //
func throughResult(p []byte)  { id(p)[0] = 1 } // 0
func throughTail(t *T)        { tail(t).N = 1 } // 0
func freshResult(p []byte)    { copied(p)[0] = 1 } //
func twoResults(p []byte)     { id(id(p))[0] = 1 } // 0

type writer struct { buf []byte; n int; other []byte }

func newWriter(p []byte) *writer { return &writer{buf: p} } //
func (w *writer) put(x byte)     { w.buf[w.n] = x; w.n++ } //
func (w *writer) skip()          { w.n++ } //
func (w *writer) note()          { w.other[0] = 1 } //
func wrapped(p []byte)           { w := &writer{buf: p}; w.put(1) } // 0
func wrappedValue(p []byte)      { w := writer{buf: p}; w.put(1) } // 0
func wrappedOnly(p []byte)       { w := &writer{buf: p, other: make([]byte, 1)}; w.skip(); w.note() } //
func made(p []byte)              { newWriter(p).put(1) } // 0
func madeOnly(p []byte)          { w := newWriter(p); w.skip(); w.n = 3 } //
func assigned(p []byte)          { var w writer; w.buf = p; w.put(1) } // 0
func field(p []byte)             { w := newWriter(p); w.buf[0] = 1 } // 0
func (w *writer) keep(p []byte)  { w.buf = p; w.buf[0] = 1 } // 1
type keeper struct { m map[string][]byte; list [][]byte; last []byte; in *keeper }
func (k *keeper) put(key string, v []byte) { k.m[key] = v; k.m["n"] = nil } //
func (k *keeper) push(v []byte)  { k.list = append(k.list, v); k.list[0] = nil } //
func (k *keeper) pushed(v []byte) { k.list = append(k.list, v); k.list[0][0] = 1 } // 1
func (k *keeper) nested(v []byte) { k.in.last = v; k.in.in = nil; k.in.last = nil } //
type outer struct{ *writer }
type outerValue struct{ writer }
func promoted(o outer)           { o.put(1) } // 0
func promotedValue(o *outerValue) { o.put(1) } // 0
func promotedCopy(o outerValue)  { o.skip() } //

func recursive(t *T)             { if t != nil { t.N = 1; recursive(t.Next) } } // 0
func even(t *T, n int)           { if n > 0 { odd(t, n-1) } } // 0
func odd(t *T, n int)            { t.N = n; even(t, n-1) } // 0
func generic[E any](p []E, e E)  { p[0] = e } // 0
func useGeneric(p []int)         { generic(p, 1) } // 0
type store interface{ Put(*T) }
func behind(s store, t *T)       { s.Put(t) } // 0? 1?
func dynamic(f func([]int), p []int) { f(p) } // 1?
func (t *T) method(u *T)         { t.N = 1; u.N = 2 } // 1
func printed(t *T)               { fmt.Println(t, t.In) } //
func composed(a []byte) [][]byte { return [][]byte{a, nil} } //
func inList(a []byte)            { composed(a)[0][0] = 1 } // 0

func (t *T) bump()               { t.N++ } //
func (t T) bumpIn()              { t.In[0]++ } //
func (t T) look()                { t.N++ } //
func methodValue(t *T)           { f := t.bump; f() } // 0
func methodValueIn(t T)          { f := t.bumpIn; f() } // 0
func methodValueCopy(t *T)       { f := t.look; f() } //
func methodExpr(t *T)            { f := (*T).bump; f(t) } // 0
func methodDeferred(t *T)        { f := t.bump; defer f() } // 0
func functionValue(p []byte)     { f := set; f(p) } // 0
func functionGeneric(p []int)    { f := generic[int]; f(p, 1) } // 0
func functionOfTwo(p []byte, b bool) { f := set; if b { f = func([]byte) {} }; f(p) } // 0
func functionElse(p []byte)      { f := id; f(p) } //
func functionResult(p []byte)    { f := id; f(p)[0] = 1 } // 0
func functionGiven(ts []*T)      { slices.ContainsFunc(ts, func(t *T) bool { t.N = 1; return false }) } // 0
func functionNamed(ts []*T)      { slices.ContainsFunc(ts, isSet) } // 0
func isSet(t *T) bool            { t.N = 1; return true } // 0
func functionInField(p []byte)   { w := struct{ f func([]byte) }{set}; w.f(p) } // 0
func loop(ts []*T)               { f := ts[0].bump; for range 3 { f(); f = ts[1].bump } } // 0

func sent(t *T)                  { c := make(chan *T, 1); c <- t; (<-c).N = 1 } // 0
func sentRanged(t *T)            { c := make(chan *T, 1); c <- t; close(c); for x := range c { x.N = 1 } } // 0
func sentOnly(t *T)              { c := make(chan *T, 1); c <- t; _ = (<-c).N } //
func sentAway(c chan *T, t *T)   { c <- t } // 1?
func sentSelect(t *T)            { c := make(chan *T, 1); select { case c <- t: default: }; x, _ := <-c; x.N = 1 } // 0
func sentNumber(c chan int, t *T) { c <- t.N } //

func values(ts []*T)             { for t := range slices.Values(ts) { t.N = 1 } } // 0
func valuesTwo(ts []*T)          { for _, t := range slices.Backward(ts) { t.N = 1 } } // 0
func keys(m map[*T]bool)         { for t := range maps.Keys(m) { t.N = 1 } } // 0
func valuesCopied(ts []T)        { for t := range slices.Values(ts) { t.N = 1 } } //
func clonedElem(ts []*T)         { slices.Clone(ts)[0].N = 1 } // 0
func clonedOuter(ts []*T)        { c := slices.Clone(ts); c[0] = nil } //
func clonedMap(m map[string]*T)  { c := maps.Clone(m); c["a"].N = 1 } // 0
func clonedDeeper(pp [][]int)    { slices.Clone(pp)[0][0] = 1 } // 0
func collected(m map[string]*T)  { slices.Collect(maps.Values(m))[0].N = 1 } // 0
func concat(ts, us []*T)         { slices.Concat(ts, us)[0].N = 1 } // 0 1
func copiedElem(ts []*T)         { c := make([]*T, len(ts)); copy(c, ts); c[0].N = 1 } // 0
func copiedOuter(ts []*T)        { c := make([]*T, len(ts)); copy(c, ts); c[0] = nil } //
type counter interface{ Count(int) }
func behindNumber(s counter, t *T) { s.Count(t.N) } // 0?
func dynamicNumber(f func(int), t *T) { f(t.N) } //
func newed(t *T)                 { n := new(T); n.Next = t; n.Next.N = 1 } // 0
func newedOnly(t *T)             { n := new(T); n.Next = t; n.N = 1 } //
func mapped(t *T)                { m := make(map[string]*T); m["a"] = t; m["a"].N = 1 } // 0
func (k *keeper) keepThen(v []byte) { k.last = v; k.touch() } // 1
func (k *keeper) keepElse(v []byte) { k.last = v; k.peek() } //
func (k *keeper) touch()         { k.last[0] = 1 } //
func (k *keeper) peek()          { k.in = nil } //

func getter(ts []*T) func() *T   { return func() *T { return ts[0] } } //
func got(ts []*T)                { f := getter(ts); t := f(); t.N = 1 } // 0
func gotAndRead(ts []*T) int     { return getter(ts)().N } //
func namedGetter(ts []*T) (f func() *T) { f = func() *T { return ts[0] }; return } //
func gotNamed(ts []*T)           { namedGetter(ts)().N = 1 } // 0
func namedResult(ts []*T) (t *T) { t = ts[0]; return } //
func namedThen(ts []*T)          { namedResult(ts).N = 1 } // 0
func namedOther(ts []*T) (t *T)  { t = ts[0]; t = new(T); return } //
func namedOtherThen(ts []*T)     { namedOther(ts).N = 1 } //
func gotHere(ts []*T)            { f := func() *T { return ts[0] }; f().N = 1 } // 0
func gotNew(ts []*T)             { f := func() *T { return &T{N: len(ts)} }; f().N = 1 } //
type opened struct{ get func() *T }
func open(ts []*T) opened        { return opened{func() *T { return ts[0] }} } //
func openThen(ts []*T)           { o := open(ts); o.get().N = 1 } // 0
func openAndRead(ts []*T) int    { o := open(ts); return o.get().N } //
type list []*T
func (l list) first() *T         { return l[0] } //
func openMethod(ts []*T) opened  { return opened{list(ts).first} } //
func openMethodThen(ts []*T)     { openMethod(ts).get().N = 1 } // 0
func eachOf(ts []*T) func(func(*T) bool) { return func(yield func(*T) bool) { for _, t := range ts { if !yield(t) { return } } } } // 0?
func eachThen(ts []*T)           { for t := range eachOf(ts) { t.N = 1 } } // 0
func eachHere(ts []*T)           { for t := range func(yield func(*T) bool) { yield(ts[0]) } { t.N = 1 } } // 0
func filled(ts []*T) chan *T     { c := make(chan *T, 9); for _, t := range ts { c <- t }; close(c); return c } //
func filledThen(ts []*T)         { for t := range filled(ts) { t.N = 1 } } // 0
func filledAndRead(ts []*T) int  { return (<-filled(ts)).N } //
func later(ts []*T) func()       { return func() { ts[0].N = 1 } } // 0
`
	l, pkg := linked(t, src, math.MaxInt)
	coarse, _ := linked(t, src, 0)
	for line := range strings.Lines(src) {
		head, want, ok := strings.Cut(strings.TrimSpace(line), "} //")
		if !ok || !strings.HasPrefix(head, "func ") {
			continue
		}
		s, shift := named(pkg, head)
		var got []string
		for _, m := range l.Of(s) {
			if m.Param < shift {
				continue
			}
			mark := "?"
			if m.Certain {
				mark = ""
			}
			got = append(got, fmt.Sprint(m.Param, mark))
			if !slices.ContainsFunc(coarse.Of(s), func(c Mutation) bool { return c.Param == m.Param }) {
				t.Errorf("%s\n\twith coarse facts it doesn't change %d", head, m.Param)
			}
		}
		if g := strings.ReplaceAll(strings.Join(got, " "), " ?", "?"); g != strings.TrimSpace(want) {
			t.Errorf("%s\n\tchanges %q, want %q", head, g, strings.TrimSpace(want))
		}
	}
}

// named returns the function that a line declares, and how many of its
// parameters are receivers.
func named(pkg *types.Package, head string) (component.Subject, int) {
	rest := strings.TrimPrefix(head, "func ")
	s := component.Subject{Decl: component.DeclID{Pkg: pkg.Path()}}
	if recv, after, ok := strings.Cut(rest, ") "); ok && strings.HasPrefix(rest, "(") {
		s.Decl.Name = strings.TrimLeft(recv[strings.LastIndexByte(recv, ' ')+1:], "*")
		s.Member, _, _ = strings.Cut(after, "(")
		return s, 1
	}
	s.Decl.Name = rest[:strings.IndexAny(rest, "([")]
	return s, 0
}
