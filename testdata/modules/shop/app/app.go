// Package app puts the shop together.
package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"

	"example.com/shop/carts"
	"example.com/shop/catalog"
	"example.com/shop/config"
	"example.com/shop/customers"
	"example.com/shop/db"
	"example.com/shop/inventory"
	"example.com/shop/notifications"
	"example.com/shop/orders"
	"example.com/shop/payments"
	_ "example.com/shop/payments/card" // registers itself
	_ "example.com/shop/payments/invoice"
	"example.com/shop/pricing"
	"example.com/shop/web"
)

// App is a running shop without its listener.
type App struct {
	Handler http.Handler

	db     *sql.DB
	events *notifications.Hub
	mailer *notifications.Mailer
}

// New puts a shop together. Close it when it is no longer used.
func New(cfg config.Config) (*App, error) {
	cfg = cfg.Defaults()
	rules, err := loadRules(cfg.RulesFile)
	if err != nil {
		return nil, err
	}
	prices := pricing.New(rules)
	inventory.LowStock = cfg.LowStock

	ctx := context.Background()
	d, err := db.Open(ctx, cfg.DB)
	if err != nil {
		return nil, err
	}
	stock := inventory.NewStore(d, cfg.Now)
	products, err := catalog.New(ctx, d, prices, stock)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if cfg.Seed {
		if err := products.Seed(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("app: seeding: %w", err), d.Close())
		}
	}
	people := customers.NewStore(d, cfg.Now)
	events := notifications.NewHub()
	mailer := notifications.StartMailer(d, events, cfg.Now, cfg.Logger)
	placed := orders.New(orders.Deps{
		DB: d, Prices: prices, Catalog: products, Stock: stock, Customers: people,
		Payments: payments.New(d, cfg.Now), Events: events, Config: cfg,
	})
	server := web.New(web.Deps{
		DB: d, Prices: prices, Catalog: products, Stock: stock, Carts: carts.New(prices), Customers: people,
		Orders: placed, Events: events, Mailer: mailer, Logger: cfg.Logger,
	})
	return &App{Handler: server, db: d, events: events, mailer: mailer}, nil
}

// Close ends all subscriptions, waits until the last mail is written, and
// closes the database.
func (a *App) Close() error {
	a.events.Close()
	a.mailer.Wait()
	return a.db.Close()
}

func loadRules(file string) ([]pricing.Rule, error) {
	if file == "" {
		return pricing.DefaultRules()
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("app: price list: %w", err)
	}
	defer f.Close()
	return pricing.ParseRules(f)
}
