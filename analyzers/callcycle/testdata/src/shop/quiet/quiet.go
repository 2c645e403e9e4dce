package quiet // want package:"facts"

import (
	"context"

	"shop/orders"
	"shop/stock"
)

func All(ctx context.Context) { stock.Take(ctx, orders.Order{}) }
