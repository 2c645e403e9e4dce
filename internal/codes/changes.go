package codes

import (
	"path"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// changes are what stands in the way of a function that is to return what it changes.
var changes = []Code{
	{Name: "call-in-expression", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a call stands where its changed value has no place to go",
		Why:   "The call is deferred, started as a goroutine, part of a condition or of a larger expression, or made by an initializer. A statement that assigns the changed value would be run at another time than the call is now.",
		Run:   "refactor return-changes ./svc.Add", Since: "0.4",
		Before: adds("\tprintln(Add(&t, 1))\n"), After: adds("\tn := Add(&t, 1)\n\tprintln(n)\n")}},
	{Name: "cant-invert", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "what is used of a package can't be passed in",
		Why:   "A generic function, a constant, a variable and a type without methods are no values that somebody who knows both packages could pass in; a function whose signature has the other package's types in it would keep the import.",
		Run:   "refactor break-cycle ./svc --on ./bank --by invert", Since: "0.4",
		Before: depends("bank.Limit", "const Limit = 3\n"), After: depends("bank.Limit()", "func Limit() int { return 3 }\n")}},
	{Name: "cant-move", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "what is used of other packages can't move to one",
		Why:   "It is declared in several packages; each has to give away its part by itself.",
		Run:   "refactor break-cycle ./svc --on ./bank/... --by move", Since: "0.4",
		Before: depends("bank.Limit() + fees.Rate", "func Limit() int { return 3 }\n-- bank/fees/fees.go --\npackage fees\n\nconst Rate = 2\n"),
		After:  depends("bank.Limit()", "func Limit() int { return 3 }\n-- bank/fees/fees.go --\npackage fees\n\nconst Rate = 2\n")}},
	{Name: "changed-argument-kept", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a function does more with an argument than to change it",
		Why:   "It keeps the pointer, returns or compares it, gives the variable another value, uses it in a deferred call, or recovers from a panic. A copy isn't what all of that means, or what was changed would not reach the caller.",
		Run:   "refactor return-changes ./svc.Add", Since: "0.4",
		Before: `package svc

type T struct{ N int }

var last *T

func Add(t *T) {
	t.N++
	last = t
}
`, After: `package svc

type T struct{ N int }

var last T

func Add(t *T) {
	t.N++
	last = *t
}
`}},
	{Name: "changed-argument-nil", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "an argument may be nil where it becomes a value",
		Why:   "A value can't be nil: where the function leaves a nil pointer alone, the call would panic.",
		Run:   "refactor return-changes ./svc.Add", Since: "0.4",
		Before: passes(""), After: passes("\tif t == nil {\n\t\treturn\n\t}\n")}},
	{Name: "changed-argument-shared", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "somebody else may use an argument while a function changes it",
		Why:   "The function works on a copy that is written back when it returns. Whoever uses the same memory while it runs, through a global, another argument or a function that it calls, would see the old value, and what they write would be lost.",
		Run:   "refactor return-changes ./svc.Add", Since: "0.4",
		Before: `package svc

type T struct{ N int }

var all []*T

func Add(t *T) {
	t.N++
	for _, o := range all {
		o.N++
	}
}

func First() { Add(all[0]) }
`, After: `package svc

type T struct{ N int }

var all []*T

func Add(t *T) {
	t.N++
	for _, o := range all {
		o.N++
	}
}

func First() {
	t := T{N: 1}
	Add(&t)
}
`}},
	{Name: "dependency-stays", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a dependency would still be there",
		Why:   "The package imports the other one by way of a third, so ending its own import would change nothing.",
		Run:   "refactor break-cycle ./svc --on ./bank --by invert", Since: "0.4",
		Before: depends("bank.Limit() + desk.Size()", "func Limit() int { return 3 }\n-- desk/desk.go --\npackage desk\n\nimport \"example.com/m/bank\"\n\nfunc Size() int { return bank.Limit() }\n"),
		After:  depends("bank.Limit() + desk.Size()", "func Limit() int { return 3 }\n-- desk/desk.go --\npackage desk\n\nfunc Size() int { return 4 }\n")}},
	{Name: "go-version", Severity: component.Error, Doc: Doc{Family: Extract,
		Title:  "the Go version of go.mod lacks what the refactoring writes",
		Why:    "Maps are copied by maps.Clone, which came with Go 1.21.",
		Since:  "0.4",
		Before: "-- go.mod --\nmodule example.com/m\n\ngo 1.20\n-- svc/svc.go --\npackage svc\n\nfunc First(m map[int]int) { m[0] = 1 }\n",
		After:  "-- go.mod --\nmodule example.com/m\n\ngo 1.21\n-- svc/svc.go --\npackage svc\n\nfunc First(m map[int]int) { m[0] = 1 }\n"}},
	{Name: "method-value", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a function that is to return what it changes is used as a value",
		Why:   "What takes the value wants the signature of today, and what it does with what comes back isn't known.",
		Run:   "refactor return-changes ./svc.Add", Since: "0.1",
		Before: adds("\teach := func(f func(*T, int) int) { println(f(&t, 1)) }\n\teach(Add)\n"), After: adds("\tn := Add(&t, 1)\n\tprintln(n)\n")}},
	{Name: "no-copy", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "what a method shares with its callers has no copy",
		Why:   "The value refers to its own type, holds a lock, a function, a channel or an interface, or hides fields in another package: no code that is written here could copy all of it.",
		Run:   "refactor copy-on-boundary ./svc.T", Since: "0.4",
		Before: sharing("[]func()", ""), After: sharing("[]string", "")}},
	{Name: "no-dependency", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "there is no dependency to end",
		Why:   "The code that is named uses nothing of the other one, tests left out.",
		Run:   "refactor break-cycle ./bank --on ./svc", Since: "0.4",
		Before: depends("bank.Limit()", "func Limit() int { return 3 }\n"),
		After:  "-- svc/svc.go --\npackage svc\n\nfunc Use() int { return 3 }\n-- bank/bank.go --\npackage bank\n\nimport \"example.com/m/svc\"\n\nfunc Limit() int { return svc.Use() }\n"}},
	{Name: "nothing-changed", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a function changes none of its arguments",
		Why:   "There is nothing that it could return. What may be changed by code that can't be analysed doesn't count.",
		Run:   "refactor return-changes ./svc.Get", Since: "0.4",
		Before: "package svc\n\ntype T struct{ N int }\n\nfunc Get(t *T) int { return t.N }\n",
		After:  "package svc\n\ntype T struct{ N int }\n\nfunc Get(t *T) int { t.N++; return t.N }\n"}},
	{Name: "results-as-arguments", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a call is given the results of another call, so there is no variable for what it changes",
		Why:   "f(g()) passes all results of g on; what f changes of them has no name to be assigned to.",
		Run:   "refactor return-changes ./svc.Add", Since: "0.1",
		Before: adds("\ttwo := func() (*T, int) { return &t, 1 }\n\tprintln(Add(two()))\n"), After: adds("\tn := Add(&t, 1)\n\tprintln(n)\n")}},
	{Name: "nothing-shared", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a method shares no memory with its callers",
		Why:   "It returns no slice, map or pointer out of its receiver, and stores none that it is given.",
		Run:   "refactor copy-on-boundary ./svc.T", Since: "0.4",
		Before: sharing("int", ""), After: sharing("[]int", "")}},
	{Name: "relies-on-sharing", Severity: component.Error, Doc: Doc{Family: Extract,
		Title: "a caller relies on memory that it shares with a type",
		Why:   "It writes through what a method returned, keeps it, compares its pointers, or reads it again after the state may have changed; or it goes on to change what it gave away. With a copy in between, one of the two would no longer see the other's changes.",
		Run:   "refactor copy-on-boundary ./svc.T", Since: "0.4",
		Before: sharing("[]int", "\nfunc Reset(t *T) { t.Get()[0] = 0 }\n"), After: sharing("[]int", "\nfunc (t *T) Reset() { t.v[0] = 0 }\n")}},
}

