package comments_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/unweld/unweld/internal/contract/comments"
)

// load type-checks a file and reads its comments.
func load(t *testing.T, src string) (*types.Package, *comments.Reader) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "/p/p.go", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := (&types.Config{}).Check("p", fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pkg, comments.New(comments.Source{Fset: fset, Syntax: []*ast.File{f}})
}

const declarations = `package p

// T is a type.
type T struct {
	// A has a comment above it.
	A int // and one behind

	B, C int // are two
	D    int

	// Text of its own, which belongs to nothing.

	E int
	//
	F int // has an empty comment above it
	U // is embedded
	*V
	In struct {
		X int // is deeper
	}
}

/*
U is told of
in a block.
*/
type U struct{ X int }

/**
 * V has stars:
 *
 *   - one
 */
type V struct{}

// Some types.
type (
	// W has a comment.
	W int
	Y int // is on one line
	Z int
)

// One type.
type (
	Alone int
)

// G is generic.
type G[P any] struct {
	Of P // what it is of
}

type Of2 G[int]

var Inst G[string]

// The values of W.
const (
	W1 W = iota // the first
	// W2 is the second.
	W2
	_
	W3
)

// Mixed values.
const (
	Y1 Y = 1
	N1   = 2
)

// Y2 stands alone.
const Y2 Y = 2

// ErrNone is an error.
//go:fix inline
//nolint:errname // a linter's
//nolint
//#nosec G101
//unweld:anything
//
// Deprecated: use another.
var ErrNone error

// I has methods.
type I interface {
	// M does.
	//
	//unweld:idempotent
	M(a int, // the first
		b, c string, // two of them
		// d is above
		// on two lines
		d int,

		// nothing

		e int, f /* named */ int, g int /* behind */, h int, /* before */ i int,
		j ...int, // the rest
		// of nothing
	) (n int, /* of them */ err error)
	N(int /* unnamed */, string) ( // the list
		string, // text
		error)
	O()
}

// F is a function.
func F(x int /* its x */) {}
`

func find(t *testing.T, pkg *types.Package, name string) types.Object {
	t.Helper()
	first, rest, nested := strings.Cut(name, ".")
	obj := pkg.Scope().Lookup(first)
	for nested && obj != nil {
		first, rest, nested = strings.Cut(rest, ".")
		obj, _, _ = types.LookupFieldOrMethod(obj.Type(), true, pkg, first)
	}
	if obj == nil {
		t.Fatalf("no %s", name)
	}
	return obj
}

func TestOf(t *testing.T) {
	pkg, r := load(t, declarations)
	for name, want := range map[string]string{
		"T":       "T is a type.",
		"T.A":     "A has a comment above it.",
		"T.B":     "are two",
		"T.C":     "are two",
		"T.D":     "",
		"T.E":     "",
		"T.F":     "has an empty comment above it",
		"T.U":     "is embedded",
		"T.V":     "",
		"T.In.X":  "is deeper",
		"U":       "U is told of\nin a block.",
		"U.X":     "",
		"V":       "V has stars:\n\n  - one",
		"W":       "W has a comment.",
		"Y":       "is on one line",
		"Z":       "",
		"Alone":   "One type.",
		"G.Of":    "what it is of",
		"Of2.Of":  "what it is of",
		"Inst.Of": "what it is of",
		"W1":      "the first",
		"W2":      "W2 is the second.",
		"W3":      "",
		"Y1":      "",
		"Y2":      "Y2 stands alone.",
		"ErrNone": "ErrNone is an error.\n\nDeprecated: use another.",
		"I.M":     "M does.",
		"I.O":     "",
		"F":       "F is a function.",
	} {
		if got := r.Of(find(t, pkg, name)); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"W1": "The values of W.", "W3": "The values of W.", "Y1": "", "Y2": ""} {
		if got := r.Group(find(t, pkg, name)); got != want {
			t.Errorf("group of %s: %q, want %q", name, got, want)
		}
	}
	if r.Of(types.Universe.Lookup("error")) != "" || r.Of(nil) != "" || r.Parsed() != 0 {
		t.Error("something is said of what has no source")
	}
	if c := r.Comment(find(t, pkg, "I.M")); c == nil || c.List[len(c.List)-1].Text != "//unweld:idempotent" {
		t.Error("the comment of I.M has lost its directive")
	}
}

