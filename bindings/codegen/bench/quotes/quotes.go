// Package quotes is the component that the codec is measured with.
package quotes

import "context"

// A Quote is what a price list answers.
type Quote struct {
	SKU       string
	Quantity  int
	UnitPrice int64
	Total     int64
	Currency  string
	Discount  float64
	Notes     []string
}

// Service is the contract.
type Service interface {
	Price(ctx context.Context, q Quote) error
}
