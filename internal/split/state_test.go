package split

import (
	"strings"
	"testing"
)

// TestStatePaths: two stores never share a file.
func TestStatePaths(t *testing.T) {
	facts := Facts{Schemes: terms.Schemes, Bound: []Bound{
		{Name: "orders", Bindings: []string{"near"}, Stateful: true, Store: "commandlog"},
		{Name: "pricing", Bindings: []string{"near"}},
		{Name: "stock", Bindings: []string{"near"}, Stateful: true, Store: "commandlog", StatePath: "own.db"},
	}}
	for _, c := range []struct{ given, orders, stock string }{
		{"", "", "own.db"},
		{"data", "data/orders.db", "data/stock.db"},
		{"/var/x.d/", "/var/x.d/orders.db", "/var/x.d/stock.db"},
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
