package pricing // want package:"facts"

import (
	"context"

	"shop/orders"
)

func Quote(ctx context.Context) (int, error) { return orders.Open(ctx) }
