package audit // want package:"facts"

import (
	"context"

	"shop/pricing"
)

// Log belongs to the component of orders and calls on.
type Log struct{ prices pricing.Service }

func (l *Log) Note(ctx context.Context, id string) { l.deep(ctx, id) }

func (l *Log) deep(ctx context.Context, id string) { l.prices.Quote(ctx, id) }

func (l *Log) Later(ctx context.Context, id string) {
	go l.prices.Quote(ctx, id)
}
