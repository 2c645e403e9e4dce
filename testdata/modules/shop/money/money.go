// Package money holds amounts in the shop's only currency.
package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Cents is an amount in hundredths of a euro. Amounts are never kept as
// floating point.
type Cents int64

// ErrSyntax is returned by Parse for text that isn't an amount.
var ErrSyntax = errors.New("money: invalid amount")

// String formats c with two decimals, for example "12.30" or "-0.05".
func (c Cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, int64(c)/100, int64(c)%100)
}

// Times returns c multiplied by n.
func (c Cents) Times(n int) Cents { return c * Cents(n) }

// Percent returns p percent of c, rounded half away from zero.
func (c Cents) Percent(p int) Cents { return c.BasisPoints(p * 100) }

// BasisPoints returns bp hundredths of a percent of c, rounded half away from
// zero.
func (c Cents) BasisPoints(bp int) Cents {
	n := int64(c) * int64(bp)
	half := int64(5_000)
	if n < 0 {
		half = -half
	}
	return Cents((n + half) / 10_000)
}

// Parse reads an amount such as "12", "12.3" or "-12.30".
func Parse(s string) (Cents, error) {
	text := strings.TrimSpace(s)
	negative := strings.HasPrefix(text, "-")
	text = strings.TrimPrefix(text, "-")
	whole, frac, dotted := strings.Cut(text, ".")
	if whole == "" || dotted && (frac == "" || len(frac) > 2) {
		return 0, fmt.Errorf("%w: %q", ErrSyntax, s)
	}
	for len(frac) < 2 {
		frac += "0"
	}
	n, err := strconv.ParseUint(whole+frac, 10, 62)
	if err != nil {
		return 0, fmt.Errorf("%w: %q", ErrSyntax, s)
	}
	if negative {
		return -Cents(n), nil
	}
	return Cents(n), nil
}

// Sum adds amounts up.
func Sum(amounts ...Cents) Cents {
	var total Cents
	for _, a := range amounts {
		total += a
	}
	return total
}
