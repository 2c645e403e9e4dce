package draw

import (
	"slices"
	"testing"
)

func TestWrap(t *testing.T) {
	for _, test := range []struct {
		text  string
		width int
		want  []string
	}{
		{"name what it calls: --unit a --unit-b", 14, []string{"name what it", "calls: --unit", "a --unit-b"}},
		{"  indented text", 10, []string{"  indented", "text"}},
		{"example.com/shop/orders/store", 16, []string{"example.com/", "shop/orders/", "store"}},
		{"see example.com/shop/orders", 14, []string{"see", "example.com/", "shop/orders"}},
		{"aaaaaaaa", 3, []string{"aaa", "aaa", "aa"}},
		{"漢字漢字", 3, []string{"漢", "字", "漢", "字"}},
		{"漢", 1, []string{"漢", ""}},
		{"one\ntwo", 9, []string{"one", "two"}},
		{"", 9, []string{""}},
		{"x", 0, nil},
	} {
		if got := Wrap(test.text, test.width); !slices.Equal(got, test.want) {
			t.Errorf("%q in %d: %q, want %q", test.text, test.width, got, test.want)
		}
	}
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{"a\tb": "a    b", "a\x1b[31mb": "a�[31mb", "a\nb": "a b", "ü漢": "ü漢", "a\u202eb": "a�b"} {
		if got := Clean(text); got != want {
			t.Errorf("%q is cleaned to %q, not %q", text, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, test := range []struct {
		got, want string
	}{
		{Cut("abcdef", 4), "abc…"}, {Cut("abc", 3), "abc"}, {Cut("abc", 0), ""}, {CutLeft("a/b/file.go", 8), "…file.go"},
		{Fit("ab", 4), "ab  "}, {FitRight("ab", 4), "  ab"}, {Fit("漢字漢", 4), "漢… "},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}
