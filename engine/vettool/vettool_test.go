package vettool

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis/unitchecker"
)

// TestIsOutside checks of which packages the facts are left out.
func TestIsOutside(t *testing.T) {
	for name, tt := range map[string]struct {
		cfg  unitchecker.Config
		want bool
	}{
		"standard library":        {unitchecker.Config{VetxOnly: true}, true},
		"dependency":              {unitchecker.Config{VetxOnly: true, ModulePath: "example.com/d", ModuleVersion: "v1.0.0"}, true},
		"module":                  {unitchecker.Config{VetxOnly: true, ModulePath: "example.com/m"}, false},
		"module, with its report": {unitchecker.Config{ModulePath: "example.com/m"}, false},
		"standard library, named": {unitchecker.Config{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := json.Marshal(tt.cfg)
			if err != nil {
				t.Fatal(err)
			}
			unit := filepath.Join(t.TempDir(), "vet.cfg")
			if err := os.WriteFile(unit, data, 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := isOutside(unit); got != tt.want || err != nil {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	if got, err := isOutside("-V=full"); got || err != nil {
		t.Errorf("a flag: got %v, %v", got, err)
	}
	if _, err := isOutside("none.cfg"); err == nil {
		t.Error("a unit that isn't there is no error")
	}
}
