package p

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"text/template"
	"time"
)

var calls int

var (
	errPlain    = errors.New("plain")
	errCounting = error(counting{})
	quiet       = sync.Pool{New: func() any { return new(bytes.Buffer) }}
	loud        = sync.Pool{New: func() any { calls++; return new(bytes.Buffer) }}
	lazy        = sync.OnceValue(func() int { calls++; return 1 })
)

// counting counts how often it is compared.
type counting struct{}

func (counting) Error() string { return "counting" }
func (counting) Is(error) bool { calls++; return false }

type wrapping struct{ err error }

func (w wrapping) Error() string { return "wrapping" }
func (w wrapping) Unwrap() error { return w.err }

// byEngine changes the engine when it is compared.
type byEngine struct{ e *Engine }

func (b byEngine) Error() string { return "by engine" }
func (b byEngine) As(any) bool   { b.e.n++; return false }

type loudName struct{ name string }

func (l loudName) String() string { calls++; return l.name }

type quietName struct{ name string }

func (q quietName) String() string { return q.name }

type row struct {
	Name loudName
	n    int
}

type quietRow struct {
	Name quietName
	Map  map[string]quietName
}

type hidden struct{ name loudName }

type pointerName struct{ n int }

func (p *pointerName) String() string { p.n++; calls++; return "" }

type loudJSON struct{ N int }

func (l *loudJSON) MarshalJSON() ([]byte, error) { calls++; return nil, nil }
func (l *loudJSON) UnmarshalJSON([]byte) error   { l.N = 1; return nil }

type decodes struct{ N int }

func (d *decodes) UnmarshalJSON([]byte) error { d.N = 1; calls++; return nil }

type value struct{}

func (value) LogValue() slog.Value { calls++; return slog.Value{} }

type byLength []string

func (b byLength) Len() int           { return len(b) }
func (b byLength) Less(i, j int) bool { return len(b[i]) < len(b[j]) }
func (b byLength) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

type countingSort []string

func (b countingSort) Len() int           { return len(b) }
func (b countingSort) Less(i, j int) bool { calls++; return len(b[i]) < len(b[j]) }
func (b countingSort) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

type queue []int

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i] < q[j] }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(int)) }
func (q *queue) Pop() any          { calls++; return nil }

type loudWriter struct{}

func (loudWriter) Write(b []byte) (int, error) { calls++; return len(b), nil }

type loudReader struct{ e *Engine }

func (l loudReader) Read([]byte) (int, error) { l.e.n++; return 0, io.EOF }

type when struct{}

func (when) Format(fmt.State, rune) { calls = int(time.Now().Unix()) }

type valuer struct{ calls *int }

func (v valuer) Deadline() (time.Time, bool) { return time.Time{}, false }
func (v valuer) Done() <-chan struct{}       { return nil }
func (v valuer) Err() error                  { return nil }
func (v valuer) Value(any) any               { *v.calls++; return nil }

type Engine struct {
	n     int
	names []string
	list  []row
	quiet []quietRow
	last  error
	less  func(a, b string) int
	pool  sync.Pool
	w     *bufio.Writer
	one   pointerName
}

func (e *Engine) plain() error    { return fmt.Errorf("x: %w", errPlain) }
func (e *Engine) wrapped() error  { return wrapping{errPlain} }
func (e *Engine) counting() error { return fmt.Errorf("x: %w", counting{}) }
func (e *Engine) both(yes bool) error {
	if yes {
		return counting{}
	}
	return nil
}

// want reads stateless
func (e *Engine) IsSentinel() bool { return errors.Is(e.plain(), errPlain) }

// want reads stateless
func (e *Engine) IsEOF() bool { return errors.Is(e.wrapped(), io.EOF) }

// want writes
func (e *Engine) IsCounting() bool { return errors.Is(counting{}, errPlain) }

// want writes
func (e *Engine) IsCountingBelow() bool { return errors.Is(wrapping{counting{}}, errPlain) }

// want writes
func (e *Engine) IsCountingByHelper() bool { return errors.Is(e.counting(), errPlain) }

// want writes
func (e *Engine) IsCountingSometimes(yes bool) bool { return errors.Is(e.both(yes), errPlain) }

// want unknown
func (e *Engine) IsCountingSentinel() bool { return errors.Is(errCounting, errPlain) }

// want writes
func (e *Engine) IsJoined() bool { return errors.Is(errors.Join(errPlain, counting{}), errPlain) }

// The caller may give one that counts.
//
// want unknown
func (e *Engine) IsGiven(err error) bool { return errors.Is(err, errPlain) }

// want unknown
func (e *Engine) IsKept() bool { return errors.Is(e.last, errPlain) }

func is(err error) bool { return errors.Is(err, errPlain) }

// want writes
func (e *Engine) IsByHelper() bool { return is(counting{}) }

// want reads stateless
func (e *Engine) IsByHelperPlain() bool { return is(errPlain) }

// want writes
func (e *Engine) AsEngine() bool { var w *wrapping; return errors.As(byEngine{e}, &w) }

// want writes
func (e *Engine) AsType() bool { _, ok := errors.AsType[wrapping](byEngine{e}); return ok }

// want reads
func (e *Engine) IsNotAs() bool { return errors.Is(byEngine{e}, errPlain) }

// want reads stateless
func (e *Engine) Compared(a, b string) bool { return strings.EqualFold(a, b) && a == b }

// want writes
func (e *Engine) Printed() string { return fmt.Sprint(loudName{"x"}) }

// want reads stateless
func (e *Engine) PrintedQuietly() string { return fmt.Sprint(quietName{"x"}, 3, "x") }

// want writes
func (e *Engine) PrintedInside() string { return fmt.Sprintf("%v", e.list) }

