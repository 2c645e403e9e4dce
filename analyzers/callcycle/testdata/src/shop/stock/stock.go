package stock // want package:"facts"

import (
	"context"

	"shop/orders"
)

func Take(ctx context.Context, o orders.Order) string {
	go orders.Open(ctx)
	go func() {
		orders.Open(ctx)
	}()
	s := orders.NewStore()
	_ = s
	return o.Name()
}
