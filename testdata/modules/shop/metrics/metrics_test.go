package metrics

import (
	"strings"
	"testing"
)

func TestCounters(t *testing.T) {
	Inc("b_total")
	Add("a_total", 3)
	Inc("b_total")
	if got := Default().Get("b_total"); got != 2 {
		t.Errorf("b_total = %d", got)
	}
	var b strings.Builder
	if _, err := Default().WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if want := "shop_a_total 3\nshop_b_total 2\n"; b.String() != want {
		t.Errorf("WriteTo wrote %q, want %q", b.String(), want)
	}
}
