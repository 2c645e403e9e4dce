package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"example.com/shop/inventory"
	"example.com/shop/pricing"
)

// Service is the catalog. Products are kept in the database and, because they
// change rarely, in memory.
type Service struct {
	db     *sql.DB
	prices *pricing.Engine
	stock  *inventory.Store

	mu         sync.RWMutex
	products   map[string]Product
	categories map[string][]string // SKUs of active products by category
	index      index
}

// New returns a catalog with the products that are in d.
func New(ctx context.Context, d *sql.DB, prices *pricing.Engine, stock *inventory.Store) (*Service, error) {
	s := &Service{db: d, prices: prices, stock: stock}
	if err := s.Reload(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Reload reads all products from the database again.
func (s *Service) Reload(ctx context.Context) error {
	ps, err := s.all(ctx)
	if err != nil {
		return err
	}
	products := make(map[string]Product, len(ps))
	categories := make(map[string][]string)
	ix := make(index)
	for _, p := range ps {
		products[p.SKU] = p
		if p.Active {
			categories[p.Category] = append(categories[p.Category], p.SKU)
			ix.add(p)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.products, s.categories, s.index = products, categories, ix
	return nil
}

// Add stores a new product.
func (s *Service) Add(ctx context.Context, p Product) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if err := s.insert(ctx, p); err != nil {
		return fmt.Errorf("catalog: adding %s: %w", p.SKU, err)
	}
	return s.Reload(ctx)
}

// Update replaces the product of the same SKU.
func (s *Service) Update(ctx context.Context, p Product) error {
	if err := p.Validate(); err != nil {
		return err
	}
	if err := s.update(ctx, p); err != nil {
		return fmt.Errorf("catalog: updating %s: %w", p.SKU, err)
	}
	return s.Reload(ctx)
}

// Retire takes a product out of the shop. Orders keep referring to it.
func (s *Service) Retire(ctx context.Context, sku string) error {
	p, err := s.get(ctx, sku)
	if err != nil {
		return err
	}
	p.Active = false
	return s.Update(ctx, p)
}

// Product returns the product with the given SKU, active or not.
func (s *Service) Product(sku string) (Product, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, ok := s.products[sku]
	if !ok {
		return Product{}, ErrNotFound
	}
	return p, nil
}

// Categories returns the SKUs of each category.
func (s *Service) Categories() map[string][]string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.categories
}

// Item returns an active product with its price and stock.
func (s *Service) Item(ctx context.Context, sku string) (Item, error) {
	p, err := s.Product(sku)
	if err != nil {
		return Item{}, err
	}
	if !p.Active {
		return Item{}, ErrNotFound
	}
	return s.item(ctx, p)
}

func (s *Service) item(ctx context.Context, p Product) (Item, error) {
	it := Item{Product: p}
	q, err := s.prices.Quote(p.SKU, 1)
	if err == pricing.ErrUnknownSKU {
		return Item{}, fmt.Errorf("%w: %s has no price", ErrNotFound, p.SKU)
	} else if err != nil {
		return Item{}, err
	}
	it.Price = q.Total
	l, err := s.stock.Level(ctx, p.SKU)
	if err != nil && err != inventory.ErrNotStocked {
		return Item{}, err
	}
	it.Available = l.Available()
	return it, nil
}

// A Filter selects and orders items.
type Filter struct {
	Category    string
	Query       string // words that must all occur
	OnlyInStock bool
	ByPrice     bool // cheapest first; else by SKU
}

// List returns the active products that f selects. Products without a price
// are left out.
func (s *Service) List(ctx context.Context, f Filter) ([]Item, error) {
	items := []Item{}
	for _, p := range s.matching(f) {
		it, err := s.item(ctx, p)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if f.OnlyInStock && it.Available <= 0 {
			continue
		}
		items = append(items, it)
	}
	if f.ByPrice {
		slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(a.Price, b.Price) })
	}
	return items, nil
}

// Unpriced returns the active products that nobody can buy because they have
// no price, sorted.
func (s *Service) Unpriced() []string {
	priced := make(map[string]bool)
	for _, r := range s.prices.Rules() {
		priced[r.SKU] = true
	}
	skus := []string{}
	for _, p := range s.matching(Filter{}) {
		if !priced[p.SKU] {
			skus = append(skus, p.SKU)
		}
	}
	return skus
}

// SoldOut returns the SKUs of active products that can't be had, sorted.
func (s *Service) SoldOut(ctx context.Context) ([]string, error) { return s.soldOut(ctx) }

// matching returns active products by category and query, sorted by SKU.
func (s *Service) matching(f Filter) []Product {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var ps []Product
	for _, p := range s.products {
		if !p.Active || f.Category != "" && p.Category != f.Category {
			continue
		}
		if f.Query != "" && !s.index.matches(p.SKU, f.Query) {
			continue
		}
		ps = append(ps, p)
	}
	slices.SortFunc(ps, func(a, b Product) int { return strings.Compare(a.SKU, b.SKU) })
	return ps
}
