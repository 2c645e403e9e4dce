package contract_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/text"
)

type checked struct {
	fset *token.FileSet
	pkg  *types.Package
	info *types.Info
	file *ast.File
}

// One importer for all tests: it type-checks the standard library only once.
var (
	fset = token.NewFileSet()
	std  = importer.ForCompiler(fset, "source", nil)
)

func check(t *testing.T, src string) checked {
	t.Helper()
	f, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: std}
	pkg, err := conf.Check("example.com/p", fset, []*ast.File{f}, info)
	if err != nil {
		t.Fatal(err)
	}
	return checked{fset, pkg, info, f}
}

func (c checked) build(t *testing.T, opts contract.Options) *component.Contract {
	t.Helper()
	opts.Component = "p"
	opts.Span = func(pos, end token.Pos) text.Span {
		p := c.fset.Position(pos)
		return text.Span{File: p.Filename, Start: p.Offset, Line: p.Line, Col: p.Column}
	}
	return contract.Build(c.pkg.Scope().Lookup("Service").Type().(*types.Named), opts)
}

// TestBuild checks the data of a contract that crosses whole.
func TestBuild(t *testing.T) {
	c := check(t, `package p
import ("context"; "time"; "errors"; "net/url")
var ErrNone = errors.New("none")
var errOwn = errors.New("own")
type LimitError struct{ Max int }
func (e *LimitError) Error() string { return "limit" }
type Tree struct { Left, Right *Tree; At time.Time; Wait time.Duration; Link *url.URL; _ int }
type Service interface {
	Get(ctx context.Context, keys ...string) (t *Tree, err error)
	Put(Tree)
	Raw([]byte, map[string][2]int8) (float64, bool)
}`).build(t, contract.Options{})
	if len(c.Problems) > 0 || c.Pinned != "" {
		t.Fatalf("problems: %v, pinned: %q", c.Problems, c.Pinned)
	}
	get := c.Methods[0]
	if get.Name != "Get" || !get.Context || !get.Error || !get.Variadic || get.Params[0].Type.ID() != "[]string" || get.Results[0].Type.ID() != "*example.com/p.Tree" {
		t.Errorf("Get = %+v", get)
	}
	if put := c.Methods[1]; put.Context || put.Error || len(put.Params) != 1 || len(put.Results) != 0 {
		t.Errorf("Put = %+v", put)
	}
	tree := c.Type("example.com/p.Tree")
	if tree == nil || len(tree.Fields) != 5 || tree.Fields[0].Type != "*example.com/p.Tree" {
		t.Fatalf("Tree = %+v", tree)
	}
	for id, want := range map[component.TypeID][2]string{
		"time.Time": {"external", "time"}, "time.Duration": {"int64", ""}, "net/url.URL": {"external", "url"},
		"[]uint8": {"slice", ""}, "[2]int8": {"array", ""}, "map[string][2]int8": {"map", ""},
	} {
		got := c.Type(id)
		if got == nil || string(got.Kind) != want[0] || got.Codec != want[1] {
			t.Errorf("%s = %+v, want %v", id, got, want)
		}
	}
	var errs []string
	for _, e := range c.Errors {
		errs = append(errs, e.Name)
	}
	if got := strings.Join(errs, " "); got != "ErrNone LimitError" || !c.Errors[1].Pointer || c.Type("example.com/p.LimitError") == nil {
		t.Errorf("errors = %v", c.Errors)
	}
}

