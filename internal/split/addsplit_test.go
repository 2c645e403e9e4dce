package split

import (
	"strings"
	"testing"
)

func TestAddSplit(t *testing.T) {
	s := Split{Units: map[string]Unit{"main": {Components: []string{"*"}}, "web": {Components: []string{"web", "pages"}}}}
	const lines = "  two:\n    units:\n      main: {components: [\"*\"]}\n      web: {components: [web, pages]}\n"
	declared := "components:\n  web: {packages: [./web]}\n  pages: {packages: [./pages]}\n"
	for _, test := range []struct{ name, before, want string }{
		{"at the end", "version: 1 # of the file\n" + declared, "version: 1 # of the file\n" + declared + "splits:\n" + lines},
		{"without a last line end", "version: 1\n" + strings.TrimSuffix(declared, "\n"), "version: 1\n" + declared + "splits:\n" + strings.TrimSuffix(lines, "\n")},
		{"beside another", "version: 1\n" + declared + "splits:\n    # kept\n    one:\n        units: {all: {components: [\"*\"]}}\nrules: {}\n",
			"version: 1\n" + declared + "splits:\n    # kept\n    one:\n        units: {all: {components: [\"*\"]}}\n" + strings.ReplaceAll("  "+lines, "\n  ", "\n    ") + "rules: {}\n"},
		{"empty section", "version: 1\nsplits:\n" + declared, "version: 1\nsplits:\n" + lines + declared},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := AddSplit([]byte(test.before), "two", s)
			if err != nil || string(got) != test.want {
				t.Errorf("%v\n%s\nwant:\n%s", err, got, test.want)
			}
		})
	}
	for _, test := range []struct{ name, before, want string }{
		{"taken", "version: 1\nsplits:\n  two:\n    units: {all: {components: [\"*\"]}}\n", "has a split two already"},
		{"flow", "{version: 1}\n", "can be added to"},
		{"flow section", "version: 1\nsplits: {one: {units: {all: {components: [\"*\"]}}}}\n", "can be added to"},
		{"wrong already", "version: 7\n", "version"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := AddSplit([]byte(test.before), "two", s); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v\n%s", err, got)
			}
		})
	}
	endpoints := Split{Units: map[string]Unit{"main": {Components: []string{"*"}}, "far": {Endpoints: []string{"web.Show"}}, "web": {Components: []string{"web"}, Endpoints: []string{"pages.Draw"}}}}
	const apart = "    units:\n      far: {endpoints: [web.Show]}\n      main: {components: [\"*\"]}\n      web: {components: [web], endpoints: [pages.Draw]}\n"
	if got, err := AddSplit([]byte("version: 1\n"+declared), "two", endpoints); err != nil || !strings.HasSuffix(string(got), apart) {
		t.Errorf("with endpoints: %v\n%s", err, got)
	}
	more := Split{Units: map[string]Unit{"main": {Components: []string{"*"}, Env: map[string]string{"A": "b"}}}}
	if _, err := AddSplit([]byte("version: 1\n"), "two", more); err == nil {
		t.Error("a unit's environment is left out without a word")
	}
}
