// Package reports answers the questions of the back office with SQL over all
// tables of the shop.
package reports

import (
	"context"
	"database/sql"
	"fmt"

	"example.com/shop/money"
)

// Sales is what one product brought in.
type Sales struct {
	SKU       string      `json:"sku"`
	Name      string      `json:"name"`
	Pieces    int         `json:"pieces"`
	Revenue   money.Cents `json:"revenue"`
	Available int         `json:"available"`
}

// BestSellers returns the products of paid and shipped orders, most revenue
// first, at most limit of them.
func BestSellers(ctx context.Context, d *sql.DB, limit int) ([]Sales, error) {
	rows, err := d.QueryContext(ctx, `SELECT l.sku, p.name, sum(l.qty), sum(l.total),
			coalesce(max(s.on_hand - s.reserved), 0)
		FROM order_lines l
		JOIN orders o ON o.id = l.order_id
		JOIN products p ON p.sku = l.sku
		LEFT JOIN stock s ON s.sku = l.sku
		WHERE o.status IN ('paid', 'shipped')
		GROUP BY l.sku, p.name ORDER BY sum(l.total) DESC, l.sku LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("reports: best sellers: %w", err)
	}
	defer rows.Close()
	sales := []Sales{}
	for rows.Next() {
		var s Sales
		if err := rows.Scan(&s.SKU, &s.Name, &s.Pieces, &s.Revenue, &s.Available); err != nil {
			return nil, err
		}
		sales = append(sales, s)
	}
	return sales, rows.Err()
}

// Takings returns what was paid and not given back, by provider.
func Takings(ctx context.Context, d *sql.DB) (map[string]money.Cents, error) {
	rows, err := d.QueryContext(ctx, `SELECT p.provider, sum(p.amount) FROM payments p
		JOIN orders o ON o.id = p.order_id
		WHERE p.status = 'paid' AND o.status <> 'cancelled' GROUP BY p.provider`)
	if err != nil {
		return nil, fmt.Errorf("reports: takings: %w", err)
	}
	defer rows.Close()
	takings := make(map[string]money.Cents)
	for rows.Next() {
		var provider string
		var sum money.Cents
		if err := rows.Scan(&provider, &sum); err != nil {
			return nil, err
		}
		takings[provider] = sum
	}
	return takings, rows.Err()
}
