package codes

import (
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// rules are the ways to break the rules of unweld.yaml.
var rules = []Code{
	{Name: "not-checked", Severity: component.Info, Doc: Doc{Family: Rules,
		Title: "code in the tree uses the module and is held to no rule",
		Why:   "A nested module, another module of the workspace, a folder that ./... leaves out and a file that no build has belong to no component. What they use isn't wrong, but nobody has looked.",
		Run:   "check", Since: "0.1",
		Before: withExample("_examples"), After: withExample("examples")}},
	{Name: "revision-incomplete", Severity: component.Warn, Doc: Doc{Family: Rules,
		Title:  "the revision that check --since names doesn't load as a whole",
		Why:    "What it used in the code that doesn't load isn't known, so a use that was there may count as new.",
		Since:  "0.1",
		Before: "git checkout v1 && go build ./...   # fails\nunweld check --since v1",
		After:  "git checkout v2 && go build ./...\nunweld check --since v2"}},
	{Name: "rule-allow", Severity: component.Error, Doc: Doc{Family: Rules,
		Title: "a component uses one that rules.allow doesn't list for it",
		Why:   "unweld.yaml says which components each may use. A use beside that list is a dependency that nobody decided on.",
		Run:   "check", Since: "0.1",
		Before: shopRules("{allow: {web: [orders]}}", "store"), After: shopRules("{allow: {web: [orders]}}", "orders")}},
	{Name: "rule-layers", Severity: component.Error, Doc: Doc{Family: Rules,
		Title: "a component uses one of its own layer or of one above",
		Why:   "rules.layers lists components from the top down, and each may use those below it.",
		Run:   "check", Since: "0.1",
		Before: shopRules("{layers: [store, web, orders]}", "store"), After: shopRules("{layers: [web, orders, store]}", "store")}},
	{Name: "rule-private", Severity: component.Error, Doc: Doc{Family: Rules,
		Title: "a component uses a package that is private to another",
		Why:   "rules.private lists folders that only their own component may use, as if they were internal to it.",
		Run:   "check", Since: "0.1",
		Before: shopRules("{private: [./store]}", "store"), After: shopRules("{private: [./store]}", "orders")}},
	{Name: "unused-ignore", Severity: component.Info, Doc: Doc{Family: Rules,
		Title: "an //unweld:ignore takes nothing away",
		Why:   "What it was about is gone, or its code is misspelt. It would hide the next problem of that line, which nobody has seen. It is told where all of the module was looked at for the code: check tells it of rules, and editors of hazards, too.",
		Run:   "check", Since: "0.2",
		Before: ignoring("./orders"), After: ignoring("./store")}},
}

// ignoring is a module in which web uses the store all the same, and one folder is private.
func ignoring(private string) string {
	return strings.Replace(shopRules("{private: ["+private+"]}", "store"), "func Get() string { return store.Get() }",
		"func Get() string {\n\treturn store.Get() //unweld:ignore rule-private until orders has it\n}", 1)
}

// shopRules is a module of three components with one rule, in which web uses
// one other.
func shopRules(rule, used string) string {
	return `-- unweld.yaml --
version: 1
components:
  web:    {packages: [./web]}
  orders: {packages: [./orders]}
  store:  {packages: [./store]}
rules: ` + rule + `
-- web/web.go --
package web

import "example.com/m/` + used + `"

func Get() string { return ` + used + `.Get() }
-- orders/orders.go --
package orders

func Get() string { return "order" }
-- store/store.go --
package store

func Get() string { return "row" }
`
}

// withExample is a module with a program in a folder beside its one component.
func withExample(folder string) string {
	return `-- unweld.yaml --
version: 1
components:
  store: {packages: [./store]}
-- ` + folder + `/main.go --
package main

import "example.com/m/store"

func main() { println(store.Get()) }
-- store/store.go --
package store

func Get() string { return "row" }
`
}
