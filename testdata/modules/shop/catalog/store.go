package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

const columns = "sku, name, description, category, tax_category, grams, active"

func (s *Service) insert(ctx context.Context, p Product) error {
	_, err := s.db.ExecContext(ctx, "INSERT INTO products ("+columns+") VALUES (?, ?, ?, ?, ?, ?, ?)",
		p.SKU, p.Name, p.Description, p.Category, string(p.TaxCategory), p.Grams, p.Active)
	if err != nil && strings.Contains(err.Error(), "UNIQUE constraint") {
		return ErrExists
	}
	return err
}

func (s *Service) update(ctx context.Context, p Product) error {
	res, err := s.db.ExecContext(ctx, `UPDATE products SET name = ?, description = ?, category = ?,
		tax_category = ?, grams = ?, active = ? WHERE sku = ?`,
		p.Name, p.Description, p.Category, string(p.TaxCategory), p.Grams, p.Active, p.SKU)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	return nil
}

func (s *Service) get(ctx context.Context, sku string) (Product, error) {
	p, err := scan(s.db.QueryRowContext(ctx, "SELECT "+columns+" FROM products WHERE sku = ?", sku))
	if errors.Is(err, sql.ErrNoRows) {
		return Product{}, ErrNotFound
	}
	return p, err
}

func (s *Service) all(ctx context.Context) ([]Product, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+columns+" FROM products ORDER BY sku")
	if err != nil {
		return nil, fmt.Errorf("catalog: reading products: %w", err)
	}
	defer rows.Close()
	var ps []Product
	for rows.Next() {
		p, err := scan(rows)
		if err != nil {
			return nil, err
		}
		ps = append(ps, p)
	}
	return ps, rows.Err()
}

// soldOut returns active products without available stock.
func (s *Service) soldOut(ctx context.Context) ([]string, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT p.sku FROM products p
		LEFT JOIN stock s ON s.sku = p.sku
		WHERE p.active AND coalesce(s.on_hand - s.reserved, 0) <= 0 ORDER BY p.sku`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var skus []string
	for rows.Next() {
		var sku string
		if err := rows.Scan(&sku); err != nil {
			return nil, err
		}
		skus = append(skus, sku)
	}
	return skus, rows.Err()
}

func scan(row interface{ Scan(...any) error }) (Product, error) {
	var p Product
	err := row.Scan(&p.SKU, &p.Name, &p.Description, &p.Category, &p.TaxCategory, &p.Grams, &p.Active)
	return p, err
}
