package place // want package:"facts"

import (
	"context"

	"shop/pricing"
)

func Place(ctx context.Context) (int, error) {
	return pricing.Quote(ctx) // want `orders calls pricing and pricing calls orders: in one process`
}

func Again(ctx context.Context) (int, error) {
	retry := func() (int, error) { return pricing.Quote(ctx) }
	return retry()
}
