package source

import (
	"fmt"
	"go/ast"
	"go/types"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// bodiesOf checks the packages that match patterns, with so many bytes of bodies at
// once and as many in a goroutine, and returns all that is said of their function
// bodies and the problems of the packages.
func bodiesOf(t *testing.T, opts Options, batch, goroutine int, patterns ...string) string {
	t.Helper()
	defer func(was, big int) { batchSize, bytesPerWorker = was, big }(batchSize, bytesPerWorker)
	batchSize, bytesPerWorker = batch, goroutine
	s := open(t, opts)
	scan, err := s.Scan(t.Context(), patterns...)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	said := map[string]string{}
	var problems []string
	err = scan.Check(t.Context(), scan.Packages, Visitor{
		Bodies: func(p *Package, _ string) func([]*Body) error {
			return func(fresh []*Body) error {
				mu.Lock()
				defer mu.Unlock()
				for _, b := range fresh {
					at := fmt.Sprint(b.Span)
					if said[at] != "" {
						t.Errorf("%s was handed over twice", at)
					}
					said[at] = b.Key + " " + describeBody(s, p, b)
				}
				return nil
			}
		},
		Done: func(p *Package, _ string, all []*Body) error {
			mu.Lock()
			defer mu.Unlock()
			for _, b := range all {
				if said[fmt.Sprint(b.Span)] == "" {
					t.Errorf("%s was not handed over", b.Span)
				}
				problems = append(problems, fmt.Sprint(b.Span, " uses ", b.Uses, " needs ", b.Needs))
			}
			for _, pr := range p.Problems {
				problems = append(problems, fmt.Sprint(p.ID, " ", pr.Span, " ", pr.Message))
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(problems)
	var lines []string
	for _, at := range sortedKeys(said) {
		lines = append(lines, at+" "+said[at])
	}
	return strings.Join(append(lines, problems...), "\n")
}

// describeBody spells what the type checker recorded of each node of a function.
func describeBody(s *Snapshot, p *Package, b *Body) string {
	var out strings.Builder
	at := func(obj types.Object) string {
		if obj == nil {
			return "nothing"
		}
		of := obj.Parent() == p.Types.Scope()
		if obj.Pos() == b.Decl.Name.Pos() {
			of = false // the definition may be a copy, with the parameters of the body
		}
		return fmt.Sprint(types.ObjectString(obj, nil), " at ", s.Span(p.Fset, obj.Pos(), obj.Pos()), " of the package: ", of)
	}
	ast.Inspect(b.Decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			fmt.Fprintln(&out, n.Name, at(p.Info.Uses[n]), at(p.Info.Defs[n]), p.Info.Instances[n].Type)
		case *ast.SelectorExpr:
			fmt.Fprintln(&out, p.Info.Selections[n])
		case *ast.CaseClause:
			fmt.Fprintln(&out, at(p.Info.Implicits[n]))
		}
		if e, ok := n.(ast.Expr); ok {
			fmt.Fprintln(&out, p.Info.Types[e].Type, p.Info.Types[e].Value)
		}
		return true
	})
	return out.String()
}

const manyBodies = `
-- go.mod --
module example.com/m

go 1.24
-- a.go --
package m

import (
	"fmt"
	"strings"
)

type List[T any] struct{ items []T }

func (l *List[T]) Add(x T) { l.items = append(l.items, x) }

func Map[T, U any](in []T, f func(T) U) (out []U) {
	for _, x := range in {
		out = append(out, f(x))
	}
	return out
}

type stack struct{ List[string] }

func (s *stack) push(x string) { s.Add(strings.ToUpper(x)) }

func (s stack) String() string { return fmt.Sprint(Map(s.items, func(x string) int { return len(x) + shift })) }

var shift = func() int { n := 3; return n }()

func init() { shift++ }

func init() { var s stack; s.push("x"); var any fmt.Stringer = s; _ = any }
-- b.go --
package m

import str "strings"

type local struct{ n int }

func (local) _() {}

func even(n int) bool {
	type key struct{ local }
	k := key{local{n}}
	switch v := any(k).(type) {
	case key:
		return v.n == 0 || odd(v.n-1)
	}
	return str.Contains("a", "b")
}

func odd(n int) bool { return n != 0 && even(n-1) }
`

func TestBatchesSayWhatTheWholeSays(t *testing.T) {
	dir := extract(t, manyBodies)
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	std := filepath.Join(strings.TrimSpace(string(goroot)), "src")
	a, b := filepath.Join(dir, "a.go"), filepath.Join(dir, "b.go")
	text := func(file, from, to string) map[string][]byte {
		all := map[string]string{}
		for name, data := range map[string]string{a: manyBodies[strings.Index(manyBodies, "package m"):strings.Index(manyBodies, "-- b.go")], b: manyBodies[strings.LastIndex(manyBodies, "package m"):]} {
			all[name] = data
		}
		changed := strings.Replace(all[file], from, to, 1)
		if changed == all[file] {
			t.Fatalf("%q isn't in %s", from, file)
		}
		return map[string][]byte{file: []byte(changed)}
	}
	for _, test := range []struct {
		name     string
		opts     Options
		patterns []string
	}{
		{"as it is", Options{Dir: dir}, nil},
		{"without a second check", Options{Dir: dir, Brief: true}, nil},
		{"an error in a body", Options{Dir: dir, Overlay: text(b, "n != 0", `n != ""`)}, nil},
		{"an error in a generic body", Options{Dir: dir, Overlay: text(a, "f(x))", "f(x, x))")}, nil},
		{"an error in a literal outside of functions", Options{Dir: dir, Overlay: text(a, "n := 3", `n := "3"`)}, nil},
		{"an error in a declaration", Options{Dir: dir, Overlay: text(b, "struct{ n int }", "struct{ n it }")}, nil},
		{"an error in the syntax", Options{Dir: dir, Overlay: text(b, "return n != 0", "return n !=")}, nil},
		{"a function twice", Options{Dir: dir, Overlay: text(b, "func odd(n int) bool {", "func even(n int) bool { return true }\n\nfunc odd(n int) bool {")}, nil},
		{"an import of nothing", Options{Dir: dir, Overlay: text(b, `"strings"`, `"string"`)}, nil},
		{"variables that need each other", Options{Dir: dir, Overlay: text(b, "func odd(n int) bool {", "var one = two()\n\nfunc two() int { return one }\n\nfunc odd(n int) bool {")}, nil},
		{"real code", Options{Dir: std}, []string{"./go/types"}},
	} {
		whole := bodiesOf(t, test.opts, 1<<30, 1<<30, test.patterns...)
		for _, sizes := range [][2]int{{1, 1 << 30}, {60, 1}, {4 << 10, 16 << 10}} {
			got := bodiesOf(t, test.opts, sizes[0], sizes[1], test.patterns...)
			if got == whole {
				continue
			}
			g, w := strings.Split(got, "\n"), strings.Split(whole, "\n")
			for i := range min(len(g), len(w)) {
				if g[i] != w[i] {
					t.Errorf("%s, in batches of %d bytes: %s\nat once: %s", test.name, sizes[0], g[i], w[i])
					break
				}
			}
			if len(g) != len(w) {
				t.Errorf("%s, in batches of %d bytes: %d lines, at once %d", test.name, sizes[0], len(g), len(w))
			}
		}
	}
}
