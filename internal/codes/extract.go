package codes

import "github.com/unweld/unweld/internal/component"

// extract are the places that a refactoring can't change without changing what
// the program does.
var extract = []Code{
	{Name: "asserted", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "the type that is extracted is asserted, or a case of a type switch",
		Why:   "After the extraction values come through the contract, and one from another process would not be of that type.",
		Run:   "extract ./svc.Engine --name pricing", Since: "0.1",
		Before: engine("", `
func Of(v any) int {
	if e, ok := v.(*svc.Engine); ok {
		n, _ := e.Price(context.Background(), "x")
		return n
	}
	return 0
}
`),
		After: engine("", `
func Of(e *svc.Engine) int {
	n, _ := e.Price(context.Background(), "x")
	return n
}
`)}},
	{Name: "exported-field", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a field of a type that would be reached through a handle is used",
		Why:   "With --keep-signatures the value stays where the component is hosted, and a field of it can't be read from elsewhere.",
		Run:   "extract ./svc.Engine --name pricing --keep-signatures", Since: "0.1",
		Before: engine("\tRate int\n", "\nfunc Of(ctx context.Context, e *svc.Engine) int { return e.Rate }\n"), After: engine("", useEngine)}},
	{Name: "extracted-already", Severity: component.Error, Doc: Doc{Family: Extract,
		Title:  "the type was extracted already",
		Why:    "It has a contract; a second one would split its callers in two.",
		Since:  "0.1",
		Before: "unweld extract ./svc.Engine --name pricing --write\nunweld extract ./svc.Engine --name prices\n",
		After:  "unweld extract ./svc.Engine --name pricing --write\nunweld bind pricing --to unix\n"}},
	{Name: "too-large", Severity: component.Error, Doc: Doc{Family: Extract,
		Title:  "an extraction would change more files than anybody reviews",
		Why:    "An interface, a context and an error in one go reach far. Each of the steps can be read, merged and reverted alone.",
		Since:  "0.4",
		Before: "unweld extract ./svc.Engine --name pricing --max-files 1\n",
		After:  "unweld extract ./svc.Engine --name pricing --step boundary --write\nunweld extract ./svc.Engine --name pricing --step remote --write\n"}},
	{Name: "verify-differs", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "with --verify: the program does something else after the change",
		Why:   "A test that passed fails, go vet complains of something new, or a function that was rewritten returns something else for the same arguments. Nothing was written.",
		Since: "0.4",
		Before: `package svc

import "reflect"

func Params() int { return reflect.TypeOf(Load).NumIn() } // a test wants 1, and Load gains a context

func Load(id string) int { return len(id) }
`, After: `package svc

func Params() int { return 1 }

func Load(id string) int { return len(id) }
`}},
	{Name: "no-context-to-pass", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a call has no context to pass, and making one was ruled out",
		Why:   "The call stands where no function around it can take a context: an initializer, or a function whose signature something else lays down. With --context refuse none is made up.",
		Since: "0.2",
		Before: `package svc

func Load(id string) int { return len(id) }

var first = Load("a")
`, After: `package svc

func Load(id string) int { return len(id) }

func First() int { return Load("a") }
`}},
	{Name: "no-one-to-report-to", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a call can fail now, and nothing around it can report the error",
		Why:   "The function around the call neither returns an error nor can come to: it is a function literal, an initializer, or something else lays down its signature. With --errors refuse the error is neither logged nor dropped.",
		Since: "0.3",
		Before: `package svc

func Load(id string) int { return len(id) }

type name string

func (n name) String() string { return string(rune(Load(string(n)))) }
`, After: `package svc

func Load(id string) int { return len(id) }

type name string

func (n name) Text() string { return string(rune(Load(string(n)))) }
`}},
	{Name: "fixed-signature", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a method can't gain a context and an error",
		Why:   "Its signature is laid down by something that the refactoring can't change: an interface of another module, a value it is assigned to, a generated file, assembly, or a file that this build leaves out.",
		Since: "0.1",
		Before: `package svc

import "sort"

type Engine struct{ prices []int }

func New() *Engine { return &Engine{} }

func (e *Engine) Len() int           { return len(e.prices) }
func (e *Engine) Less(i, j int) bool { return e.prices[i] < e.prices[j] }
func (e *Engine) Swap(i, j int)      { e.prices[i], e.prices[j] = e.prices[j], e.prices[i] }
func (e *Engine) Sort()              { sort.Sort(e) }
`,
		After: `package svc

import "slices"

type Engine struct{ prices []int }

func New() *Engine { return &Engine{} }

func (e *Engine) Sort() { slices.Sort(e.prices) }
`}},
	{Name: "keeps-type", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a place needs the type itself, and can't hold an interface of it",
		Why:   "It copies the value, reads a field that no method can stand for, is compared with nil where a nil pointer may come, or goes to code that wants the type.",
		Since: "0.2", Before: engine("", "\nfunc Of(e *svc.Engine) svc.Engine { return *e }\n"), After: engine("", useEngine)}},
	{Name: "name-taken", Severity: component.Error, Doc: Doc{Family: Extract,
		Title:  "another component has this name",
		Why:    "The name is the component's in unweld.yaml, in addresses and in generated files.",
		Since:  "0.1",
		Before: "unweld extract ./pricing.Engine --name pricing --write\nunweld extract ./tax.Table --name pricing\n",
		After:  "unweld extract ./pricing.Engine --name pricing --write\nunweld extract ./tax.Table --name tax\n"}},
	{Name: "needs-the-type", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "code outside the component needs the type itself",
		Why:   "It reads a field, calls an unexported method, or makes a value without a constructor. Through a handle none of these can be done.",
		Run:   "extract ./svc.Engine --name pricing --keep-signatures", Since: "0.1",
		Before: engine("", `
func Of() int {
	e := &svc.Engine{}
	n, _ := e.Price(context.Background(), "x")
	return n
}
`),
		After: engine("", useEngine)}},
	{Name: "no-constructor", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "no exported function makes a value of the type",
		Why:   "With --keep-signatures the constructor is what a caller asks for a handle.",
		Run:   "extract ./svc.Engine --name pricing --keep-signatures", Since: "0.1",
		Before: `package svc

type Engine struct{}

func (e *Engine) Price(id string) (int, error) { return len(id), nil }
`,
		After: `package svc

type Engine struct{}

func New() *Engine { return &Engine{} }

func (e *Engine) Price(id string) (int, error) { return len(id), nil }
`}},
	{Name: "no-contract", Severity: component.Error, Doc: Doc{Family: Extract,
		Title:  "the type has no contract to make remote",
		Why:    "The second step of an extraction works on the contract that the first one made.",
		Since:  "0.2",
		Before: "unweld extract ./svc.Engine --name pricing --step remote\n",
		After:  "unweld extract ./svc.Engine --name pricing --step boundary --write\nunweld extract ./svc.Engine --name pricing --step remote\n"}},
	{Name: "no-endpoints", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "nothing of the target can cross a process",
		Why:   "A component that nobody can reach from another process gains nothing by being extracted. The notes beside this say why each function stays local.",
		Run:   "extract ./svc.Engine --name pricing", Since: "0.1",
		Before: `package svc

type Engine struct{}

func New() *Engine { return &Engine{} }

func (e *Engine) Watch(prices chan int) { prices <- 1 }
`,
		After: `package svc

type Engine struct{}

func New() *Engine { return &Engine{} }

func (e *Engine) Price(id string) int { return len(id) }
`}},
	{Name: "nobody-holds", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "nobody would hold the interface",
		Why:   "An interface that no code holds keeps nothing apart. What keeps the type is said beside this.",
		Since: "0.2", Before: engine("", "\nfunc Of(e *svc.Engine) svc.Engine { return *e }\n"), After: engine("", useEngine)}},
	{Name: "not-a-struct", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a type that would be reached through a handle isn't a struct",
		Why:   "Its values are copied by assignment, and a copy has no handle.",
		Run:   "extract ./svc.Engine --name pricing --keep-signatures", Since: "0.1",
		Before: `package svc

type Engine int

func New() *Engine { e := Engine(1); return &e }

func (e *Engine) Price(id string) (int, error) { return len(id), nil }
`,
		After: `package svc

type Engine struct{ n int }

func New() *Engine { return &Engine{1} }

func (e *Engine) Price(id string) (int, error) { return len(id), nil }
`}},
	{Name: "other-builds", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a file that this build leaves out mentions the type",
		Why:   "The refactoring sees one build. What other platforms or tags compile would break.",
		Run:   "extract ./svc.Engine --name pricing --keep-signatures", Since: "0.1",
		Before: builds("plan9", "func warm() *Engine { return New() }\n"), After: builds("plan9", "func warm() {}\n")}},
	{Name: "outside-caller", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "code outside the module, or in a folder that ./... leaves out, uses what changes",
		Why:   "The refactoring sees the packages of one module or workspace. Another module of the workspace would no longer build, so that is refused; uses in nested modules and in folders such as _examples are noted, with their places.",
		Run:   "extract ./svc.Engine --name pricing", Since: "0.2",
		Before: withCaller("_examples"), After: withCaller("examples")}},
	{Name: "stays-local", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a function stays in the process of its caller",
		Why:   "One of its values can't cross, or it hands over a value that is reached through a handle. The message says which.",
		Since: "0.1",
		Before: `package svc

type Engine struct{}

func New() *Engine { return &Engine{} }

func (e *Engine) Watch(prices chan int) { prices <- 1 }

func (e *Engine) Price(id string) int { return len(id) }
`,
		After: `package svc

type Engine struct{}

func New() *Engine { return &Engine{} }

func (e *Engine) Latest() int { return 1 }

func (e *Engine) Price(id string) int { return len(id) }
`}},
}

