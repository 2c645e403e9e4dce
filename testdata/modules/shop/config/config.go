// Package config holds the settings of the shop.
package config

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Config is how one instance of the shop is set up. The zero value of a field
// means its default, which Defaults fills in.
type Config struct {
	Addr      string // listen address of the web server
	DB        string // SQLite file
	RulesFile string // JSON price list; empty means the one that the shop ships with
	Country   string // where orders go that name no country
	Provider  string // payment provider of orders that name none
	LowStock  int    // stock at or below this is reported
	Seed      bool   // fill an empty catalog with the sample products

	Now    func() time.Time // clock, replaced in tests
	Logger *slog.Logger
}

// Features switches parts of the shop on and off. It is set once while the
// program starts and read everywhere.
var Features = map[string]bool{
	"express": true,  // express shipping
	"invoice": true,  // pay by invoice
	"search":  true,  // full text search
	"guest":   false, // orders without a customer
}

// ErrUnknownFeature is returned by Enable for a feature that doesn't exist.
var ErrUnknownFeature = errors.New("config: unknown feature")

// Enable switches features by a list such as "guest,-express".
func Enable(list string) error {
	for f := range strings.SplitSeq(list, ",") {
		f = strings.TrimSpace(f)
		if f == "" {
			continue
		}
		name, off := strings.CutPrefix(f, "-")
		if _, ok := Features[name]; !ok {
			return fmt.Errorf("%w: %s", ErrUnknownFeature, name)
		}
		Features[name] = !off
	}
	return nil
}

// Enabled reports whether a feature is on.
func Enabled(name string) bool { return Features[name] }

// Parse reads command-line arguments.
func Parse(args []string) (Config, error) {
	var c Config
	var features string
	fs := flag.NewFlagSet("shop", flag.ContinueOnError)
	fs.StringVar(&c.Addr, "addr", "127.0.0.1:8080", "listen address")
	fs.StringVar(&c.DB, "db", "shop.db", "SQLite database file")
	fs.StringVar(&c.RulesFile, "rules", "", "JSON price list (default: built in)")
	fs.StringVar(&c.Country, "country", "DE", "default country of orders")
	fs.StringVar(&c.Provider, "provider", "card", "default payment provider")
	fs.IntVar(&c.LowStock, "low-stock", 5, "report stock at or below this")
	fs.BoolVar(&c.Seed, "seed", true, "fill an empty catalog with sample products")
	fs.StringVar(&features, "features", "", "switch features, for example guest,-express")
	if err := fs.Parse(args); err != nil {
		return Config{}, err
	}
	if err := Enable(features); err != nil {
		return Config{}, err
	}
	return c.Defaults(), nil
}

// Defaults returns c with zero fields replaced by their defaults.
func (c Config) Defaults() Config {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:8080"
	}
	if c.DB == "" {
		c.DB = "shop.db"
	}
	if c.Country == "" {
		c.Country = "DE"
	}
	if c.Provider == "" {
		c.Provider = "card"
	}
	if c.LowStock == 0 {
		c.LowStock = 5
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}
