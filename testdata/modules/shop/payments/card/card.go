// Package card takes payments by credit card. This one is a stand-in for the
// acquirer's sandbox: the token decides what happens.
package card

import (
	"context"
	"fmt"

	"example.com/shop/money"
	"example.com/shop/payments"
)

func init() { payments.Register("card", func() payments.Provider { return provider{} }) }

type provider struct{}

func (provider) Charge(ctx context.Context, c payments.Charge) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	switch c.Token {
	case "":
		return "", &payments.DeclinedError{Provider: "card", Reason: "no token"}
	case "tok_declined":
		return "", &payments.DeclinedError{Provider: "card", Reason: "insufficient funds"}
	}
	return fmt.Sprintf("card-%d", c.OrderID), nil
}

func (provider) Refund(ctx context.Context, _ string, _ money.Cents) error { return ctx.Err() }
