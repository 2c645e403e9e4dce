package split

import (
	"errors"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// TestCallerStarts: a link at which each caller starts a process is in no split, whichever
// unit the component is in; the same component by another scheme is.
func TestCallerStarts(t *testing.T) {
	schemes := Schemes{
		{Name: "here", Binding: "here"},
		{Name: "near", Binding: "near", CrossesUnits: true, Open: noAllocator},
		{Name: "child", Binding: "near", CrossesUnits: true, CallerStarts: true},
	}
	facts := Facts{Schemes: schemes, Bound: []Bound{{Name: "price-list", Bindings: []string{"near"}}, {Name: "stock", Bindings: []string{"near"}}}}
	for link, refused := range map[string]bool{"child:": true, "child:./unit -q": true, "near": false, "near:": false, "": false} {
		for _, unit := range []string{"main", "apart"} {
			cfg := &Config{Splits: map[string]Split{"s": {
				Units: map[string]Unit{"main": {Components: []string{"*"}}, "apart": {Components: []string{"stock"}}},
				Links: map[string]string{},
			}}}
			c := map[string]string{"main": "price-list", "apart": "stock"}[unit]
			if link != "" {
				cfg.Splits["s"].Links[c] = link
			}
			_, err := New(cfg, "s", facts)
			usage, ok := errors.AsType[*component.UsageError](err)
			want := "UNWELD_LINK_" + map[string]string{"main": "PRICE_LIST", "apart": "STOCK"}[unit] + "=\"" + link
			switch {
			case !refused && err != nil:
				t.Errorf("%q in %s: %v", link, unit, err)
			case refused && (!ok || !strings.Contains(usage.Reason, c+" is linked by child:, where each caller starts a process of its own") || !strings.Contains(usage.Hint, want)):
				t.Errorf("%q in %s: got %#v, want a hint with %s", link, unit, err, want)
			}
		}
	}
}
