// Package pricing says what things cost: list prices, quantity breaks and
// promotions. Rules are held in memory and changed by the back office while
// the shop is running.
package pricing

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"example.com/shop/money"
)

// Engine quotes prices. It is safe for concurrent use.
type Engine struct {
	mu         sync.RWMutex
	rules      map[string]Rule
	promotions map[string]Promotion
}

// New returns an engine that knows rules. If two rules name the same SKU, the
// later one wins.
func New(rules []Rule) *Engine {
	e := &Engine{rules: make(map[string]Rule, len(rules)), promotions: make(map[string]Promotion)}
	for _, r := range rules {
		e.rules[r.SKU] = r.clone()
	}
	return e
}

// A Quote is the price of qty pieces of one SKU.
type Quote struct {
	SKU      string      `json:"sku"`
	Qty      int         `json:"qty"`
	Unit     money.Cents `json:"unit"`
	Subtotal money.Cents `json:"subtotal"`
	Discount money.Cents `json:"discount"`
	Total    money.Cents `json:"total"`
	Applied  []string    `json:"applied,omitempty"` // what made up the discount, in order
}

// Quote returns the price of qty pieces of sku. The error is ErrUnknownSKU,
// ErrBadQuantity or a *LimitError.
func (e *Engine) Quote(sku string, qty int) (Quote, error) {
	if qty <= 0 {
		return Quote{}, ErrBadQuantity
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	rule, ok := e.rules[sku]
	if !ok {
		return Quote{}, ErrUnknownSKU
	}
	if rule.MaxQty > 0 && qty > rule.MaxQty {
		return Quote{}, &LimitError{SKU: sku, Max: rule.MaxQty}
	}
	q := Quote{SKU: sku, Qty: qty, Unit: rule.Unit, Subtotal: rule.Unit.Times(qty)}
	if b, ok := rule.breakFor(qty); ok {
		q.Discount += q.Subtotal.Percent(b.PercentOff)
		q.Applied = append(q.Applied, b.String())
	}
	if p, ok := e.bestPromotion(sku); ok {
		q.Discount += (q.Subtotal - q.Discount).Percent(p.PercentOff)
		q.Applied = append(q.Applied, p.Code)
	}
	q.Total = q.Subtotal - q.Discount
	return q, nil
}

// SetRule adds r, or replaces the rule of the same SKU.
func (e *Engine) SetRule(r Rule) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.rules[r.SKU] = r.clone()
}

// RemoveRule forgets the rule of sku and reports whether there was one.
func (e *Engine) RemoveRule(sku string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ok := e.rules[sku]
	delete(e.rules, sku)
	return ok
}

// Rule returns the rule of sku, or ErrUnknownSKU.
func (e *Engine) Rule(sku string) (Rule, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	r, ok := e.rules[sku]
	if !ok {
		return Rule{}, ErrUnknownSKU
	}
	return r.clone(), nil
}

// Rules returns all rules, sorted by SKU.
func (e *Engine) Rules() []Rule {
	e.mu.RLock()
	defer e.mu.RUnlock()
	rules := make([]Rule, 0, len(e.rules))
	for _, sku := range slices.Sorted(maps.Keys(e.rules)) {
		rules = append(rules, e.rules[sku].clone())
	}
	return rules
}

// AddPromotion starts p. A promotion of the same code is replaced. The error
// wraps ErrBadPromotion.
func (e *Engine) AddPromotion(p Promotion) error {
	if err := p.validate(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	p.SKUs = slices.Clone(p.SKUs)
	e.promotions[p.Code] = p
	return nil
}

// EndPromotion ends the promotion with the given code, if it is running.
func (e *Engine) EndPromotion(code string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.promotions, code)
}

// Promotions returns the running promotions, sorted by code.
func (e *Engine) Promotions() []Promotion {
	e.mu.RLock()
	defer e.mu.RUnlock()
	ps := make([]Promotion, 0, len(e.promotions))
	for _, p := range e.promotions {
		p.SKUs = slices.Clone(p.SKUs)
		ps = append(ps, p)
	}
	slices.SortFunc(ps, func(a, b Promotion) int { return cmp.Compare(a.Code, b.Code) })
	return ps
}

// bestPromotion returns the promotion that takes the most off sku; of two that
// take the same off, the one whose code sorts first. The caller holds e.mu.
func (e *Engine) bestPromotion(sku string) (Promotion, bool) {
	var best Promotion
	found := false
	for _, p := range e.promotions {
		if !p.covers(sku) {
			continue
		}
		better := p.PercentOff > best.PercentOff || p.PercentOff == best.PercentOff && p.Code < best.Code
		if !found || better {
			best, found = p, true
		}
	}
	return best, found
}
