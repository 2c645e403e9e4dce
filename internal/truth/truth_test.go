package truth

import (
	"math"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

func TestCompare(t *testing.T) {
	truth := map[string]string{"a": "x", "b": "x", "c": "y", "d": "y"}
	for _, c := range []struct {
		name                   string
		got                    map[string]string
		ari, precision, recall float64
	}{
		{"equal", map[string]string{"a": "1", "b": "1", "c": "2", "d": "2"}, 100, 100, 100},
		{"all in one", map[string]string{"a": "1", "b": "1", "c": "1", "d": "1"}, 0, 100.0 / 3, 100},
		{"each alone", map[string]string{"a": "1", "b": "2", "c": "3", "d": "4"}, 0, 100, 0},
		{"shared and missing stand alone", map[string]string{"a": "", "b": "", "c": "2"}, 0, 100, 0},
		{"crossed", map[string]string{"a": "1", "b": "2", "c": "1", "d": "2"}, -50, 0, 0},
	} {
		s := Compare(truth, c.got)
		if math.Abs(s.ARI-c.ari) > 0.01 || math.Abs(s.Precision-c.precision) > 0.01 || math.Abs(s.Recall-c.recall) > 0.01 {
			t.Errorf("%s: %v", c.name, s)
		}
	}
}

func TestScore(t *testing.T) {
	truth := &Truth{Module: "m", Components: map[string][]string{
		"orders": {"./orders/..."}, "store": {"./orders/store"}, "mail": {"./mail", "m/web.Server.Send"},
	}}
	for id, want := range map[string]string{"m/orders": "orders", "m/orders/db": "orders", "m/orders/store": "store", "m/ordersx": "", "m/mail/x": ""} {
		if got := truth.Of(id); got != want {
			t.Errorf("%s is in %q, want %q", id, got, want)
		}
	}
	s := truth.Score(&component.Result{Unit: "package", Shared: []string{"m/log", "m/mail"}, Components: []component.Found{
		{Name: "orders", Packages: []string{"m/orders", "m/orders/db"}}, {Name: "store", Packages: []string{"m/orders/store", "m/other"}},
	}})
	if s.ARI != 100 || s.Entities != 4 || s.Shared != 1 {
		t.Errorf("score %v", s)
	}
	s = truth.Score(&component.Result{Unit: "decl", Components: []component.Found{{Name: "mail", Decls: []string{"m/web.Server"}}}})
	if s.Entities != 1 || s.Got != 1 || s.Shared != 0 {
		t.Errorf("a method isn't where its type is: %v", s)
	}
}
