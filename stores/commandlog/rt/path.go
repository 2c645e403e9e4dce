package commandlog

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// PathFor returns where the log of a component lies: the value of
// UNWELD_STATE_<COMPONENT>, or .unweld/state/<component>.db below the working
// directory. Tests must not find what another left, and so have it in memory.
func PathFor(component string) string {
	name := strings.ReplaceAll(strings.ToUpper(component), "-", "_")
	switch path := os.Getenv("UNWELD_STATE_" + name); {
	case path != "":
		return path
	case isTestBinary():
		return ""
	}
	return filepath.Join(".unweld", "state", component+".db")
}

func isTestBinary() bool {
	base := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	return strings.HasSuffix(base, ".test") ||
		slices.ContainsFunc(os.Args[1:], func(a string) bool { return strings.HasPrefix(strings.TrimLeft(a, "-"), "test.") })
}