const useEngine = `
func Of() int {
	e := svc.New()
	n, _ := e.Price(context.Background(), "x")
	return n
}
`

// engine is a module with a type that can be extracted and a package that uses it.
func engine(field, use string) string {
	return `-- svc/svc.go --
package svc

import "context"

type Engine struct {
` + field + `	base int
}

func New() *Engine { return &Engine{base: 1} }

func (e *Engine) Price(ctx context.Context, id string) (int, error) { return e.base, nil }
-- use/use.go --
package use

import (
	"context"

	"example.com/m/svc"
)
` + use
}

// builds is a module with a file for one platform only.
func builds(platform, code string) string {
	return `-- svc/svc.go --
package svc

import "context"

type Engine struct{ base int }

func New() *Engine { return &Engine{} }

func (e *Engine) Price(ctx context.Context, id string) (int, error) { return e.base, nil }
-- svc/svc_` + platform + `.go --
package svc

` + code
}

// withCaller is a component with a program that calls it, in a folder beside it.
func withCaller(folder string) string {
	return `-- svc/svc.go --
package svc

type Engine struct{ n int }

func New() *Engine { return &Engine{1} }

func (e *Engine) Price(id string) int { e.n++; return len(id) }
-- cmd/main.go --
package main

import "example.com/m/svc"

func main() {
	engine := svc.New()
	println(engine.Price("y"))
}
-- ` + folder + `/main.go --
package main

import "example.com/m/svc"

func main() { println(svc.New().Price("x")) }
`
}
