package source

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// Library returns the folder of code that nobody edits in place, if root lies in such:
// the root of a Go distribution, or that of a module in the go command's module cache.
// It is told by what lies around it, since asking the go command takes too long for a
// request of an editor.
func Library(root string) string {
	for dir := root; ; dir = filepath.Dir(dir) {
		if isDistribution(dir) || strings.Contains(filepath.Base(dir), "@") && belowModuleCache(dir) {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// isDistribution reports whether a folder holds a Go distribution.
func isDistribution(dir string) bool {
	mod, err := os.ReadFile(filepath.Join(dir, "src", "go.mod"))
	return err == nil && modfile.ModulePath(mod) == "std"
}

// belowModuleCache reports whether one of the folders above dir is a module cache.
func belowModuleCache(dir string) bool {
	for up := filepath.Dir(dir); up != filepath.Dir(up); up = filepath.Dir(up) {
		if info, err := os.Stat(filepath.Join(up, "cache", "download")); err == nil && info.IsDir() {
			return true
		}
	}
	return false
}
