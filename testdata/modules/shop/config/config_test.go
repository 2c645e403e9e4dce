package config

import (
	"errors"
	"maps"
	"testing"
)

func TestParse(t *testing.T) {
	saved := maps.Clone(Features)
	defer func() { Features = saved }()
	c, err := Parse([]string{"-addr", ":9000", "-db", "x.db", "-features", "guest, -express"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != ":9000" || c.DB != "x.db" || c.Country != "DE" || c.Now == nil || c.Logger == nil {
		t.Errorf("Parse = %+v", c)
	}
	if !Enabled("guest") || Enabled("express") || !Enabled("search") {
		t.Errorf("Features = %v", Features)
	}
}

func TestParseUnknownFeature(t *testing.T) {
	if _, err := Parse([]string{"-features", "teleport"}); !errors.Is(err, ErrUnknownFeature) {
		t.Errorf("Parse: %v", err)
	}
}