func TestSignature(t *testing.T) {
	pkg, r := load(t, declarations)
	for name, want := range map[string][2][]string{
		"I.M": {{"the first", "two of them", "two of them", "d is above\non two lines", "", "named", "behind", "", "before", "the rest"}, {"", "of them"}},
		"I.N": {{"unnamed", ""}, {"text", ""}},
		"I.O": {},
		"F":   {{"its x"}, nil},
	} {
		params, results := r.Signature(find(t, pkg, name).(*types.Func))
		if !slices.Equal(params, want[0]) || !slices.Equal(results, want[1]) {
			t.Errorf("%s: %q and %q, want %q", name, params, results, want)
		}
	}
}

// TestText gives comments what editors, linters and other systems leave in them.
func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"//":                          "",
		"//\n//\t\n// ":               "",
		"/**/":                        "",
		"/***/":                       "",
		"/* a */":                     "a",
		"/* a\n * b\n */":             "a\nb",
		"/*\n* a\n* b */":             "a\nb",
		"/* a * b\n c */":             "a * b\nc",
		"/*\n * a\n not\n */":         "* a\nnot",
		"/* a\n\t   b\n\n\t     c */": "a\nb\n\n  c",
		"/*\n\ta\nb\n*/":              "a\nb",
		"// a\r":                      "a",
		"// a\u2028b\vc":              "a\nb\nc",
		"// a\x07\x00b\xff":           "ab\uFFFD",
		"//go:noinline":               "",
		"//line x.go:1":               "",
		"//export F":                  "",
		"//lint:ignore SA1 why":       "",
		"//nolint":                    "",
		"//nolint:a,b // why":         "",
		"// nolint:a":                 "",
		"// nolint is what we say":    "nolint is what we say",
		"//nolinting is no directive": "nolinting is no directive",
		"// #nosec G1":                "",
		"// go: see below":            "go: see below",
		"// a */ b":                   "a */ b",
		"// a\n//\n//\n//\n// b":      "a\n\nb",
		"//   code\n//     deeper":    "code\n    deeper",
	} {
		var g ast.CommentGroup
		if strings.HasPrefix(in, "/*") {
			g.List = []*ast.Comment{{Text: in}}
		} else {
			for line := range strings.SplitSeq(in, "\n") {
				g.List = append(g.List, &ast.Comment{Text: line})
			}
		}
		if got := comments.Text(&g); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// FuzzSource reads whatever a Go file says, and must find text of the promised
// form for each declaration.
func FuzzSource(f *testing.F) {
	f.Add(declarations)
	f.Add("package p\ntype I interface { M(a int /*\n* x */, b /**/ string, // y\n) (/* r */ int, error) }")
	f.Fuzz(func(t *testing.T, src string) {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, "/p/p.go", src, parser.ParseComments)
		if err != nil {
			return
		}
		pkg, _ := (&types.Config{Error: func(error) {}}).Check("p", fset, []*ast.File{file}, nil) // as far as it goes
		r := comments.New(comments.Source{Fset: fset, Syntax: []*ast.File{file}})
		check := func(obj types.Object, text string) {
			if !utf8.ValidString(text) || strings.TrimSpace(text) != text || strings.ContainsFunc(text, func(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\t' }) {
				t.Errorf("%s: %q", obj.Name(), text)
			}
		}
		for _, name := range pkg.Scope().Names() {
			obj := pkg.Scope().Lookup(name)
			check(obj, r.Of(obj))
			it, ok := obj.Type().Underlying().(*types.Interface)
			if !ok {
				continue
			}
			for m := range it.ExplicitMethods() {
				params, results := r.Signature(m)
				if params != nil && len(params) != m.Signature().Params().Len() || results != nil && len(results) != m.Signature().Results().Len() {
					t.Errorf("%s has %d parameters and %d results, of which %q and %q are said", m, m.Signature().Params().Len(), m.Signature().Results().Len(), params, results)
				}
				for _, text := range slices.Concat(params, results) {
					check(m, text)
				}
			}
		}
	})
}
