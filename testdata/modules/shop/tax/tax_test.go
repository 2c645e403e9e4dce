package tax

import (
	"errors"
	"slices"
	"testing"

	"example.com/shop/money"
)

func TestRate(t *testing.T) {
	cases := []struct {
		country  string
		category Category
		want     int
	}{{"DE", Standard, 1900}, {"de", Reduced, 700}, {"FR", Reduced, 550}, {"SE", Exempt, 0}}
	for _, c := range cases {
		got, err := Rate(c.country, c.category)
		if err != nil || got != c.want {
			t.Errorf("Rate(%s, %s) = %d, %v, want %d", c.country, c.category, got, err, c.want)
		}
	}
	if _, err := Rate("XX", Standard); !errors.Is(err, ErrUnknownCountry) {
		t.Errorf("unknown country: %v", err)
	}
	var category *CategoryError
	if _, err := Rate("DE", "luxury"); !errors.As(err, &category) || category.Category != "luxury" {
		t.Errorf("unknown category: %v", err)
	}
}

func TestIncluded(t *testing.T) {
	for _, c := range []struct {
		gross money.Cents
		rate  int
		want  money.Cents
	}{{11900, 1900, 1900}, {10700, 700, 700}, {100, 1900, 16}, {100, 0, 0}, {0, 1900, 0}} {
		if got := Included(c.gross, c.rate); got != c.want {
			t.Errorf("Included(%v, %d) = %v, want %v", c.gross, c.rate, got, c.want)
		}
	}
}

func TestCompute(t *testing.T) {
	b, err := Compute("de", []Line{{Standard, 11900}, {Reduced, 5350}, {Reduced, 5350}, {Exempt, 1000}})
	if err != nil {
		t.Fatal(err)
	}
	if b.Country != "DE" || b.Gross != 23600 || b.Tax != 2600 || b.Net != 21000 {
		t.Errorf("Compute = %+v", b)
	}
	var got []int
	for _, s := range b.Shares {
		got = append(got, s.Rate)
	}
	if !slices.Equal(got, []int{1900, 700, 0}) {
		t.Errorf("rates = %v", got)
	}
	if _, err := Compute("DE", []Line{{"luxury", 1}}); err == nil {
		t.Error("no error for an unknown category")
	}
}

func TestCountries(t *testing.T) {
	if c := Countries(); !slices.IsSorted(c) || !slices.Contains(c, "DE") {
		t.Errorf("Countries = %v", c)
	}
}
