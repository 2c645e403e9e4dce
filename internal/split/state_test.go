package split

import (
	"strings"
	"testing"
)

// kept are made up: log is in files, and server is what it says.
var kept = []Store{
	{Name: "log", StoreTraits: StoreTraits{Location: Location{Extension: ".db", Example: "state"}}},
	{Name: "server", StoreTraits: StoreTraits{Location: Location{Schemes: []string{"sql", "sqls"}, Example: "sql://db/shop"}}},
	{Name: "shared", StoreTraits: StoreTraits{Shared: true, Location: Location{Schemes: []string{"kv"}, Example: "kv://db"}}},
}

// TestStatePaths: two stores never share a file.
func TestStatePaths(t *testing.T) {
	facts := Facts{Schemes: terms.Schemes, Stores: kept, Bound: []Bound{
		{Name: "orders", Bindings: []string{"near"}, Stateful: true, Store: "log"},
		{Name: "pricing", Bindings: []string{"near"}},
		{Name: "stock", Bindings: []string{"near"}, Stateful: true, Store: "log", StatePath: "own.db"},
	}}
	for _, c := range []struct{ given, orders, stock string }{
		{"", "", "own.db"},
		{"data", "data/orders.db", "data/stock.db"},
		{"/var/x.d/", "/var/x.d/orders.db", "/var/x.d/stock.db"},
		{"file:///var/x", "/var/x/orders.db", "/var/x/stock.db"},
	} {
		cfg := &Config{Splits: map[string]Split{"s": {Units: map[string]Unit{"u": {Components: []string{"*"}, State: State{Path: c.given}}}}}}
		plan, err := New(cfg, "s", facts)
		if err != nil {
			t.Fatalf("path %q: %v", c.given, err)
		}
		orders, stock := plan.Component("orders").StatePath, plan.Component("stock").StatePath
		if orders != c.orders || stock != c.stock || plan.Component("pricing").StatePath != "" {
			t.Errorf("path %q: orders at %q, stock at %q, want %q and %q", c.given, orders, stock, c.orders, c.stock)
		}
	}
	file := &Config{Splits: map[string]Split{"s": {Units: map[string]Unit{
		"u": {Components: []string{"orders", "stock"}, State: State{Path: "data/all.db"}}, "main": {Components: []string{"*"}},
	}}}}
	if _, err := New(file, "s", facts); err == nil || !strings.Contains(err.Error(), "orders and stock would both keep their state in data/all.db") {
		t.Errorf("one file for two stores: %v", err)
	}
	one := &Config{Splits: map[string]Split{"s": {Units: map[string]Unit{
		"u": {Components: []string{"orders", "pricing"}, State: State{Path: "data/all.db"}}, "main": {Components: []string{"*"}},
	}}}}
	plan, err := New(one, "s", facts)
	if err != nil || plan.Component("orders").StatePath != "data/all.db" {
		t.Errorf("one file for one store: %+v, %v", plan, err)
	}
}

