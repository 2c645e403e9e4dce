// Package tax computes value added tax. It is a set of pure functions over
// the rates of the countries that the shop ships to.
package tax

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/shop/money"
)

// A Category decides which of a country's rates applies.
type Category string

const (
	Standard Category = "standard"
	Reduced  Category = "reduced" // books and food
	Exempt   Category = "exempt"  // gift cards
)

// ErrUnknownCountry means that there are no rates for a country.
var ErrUnknownCountry = errors.New("tax: unknown country")

// CategoryError means that a category isn't one of the known ones.
type CategoryError struct{ Category Category }

func (e *CategoryError) Error() string { return fmt.Sprintf("tax: unknown category %q", e.Category) }

// A Line is an amount, tax included, of goods of one category.
type Line struct {
	Category Category    `json:"category"`
	Gross    money.Cents `json:"gross"`
}

// A Share is the part of a breakdown that one rate makes up.
type Share struct {
	Rate  int         `json:"rate"` // basis points
	Gross money.Cents `json:"gross"`
	Net   money.Cents `json:"net"`
	Tax   money.Cents `json:"tax"`
}

// A Breakdown splits an amount by rate, highest rate first.
type Breakdown struct {
	Country string      `json:"country"`
	Shares  []Share     `json:"shares"`
	Net     money.Cents `json:"net"`
	Tax     money.Cents `json:"tax"`
	Gross   money.Cents `json:"gross"`
}

// Rate returns the rate for category in country, in basis points.
func Rate(country string, category Category) (int, error) {
	r, ok := rates[strings.ToUpper(country)]
	if !ok {
		return 0, fmt.Errorf("%w: %q", ErrUnknownCountry, country)
	}
	switch category {
	case Standard:
		return r.standard, nil
	case Reduced:
		return r.reduced, nil
	case Exempt:
		return 0, nil
	}
	return 0, &CategoryError{Category: category}
}

// Included returns the tax that gross contains at rate basis points, rounded
// half up.
func Included(gross money.Cents, rate int) money.Cents {
	if rate <= 0 {
		return 0
	}
	base := int64(10_000 + rate)
	net := (int64(gross)*10_000 + base/2) / base
	return gross - money.Cents(net)
}

// Compute breaks lines down by rate. Tax is computed on the sum of each rate,
// not per line, so that it is rounded once.
func Compute(country string, lines []Line) (Breakdown, error) {
	gross := make(map[int]money.Cents)
	for _, l := range lines {
		rate, err := Rate(country, l.Category)
		if err != nil {
			return Breakdown{}, err
		}
		gross[rate] += l.Gross
	}
	b := Breakdown{Country: strings.ToUpper(country)}
	for rate, sum := range gross {
		t := Included(sum, rate)
		b.Shares = append(b.Shares, Share{Rate: rate, Gross: sum, Net: sum - t, Tax: t})
	}
	slices.SortFunc(b.Shares, func(x, y Share) int { return y.Rate - x.Rate })
	for _, s := range b.Shares {
		b.Net += s.Net
		b.Tax += s.Tax
		b.Gross += s.Gross
	}
	return b, nil
}

// Countries returns the codes of the countries with known rates, sorted.
func Countries() []string {
	codes := make([]string, 0, len(rates))
	for c := range rates {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	return codes
}

type countryRates struct{ standard, reduced int }

// rates in basis points, by ISO 3166 code. Never written.
var rates = map[string]countryRates{
	"AT": {2000, 1000},
	"BE": {2100, 600},
	"DE": {1900, 700},
	"DK": {2500, 2500},
	"ES": {2100, 1000},
	"FR": {2000, 550},
	"IT": {2200, 1000},
	"NL": {2100, 900},
	"PL": {2300, 800},
	"SE": {2500, 1200},
}
