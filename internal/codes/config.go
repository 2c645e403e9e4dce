package codes

import "github.com/unweld/unweld/internal/component"

// config are the mistakes that unweld.yaml can have in itself.
var config = []Code{
	{Name: "config-baseline", Severity: component.Error, Doc: Doc{Family: Config,
		Title:  "the baseline of accepted violations can't be read",
		Why:    "What it accepts isn't known, so every violation of the rules counts. It is JSON, written by check --baseline FILE --write; editors read unweld.baseline.json.",
		Since:  "0.2",
		Before: "<<<<<<< a merge left its marks in unweld.baseline.json",
		After:  "unweld check --baseline unweld.baseline.json --write"}},
	{Name: "config-claim", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "two components, or two units, claim the same thing",
		Why:   "Every package is in one component, and every component in one unit of a split; otherwise two answers would be right.",
		Run:   "check", Since: "0.1",
		Before: "version: 1\ncomponents:\n  orders: {packages: [./orders]}\n  web:    {packages: [./orders]}\n",
		After:  "-- unweld.yaml --\nversion: 1\ncomponents:\n  orders: {packages: [./orders]}\n  web:    {packages: [./web]}\n-- orders/orders.go --\npackage orders\n-- web/web.go --\npackage web\n"}},
	{Name: "config-contract", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "the contract of a component doesn't name an interface that there is",
		Why:   "A contract is a package and a type in it, joined by a dot. What nothing declares would be held to no rule.",
		Run:   "check", Since: "0.1",
		Before: "-- unweld.yaml --\nversion: 1\ncomponents:\n  orders: {packages: [./orders], contract: ./orders.Servcie}\n-- orders/orders.go --\npackage orders\n\ntype Service interface{ Get() string }\n",
		After:  "-- unweld.yaml --\nversion: 1\ncomponents:\n  orders: {packages: [./orders], contract: ./orders.Service}\n-- orders/orders.go --\npackage orders\n\ntype Service interface{ Get() string }\n"}},
	{Name: "config-link", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "a link is neither a binding nor an address",
		Why:   "How callers reach a component is the name of a binding, or an address whose scheme belongs to one.",
		Run:   "check", Since: "0.1",
		Before: "version: 1\ncomponents:\n  orders: {packages: [./orders]}\nsplits:\n  two:\n    units: {web: {components: [\"*\"]}, orders: {components: [orders]}}\n    links: {orders: \"carrier://roof\"}\n",
		After:  "version: 1\ncomponents:\n  orders: {packages: [./orders]}\nsplits:\n  two:\n    units: {web: {components: [\"*\"]}, orders: {components: [orders]}}\n    links: {orders: unix}\n"}},
	{Name: "config-name", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "the name of a component, unit or endpoint has a form that can't be used",
		Why:   "Names become parts of import paths, file names and addresses.",
		Run:   "check", Since: "0.1",
		Before: "version: 1\ncomponents:\n  \"my orders\": {packages: [./orders]}\n",
		After:  "version: 1\ncomponents:\n  my-orders: {packages: [./orders]}\n"}},
	{Name: "config-packages", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "packages are named that don't exist, or none are",
		Why:   "A pattern that matches nothing leaves the code that was meant in no component, and every rule about it passes without looking.",
		Run:   "check", Since: "0.1",
		Before: "version: 1\ncomponents:\n  orders: {packages: [./ordres/...]}\n",
		After:  "version: 1\ncomponents:\n  orders: {packages: [./orders/...]}\n"}},
	{Name: "config-secret", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "a password is written out in the configuration",
		Why:   "unweld.yaml is committed, and what it says shows in plans, logs and emitted files. A password is named there: the environment variable that holds it, as ${NAME}, is looked up by the unit's own process.",
		Run:   "check", Since: "0.2",
		Before: "version: 1\nsplits: {micro: {units: {all: {components: ['*'], state: {path: 'postgres://shop:hunter2@db/shop'}}}}}\n",
		After:  "version: 1\nsplits: {micro: {units: {all: {components: ['*'], state: {path: 'postgres://shop:${DB_PASSWORD}@db/shop'}}}}}\n"}},
	{Name: "config-syntax", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "the file isn't YAML, or uses a part of YAML that isn't supported",
		Why:   "A file that is read in part would be obeyed in part.",
		Run:   "check", Since: "0.1",
		Before: "version: 1\ncomponents:\n  orders: {packages: [./orders]\n",
		After:  "version: 1\ncomponents:\n  orders: {packages: [./orders]}\n"}},
	{Name: "config-type", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "a value has the wrong shape: a text where a list is wanted, and the like",
		Why:   "Guessing what was meant would make two files with the same meaning behave differently.",
		Run:   "check", Since: "0.1",
		Before: "version: 1\ncomponents:\n  orders: {packages: ./orders}\n",
		After:  "version: 1\ncomponents:\n  orders: {packages: [./orders]}\n"}},
	{Name: "config-units", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "a split has no units",
		Why:   "A split lists the processes that the program runs in; there is at least one.",
		Run:   "check", Since: "0.1",
		Before: "version: 1\nsplits:\n  monolith: {units: {}}\n",
		After:  "version: 1\nsplits:\n  monolith: {units: {all: {components: [\"*\"]}}}\n"}},
	{Name: "config-unknown-component", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "a rule, split or link names a component that doesn't exist",
		Why:   "A rule about nothing is kept by everybody: a typing mistake would switch it off without a word.",
		Run:   "check", Since: "0.1",
		Before: "-- unweld.yaml --\nversion: 1\ncomponents:\n  orders: {packages: [./orders]}\nrules: {allow: {orders: [prcing]}}\n-- orders/orders.go --\npackage orders\n",
		After:  "-- unweld.yaml --\nversion: 1\ncomponents:\n  orders:  {packages: [./orders]}\n  pricing: {packages: [./pricing]}\nrules: {allow: {orders: [pricing]}}\n-- orders/orders.go --\npackage orders\n-- pricing/pricing.go --\npackage pricing\n"}},
	{Name: "config-unknown-endpoint", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "a unit names an endpoint that its component doesn't have",
		Why:   "An endpoint is a method of the contract. One that doesn't exist would never be served where it was asked for.",
		Run:   "check", Since: "0.1",
		Before: orderSplit("orders.Gte"), After: orderSplit("orders.Get")}},
	{Name: "config-unknown-key", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "a key isn't known",
		Why:   "A key that is skipped is a wish that nobody fulfils.",
		Run:   "check", Since: "0.1",
		Before: "version: 1\ncomponents:\n  orders: {package: [./orders]}\n",
		After:  "version: 1\ncomponents:\n  orders: {packages: [./orders]}\n"}},
	{Name: "config-value", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "a value is outside what its key can take",
		Why:   "Each axis of a unit has a list of values; anything else would be run in some other way than was asked for.",
		Run:   "check", Since: "0.1",
		Before: "version: 1\nsplits:\n  one: {units: {all: {components: [\"*\"], scale: {min: 3, max: 2}}}}\n",
		After:  "version: 1\nsplits:\n  one: {units: {all: {components: [\"*\"], scale: {min: 2, max: 3}}}}\n"}},
	{Name: "config-version", Severity: component.Error, Doc: Doc{Family: Config,
		Title: "the version of the file is missing or isn't known",
		Why:   "The version says by which rules the rest of the file is to be read.",
		Run:   "check", Since: "0.1",
		Before: "components:\n  orders: {packages: [./orders]}\n",
		After:  "version: 1\ncomponents:\n  orders: {packages: [./orders]}\n"}},
}

// orderSplit is a module in which a unit of its own serves one endpoint.
func orderSplit(endpoint string) string {
	return `-- unweld.yaml --
version: 1
components:
  orders: {packages: [./orders], contract: ./orders.Service}
splits:
  two: {units: {main: {components: ["*"]}, get: {endpoints: [` + endpoint + `]}}}
-- orders/orders.go --
package orders

type Service interface{ Get() string }
`
}