// TestStateLocations: an address is one of the store's, and is passed on as it
// is; what it names in the environment stays a name.
func TestStateLocations(t *testing.T) {
	facts := Facts{Schemes: terms.Schemes, Stores: kept, Bound: []Bound{
		{Name: "orders", Bindings: []string{"near"}, Stateful: true, Store: "server"},
		{Name: "stock", Bindings: []string{"near"}, Stateful: true, Store: "server"},
		{Name: "cache", Bindings: []string{"near"}, Stateful: true, Store: "shared"},
		{Name: "log", Bindings: []string{"near"}, Stateful: true, Store: "log"},
	}}
	plan := func(component, given string) (*Plan, error) {
		cfg := &Config{Splits: map[string]Split{"s": {Units: map[string]Unit{"u": {Components: []string{component}, State: State{Path: given}}, "m": {Components: []string{"*"}}}}}}
		return New(cfg, "s", facts)
	}
	for _, tt := range []struct{ component, given, want, refused string }{
		{"orders", "sql://me:${PW}@db:1/shop?x=${Y}", "sql://me:${PW}@db:1/shop?x=${Y}", ""},
		{"orders", "sqls://db/shop.db", "sqls://db/shop.db", ""},
		{"orders", "${DB}", "${DB}", ""},
		{"orders", "${DB}/shop", "${DB}/shop", ""},
		{"orders", "", "", ""},
		{"orders", "state/orders.db", "", `orders: store server keeps state on a server, of which "state/orders.db" is no address`},
		{"orders", "kv://db", "", "orders: store server can't keep state at an address of the kind kv:"},
		{"orders", "file:///x", "", "can't keep state at an address of the kind file:"},
		{"log", "sql://db", "", "log: store log can't keep state at an address of the kind sql:"},
		{"log", "${DIR}/a.db", "${DIR}/a.db", ""},
		{"log", "${DIR}", "${DIR}", ""},
	} {
		p, err := plan(tt.component, tt.given)
		if err != nil || tt.refused != "" {
			if err == nil || tt.refused == "" || !strings.Contains(err.Error(), tt.refused) {
				t.Errorf("%s at %q: %v, want %q", tt.component, tt.given, err, tt.refused)
			}
			continue
		}
		if got := p.Component(tt.component); got.StatePath != tt.want || got.RemoteState != (tt.component != "log") || (got.StateFile != "") != (tt.component == "log") {
			t.Errorf("%s at %q: %+v", tt.component, tt.given, got)
		}
	}
	p, err := plan("cache", "kv://${HOST}:${PORT}/${HOST}")
	if err != nil {
		t.Fatal(err)
	}
	if p.Component("cache").OneOwner() || !p.Component("orders").OneOwner() {
		t.Error("the owners of shared and owned state are confused")
	}
	u := p.Unit("u")
	u.Env = map[string]string{"PORT": "1"}
	if got := p.Unresolved(u, func(string) bool { return false }); len(got) != 1 || got[0] != "HOST" {
		t.Errorf("%v are given by nothing, want HOST", got)
	}
	u.Secrets = map[string]Secret{"HOST": {From: "a/b"}}
	if got := p.Unresolved(u, func(string) bool { return false }); len(got) != 0 {
		t.Errorf("%v are given by nothing", got)
	}
}

// TestNoSecrets: a password in a location is refused, and not repeated.
func TestNoSecrets(t *testing.T) {
	for given, refused := range map[string]bool{
		"postgres://shop:hunter2@db/shop":                 true,
		"postgres://shop:hunter2${X}@db/shop":             true,
		"postgres://:hunter2@db":                          true,
		"postgres://db/shop?sslmode=off&password=hunter2": true,
		"postgres://db/shop?password=hunter2":             true,
		"postgres://shop:${PW}@db/shop":                   false,
		"postgres://shop@db:5432/shop":                    false,
		"postgres://db:5432/shop?user=a@b":                false,
		"postgres://db/shop?password=${PW}":               false,
		"${DB}":                                           false,
		"/var/a:b@c/d":                                    false,
	} {
		_, ps := Parse(FileName, []byte("version: 1\nsplits: {s: {units: {u: {components: ['*'], state: {path: '"+given+"'}}}}}\n"))
		got := lines(ps)
		if refused != strings.Contains(got, "unweld.yaml:2:") || refused != strings.Contains(got, "has a password in it") || strings.Contains(got, "hunter2") {
			t.Errorf("%s: %s", given, got)
		}
	}
	_, ps := Parse(FileName, []byte("version: 1\nsplits: {s: {units: {u: {components: ['*'], state: {path: 'sql://${DB'}}}}}\n"))
	if got := lines(ps); !strings.Contains(got, "${ that names no environment variable") {
		t.Error(got)
	}
}

// TestUnusedState: a place for state that nothing keeps there is an error, since
// somebody relies on it.
func TestUnusedState(t *testing.T) {
	facts := Facts{Schemes: terms.Schemes, Stores: kept, Bound: []Bound{
		{Name: "orders", Bindings: []string{"near"}, Stateful: true, Store: "log"},
		{Name: "pricing", Bindings: []string{"near"}, Stateful: true},
	}}
	for components, want := range map[string]string{
		"orders":  "",
		"pricing": "unit u says where its state is kept, and none of its components has a store",
	} {
		cfg := &Config{Splits: map[string]Split{"s": {Units: map[string]Unit{
			"u": {Components: []string{components}, State: State{Path: "data"}}, "main": {Components: []string{"*"}},
		}}}}
		_, err := New(cfg, "s", facts)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", components, err, want)
		}
	}
}
