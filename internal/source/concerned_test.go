package source

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// verdicts returns what is wrong after edits, as Problems finds it that knows what was
// before, and as it finds it without; and how many bodies the first didn't check.
func verdicts(t *testing.T, s *Snapshot, before []*Package, overlay map[string][]byte) (got, want []component.Problem, spared int64) {
	t.Helper()
	after := s.WithOverlay(overlay)
	n := s.Counters().Spared
	got, err := after.Problems(t.Context(), before, "./...")
	if err != nil {
		t.Fatal(err)
	}
	spared = s.Counters().Spared - n
	if want, err = after.Problems(t.Context(), nil, "./..."); err != nil {
		t.Fatal(err)
	}
	return got, want, spared
}

// concerning are edits of one file, and code elsewhere that becomes wrong by each.
var concerning = []struct {
	name          string
	decl, becomes string // of one file
	uses          string // in another
	importer      string // in another package
}{
	{name: "result", decl: "func F() int { return 1 }", becomes: "func F() string { return \"\" }", uses: "func G() int { return F() }"},
	{name: "result two packages away", decl: "func F() int { return 1 }", becomes: "func F() string { return \"\" }", uses: "", importer: "func G() int { return m.F() }"},
	{name: "field", decl: "type T struct{ a, b int }", becomes: "type T struct{ a int; b string }", uses: "func G(t *T) int { return t.b }"},
	{name: "field without a key", decl: "type T struct{ a, b int }", becomes: "type T struct{ a int; b string }", uses: "func G() T { return T{1, 2} }"},
	{name: "field without a key in a list", decl: "type T struct{ a, b int }\ntype L []T", becomes: "type T struct{ a int; b string }\ntype L []T", uses: "func G() L { return L{{1, 2}} }"},
	{name: "one more field", decl: "type T struct{ a int }", becomes: "type T struct{ a, b int }", uses: "func G() T { return T{1} }"},
	{name: "converted structs", decl: "type T struct{ a int }\ntype U struct{ a int }", becomes: "type T struct{ a int }\ntype U struct{ a string }", uses: "func G(t T) U { return U(t) }"},
	{name: "converted pointers", decl: "type T struct{ a int }\ntype U struct{ a int }", becomes: "type T struct{ a int }\ntype U struct{ a string }", uses: "func G(t *T) *U { return (*U)(t) }"},
	{name: "struct without a name", decl: "type T struct{ a int }\nvar v struct{ a int }", becomes: "type T struct{ a string }\nvar v struct{ a int }", uses: "func G(t T) { v = t }"},
	{name: "compared", decl: "type T struct{ a int }\ntype U struct { T T }", becomes: "type T struct{ a []int }\ntype U struct { T T }", uses: "func G(a, b U) bool { return a == b }"},
	{name: "key of a map", decl: "type T struct{ a int }", becomes: "type T struct{ a []int }", uses: "func G() { _ = map[T]int{} }"},
	{name: "compared by a type parameter", decl: "type T struct{ a int }\nfunc C[K comparable](K) {}", becomes: "type T struct{ a []int }\nfunc C[K comparable](K) {}", uses: "func G(t T) { C(t) }"},
	{name: "generic and compared", decl: "type T[P any] struct{ a int; p P }", becomes: "type T[P any] struct{ a []P; p P }", uses: "func G(a, b T[int]) bool { return a == b }"},
	{name: "method gone", decl: "type T struct{}\nfunc (T) M() {}\ntype I interface{ M() }\nfunc H(I) {}", becomes: "type T struct{}\ntype I interface{ M() }\nfunc H(I) {}", uses: "func G(t T) { H(t) }"},
	{name: "method of pointers now", decl: "type T struct{}\nfunc (T) M() {}\ntype I interface{ M() }\nfunc H(I) {}", becomes: "type T struct{}\nfunc (*T) M() {}\ntype I interface{ M() }\nfunc H(I) {}", uses: "func G(t T) { H(t) }"},
	{name: "promoted method gone", decl: "type T struct{}\nfunc (T) M() {}\ntype U struct{ *T }\ntype I interface{ M() }", becomes: "type T struct{}\ntype U struct{ *T }\ntype I interface{ M() }", uses: "func G(u U) I { return u }"},
	{name: "interface asks for more", decl: "type T struct{}\nfunc (T) M() {}\ntype I interface{ M() }", becomes: "type T struct{}\nfunc (T) M() {}\ntype I interface{ M(); N() }", uses: "func G(c chan I, t T) { c <- t }"},
	{name: "interface that embeds asks for more", decl: "type T struct{}\nfunc (T) M() {}\ntype I interface{ M() }\ntype J interface{ I }", becomes: "type T struct{}\nfunc (T) M() {}\ntype I interface{ M(); N() }\ntype J interface{ I }", uses: "func G(t T) (j J) { j = t; return }"},
	{name: "interface in a constraint", decl: "type T struct{}\nfunc (T) M() {}\ntype I interface{ M() }\nfunc H[P I]() {}", becomes: "type T struct{}\nfunc (T) M() {}\ntype I interface{ M(); N() }\nfunc H[P I]() {}", uses: "func G() { H[T]() }"},
	{name: "impossible assertion", decl: "type T struct{}\nfunc (*T) M() {}\ntype I interface{ M() }", becomes: "type T struct{}\nfunc (*T) M() {}\ntype I interface{ M(); N() }", uses: "func G(i I) { _ = i.(*T) }"},
	{name: "ambiguous", decl: "type A struct{}\nfunc (A) M() {}\ntype B struct{}\ntype U struct{ A; B }", becomes: "type A struct{}\nfunc (A) M() {}\ntype B struct{}\nfunc (B) M() {}\ntype U struct{ A; B }", uses: "func G(u U) { u.M() }"},
	{name: "ambiguous and not named", decl: "type A struct{}\nfunc (A) M() {}\ntype B struct{}\ntype U struct{ A; B }\ntype I interface { M() }", becomes: "type A struct{}\nfunc (A) M() {}\ntype B struct{}\nfunc (B) M() {}\ntype U struct{ A; B }\ntype I interface { M() }", uses: "func G(u U) I { return u }"},
	{name: "ambiguous field", decl: "type A struct{ x int }\ntype B struct{}\ntype U struct{ A; B }", becomes: "type A struct{ x int }\ntype B struct{ x int }\ntype U struct{ A; B }", uses: "func G(u U) int { return u.x }"},
	{name: "field before a promoted one", decl: "type A struct{ x int }\ntype U struct{ A }", becomes: "type A struct{ x int }\ntype U struct{ A; x string }", uses: "func G(u U) int { return u.x }"},
	{name: "embedded type", decl: "type A struct{ x int }\ntype B struct{ x string }\ntype U struct{ A }", becomes: "type A struct{ x int }\ntype B struct{ x string }\ntype U struct{ B }", uses: "func G(u U) int { return u.x }"},
	{name: "elements of a list", decl: "type L []int", becomes: "type L []string", uses: "func G(l L) (n int) { for _, x := range l { n += x }; return }"},
	{name: "values of a map of a map", decl: "type L map[int]int\nvar m = map[string]L{}", becomes: "type L map[int]string\nvar m = map[string]L{}", uses: "func G() int { for _, l := range m { for _, x := range l { return x } }; return 0 }"},
	{name: "function type", decl: "type H func() int", becomes: "type H func() string", uses: "func G(h H) int { return h() }"},
	{name: "alias", decl: "type A = int\nfunc F() (a A) { return }", becomes: "type A = string\nfunc F() (a A) { return }", uses: "func G() int { return F() }"},
	{name: "alias in a field", decl: "type A = int\ntype T struct { a A }", becomes: "type A = string\ntype T struct { a A }", uses: "func G(t T) int { return t.a }"},
	{name: "constant", decl: "const C = 1", becomes: "const C = 300", uses: "func G() uint8 { return C }"},
	{name: "constant by iota", decl: "const (\n\tA = iota\n\tB\n)", becomes: "const (\n\tA = iota\n\t_\n\tB\n)", uses: "func G(n int) { switch n { case 2: case B: } }"},
	{name: "size", decl: "type T struct{ a int64 }", becomes: "type T struct{ a, b int64 }", uses: "import \"unsafe\"\nfunc G() [8]int { return [unsafe.Sizeof(T{})]int{} }"},
	{name: "length", decl: "type T struct{ a [2]int }", becomes: "type T struct{ a [3]int }", uses: "func G(t T) [2]int { return [len(t.a)]int{} }"},
	{name: "name of the language", decl: "", becomes: "type string int", uses: "func G() { var s string; _ = s + \"\" }"},
	{name: "type parameters", decl: "func F[P any](p P) {}", becomes: "func F[P ~int](p P) {}", uses: "func G() { F(\"\") }"},
	{name: "generic type", decl: "type T[P any] struct{ p P }", becomes: "type T[P ~int] struct{ p P }", uses: "func G(v any) { _ = v.(interface{ M(T[string]) }) }"},
	{name: "variable", decl: "var v = 1", becomes: "var v = \"\"", uses: "func G() int { return v }"},
	{name: "initialization", decl: "var v = 1\nvar w = 2", becomes: "var v = 1\nvar w = G()", uses: "func G() int { return h() }\nfunc h() int { return w }"},
	{name: "initialization by a method", decl: "type T struct{}\nvar w = 2\nfunc f() int { return 1 }", becomes: "type T struct{}\nvar w = f()\nfunc f() int { return T{}.G() }", uses: "func (T) G() int { return w }"},
	{name: "unused import", decl: "func F() {}", becomes: "import \"os\"\nfunc F() {}", uses: ""},
	{name: "field of another package", decl: "type T struct{ A *U }\ntype U struct{ N int }", becomes: "type T struct{ A *U }\ntype U struct{ N string }", uses: "", importer: "func G(t m.T) int { return t.A.N }"},
	{name: "method promoted into another package", decl: "type T struct{}\nfunc (T) M() {}", becomes: "type T struct{}", uses: "", importer: "type U struct{ m.T }\nfunc G(u U) interface{ M() } { return u }"},
	{name: "new name where packages meet", decl: "", becomes: "func len(int) {}", uses: "func G() { _ = len(\"\") }"},
}

