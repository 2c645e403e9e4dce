package engine

import (
	"runtime/debug"
	"testing"
)

// GOGC is what it was when the last request of several has ended.
func TestHeapGrowth(t *testing.T) {
	t.Setenv("GOGC", "")
	before := debug.SetGCPercent(70)
	defer debug.SetGCPercent(before)
	is := func(when string, want int) {
		t.Helper()
		got := debug.SetGCPercent(want)
		if got != want {
			t.Errorf("%s: GOGC is %d, not %d", when, got, want)
		}
	}
	var g growth
	first, second := g.slow(), g.slow()
	is("two requests", heapGrowth)
	first()
	first() // again
	is("one of them", heapGrowth)
	second()
	is("none", 70)
	g.slow()()
	is("none again", 70)
	t.Setenv("GOGC", "200")
	end := g.slow()
	is("with a setting", 70)
	end()
	is("with a setting, ended", 70)
}
