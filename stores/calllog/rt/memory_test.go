package calllog

import (
	"context"
	"errors"
	"testing"
)

// TestMemory: a test has its log in memory unless it names a place, and two logs
// at memory: have nothing to do with each other.
func TestMemory(t *testing.T) {
	asked := ""
	cfg := func(location string) Config {
		return Config{
			Component: "stock", Location: location, Methods: []Method{{"Take", []string{"s1"}}, {"Put", []string{"s0", "s1"}}},
			Storage: func(_ context.Context, _, location string) (Storage, error) {
				asked = location
				return nil, errors.New("no such place")
			},
			Replay: func(int, []byte) (own, bad error) { t.Error("replayed"); return nil, nil },
		}
	}
	for _, location := range []string{"", inMemory, inMemory} {
		l, err := Open(t.Context(), cfg(location))
		if err != nil {
			t.Fatal(err)
		}
		ran := 0
		for method := range 2 {
			if err := l.Do(t.Context(), method, []byte("x"), func() error { ran++; return errors.New("own") }); err != nil {
				t.Error(err)
			}
		}
		if err := l.Close(); err != nil || ran != 2 {
			t.Errorf("%d calls ran; %v", ran, err)
		}
	}
	if _, err := Open(t.Context(), cfg("elsewhere")); err == nil || asked != "elsewhere" {
		t.Errorf("asked for %q: %v", asked, err)
	}
}
