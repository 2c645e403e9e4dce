package reading

import (
	"strings"
	"testing"
)

func TestFilter(t *testing.T) {
	heading := func(text string) Block { return Block{Lines: []string{text}, Heading: true} }
	blocks := append([]Block{heading("\x1b[1mKeys\x1b[0m")}, Lines([]string{"j  go down", "k  go up", ""})...)
	blocks = append(blocks, heading("Mouse"))
	blocks = append(blocks, Block{Lines: []string{"the wheel", "scrolls down"}}, Block{Lines: []string{"clicks open"}})
	for _, test := range []struct {
		filter, want string
		shown        int
	}{
		{"", "\x1b[1mKeys\x1b[0m|j  go down|k  go up||Mouse|the wheel|scrolls down|clicks open", 4},
		{"DOWN", "\x1b[1mKeys\x1b[0m|j  go down|Mouse|the wheel|scrolls down", 2},
		{"wheel scrolls", "Mouse|the wheel|scrolls down", 1},
		{"keys", "\x1b[1mKeys\x1b[0m|j  go down|k  go up|", 2},
		{"1m", "", 0},
		{"nothing", "", 0},
	} {
		var text Text
		text.SetFilter(test.filter)
		got := text.View(blocks, 8)
		for len(got) > 0 && got[len(got)-1] == "" && len(got) > strings.Count(test.want, "|")+1 {
			got = got[:len(got)-1]
		}
		if g := strings.Join(got, "|"); g != test.want {
			t.Errorf("%q shows %q, not %q", test.filter, g, test.want)
		}
		if shown, all := text.Shown(); shown != test.shown || all != 4 {
			t.Errorf("%q shows %d of %d blocks, not %d of 4", test.filter, shown, all, test.shown)
		}
	}
}

// TestScroll: a filter begins at the top, and nobody scrolls past the end.
func TestScroll(t *testing.T) {
	var text Text
	blocks := Lines(strings.Fields("a b c d e f"))
	text.View(blocks, 2)
	text.Do("last")
	if got := text.View(blocks, 2); got[0] != "e" || got[1] != "f" {
		t.Errorf("the end is %q", got)
	}
	text.Do("page-down")
	if got := text.View(blocks, 4); got[0] != "c" {
		t.Errorf("with more room the end is %q", got)
	}
	text.SetFilter("b")
	if got := text.View(blocks, 2); got[0] != "b" {
		t.Errorf("filtered: %q", got)
	}
}
