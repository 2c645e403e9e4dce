package catalog

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"example.com/shop/db"
	"example.com/shop/inventory"
	"example.com/shop/pricing"
	"example.com/shop/tax"
)

func newCatalog(t *testing.T) (*Service, *pricing.Engine, *inventory.Store) {
	t.Helper()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	rules, err := pricing.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	prices := pricing.New(rules)
	stock := inventory.NewStore(d, func() time.Time { return time.Unix(1_700_000_000, 0) })
	s, err := New(t.Context(), d, prices, stock)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, prices, stock
}

func skus(items []Item) []string {
	var out []string
	for _, it := range items {
		out = append(out, it.SKU)
	}
	return out
}

func TestList(t *testing.T) {
	s, _, _ := newCatalog(t)
	cases := []struct {
		name   string
		filter Filter
		want   []string
	}{
		{"category", Filter{Category: "kitchen"}, []string{"COFFEE-1KG", "MUG-01", "MUG-02"}},
		{"by price", Filter{Category: "kitchen", ByPrice: true}, []string{"MUG-01", "MUG-02", "COFFEE-1KG"}},
		{"query", Filter{Query: "mug go"}, []string{"MUG-01"}},
		{"prefix", Filter{Query: "stick"}, []string{"STICKER-10"}},
		{"nothing", Filter{Query: "sofa"}, nil},
	}
	for _, c := range cases {
		items, err := s.List(t.Context(), c.filter)
		if err != nil || !slices.Equal(skus(items), c.want) {
			t.Errorf("%s: %v, %v, want %v", c.name, skus(items), err, c.want)
		}
	}
}

func TestItemFollowsPrices(t *testing.T) {
	s, prices, _ := newCatalog(t)
	it, err := s.Item(t.Context(), "MUG-01")
	if err != nil || it.Price != 1250 || it.Available != 40 {
		t.Fatalf("Item = %+v, %v", it, err)
	}
	prices.SetRule(pricing.Rule{SKU: "MUG-01", Unit: 999})
	if it, err = s.Item(t.Context(), "MUG-01"); err != nil || it.Price != 999 {
		t.Errorf("Item after SetRule = %+v, %v", it, err)
	}
	prices.RemoveRule("MUG-01")
	if _, err = s.Item(t.Context(), "MUG-01"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Item without a price: %v", err)
	}
	if got := s.Unpriced(); !slices.Equal(got, []string{"MUG-01"}) {
		t.Errorf("Unpriced = %v", got)
	}
	items, err := s.List(t.Context(), Filter{Category: "kitchen"})
	if err != nil || slices.Contains(skus(items), "MUG-01") {
		t.Errorf("List = %v, %v", skus(items), err)
	}
}

func TestAddUpdateRetire(t *testing.T) {
	s, prices, _ := newCatalog(t)
	ctx := t.Context()
	p := Product{SKU: "CAP", Name: "Cap", Category: "clothing", TaxCategory: tax.Standard, Grams: 80, Active: true}
	if err := s.Add(ctx, p); err != nil {
		t.Fatal(err)
	}
	if err := s.Add(ctx, p); !errors.Is(err, ErrExists) {
		t.Errorf("second Add: %v", err)
	}
	prices.SetRule(pricing.Rule{SKU: "CAP", Unit: 1500})
	items, err := s.List(ctx, Filter{Category: "clothing", OnlyInStock: true})
	if err != nil || !slices.Equal(skus(items), []string{"TEE-M", "TEE-S"}) {
		t.Errorf("in stock: %v, %v", skus(items), err)
	}
	if out, err := s.SoldOut(ctx); err != nil || !slices.Equal(out, []string{"CAP"}) {
		t.Errorf("SoldOut = %v, %v", out, err)
	}
	p.Name = "Baseball cap"
	if err := s.Update(ctx, p); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Product("CAP"); err != nil || got.Name != "Baseball cap" {
		t.Errorf("Product = %+v, %v", got, err)
	}
	if err := s.Retire(ctx, "CAP"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Item(ctx, "CAP"); err != ErrNotFound {
		t.Errorf("Item of a retired product: %v", err)
	}
	if err := s.Retire(ctx, "SOFA"); err != ErrNotFound {
		t.Errorf("Retire of an unknown product: %v", err)
	}
}

func TestValidate(t *testing.T) {
	good := Product{SKU: "A", Name: "A", Category: "c", TaxCategory: tax.Exempt}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for field, change := range map[string]func(*Product){
		"sku":         func(p *Product) { p.SKU = "a b" },
		"name":        func(p *Product) { p.Name = "" },
		"category":    func(p *Product) { p.Category = "" },
		"grams":       func(p *Product) { p.Grams = -1 },
		"taxCategory": func(p *Product) { p.TaxCategory = "luxury" },
	} {
		p := good
		change(&p)
		var fe *FieldError
		if err := p.Validate(); !errors.As(err, &fe) || fe.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestCategories(t *testing.T) {
	s, _, _ := newCatalog(t)
	c := s.Categories()
	if len(c) != 5 || !slices.Equal(c["paper"], []string{"POSTER-A2", "STICKER-10"}) {
		t.Errorf("Categories = %v", c)
	}
}
