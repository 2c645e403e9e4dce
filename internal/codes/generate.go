package codes

import "github.com/unweld/unweld/internal/component"

// generate are the reasons why no code is generated, or none is taken away.
var generate = []Code{
	{Name: "contract-directive", Severity: component.Error, Doc: Doc{Family: Generate,
		Title: "the comment of a type says wrongly of which component it is the contract",
		Why:   "bind takes the directive's word for it, so one that is mistyped must not be passed over.",
		Run:   "bind svc --to unix", Since: "0.2",
		Before: "package svc\n\nimport \"context\"\n\n//unweld:contract\ntype Service interface {\n\tGet(ctx context.Context) error\n}\n",
		After:  "package svc\n\nimport \"context\"\n\n//unweld:contract svc\ntype Service interface {\n\tGet(ctx context.Context) error\n}\n"}},
	{Name: "contract-in-main", Severity: component.Error, Doc: Doc{Family: Generate,
		Title:  "the contract stands in package main",
		Why:    "Nothing can import package main, so generated code couldn't name the interface.",
		Since:  "0.1",
		Before: "-- main.go --\npackage main\n\nimport \"context\"\n\ntype Service interface {\n\tGet(ctx context.Context) error\n}\n\nfunc main() {}\n",
		After:  "-- svc/svc.go --\npackage svc\n\nimport \"context\"\n\ntype Service interface {\n\tGet(ctx context.Context) error\n}\n"}},
	{Name: "edited-since", Severity: component.Error, Doc: Doc{Family: Generate,
		Title:  "a line that bind changed was edited since",
		Why:    "eject puts lines back as they were. A line that a person edited holds work that would be lost.",
		Since:  "0.1",
		Before: "unweld bind svc --to unix --write\nedit the line that calls Open\nunweld eject svc --write\n",
		After:  "put the line back as bind wrote it\nunweld eject svc --write\n"}},
	{Name: "empty-contract", Severity: component.Error, Doc: Doc{Family: Generate,
		Title: "the contract has no methods",
		Why:   "There is nothing to call.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: "package svc\n\ntype Service interface{}\n",
		After:  "package svc\n\nimport \"context\"\n\ntype Service interface {\n\tGet(ctx context.Context) error\n}\n"}},
	{Name: "generated-edited", Severity: component.Error, Doc: Doc{Family: Generate,
		Title:  "a generated file was edited by hand",
		Why:    "Generating it again, or taking it away, would lose what was written there.",
		Since:  "0.1",
		Before: "unweld bind svc --to unix --write\nedit svc/svcunweld/client.go\nunweld bind svc --write\n",
		After:  "move the edit to a file of its own\nremove the generated file\nunweld bind svc --write\n"}},
	{Name: "incompatible-schema", Severity: component.Error, Doc: Doc{Family: Generate,
		Title:  "a field keeps its number but changes what is sent",
		Why:    "While a program is replaced unit by unit, old and new read each other's messages. One that means something else under the same number would be misread. Parameters are told by their names, and one alone that was renamed by its place. Where several of one type got other names at once, nobody can tell which is which.",
		Since:  "0.1",
		Before: "unweld bind svc --to unix --write\nchange the field Order.Count from int to string\nunweld bind svc --write\n",
		After:  "leave Order.Count as it is, and add a field Order.Amount string\nunweld bind svc --write\n"}},
	{Name: "language-version", Severity: component.Error, Doc: Doc{Family: Generate,
		Title:  "a requirement would raise the module to a language in which its own code means something else",
		Why:    "Since go 1.22 each round of a for loop has variables of its own. Raising go.mod across that line can change what the module does.",
		Since:  "0.1",
		Before: "go.mod says go 1.21\nunweld bind svc --to grpc --write\n",
		After:  "go mod edit -go=1.25 && go mod tidy && go test ./...\nunweld bind svc --to grpc --write\n"}},
	{Name: "method-close", Severity: component.Error, Doc: Doc{Family: Generate,
		Title:  "a method has the name by which the command log is closed",
		Why:    "The store wraps the component and has a method Close of its own.",
		Since:  "0.1",
		Before: "package svc\n\nimport \"context\"\n\ntype Service interface {\n\tClose(ctx context.Context, account string) error\n}\n",
		After:  "package svc\n\nimport \"context\"\n\ntype Service interface {\n\tCloseAccount(ctx context.Context, account string) error\n}\n"}},
	{Name: "no-implementation", Severity: component.Error, Doc: Doc{Family: Generate,
		Title:  "no implementation of the contract was found, so nobody knows what its methods do to the state",
		Why:    "A store has to know which calls change something. Without a body to look at it would have to guess.",
		Since:  "0.1",
		Before: "package svc\n\nimport \"context\"\n\ntype Service interface {\n\tPut(ctx context.Context, v string) error\n}\n",
		After: `package svc

import "context"

type Service interface {
	Put(ctx context.Context, v string) error
}

type Store struct{ vs []string }

func New() Service { return &Store{} }

func (s *Store) Put(ctx context.Context, v string) error {
	s.vs = append(s.vs, v)
	return nil
}
`}},
	{Name: "pinned", Severity: component.Error, Doc: Doc{Family: Generate,
		Title: "the component can't leave the process of its callers",
		Why:   "None of its endpoints can cross, or one that touches its state can't: its callers would reach half of it.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: "package svc\n\nimport \"context\"\n\ntype Service interface {\n\tWatch(ctx context.Context, c chan int) error\n}\n",
		After:  "package svc\n\nimport \"context\"\n\ntype Service interface {\n\tNext(ctx context.Context, after int) (int, error)\n}\n"}},
	{Name: "too-many-fields", Severity: component.Error, Doc: Doc{Family: Generate,
		Title:  "a struct has more fields than numbers can be given to",
		Why:    "The numbers at the end of the range carry which values are nil and which are empty.",
		Since:  "0.1",
		Before: "a struct with some hundred thousand fields, or one that has lost as many over time\n",
		After:  "several structs\n"}},
	{Name: "unexported-contract", Severity: component.Error, Doc: Doc{Family: Generate,
		Title:  "the interface isn't exported",
		Why:    "Generated code stands in a package of its own and has to name it.",
		Since:  "0.1",
		Before: "package svc\n\nimport \"context\"\n\ntype service interface {\n\tGet(ctx context.Context) error\n}\n",
		After:  "package svc\n\nimport \"context\"\n\ntype Service interface {\n\tGet(ctx context.Context) error\n}\n"}},
	{Name: "unexported-method", Severity: component.Error, Doc: Doc{Family: Generate,
		Title: "the interface has an unexported method",
		Why:   "No type outside the package can implement it, and the generated client is one.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: "package svc\n\nimport \"context\"\n\ntype Service interface {\n\tGet(ctx context.Context) error\n\tsealed(ctx context.Context) error\n}\n",
		After:  "package svc\n\nimport \"context\"\n\ntype Service interface {\n\tGet(ctx context.Context) error\n}\n"}},
	{Name: "unexported-type", Severity: component.Error, Doc: Doc{Family: Generate,
		Title: "a type that crosses can't be named by generated code",
		Why:   "The codec builds values of it, in a package of its own.",
		Run:   "bind svc --to unix", Since: "0.1",
		Before: "package svc\n\nimport \"context\"\n\ntype order struct{ ID string }\n\ntype Service interface {\n\tPlace(ctx context.Context, o order) error\n}\n",
		After:  "package svc\n\nimport \"context\"\n\ntype Order struct{ ID string }\n\ntype Service interface {\n\tPlace(ctx context.Context, o Order) error\n}\n"}},
	{Name: "unloggable", Severity: component.Error, Doc: Doc{Family: Generate,
		Title:  "a method changes the state and can't be logged",
		Why:    "A command log writes down the arguments of each call. What can't cross a process can't be written either.",
		Since:  "0.1",
		Before: "package svc\n\nimport \"context\"\n\ntype Service interface {\n\tOnChange(ctx context.Context, f func(string)) error\n}\n\ntype Store struct{ fs []func(string) }\n\nfunc New() Service { return &Store{} }\n\nfunc (s *Store) OnChange(ctx context.Context, f func(string)) error {\n\ts.fs = append(s.fs, f)\n\treturn nil\n}\n",
		After:  "package svc\n\nimport \"context\"\n\ntype Service interface {\n\tSubscribe(ctx context.Context, address string) error\n}\n\ntype Store struct{ addresses []string }\n\nfunc New() Service { return &Store{} }\n\nfunc (s *Store) Subscribe(ctx context.Context, address string) error {\n\ts.addresses = append(s.addresses, address)\n\treturn nil\n}\n"}},
	{Name: "unnameable-error", Severity: component.Info, Doc: Doc{Family: Generate,
		Title:  "an error that callers look for can't be named by generated code",
		Why:    "Across a link it arrives as an error with the same text that is neither == nor errors.Is.",
		Since:  "0.1",
		Before: "package svc\n\nimport (\n\t\"context\"\n\t\"errors\"\n)\n\nvar errLost = errors.New(\"lost\")\n\nfunc IsLost(err error) bool { return errors.Is(err, errLost) }\n\ntype Service interface {\n\tTake(ctx context.Context) error\n}\n",
		After:  "package svc\n\nimport (\n\t\"context\"\n\t\"errors\"\n)\n\nvar ErrLost = errors.New(\"lost\")\n\nfunc IsLost(err error) bool { return errors.Is(err, ErrLost) }\n\ntype Service interface {\n\tTake(ctx context.Context) error\n}\n"}},
}
