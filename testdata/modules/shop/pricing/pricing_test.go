package pricing

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.com/shop/money"
)

func testRules() []Rule {
	return []Rule{
		{SKU: "mug", Unit: 1000, Breaks: []Break{{MinQty: 10, PercentOff: 20}, {MinQty: 5, PercentOff: 10}}},
		{SKU: "lamp", Unit: 8000, MaxQty: 2},
	}
}

func TestQuote(t *testing.T) {
	e := New(testRules())
	cases := []struct {
		sku     string
		qty     int
		total   money.Cents
		applied []string
	}{
		{"mug", 1, 1000, nil},
		{"mug", 5, 4500, []string{"5+:10%"}},
		{"mug", 12, 9600, []string{"10+:20%"}},
		{"lamp", 2, 16000, nil},
	}
	for _, c := range cases {
		q, err := e.Quote(c.sku, c.qty)
		if err != nil {
			t.Fatalf("Quote(%s, %d): %v", c.sku, c.qty, err)
		}
		if q.Total != c.total || !slices.Equal(q.Applied, c.applied) {
			t.Errorf("Quote(%s, %d) = %+v, want total %v, applied %v", c.sku, c.qty, q, c.total, c.applied)
		}
		if q.Subtotal-q.Discount != q.Total {
			t.Errorf("Quote(%s, %d) = %+v doesn't add up", c.sku, c.qty, q)
		}
	}
}

func TestQuoteErrors(t *testing.T) {
	e := New(testRules())
	if _, err := e.Quote("sofa", 1); err != ErrUnknownSKU {
		t.Errorf("unknown SKU: %v", err)
	}
	if _, err := e.Quote("mug", 0); err != ErrBadQuantity {
		t.Errorf("no quantity: %v", err)
	}
	_, err := e.Quote("lamp", 3)
	var limit *LimitError
	if !errors.As(err, &limit) || limit.Max != 2 || limit.SKU != "lamp" {
		t.Errorf("over the limit: %v", err)
	}
}

func TestSetAndRemoveRule(t *testing.T) {
	e := New(nil)
	rule := Rule{SKU: "mug", Unit: 500, Breaks: []Break{{MinQty: 2, PercentOff: 50}}}
	e.SetRule(rule)
	rule.Breaks[0].PercentOff = 99
	q, err := e.Quote("mug", 2)
	if err != nil || q.Total != 500 {
		t.Fatalf("Quote = %+v, %v; the engine must keep its own copy of a rule", q, err)
	}
	if !e.RemoveRule("mug") {
		t.Error("RemoveRule found nothing")
	}
	if e.RemoveRule("mug") {
		t.Error("RemoveRule removed twice")
	}
	if _, err := e.Rule("mug"); err != ErrUnknownSKU {
		t.Errorf("Rule after removal: %v", err)
	}
}

func TestRulesAreSortedCopies(t *testing.T) {
	e := New(testRules())
	rules := e.Rules()
	if len(rules) != 2 || rules[0].SKU != "lamp" || rules[1].SKU != "mug" {
		t.Fatalf("Rules = %+v", rules)
	}
	rules[1].Breaks[0].PercentOff = 100
	again, err := e.Rule("mug")
	if err != nil || again.Breaks[0].PercentOff != 20 {
		t.Errorf("Rule = %+v, %v; a change of a returned rule reached the engine", again, err)
	}
}

func TestPromotions(t *testing.T) {
	e := New(testRules())
	for _, p := range []Promotion{{Code: "SPRING", PercentOff: 10}, {Code: "MUGS", PercentOff: 25, SKUs: []string{"mug"}}, {Code: "ALSO10", PercentOff: 10}} {
		if err := e.AddPromotion(p); err != nil {
			t.Fatal(err)
		}
	}
	q, err := e.Quote("mug", 5)
	if err != nil || q.Total != 3375 || !slices.Equal(q.Applied, []string{"5+:10%", "MUGS"}) {
		t.Errorf("Quote(mug) = %+v, %v", q, err)
	}
	q, err = e.Quote("lamp", 1)
	if err != nil || q.Total != 7200 || !slices.Equal(q.Applied, []string{"ALSO10"}) {
		t.Errorf("Quote(lamp) = %+v, %v", q, err)
	}
	e.EndPromotion("MUGS")
	if ps := e.Promotions(); len(ps) != 2 || ps[0].Code != "ALSO10" || ps[1].Code != "SPRING" {
		t.Errorf("Promotions = %+v", ps)
	}
}

func TestAddPromotionRefuses(t *testing.T) {
	e := New(nil)
	for _, p := range []Promotion{{PercentOff: 10}, {Code: "FREE", PercentOff: 100}, {Code: "NIL"}} {
		if err := e.AddPromotion(p); !errors.Is(err, ErrBadPromotion) {
			t.Errorf("AddPromotion(%+v) = %v", p, err)
		}
	}
}

func TestParseRules(t *testing.T) {
	rules, err := DefaultRules()
	if err != nil || len(rules) < 5 {
		t.Fatalf("DefaultRules = %d rules, %v", len(rules), err)
	}
	for name, text := range map[string]string{
		"syntax":        `[{`,
		"unknown field": `[{"sku": "a", "price": 1}]`,
		"no sku":        `[{"unit": 1}]`,
		"negative":      `[{"sku": "a", "unit": -1}]`,
		"break":         `[{"sku": "a", "unit": 1, "breaks": [{"minQty": 1, "percentOff": 5}]}]`,
	} {
		if _, err := ParseRules(strings.NewReader(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	e := New(testRules())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 50 {
				e.SetRule(Rule{SKU: fmt.Sprintf("sku-%d", i), Unit: money.Cents(j)})
				if _, err := e.Quote("mug", j+1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(e.Rules()); n != 10 {
		t.Errorf("%d rules, want 10", n)
	}
}
