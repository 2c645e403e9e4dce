package shipping

import (
	"errors"
	"testing"

	"example.com/shop/money"
)

func TestCost(t *testing.T) {
	for _, c := range []struct {
		country string
		grams   int
		service Service
		want    money.Cents
	}{
		{"DE", 400, Economy, 430},
		{"de", 1000, Economy, 430},
		{"DE", 1001, Express, 1110},
		{"FR", 2500, Economy, 1160},
		{"DE", 45_000, Economy, 2580},
		{"IT", 0, Economy, 1290},
	} {
		got, err := Cost(Parcel{c.country, c.grams}, c.service)
		if err != nil || got != c.want {
			t.Errorf("Cost(%s, %d g, %s) = %v, %v, want %v", c.country, c.grams, c.service, got, err, c.want)
		}
	}
}

func TestCostErrors(t *testing.T) {
	if _, err := Cost(Parcel{"US", 1}, Economy); !errors.Is(err, ErrNoService) {
		t.Errorf("unserved country: %v", err)
	}
	if _, err := Cost(Parcel{"ES", 1}, Express); !errors.Is(err, ErrNoService) {
		t.Errorf("unserved service: %v", err)
	}
	if _, err := Cost(Parcel{"DE", 5 * MaxParcel}, Economy); !errors.Is(err, ErrTooHeavy) {
		t.Errorf("too heavy: %v", err)
	}
}

func TestOffersAreCheapestFirst(t *testing.T) {
	offers, err := Offers(Parcel{"AT", 1500})
	if err != nil || len(offers) != 2 {
		t.Fatalf("Offers = %+v, %v", offers, err)
	}
	if offers[0].Service != Economy || offers[0].Cost >= offers[1].Cost || offers[0].Zone != Neighbour {
		t.Errorf("Offers = %+v", offers)
	}
	offers, err = Offers(Parcel{"SE", 1500})
	if err != nil || len(offers) != 1 {
		t.Errorf("Offers to SE = %+v, %v", offers, err)
	}
}

func TestFree(t *testing.T) {
	if !Free(5000, Domestic) || Free(4999, Domestic) || Free(14999, Neighbour) || Free(1_000_000, Europe) {
		t.Error("free shipping is wrong")
	}
	if Europe.String() != "europe" || Zone(9).String() != "zone(9)" {
		t.Error("zone names are wrong")
	}
}
