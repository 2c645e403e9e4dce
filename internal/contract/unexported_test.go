package contract_test

import (
	"slices"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
)

// TestUnexported lets values with unexported fields of the contract's own package
// cross where a binding carries that, and says so; nowhere else, and none of
// other packages.
func TestUnexported(t *testing.T) {
	const src = `package p
import ("context"; "text/template")
type Money struct { cents int64 "x"; Currency string }
type Order struct { Total Money }
type Locked struct { done chan bool }
type Service interface {
	Get(ctx context.Context, o []*Order) (Money, error)
	Wait(Locked)
	Foreign(template.Template)
	Plain(string)
}`
	able := component.Carrier{Name: "able", Modes: []component.Mode{component.ModeUnexported}}
	plain := component.Carrier{Name: "unix"}
	for _, tt := range []struct {
		name    string
		by      component.Carriers
		form    component.Form
		crosses bool
		needs   []component.Mode
		lacks   string
	}{
		{"nothing is known of bindings", component.Carriers{}, component.FormType, false, nil, ""},
		{"one carries it", component.Carriers{All: []component.Carrier{plain, able}}, component.FormType, true, []component.Mode{component.ModeUnexported}, ""},
		{"the chosen one carries it", component.Carriers{Chosen: []component.Carrier{able}, All: []component.Carrier{plain, able}}, component.FormType, true, []component.Mode{component.ModeUnexported}, ""},
		{"another is chosen", component.Carriers{Chosen: []component.Carrier{plain}, All: []component.Carrier{plain, able}}, component.FormType, false, nil, "; binding unix carries no unexported fields"},
		{"one of two doesn't", component.Carriers{Chosen: []component.Carrier{able, plain}, All: []component.Carrier{plain, able}}, component.FormType, false, nil, "; binding unix carries no unexported fields"},
		{"code stands in the package", component.Carriers{Chosen: []component.Carrier{plain}}, component.FormFuncs, true, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := check(t, src).build(t, contract.Options{Carriers: tt.by, Form: tt.form})
			get, wait, foreign, simple := c.Methods[0], c.Methods[1], c.Methods[2], c.Methods[3]
			if (get.Local == "") != tt.crosses || !slices.Equal(get.Needs, tt.needs) {
				t.Errorf("Get stays local: %q, and needs %q", get.Local, get.Needs)
			}
			if want := "Get(o)[].Total.cents: (int64) is unexported, so p.Money would arrive without it" + tt.lacks; !tt.crosses && get.Local != want {
				t.Errorf("Get stays local: %q, want %q", get.Local, want)
			}
			if wait.Local == "" || foreign.Local == "" || simple.Local != "" || simple.Needs != nil {
				t.Errorf("Wait: %q, Foreign: %q, Plain: %q", wait.Local, foreign.Local, simple.Local)
			}
			money := c.Type("example.com/p.Money")
			if (money != nil) != tt.crosses {
				t.Fatalf("Money is %+v", money)
			}
			if money != nil && (len(money.Fields) != 2 || money.Fields[0] != component.Field{Name: "cents", Type: "int64", Tag: "x", Unexported: true} || money.Fields[1].Unexported) {
				t.Errorf("the fields of Money are %+v", money.Fields)
			}
		})
	}
}
