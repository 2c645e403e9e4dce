package pricing

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"example.com/shop/money"
)

// A Rule is the price of one SKU.
type Rule struct {
	SKU    string      `json:"sku"`
	Unit   money.Cents `json:"unit"`
	MaxQty int         `json:"maxQty,omitempty"` // most pieces in one quote; 0 means no limit
	Breaks []Break     `json:"breaks,omitempty"` // in any order
}

// A Break is a discount for larger quantities.
type Break struct {
	MinQty     int `json:"minQty"`
	PercentOff int `json:"percentOff"`
}

func (b Break) String() string { return fmt.Sprintf("%d+:%d%%", b.MinQty, b.PercentOff) }

// A Promotion takes a percentage off some SKUs, or off everything.
type Promotion struct {
	Code       string   `json:"code"`
	PercentOff int      `json:"percentOff"`
	SKUs       []string `json:"skus,omitempty"` // empty means all
}

// Validate reports what is wrong with r, if anything.
func (r Rule) Validate() error {
	switch {
	case r.SKU == "":
		return fmt.Errorf("%w: no sku", ErrBadRule)
	case r.Unit < 0:
		return fmt.Errorf("%w: %s: negative price", ErrBadRule, r.SKU)
	case r.MaxQty < 0:
		return fmt.Errorf("%w: %s: negative limit", ErrBadRule, r.SKU)
	}
	for _, b := range r.Breaks {
		if b.MinQty < 2 || b.PercentOff < 1 || b.PercentOff > 100 {
			return fmt.Errorf("%w: %s: break %s", ErrBadRule, r.SKU, b)
		}
	}
	return nil
}

func (r Rule) clone() Rule {
	r.Breaks = slices.Clone(r.Breaks)
	return r
}

// breakFor returns the largest break that qty reaches.
func (r Rule) breakFor(qty int) (Break, bool) {
	var best Break
	for _, b := range r.Breaks {
		if qty >= b.MinQty && b.MinQty > best.MinQty {
			best = b
		}
	}
	return best, best.MinQty > 0
}

func (p Promotion) validate() error {
	if p.Code == "" {
		return fmt.Errorf("%w: no code", ErrBadPromotion)
	}
	if p.PercentOff < 1 || p.PercentOff > 90 {
		return fmt.Errorf("%w: %s: %d%% off", ErrBadPromotion, p.Code, p.PercentOff)
	}
	return nil
}

func (p Promotion) covers(sku string) bool {
	return len(p.SKUs) == 0 || slices.Contains(p.SKUs, sku)
}

//go:embed rules.json
var defaultRules []byte

// DefaultRules returns the price list that the shop ships with.
func DefaultRules() ([]Rule, error) { return ParseRules(bytes.NewReader(defaultRules)) }

// ParseRules reads a JSON list of rules.
func ParseRules(r io.Reader) ([]Rule, error) {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	var rules []Rule
	if err := dec.Decode(&rules); err != nil {
		return nil, fmt.Errorf("pricing: reading rules: %w", err)
	}
	for _, rule := range rules {
		if err := rule.Validate(); err != nil {
			return nil, err
		}
	}
	return rules, nil
}