// sharing is a type that returns a part of its state.
func sharing(typ, use string) string {
	return "package svc\n\ntype T struct{ v " + typ + " }\n\nfunc (t *T) Get() " + typ + " { return t.v }\n" + use
}

// depends is a package that uses another one.
func depends(use, bank string) string {
	imports := "\t\"example.com/m/bank\"\n"
	for _, p := range []string{"bank/fees", "desk"} {
		if strings.Contains(use, path.Base(p)+".") {
			imports += "\t\"example.com/m/" + p + "\"\n"
		}
	}
	return "-- svc/svc.go --\npackage svc\n\nimport (\n" + imports + ")\n\nfunc Use() int { return " + use + " }\n-- bank/bank.go --\npackage bank\n\n" + bank
}

// adds is a function that changes what it is given, and a call.
func adds(call string) string {
	return "package svc\n\ntype T struct{ N int }\n\nfunc Add(t *T, n int) int {\n\tt.N += n\n\treturn n\n}\n\nfunc Use() {\n\tvar t T\n" + call + "}\n"
}

// passes is a function that looks at something else before it changes what it is
// given, and a caller that looks at its own argument first.
func passes(check string) string {
	return "package svc\n\ntype T struct{ N int }\n\nfunc Add(t *T, n int) {\n\tif n > 0 {\n\t\tt.N += n\n\t}\n}\n\nfunc Use(t *T, n int) {\n" + check + "\tAdd(t, n)\n}\n"
}