// TestConcerned: each edit makes one other function ill-typed, or the package, in a way
// that leads through something else. Problems says so when it checks only what the edit
// concerns, and leaves out what doesn't.
func TestConcerned(t *testing.T) {
	const (
		head = "package m\nfunc Far() int { far := 1; return far }\n" // nothing concerns it
		two  = "package n\nimport \"example.com/m\"\nfunc Far() int { far := 1; return far }\n"
	)
	for _, c := range concerning {
		t.Run(c.name, func(t *testing.T) {
			archive := "-- go.mod --\nmodule example.com/m\n\ngo 1.26\n-- m.go --\npackage m\n" + c.decl + "\n-- uses.go --\npackage m\n" + c.uses + "\n-- far.go --\n" + head
			if c.importer != "" {
				archive += "-- n/n.go --\n" + two + c.importer + "\n-- n/n_test.go --\npackage n\nfunc test() int { return Far() }\n"
			}
			s := open(t, Options{Dir: extract(t, archive)})
			before, err := s.Load(t.Context(), LoadOptions{Tests: true, Apart: true}, "./...")
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range before {
				if p.IllTyped() {
					t.Fatal(p.Problems)
				}
			}
			got, want, spared := verdicts(t, s, before, map[string][]byte{s.Abs("m.go"): []byte("package m\n" + c.becomes + "\n")})
			if len(want) == 0 {
				t.Fatal("nothing is wrong after the edit")
			}
			if !slices.EqualFunc(got, want, sameProblem) {
				t.Errorf("got %v, want %v", got, want)
			}
			if spared == 0 && !strings.Contains(c.name, "initialization") { // a cycle has everything checked once more
				t.Error("every body was checked")
			}
		})
	}
}

