package split

import (
	"strings"
	"testing"
)

// An entry is added in the style of the file, and every other byte stays.
func TestDeclare(t *testing.T) {
	for _, tt := range []struct{ name, before, want string }{
		{"no file", "", "version: 1\ncomponents:\n  mail: {packages: [./mail], contract: ./mail.Service}\n"},
		{"no components", "# Mine.\nversion: 1 # yes\n\nrules: {private: [./x]}\n",
			"# Mine.\nversion: 1 # yes\ncomponents:\n  mail: {packages: [./mail], contract: ./mail.Service}\n\nrules: {private: [./x]}\n"},
		{"no last newline", "version: 1", "version: 1\ncomponents:\n  mail: {packages: [./mail], contract: ./mail.Service}\n"},
		{"block", "version: 1\ncomponents:\n    # The heart.\n    orders: {packages: [./orders]} # first\n\n# Later.\nrules: {}\n",
			"version: 1\ncomponents:\n    # The heart.\n    orders: {packages: [./orders]} # first\n    mail: {packages: [./mail], contract: ./mail.Service}\n\n# Later.\nrules: {}\n"},
		{"block of blocks", "version: 1\ncomponents:\n  orders:\n    packages:\n      - ./orders\n      - ./old\n  pay:\n    packages: [\n      ./pay,\n    ]\n",
			"version: 1\ncomponents:\n  orders:\n    packages:\n      - ./orders\n      - ./old\n  pay:\n    packages: [\n      ./pay,\n    ]\n  mail: {packages: [./mail], contract: ./mail.Service}\n"},
		{"flow", "version: 1\ncomponents: {orders: {packages: [./orders]} }\n", "version: 1\ncomponents: {orders: {packages: [./orders]}, mail: {packages: [./mail], contract: ./mail.Service} }\n"},
		{"empty flow", "version: 1\ncomponents: {}\n", "version: 1\ncomponents: {mail: {packages: [./mail], contract: ./mail.Service}}\n"},
		{"flow entry", "version: 1\ncomponents:\n  mail: {packages: [./mail/...]} # é\n", "version: 1\ncomponents:\n  mail: {packages: [./mail/...], contract: ./mail.Service} # é\n"},
		{"block entry", "version: 1\ncomponents:\n  mail:\n    packages: [./mail]\n    owner: me\n", "version: 1\ncomponents:\n  mail:\n    packages: [./mail]\n    owner: me\n    contract: ./mail.Service\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var before []byte
			if tt.before != "" {
				before = []byte(tt.before)
			}
			got, err := Declare(Section(before), "mail", Component{Packages: []string{"./mail"}, Contract: "./mail.Service"})
			if err != nil {
				t.Fatal(err)
			}
			if strings.TrimSuffix(string(got), "\n") != strings.TrimSuffix(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// Where an entry has no safe place, nothing is written.
func TestDeclareNowhere(t *testing.T) {
	for _, content := range []string{
		"version: 1\ncomponents:\n  a: &a {packages: [./a]}\n  mail: *a\n",
		"{version: 1}\n",
	} {
		if got, err := Declare(Section([]byte(content)), "mail", Component{Packages: []string{"./mail"}, Contract: "./mail.Service"}); err == nil {
			t.Errorf("%q became %q", content, got)
		}
	}
}
