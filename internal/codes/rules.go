package codes

import "github.com/unweld/unweld/internal/component"

// rules are the ways to break the rules of unweld.yaml.
var rules = []Code{
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