// TestUncrossable checks code and path for each kind of type that can't cross.
func TestUncrossable(t *testing.T) {
	for _, tt := range []struct{ param, code, path string }{
		{"o Order", "chan-in-contract", "Order.Lines[].done: (chan bool) is a channel"},
		{"f func()", "func-in-contract", "M(f): (func()) is a function"},
		{"x any", "open-interface", "M(x): (any) is an interface"},
		{"w io.Writer", "stream-in-contract", "Writer: (io.Writer) is a stream"},
		{"s iter.Seq[int]", "iterator-in-contract", "Seq: (iter.Seq[int]) is an iterator"},
		{"p uintptr", "unsafe-value", "M(p): (uintptr) is an address"},
		{"l Locked", "lock-in-value", "Locked.mu: (sync.Mutex) is a lock"},
		{"tx *sql.Tx", "tx-crosses", "Tx: (sql.Tx) belongs"},
		{"r *http.Request", "connection-in-contract", "Request: (http.Request) is a connection"},
		{"h Hidden", "unexported-state", "Hidden.n: (int) is unexported"},
		{"s Stamped", "unexported-state", "Stamped.note: (string) is unexported"}, // its MarshalText is that of time.Time
		{"s Twice", "unexported-state", "Twice.seal: (p.seal) is unexported"},
		{"s Pointed", "unexported-state", "Pointed.seal: (*p.seal) is unexported"}, // decoding would begin with a nil one
		{"h Half", "unexported-state", "Half.n: (int) is unexported"},
		{"o Odd", "unexported-state", "Odd.n: (int) is unexported"},
		{"m map[string][]Hidden", "unexported-state", "M(m)[][].n: (int) is unexported"},
		{"s *strings.Replacer", "foreign-type", "Replacer: (strings.Replacer) keeps state to itself"},
		{"b big.Int, c bufio.Scanner", "stream-in-contract", "Scanner: (bufio.Scanner) is a stream"},
		{"s Secret", "open-interface", "Secret: (p.Secret) is an interface: p.hidden may be behind it"},
		{"b Bag", "open-interface", "Bag: (p.Bag) is an interface: any instance of Of may be behind it"},
		{"e Empty", "open-interface", "Empty: (p.Empty) is an interface: any type"},
		{"n []Node", "chan-in-contract", "M(n)[].(*Leaf).C: (chan int) is a channel"},
		{"n ast.Expr", "open-interface", "Expr: (ast.Expr) is an interface: any type"},
		{"c Ctx", "context-in-struct", "Ctx.Context: (context.Context) is kept"},
	} {
		c := check(t, `package p
import ("context"; "io"; "iter"; "sync"; "database/sql"; "net/http"; "strings"; "math/big"; "bufio"; "go/ast"; "time")
var ( _ ast.Expr; _ io.Writer; _ iter.Seq[int]; _ sql.Tx; _ http.Request; _ strings.Builder; _ big.Int; _ bufio.Scanner; _ time.Time)
type Line struct { done chan bool }
type Order struct { Lines []*Line }
type Locked struct { mu sync.Mutex }
type Hidden struct { n int }
type Stamped struct { time.Time; note string }
type seal struct { n int }
func (seal) MarshalBinary() ([]byte, error) { return nil, nil }
func (*seal) UnmarshalBinary([]byte) error { return nil }
type Twice struct { seal; Note string }
type Pointed struct { *seal }
type Half struct { n int }
func (Half) MarshalJSON() ([]byte, error) { return nil, nil }
type Odd struct { n int }
func (Odd) MarshalText() (string, error) { return "", nil }
func (*Odd) UnmarshalText(string) error { return nil }
type Ctx struct { context.Context }
type Secret interface { secret() }
type hidden struct{}
func (hidden) secret() {}
type Bag interface { bag() }
type Of[T any] struct { V T }
func (Of[T]) bag() {}
type Empty interface { empty() }
type Node interface { node() }
type Leaf struct { C chan int }
func (*Leaf) node() {}
type Service interface { M(`+tt.param+`); Fine(n int) }
`).build(t, contract.Options{})
		if c.Methods[0].Local == "" || c.Methods[1].Local != "" || c.Pinned == "" || len(c.Problems) == 0 {
			t.Errorf("%s: %+v", tt.param, c)
			continue
		}
		p := c.Problems[0]
		if got := p.Path + ": " + p.Message; !strings.HasPrefix(got, tt.path) || p.Code != tt.code {
			t.Errorf("%s: %s %s, want %s %s", tt.param, p.Code, got, tt.code, tt.path)
		}
		if !p.Span.IsValid() || p.Hint == "" {
			t.Errorf("%s: no position or hint: %+v", tt.param, p)
		}
	}
}

// TestFuncs checks that unexported fields cross where the generated code lives
// in the same package, and that the same contract comes out twice.
func TestFuncs(t *testing.T) {
	c := check(t, `package p
import "errors"
var errOwn = errors.New("own")
type hidden struct { n int; next *hidden }
type Service interface { M(h hidden) hidden }
`)
	opts := contract.Options{Form: component.FormFuncs, Var: "service", Pinned: "because"}
	a, b := c.build(t, opts), c.build(t, opts)
	if len(a.Problems) > 0 || len(a.Type("example.com/p.hidden").Fields) != 2 || a.Pinned != "because" {
		t.Errorf("got %+v", a)
	}
	if len(a.Errors) != 1 || a.Errors[0].Name != "errOwn" {
		t.Errorf("errors = %v", a.Errors)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("two builds differ:\n%+v\n%+v", a, b)
	}
}

