package reorder_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/reorder"
)

const program = `package p

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

type Order struct {
	ID    string
	Cents int
	Next  *Order
}

type Store struct {
	db    *sql.DB
	list  []*Order
	byID  map[string]*Order
	names []string
	hook  func()
	count int
}

type Namer interface{ Name() string }

func (o *Order) Name() string { return o.ID }

var total int

func Pure(s string) string          { return strings.ToUpper(s) }
func (s *Store) Count() int         { return s.count }
func (s *Store) Inc()               { s.count++ }
func (s *Store) Add(n string)       { s.names = append(s.names, n) }
func (s *Store) First() string      { return s.names[0] }
func (s *Store) Cut()               { s.byID = nil }
func Rename(o *Order)               { o.ID = "x" }
func Price(o *Order) int            { return o.Cents }
func Copy(o *Order) Order           { return *o }
func Swap(a, b *Order)              { *a = *b }
func Name(n Namer) string           { return n.Name() }
func Print(s string)                { fmt.Println(s) }
func Write(name string) error       { return os.WriteFile(name, nil, 0o600) }
func (s *Store) Hook()              { s.hook() }
func SetTotal(n int)                { total = n }
func Total() int                    { return total }
func Through(p *int)                { *p = 1 }
func Send(c chan int)               { c <- 1 }
func Text(b []byte) string          { return string(b) }
func Fill(b []byte)                 { b[0] = 1 }
func Loop(list []*Order) (n int)    { for _, o := range list { n += o.Cents }; return n }
func Box(v any) string              { return fmt.Sprint(v) }
func Boxed(o *Order) string         { return Box(o) }

func Fresh() *Order {
	o := &Order{}
	o.ID = "new"
	return o
}

func Made() []string {
	out := make([]string, 0, 2)
	out = append(out, "a")
	out[0] = "b"
	return out
}

func (s *Store) Load(ctx context.Context, id string) (*Order, error) {
	var o Order
	err := s.db.QueryRowContext(ctx, "SELECT", id).Scan(&o.ID, &o.Cents)
	return &o, err
}

func (s *Store) Orders(ctx context.Context) ([]*Order, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*Order
	for rows.Next() {
		var o Order
		if err := rows.Scan(&o.ID, &o.Cents, &o.Next); err != nil {
			return nil, err
		}
		list = append(list, &o)
	}
	return list, rows.Err()
}

func (s *Store) Into(b []byte) error {
	var o Order
	o.Next = s.byID["a"]
	return json.Unmarshal(b, &o)
}

func (s *Store) Within(b []byte) error {
	o := Order{Next: s.byID["a"]}
	return json.Unmarshal(b, &o)
}

func (s *Store) Listed(b []byte) error {
	list := []*Order{s.byID["a"]}
	return json.Unmarshal(b, &list)
}

func (s *Store) Appended(b []byte) error {
	var list []*Order
	list = append(list, s.byID["a"])
	return json.Unmarshal(b, &list)
}

func (s *Store) Mapped(b []byte) error {
	m := map[string]*Order{}
	m["a"] = s.byID["a"]
	return json.Unmarshal(b, &m)
}

func (s *Store) Lent(b []byte) error {
	var o Order
	s.fill(&o)
	return json.Unmarshal(b, &o)
}

func (s *Store) fill(o *Order) { o.Next = s.byID["a"] }

func Decoded(b []byte) ([]*Order, error) {
	var list []*Order
	err := json.Unmarshal(b, &list)
	return list, err
}

func Grown(b []byte) (Order, error) {
	o := Order{ID: "a", Next: &Order{ID: "b"}}
	o.Cents = 3
	err := json.Unmarshal(b, &o)
	return o, err
}

func (s *Store) Rows(ctx context.Context) (n int, err error) {
	rows, err := s.db.QueryContext(ctx, "SELECT")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}
`

