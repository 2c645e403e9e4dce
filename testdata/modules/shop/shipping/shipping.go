// Package shipping knows what it costs to send a parcel and how long it
// takes. It has no state.
package shipping

import (
	"errors"
	"fmt"
	"strings"

	"example.com/shop/money"
)

// A Zone groups countries with the same tariff.
type Zone int

const (
	Domestic Zone = iota + 1
	Neighbour
	Europe
)

func (z Zone) String() string {
	switch z {
	case Domestic:
		return "domestic"
	case Neighbour:
		return "neighbour"
	case Europe:
		return "europe"
	}
	return fmt.Sprintf("zone(%d)", int(z))
}

// A Service is how fast a parcel goes.
type Service string

const (
	Economy Service = "economy"
	Express Service = "express"
)

var (
	// ErrNoService means that a country isn't served, or not by a service.
	ErrNoService = errors.New("shipping: destination not served")
	// ErrTooHeavy means that goods don't fit into parcels that may be sent.
	ErrTooHeavy = errors.New("shipping: too heavy")
)

// MaxParcel is the heaviest parcel that carriers take, in grams.
const MaxParcel = 30_000

// maxParcels is how many parcels one order may be split into.
const maxParcels = 4

// A Parcel is what is sent: goods of some weight to one country.
type Parcel struct {
	Country string `json:"country"`
	Grams   int    `json:"grams"`
}

// An Offer is what one service costs for an order.
type Offer struct {
	Service Service     `json:"service"`
	Zone    Zone        `json:"zone"`
	Parcels int         `json:"parcels"`
	Cost    money.Cents `json:"cost"`
	MinDays int         `json:"minDays"`
	MaxDays int         `json:"maxDays"`
}

// ZoneOf returns the zone of a country.
func ZoneOf(country string) (Zone, error) {
	switch strings.ToUpper(country) {
	case "DE":
		return Domestic, nil
	case "AT", "BE", "DK", "FR", "NL", "PL":
		return Neighbour, nil
	case "ES", "IT", "SE":
		return Europe, nil
	}
	return 0, fmt.Errorf("%w: %q", ErrNoService, country)
}

// Parcels returns how many parcels grams are split into.
func Parcels(grams int) (int, error) {
	n := max(1, (grams+MaxParcel-1)/MaxParcel)
	if n > maxParcels {
		return 0, fmt.Errorf("%w: %d g", ErrTooHeavy, grams)
	}
	return n, nil
}

// Cost returns what it costs to send p by service.
func Cost(p Parcel, service Service) (money.Cents, error) {
	zone, err := ZoneOf(p.Country)
	if err != nil {
		return 0, err
	}
	t, ok := tariffs[tariffKey{zone, service}]
	if !ok {
		return 0, fmt.Errorf("%w: no %s service to %s", ErrNoService, service, p.Country)
	}
	n, err := Parcels(p.Grams)
	if err != nil {
		return 0, err
	}
	kilos := (p.Grams + 999) / 1000
	return t.base.Times(n) + t.perKilo.Times(kilos), nil
}

// Offers returns what can be had for p, cheapest first.
func Offers(p Parcel) ([]Offer, error) {
	zone, err := ZoneOf(p.Country)
	if err != nil {
		return nil, err
	}
	n, err := Parcels(p.Grams)
	if err != nil {
		return nil, err
	}
	var offers []Offer
	for _, s := range []Service{Economy, Express} {
		t, ok := tariffs[tariffKey{zone, s}]
		if !ok {
			continue
		}
		cost, err := Cost(p, s)
		if err != nil {
			return nil, err
		}
		offers = append(offers, Offer{Service: s, Zone: zone, Parcels: n, Cost: cost, MinDays: t.minDays, MaxDays: t.maxDays})
	}
	return offers, nil
}

// Free reports whether an order of the given value is sent without charge.
func Free(value money.Cents, zone Zone) bool {
	switch zone {
	case Domestic:
		return value >= 5_000
	case Neighbour:
		return value >= 15_000
	}
	return false
}

type tariffKey struct {
	zone    Zone
	service Service
}

type tariff struct {
	base, perKilo    money.Cents
	minDays, maxDays int
}

// tariffs of the carrier, from January on. Never written.
var tariffs = map[tariffKey]tariff{
	{Domestic, Economy}:  {390, 40, 2, 3},
	{Domestic, Express}:  {990, 60, 1, 1},
	{Neighbour, Economy}: {890, 90, 3, 5},
	{Neighbour, Express}: {1990, 150, 1, 2},
	{Europe, Economy}:    {1290, 140, 5, 9},
}
