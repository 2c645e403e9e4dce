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

// TestNoPlainValues refuses values with unexported fields, whatever the bindings carry,
// that the package of their type can't write, or that are no values: a pointer to what
// has methods to change it.
func TestNoPlainValues(t *testing.T) {
	able := component.Carriers{All: []component.Carrier{{Name: "able", Modes: component.Carried}}}
	for _, tt := range []struct{ param, why string }{
		{"m Money", ""},
		{"m *Money", ""},
		{"a Account", ""},
		{"a struct{ A Account }", ""},
		{"a *Account", "Account.cents: (int64) is unexported, so p.Account would arrive without it; its method Add may change what the pointer leads to, and a copy isn't what was changed"},
		{"a map[string][]*Account", "M(a)[][].cents: (int64) is unexported, so p.Account would arrive without it; its method Add may change what the pointer leads to, and a copy isn't what was changed"},
		{"t *Told", ""},
		{"b Box[int]", "Box.v: (int) is unexported, so p.Box[int] would arrive without it; its package has no codec for an instance of a generic type"},
		{"h Holder", "Holder.v: (any) is unexported, so p.Holder would arrive without it; its package doesn't know what is behind an interface in it"},
		{"h own", "own.n: (int) is unexported, so p.own would arrive without it; generated code can't name p.own, which isn't exported"},
		{"o Outer", ""},
		{"o Outer, w own", "own.n: (int) is unexported, so p.own would arrive without it; generated code can't name p.own, which isn't exported"},
	} {
		c := check(t, `package p
import "context"
type Money struct { cents int64 }
func (m Money) Cents() int64 { return m.cents }
type Account struct { cents int64 }
func (a *Account) Add(cents int64) { a.cents += cents }
type Told struct { n int }
func (t *Told) String() string { return "" }
func (t *Told) set(n int) { t.n = n }
type Box[T any] struct { v T }
type Holder struct { v any }
type own struct { n int }
type Outer struct { in []own; next *own }
type Service interface { M(ctx context.Context, `+tt.param+`) error }
`).build(t, contract.Options{Carriers: able})
		if got := c.Methods[0].Local; got != tt.why {
			t.Errorf("%s: %q, want %q", tt.param, got, tt.why)
		}
	}
}