// want reads
func (e *Engine) PrintedInsideQuietly() string { return fmt.Sprintf("%v", e.quiet) }

// want reads stateless
func (e *Engine) PrintedHidden() string { return fmt.Sprint(hidden{}) }

// A value has no address, so that its String isn't found.
//
// want reads
func (e *Engine) PrintedValue() string { return fmt.Sprint(e.one) }

// want writes
func (e *Engine) PrintedPointer() string { return fmt.Sprint(&e.one) }

func text(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// want writes
func (e *Engine) PrintedByHelper() string { return text("%s", loudName{"x"}) }

// want reads
func (e *Engine) PrintedByHelperQuietly() string { return text("%d %s", e.n, quietName{"x"}) }

// want unknown unfollowed
func (e *Engine) PrintedAnything(x any) string { return fmt.Sprint(x) }

// want writes clock
func (e *Engine) PrintedWhen() string { return fmt.Sprint(when{}) }

// want writes
func (e *Engine) Marshalled() ([]byte, error) { return json.Marshal(&loudJSON{}) }

// want writes
func (e *Engine) MarshalledInside() ([]byte, error) {
	return json.Marshal(map[string][]*loudJSON{"x": {{N: e.n}}})
}

// want reads stateless
func (e *Engine) MarshalledDecoder() ([]byte, error) { return json.Marshal(&decodes{}) }

// want writes
func (e *Engine) Unmarshalled(b []byte) error {
	var d struct{ D decodes }
	return json.Unmarshal(b, &d)
}

// want writes output
func (e *Engine) Logged() { slog.Info("x", "value", value{}) }

// want reads output
func (e *Engine) LoggedQuietly() { slog.Info("x", "n", e.n) }

// want reads
func (e *Engine) Sorted() []string { c := slices.Clone(e.names); sort.Sort(byLength(c)); return c }

// want writes
func (e *Engine) SortedState() { sort.Sort(byLength(e.names)) }

// want writes
func (e *Engine) SortedCounting() []string {
	c := slices.Clone(e.names)
	sort.Sort(countingSort(c))
	return c
}

// want writes
func (e *Engine) SortedReverse() []string {
	c := slices.Clone(e.names)
	sort.Sort(sort.Reverse(countingSort(c)))
	return c
}

// want reads
func (e *Engine) SortedByPure() []string {
	c := slices.Clone(e.names)
	sort.Slice(c, func(i, j int) bool { return c[i] < c[j] })
	slices.SortFunc(c, cmp.Compare[string])
	return c
}

// want writes
func (e *Engine) SortedByCounting() []string {
	c := slices.Clone(e.names)
	slices.SortFunc(c, func(a, b string) int { e.n++; return cmp.Compare(a, b) })
	return c
}

// want unknown unfollowed
func (e *Engine) SortedByField() []string {
	c := slices.Clone(e.names)
	slices.SortFunc(c, e.less)
	return c
}

func sorted(c []string, less func(a, b string) int) { slices.SortFunc(c, less) }

// want writes
func (e *Engine) SortedByHelper() {
	sorted([]string{"b", "a"}, func(a, b string) int { e.n++; return 0 })
}

// want reads stateless
func (e *Engine) Heap() { q := &queue{}; heap.Push(q, 3) }

// want writes
func (e *Engine) HeapPop() { q := &queue{1}; heap.Pop(q) }

// want reads stateless
func (e *Engine) PoolQuiet() string {
	b := quiet.Get().(*bytes.Buffer)
	defer quiet.Put(b)
	return b.String()
}

// want unknown
func (e *Engine) PoolLoud() any { return loud.Get() }

// want unknown
func (e *Engine) PoolKept() any { return e.pool.Get() }

// want writes
func (e *Engine) PoolLocal() any { p := sync.Pool{New: func() any { e.n++; return 1 }}; return p.Get() }

// want writes
func (e *Engine) Once() { var o sync.Once; o.Do(func() { e.n++ }) }

// want writes
func (e *Engine) OnceValue() int { return sync.OnceValue(func() int { e.n++; return e.n })() }

// want writes
func (e *Engine) Lazy() int { return lazy() }

// want writes
func (e *Engine) Buffered() { w := bufio.NewWriter(loudWriter{}); w.WriteString("x"); w.Flush() }

// want reads stateless
func (e *Engine) BufferedQuietly() string {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	w.WriteString("x")
	w.Flush()
	return b.String()
}

// want writes
func (e *Engine) Copied() { var b bytes.Buffer; io.Copy(&b, loudReader{e}) }

// want writes
func (e *Engine) Tee() { io.ReadAll(io.TeeReader(strings.NewReader("x"), loudWriter{})) }

// want writes
func (e *Engine) ReadLimited() { io.ReadAll(io.LimitReader(loudReader{e}, 3)) }

// want writes
func (e *Engine) Scanned() { s := bufio.NewScanner(loudReader{e}); s.Scan() }

// want unknown unfollowed
func (e *Engine) Template() {
	template.Must(template.New("x").Parse("x")).Execute(os.Stdout, loudName{})
}

// want writes
func (e *Engine) Message(err error) string { return byEngineMessage(loudError{e}) }

type loudError struct{ e *Engine }

func (l loudError) Error() string { l.e.n++; return "" }

func byEngineMessage(err error) string { return err.Error() }

// want reads stateless
func (e *Engine) MessagePlain() string { return byEngineMessage(errPlain) }

// want writes
func (e *Engine) ContextValue() any { return context.Context(valuer{&e.n}).Value("x") }

// want writes
func (e *Engine) ContextValueBelow() any {
	ctx, stop := context.WithCancel(valuer{&e.n})
	stop()
	return ctx
}

// want writes goroutine
func (e *Engine) AfterFunc(ctx context.Context) { context.AfterFunc(ctx, func() { e.n++ }) }
