package engine

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

const programs = `
-- go.mod --
module example.com/m

go 1.26
-- main.go --
package main

func main() {}
-- prices/prices.go --
package prices

type Service interface{ Quote() }
-- tool/tool.go --
package main

func main() {}
-- cmd/shop/shop.go --
package main

import _ "example.com/m/prices"

func main() {}
`

// TestProgram: of several programs the one with the component runs, or else the one that
// go run would run in that folder.
func TestProgram(t *testing.T) {
	const bound = `{"version": 2, "components": {"prices": {"contract": "./prices.Service"}}}`
	for _, tt := range []struct{ what, files, dir, want string }{
		{"one has the component", "-- unweld.lock --\n" + bound + "\n", ".", "example.com/m/cmd/shop"},
		{"one has the component, another stands in the folder", "-- unweld.lock --\n" + bound + "\n", "tool", "example.com/m/cmd/shop"},
		{"two have it", "-- unweld.lock --\n" + bound + "\n-- cmd/other/other.go --\npackage main\n\nimport _ \"example.com/m/prices\"\n\nfunc main() {}\n", ".", "2 programs with bound components: example.com/m/cmd/other, example.com/m/cmd/shop"},
		{"two have it, one stands in the folder", "-- unweld.lock --\n" + bound + "\n-- cmd/other/other.go --\npackage main\n\nimport _ \"example.com/m/prices\"\n\nfunc main() {}\n", "cmd/other", "example.com/m/cmd/other"},
		{"nothing is bound", "", "tool", "example.com/m/tool"},
	} {
		dir := writeArchive(t, programs+tt.files)
		s, err := Open(t.Context(), Options{Dir: filepath.Join(dir, filepath.FromSlash(tt.dir))})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.program(t.Context(), "")
		if usage, ok := errors.AsType[*component.UsageError](err); ok {
			got = usage.Reason
		} else if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(got, tt.want) {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
}