// TestErrorUses checks each way of looking at an error's identity.
func TestErrorUses(t *testing.T) {
	c := check(t, `package p
import ("errors"; "io"; "io/fs"; "os"; "context"; "net"; "strconv"; "encoding/json")
type Service interface{}
func f(err error) int {
	if err == io.EOF || errors.Is(err, fs.ErrNotExist) { return 1 }
	switch err { case context.Canceled: return 2 }
	var pe *os.PathError
	if errors.As(err, &pe) { return 3 }
	if _, ok := err.(*net.OpError); ok { return 4 }
	if _, ok := errors.AsType[*strconv.NumError](err); ok { return 5 }
	switch err.(type) { case *json.SyntaxError: return 6 }
	return 0
}`)
	var got []string
	for _, o := range contract.ErrorUses(c.info, []*ast.File{c.file}) {
		got = append(got, o.Pkg().Path()+"."+o.Name())
	}
	want := "context.Canceled encoding/json.SyntaxError io.EOF io/fs.ErrNotExist io/fs.PathError net.OpError strconv.NumError"
	if strings.Join(got, " ") != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestBeside finds the variable that holds an implementation beside the
// contract, wrapped in a call or not.
func TestBeside(t *testing.T) {
	for value, want := range map[string]string{"resident": "resident", "open(resident)": "resident", "local{}": "", "open(local{})": ""} {
		c := check(t, `package p
type Service interface{}
type local struct{}
func open(s Service) Service { return s }
var resident = local{}
var service Service = `+value)
		got := ""
		if v := contract.Beside(c.info, []*ast.File{c.file}, "service"); v != nil {
			got = v.Name()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", value, got, want)
		}
	}
}

// TestNames checks what a contract says of names that only other languages need:
// the constants of a type, and the tags of fields.
func TestNames(t *testing.T) {
	c := check(t, `package p
type State uint8
const ( Closed State = 9; Open State = 2; Ajar State = 2; hidden State = 1; Plain = 3 )
type Door struct { State State `+"`json:\"state\"`"+`; N int }
type Service interface { Get(Door) }`).build(t, contract.Options{})
	want := []component.Constant{{Name: "Ajar", Value: "2"}, {Name: "Open", Value: "2"}, {Name: "Closed", Value: "9"}}
	if got := c.Type("example.com/p.State").Constants; !reflect.DeepEqual(got, want) {
		t.Errorf("constants are %v, want %v", got, want)
	}
	if f := c.Type("example.com/p.Door").Fields; f[0].Tag != `json:"state"` || f[1].Tag != "" {
		t.Errorf("fields are %+v", f)
	}
	if got := c.Type("int").Constants; got != nil {
		t.Errorf("int has constants: %v", got)
	}
}

// TestUnion checks what a contract says of a sealed interface.
func TestUnion(t *testing.T) {
	c := check(t, `package p
type Shape interface{ Area() float64; shape() }
type Base struct{}
func (Base) shape() {}
type Circle struct{ Base; R float64 }
func (Circle) Area() float64 { return 0 }
type Square struct{ Base; Side float64 }
func (*Square) Area() float64 { return 0 }
type Wide interface { Shape; Width() int }
type Service interface { Get(map[string]Shape) }`).build(t, contract.Options{})
	if len(c.Problems) > 0 {
		t.Fatal(c.Problems)
	}
	shape := c.Type("example.com/p.Shape")
	want := []component.Field{{Name: "Circle", Type: "example.com/p.Circle"}, {Name: "*Circle", Type: "*example.com/p.Circle"}, {Name: "*Square", Type: "*example.com/p.Square"}}
	if shape.Kind != component.KindUnion || !reflect.DeepEqual(shape.Fields, want) {
		t.Errorf("Shape = %+v", shape)
	}
	for _, f := range want {
		if c.Type(f.Type) == nil {
			t.Errorf("%s isn't described", f.Type)
		}
	}
}
