package money

import (
	"errors"
	"testing"
)

func TestString(t *testing.T) {
	for c, want := range map[Cents]string{0: "0.00", 5: "0.05", 1230: "12.30", -5: "-0.05", -1999: "-19.99"} {
		if got := c.String(); got != want {
			t.Errorf("Cents(%d).String() = %q, want %q", int64(c), got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for s, want := range map[string]Cents{"12": 1200, "12.3": 1230, " 12.30 ": 1230, "-0.05": -5, "0": 0} {
		got, err := Parse(s)
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "-", ".5", "1.", "1.234", "1,20", "abc", "--1", "1.-2"} {
		if got, err := Parse(s); !errors.Is(err, ErrSyntax) {
			t.Errorf("Parse(%q) = %v, %v, want ErrSyntax", s, got, err)
		}
	}
}

func TestPercentRounds(t *testing.T) {
	cases := []struct {
		c    Cents
		p    int
		want Cents
	}{{1000, 10, 100}, {999, 10, 100}, {994, 10, 99}, {5, 10, 1}, {4, 10, 0}, {-5, 10, -1}}
	for _, c := range cases {
		if got := c.c.Percent(c.p); got != c.want {
			t.Errorf("%v.Percent(%d) = %v, want %v", c.c, c.p, got, c.want)
		}
	}
}

func TestSum(t *testing.T) {
	if got := Sum(1, 2, 3); got != 6 {
		t.Errorf("Sum = %v", got)
	}
	if got := Cents(250).Times(3); got != 750 {
		t.Errorf("Times = %v", got)
	}
}