var edits = flag.Int("edits", 40, "how many edits of declarations TestConcernedByAnyEdit tries in each module")

// TestConcernedByAnyEdit edits declarations of code that nobody here wrote, most of them so
// that something doesn't type-check any more: Problems finds the same, whether it knows
// what was before or not.
func TestConcernedByAnyEdit(t *testing.T) {
	for _, module := range []string{"github.com/spf13/cobra", "github.com/sourcegraph/jsonrpc2"} {
		t.Run(module, func(t *testing.T) {
			said, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(strings.TrimSpace(string(said)))); err != nil {
				t.Fatal(err)
			}
			s := open(t, Options{Dir: dir, Env: []string{"GOFLAGS=-mod=mod"}})
			before, err := s.Load(t.Context(), LoadOptions{Tests: true, Apart: true}, "./...")
			if err != nil {
				t.Fatal(err)
			}
			var all []declEdit
			for _, p := range before {
				if p.ForTest == "" {
					for _, rel := range p.GoFiles {
						all = append(all, editsOf(t, s.Abs(rel))...)
					}
				}
			}
			wrong, spared := 0, int64(0)
			step := max(1, len(all) / *edits)
			for i := 0; i < len(all); i += step {
				e := all[i]
				got, want, n := verdicts(t, s, before, map[string][]byte{e.abs: e.content})
				spared += n
				if len(want) > 0 {
					wrong++
				}
				want = slices.DeleteFunc(want, func(p component.Problem) bool { // for the checker gave up before it came to the use
					return s.Abs(p.Span.File) != e.abs && strings.HasSuffix(p.Message, "imported and not used") && len(got) > 0
				})
				if !slices.EqualFunc(got, want, sameProblem) {
					t.Errorf("%s: %s:\nnot found %v\nfound as well %v", filepath.Base(e.abs), e.what, beyond(want, got), beyond(got, want))
				}
			}
			t.Logf("%d edits, after %d of which something was wrong; %d bodies were left out", (len(all)+step-1)/step, wrong, spared)
			if wrong < 10 || spared == 0 {
				t.Error("that shows nothing")
			}
		})
	}
}

