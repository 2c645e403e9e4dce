package carts

import (
	"errors"
	"fmt"
	"testing"

	"example.com/shop/pricing"
)

func newCarts() (*Carts, *pricing.Engine) {
	prices := pricing.New([]pricing.Rule{{SKU: "mug", Unit: 1000}, {SKU: "lamp", Unit: 8000, MaxQty: 2}})
	return New(prices), prices
}

func TestView(t *testing.T) {
	c, _ := newCarts()
	id := c.Create()
	for _, l := range []Line{{"mug", 3}, {"lamp", 1}, {"mug", 2}} {
		if err := c.Set(id, l.SKU, l.Qty); err != nil {
			t.Fatal(err)
		}
	}
	v, err := c.View(id)
	if err != nil || v.Total != 10000 || len(v.Lines) != 2 || v.Lines[0].SKU != "mug" {
		t.Fatalf("View = %+v, %v", v, err)
	}
	if err := c.Set(id, "lamp", 0); err != nil {
		t.Fatal(err)
	}
	if v, err = c.View(id); err != nil || v.Total != 2000 {
		t.Errorf("View = %+v, %v", v, err)
	}
}

func TestSetRefuses(t *testing.T) {
	c, _ := newCarts()
	id := c.Create()
	if err := c.Set(id, "sofa", 1); !errors.Is(err, pricing.ErrUnknownSKU) {
		t.Errorf("unknown SKU: %v", err)
	}
	var limit *pricing.LimitError
	if err := c.Set(id, "lamp", 3); !errors.As(err, &limit) || limit.Max != 2 {
		t.Errorf("over the limit: %v", err)
	}
	if err := c.Set("cart-99", "mug", 1); err != ErrNotFound {
		t.Errorf("unknown cart: %v", err)
	}
}

func TestProblems(t *testing.T) {
	c, prices := newCarts()
	id := c.Create()
	for _, sku := range []string{"mug", "lamp"} {
		if err := c.Set(id, sku, 2); err != nil {
			t.Fatal(err)
		}
	}
	prices.RemoveRule("mug")
	prices.SetRule(pricing.Rule{SKU: "lamp", Unit: 8000, MaxQty: 1})
	v, err := c.View(id)
	if err != nil || v.Total != 0 || len(v.Problems) != 2 {
		t.Fatalf("View = %+v, %v", v, err)
	}
	if v.Problems[0].Reason != "no longer sold" || v.Problems[1].Reason != "at most 1 per order" {
		t.Errorf("Problems = %+v", v.Problems)
	}
}

func TestFullAndDrop(t *testing.T) {
	c, prices := newCarts()
	id := c.Create()
	for i := range MaxLines {
		sku := fmt.Sprint("sku-", i)
		prices.SetRule(pricing.Rule{SKU: sku, Unit: 1})
		if err := c.Set(id, sku, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Set(id, "mug", 1); err != ErrFull {
		t.Errorf("Set in a full cart: %v", err)
	}
	if err := c.Set(id, "mug", 0); err != nil {
		t.Errorf("taking out what isn't in: %v", err)
	}
	c.Drop(id)
	if _, err := c.View(id); err != ErrNotFound {
		t.Errorf("View of a dropped cart: %v", err)
	}
}
