package split

import "testing"

// TestMovePackage edits lists of either style, and leaves the rest as it is.
func TestMovePackage(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"flow", "version: 1\ncomponents:\n  a: {packages: [./a, ./x]} # one\n  b: {packages: [./b]}\n",
			"version: 1\ncomponents:\n  a: {packages: [./a]} # one\n  b: {packages: [./b, ./x]}\n"},
		{"block", "version: 1\ncomponents:\n  a:\n    packages:\n      - ./x # it\n      - ./a\n  b:\n    packages:\n    - ./b # last\n    owner: me\n",
			"version: 1\ncomponents:\n  a:\n    packages:\n      - ./a\n  b:\n    packages:\n    - ./b # last\n    - ./x\n    owner: me\n"},
		{"of nobody", "version: 1\ncomponents:\n  b: {packages: [./b/...], contract: ./b.S}\n", "version: 1\ncomponents:\n  b: {packages: [./b/..., ./x], contract: ./b.S}\n"},
		{"no line feed", "version: 1\ncomponents:\n  b:\n    packages:\n      - ./b", "version: 1\ncomponents:\n  b:\n    packages:\n      - ./b\n      - ./x"},
		{"quoted", "version: 1\ncomponents:\n  b: {packages: [\"./b\"]}\n", "version: 1\ncomponents:\n  b: {packages: [./b, ./x]}\n"},
		{"all of another", "version: 1\ncomponents:\n  a: {packages: [./x]}\n  b: {packages: [./b]}\n", ""},
		{"an anchor", "version: 1\ncomponents:\n  a: {packages: &p [./a]}\n  b: {packages: *p}\n", ""},
		{"not there", "version: 1\ncomponents:\n  a: {packages: [./a]}\n", ""},
	} {
		got, err := MovePackage([]byte(c.in), "./x", "b")
		if string(got) != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s: %v\n%s\nwant:\n%s", c.name, err, got, c.want)
		}
	}
}