// footprints returns what finds the footprint of a function of program.
func footprints(t *testing.T) func(name string) *reorder.Footprint {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "p.go": program} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	w, err := code.Load(t.Context(), refactor.Input{Snapshot: snap}, "test")
	if err != nil {
		t.Fatal(err)
	}
	a := reorder.New(w)
	return func(name string) *reorder.Footprint {
		fns, err := code.FindFuncs(w, "example.com/m."+name)
		if err != nil {
			t.Fatal(err)
		}
		return a.Call(fns[0])
	}
}

// TestBetween says of pairs of functions whether they could run in the other order.
func TestBetween(t *testing.T) {
	of := footprints(t)
	for _, tt := range []struct{ x, y, want string }{
		{"Pure", "Store.Inc", ""},
		{"Store.Inc", "Store.Count", "one changes field count, the other reads field count"},
		{"Store.Inc", "Store.Inc", "one changes field count, the other reads field count"},
		{"Store.Inc", "Store.First", ""},
		{"Store.Add", "Store.First", "field names"},
		{"Store.Add", "Store.Cut", ""},
		{"Rename", "Price", ""},
		{"Rename", "Copy", "field ID"},
		{"Swap", "Price", "field Cents"},
		{"Rename", "Name", "field ID"},
		{"Rename", "Loop", ""},
		{"Swap", "Loop", "field Cents"},
		{"Print", "Print", "one calls fmt.Println, the other calls fmt.Println"},
		{"Print", "Write", ""},
		{"Write", "Write", "os.WriteFile"},
		{"Write", "Store.Load", "the other calls sql."},
		{"Store.Hook", "Write", "one calls a function value"},
		{"Store.Hook", "Store.Count", "isn't known"},
		{"SetTotal", "Total", "total"},
		{"Through", "Price", "what a *int points to"},
		{"Through", "Store.First", ""},
		{"Send", "Write", "sends to a channel"},
		{"Fill", "Text", "elements of []byte"},
		{"Fill", "Store.First", ""},
		{"Fresh", "Copy", ""},
		{"Made", "Store.First", ""},
		{"Store.Load", "Copy", ""},
		{"Rename", "Boxed", "field ID"},
		{"Store.Orders", "Price", ""},
		{"Store.Into", "Price", "field Cents"},
		{"Store.Within", "Price", "field Cents"},
		{"Store.Listed", "Price", "field Cents"},
		{"Store.Appended", "Price", "field Cents"},
		{"Store.Mapped", "Price", "field Cents"},
		{"Store.Lent", "Price", "field Cents"},
		{"Decoded", "Price", ""},
		{"Grown", "Price", ""},
	} {
		got := ""
		if c := reorder.Between(of(tt.x), of(tt.y)); c != nil {
			got = c.Why
		}
		if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s and %s: %q, want %q", tt.x, tt.y, got, tt.want)
		}
		back := reorder.Between(of(tt.y), of(tt.x))
		if (back == nil) != (got == "") {
			t.Errorf("%s and %s: the other way round it is %v", tt.x, tt.y, back)
		}
	}
}

// TestFootprint says what functions do by themselves.
func TestFootprint(t *testing.T) {
	of := footprints(t)
	if s := of("Store.Rows").Writes(); s != nil {
		t.Errorf("reading rows %s", s.What)
	}
	for name, want := range map[string]string{"Store.Rows": "", "Store.Orders": "", "Pure": "", "Write": "calls os.WriteFile", "Send": "sends to a channel", "Store.Hook": "calls a function value", "Box": ""} {
		got := ""
		if s := of(name).Acts(); s != nil {
			got = s.What
		}
		if got != want {
			t.Errorf("%s acts: %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"Pure": "", "Fresh": "", "Made": "", "Store.Inc": "changes field count", "Print": "calls fmt.Println", "Write": "calls os.WriteFile", "Store.Rows": "calls sql.DB.QueryContext"} {
		got := ""
		if s := of(name).Pure(); s != nil {
			got = s.What
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