// beyond returns the first few problems that aren't among others.
func beyond(all, others []component.Problem) []component.Problem {
	all = slices.DeleteFunc(slices.Clone(all), func(p component.Problem) bool {
		return slices.ContainsFunc(others, func(q component.Problem) bool { return sameProblem(p, q) })
	})
	return all[:min(len(all), 3)]
}

// A declEdit is a file with one thing in a declaration changed.
type declEdit struct {
	abs     string
	content []byte
	what    string
}

// editsOf lists edits of the declarations of a file.
func editsOf(t *testing.T, abs string) (out []declEdit) {
	t.Helper()
	data, err := os.ReadFile(abs)
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, abs, data, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	replace := func(n ast.Node, by string) {
		from, to := fset.Position(n.Pos()).Offset, fset.Position(n.End()).Offset
		content := slices.Concat(data[:from], []byte(by), data[to:])
		out = append(out, declEdit{abs, content, fmt.Sprintf("%s becomes %s in line %d", data[from:min(to, from+40)], by, fset.Position(n.Pos()).Line)})
	}
	for _, d := range f.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				replace(n.Name, n.Name.Name+"2")
				if n.Recv != nil {
					replace(n, "")
					if star, ok := n.Recv.List[0].Type.(*ast.StarExpr); ok {
						replace(star, string(data[fset.Position(star.X.Pos()).Offset:fset.Position(star.X.End()).Offset]))
					} else {
						replace(n.Recv.List[0].Type, "*"+string(data[fset.Position(n.Recv.List[0].Type.Pos()).Offset:fset.Position(n.Recv.List[0].Type.End()).Offset]))
					}
				}
			case *ast.BlockStmt:
				return false
			case *ast.Field:
				replace(n.Type, "[]chan int")
				replace(n, "")
			case *ast.StructType:
				replace(n, "struct{}")
			case *ast.TypeSpec:
				replace(n.Type, "interface{ Odd() }")
				replace(n.Type, "map[string]struct{ odd int }")
				replace(n.Name, n.Name.Name+"2")
			case *ast.ValueSpec:
				if n.Type != nil {
					replace(n.Type, "[]chan int")
				}
				replace(n.Names[0], n.Names[0].Name+"2")
			case *ast.BasicLit:
				replace(n, "77777")
			}
			return true
		})
	}
	return out
}

func sameProblem(a, b component.Problem) bool { return a.AtPlace() == b.AtPlace() }
