// Package catalog holds the products of the shop: what they are, what they
// cost today and whether they can be had.
package catalog

import (
	"errors"
	"fmt"
	"strings"

	"example.com/shop/money"
	"example.com/shop/tax"
)

var (
	// ErrNotFound means that there is no such product, or no longer.
	ErrNotFound = errors.New("catalog: product not found")
	// ErrExists means that a SKU is taken.
	ErrExists = errors.New("catalog: SKU already exists")
)

// FieldError is a product that can't be stored as it is.
type FieldError struct{ Field, Reason string }

func (e *FieldError) Error() string { return fmt.Sprintf("catalog: %s %s", e.Field, e.Reason) }

// A Product is something the shop sells.
type Product struct {
	SKU         string       `json:"sku"`
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	Category    string       `json:"category"`
	TaxCategory tax.Category `json:"taxCategory"`
	Grams       int          `json:"grams"`
	Active      bool         `json:"active"`
}

// An Item is a product as a customer sees it.
type Item struct {
	Product
	Price     money.Cents `json:"price"`
	Available int         `json:"available"`
}

// Validate reports the first thing that is wrong with p.
func (p Product) Validate() error {
	switch {
	case p.SKU == "":
		return &FieldError{"sku", "is empty"}
	case strings.ContainsAny(p.SKU, " /?#"):
		return &FieldError{"sku", "has a character that isn't allowed"}
	case p.Name == "":
		return &FieldError{"name", "is empty"}
	case p.Category == "":
		return &FieldError{"category", "is empty"}
	case p.Grams < 0:
		return &FieldError{"grams", "is negative"}
	}
	switch p.TaxCategory {
	case tax.Standard, tax.Reduced, tax.Exempt:
		return nil
	}
	return &FieldError{"taxCategory", "is unknown"}
}
