package catalog

import (
	"context"

	"example.com/shop/tax"
)

// samples are sold by a shop that was started with -seed. The built-in price
// list has their prices.
var samples = []Product{
	{SKU: "MUG-01", Name: "Coffee mug", Description: "White mug with a gopher", Category: "kitchen", TaxCategory: tax.Standard, Grams: 350},
	{SKU: "MUG-02", Name: "Enamel mug", Description: "For camping", Category: "kitchen", TaxCategory: tax.Standard, Grams: 180},
	{SKU: "TEE-S", Name: "T-shirt S", Description: "Organic cotton", Category: "clothing", TaxCategory: tax.Standard, Grams: 160},
	{SKU: "TEE-M", Name: "T-shirt M", Description: "Organic cotton", Category: "clothing", TaxCategory: tax.Standard, Grams: 170},
	{SKU: "POSTER-A2", Name: "Poster", Description: "Signed print", Category: "paper", TaxCategory: tax.Standard, Grams: 220},
	{SKU: "STICKER-10", Name: "Stickers", Description: "Ten of them", Category: "paper", TaxCategory: tax.Standard, Grams: 20},
	{SKU: "BOOK-GO", Name: "Go in practice", Description: "Paperback, 400 pages", Category: "books", TaxCategory: tax.Reduced, Grams: 640},
	{SKU: "LAMP-07", Name: "Desk lamp", Description: "Dimmable LED lamp", Category: "office", TaxCategory: tax.Standard, Grams: 2100},
	{SKU: "COFFEE-1KG", Name: "Coffee beans", Description: "Dark roast", Category: "kitchen", TaxCategory: tax.Reduced, Grams: 1000},
}

// Seed fills an empty catalog with sample products and stocks each of them.
// It does nothing if there are products.
func (s *Service) Seed(ctx context.Context) error {
	ps, err := s.all(ctx)
	if err != nil || len(ps) > 0 {
		return err
	}
	for _, p := range samples {
		p.Active = true
		if err := s.insert(ctx, p); err != nil {
			return err
		}
		if err := s.stock.Receive(ctx, p.SKU, 40); err != nil {
			return err
		}
	}
	return s.Reload(ctx)
}
