// Package invoice lets customers pay after delivery, up to a limit.
package invoice

import (
	"context"
	"fmt"

	"example.com/shop/config"
	"example.com/shop/money"
	"example.com/shop/payments"
)

// limit is the largest order that is sent before it is paid.
const limit money.Cents = 50_000

func init() { payments.Register("invoice", func() payments.Provider { return provider{} }) }

type provider struct{}

func (provider) Charge(ctx context.Context, c payments.Charge) (string, error) {
	if !config.Enabled("invoice") {
		return "", &payments.DeclinedError{Provider: "invoice", Reason: "switched off"}
	}
	if c.Amount > limit {
		return "", &payments.DeclinedError{Provider: "invoice", Reason: "more than " + limit.String()}
	}
	return fmt.Sprintf("invoice-%06d", c.OrderID), ctx.Err()
}

func (provider) Refund(ctx context.Context, _ string, _ money.Cents) error { return ctx.Err() }
