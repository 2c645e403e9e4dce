package engine

import "testing"

// TestPackages: each package of the shop is one, with the references between them.
func TestPackages(t *testing.T) {
	s, err := Open(t.Context(), Options{Dir: "../testdata/modules/shop", NoCache: true})
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.Packages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for _, c := range found.Components {
		if len(c.Packages) != 1 {
			t.Errorf("%s has the packages %v", c.Name, c.Packages)
		}
		known[c.Name] = c.Packages[0]
	}
	if known["payments/card"] != "example.com/shop/payments/card" || known["cmd/shop"] == "" || known["money"] == "" {
		t.Errorf("the packages are %v", known)
	}
	for _, c := range found.Couplings {
		if c.From == "payments/card" && c.To == "payments" && len(c.Evidence) > 0 {
			return
		}
	}
	t.Error("payments/card doesn't use payments")
}
