package tui

import (
	"strings"
	"testing"
)

// TestMatrixByFolder walks through a program of 10,000 components: by folders, into one,
// and to a cell and its references.
func TestMatrixByFolder(t *testing.T) {
	m := resize(ready(t, many(10_000)), 100, 24)
	sees := func(what ...string) {
		t.Helper()
		got := plain(m)
		for _, w := range what {
			if !strings.Contains(got, w) {
				t.Errorf("%q isn't shown:\n%s", w, got)
			}
		}
		fits(t, m)
	}
	press(m, "2")
	sees("by folder; x: 1 cycle", "▸ area0/ (1000)", "▸ area9/ (1000)")
	press(m, "g", "n")
	sees("references, weight", "part of a cycle")
	press(m, "enter")
	sees("area", "/ uses area", "refers to")
	press(m, "esc", ":")
	press(m, append(letters("go component04242"), "enter")...)
	sees("area4/team42/component04242", "component04242\n")
	press(m, "enter")
	sees("components", "component04242", "packages: 1")
	press(m, "esc", "z")
	sees("▸ area4/team42/ (100)", "> ")
	press(m, "-")
	sees("▸ area4/ (1000)", "▸ area5/ (1000)", "area4/ has 1000 components; Enter shows what is in it")
	press(m, "-")
	sees("is in no folder but that of the module")
	press(m, "Z")
	sees("area", "/component")
	press(m, "Z")
	sees("▸ area4/ (1000)")
	press(m, "f")
	if got := plain(m); strings.Contains(got, "by folder") {
		t.Errorf("it is by folder still:\n%s", got)
	}
	press(m, "z")
	sees("f shows folders")
}

// TestMatrixOfPackages: the packages of the components are shown in their place, and go on
// to be when the files are read again.
func TestMatrixOfPackages(t *testing.T) {
	m := resize(ready(t, shop(t)), 120, 40)
	sees := func(what ...string) {
		t.Helper()
		got := plain(m)
		for _, w := range what {
			if !strings.Contains(got, w) {
				t.Errorf("%q isn't shown:\n%s", w, got)
			}
		}
		fits(t, m)
	}
	press(m, "2", "p")
	sees("packages; ", "payments/card", "cmd/shop", "money")
	press(m, ":")
	press(m, append(letters("go payments/card"), "enter", ":")...)
	press(m, append(letters("left"), "enter")...)
	for range 30 {
		if press(m, "h"); strings.Contains(plain(m), "payments/card uses payments: ") {
			break
		}
	}
	sees("payments/card uses payments: ")
	press(m, "enter")
	sees("payments/card uses payments", "payments/card/")
	press(m, "esc")
	m.loaded(loaded{world: m.world})
	sees("payments/card")
	press(m, "1", "2", "p")
	if got := plain(m); strings.Contains(got, "payments/card") || strings.Contains(got, "packages; ") {
		t.Errorf("packages are shown still:\n%s", got)
	}
}
