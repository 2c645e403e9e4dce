package effects

import (
	"fmt"
	"strings"
	"testing"
)

// A parameter counts as changed where the caller sees it: not what append
// writes behind the end of a slice.
func TestMutates(t *testing.T) {
	p, _ := program(t, `-- p/p.go --
package p

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math/big"
	"sort"
)

type T struct{ N int; In []int }

func Set(p []byte) int        { p[0] = 1; return 1 }
func Through(n int, p []byte) { Set(p) }
func Add(p []byte) []byte     { return append(p, 1) }
func AddAll(p []byte) []byte {
	for range 3 {
		p = append(p, 1)
	}
	return Add(p)
}
func AddThenSet(p []byte) []byte { q := append(p, 1); p[0] = 2; return q }
func Over(p []byte) []byte       { return append(p[:0], 1) }
func OverThrough(p []byte)       { Add(p[:1]) }
func Delete(p []int) []int       { return append(p[:1], p[2:]...) }
func Copy(p []byte) []byte       { return append([]byte(nil), p...) }
func Value(t T) int              { t.N = 1; return t.N }
func Inner(t T)                  { t.In[0] = 1 }
func Pointer(t *T)               { t.N = 1 }
func Key(m map[string]int)       { m["a"] = 1 }
func Sort(xs ...int)             { sort.Ints(xs) }
func Read(t *T, p []byte) int    { return t.N + len(p) }
func Big(x *big.Int) string { return new(big.Int).Set(x).Add(x, x).String() }
func Rest(x, m *big.Int)    { new(big.Int).DivMod(x, x, m) }
func Parsed(src []byte) {
	fset := token.NewFileSet()
	f, _ := parser.ParseFile(fset, "", src, 0)
	ast.SortImports(fset, f)
}
func Local(p []byte) {
	q := make([]byte, len(p))
	copy(q, p)
	q[0] = 1
}
`)
	methods, err := p.Funcs(t.Context(), "m/p")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"Set": "0", "Through": "1", "AddThenSet": "0", "Over": "0", "OverThrough": "0", "Delete": "0", "Inner": "0", "Pointer": "0", "Key": "0", "Sort": "0", "Rest": "1"}
	for name, m := range methods {
		var got []string
		for _, x := range m.Mutates {
			got = append(got, fmt.Sprint(x.Param))
		}
		if s := strings.Join(got, " "); s != want[name] {
			t.Errorf("%s changes parameters %q, want %q", name, s, want[name])
		}
	}
	if at := methods["Through"].Mutates[0].At; at.Span.Line != 13 || len(at.Path) != 1 {
		t.Errorf("Through: got %v, want the write in Set", at)
	}
}
