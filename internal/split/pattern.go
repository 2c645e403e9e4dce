package split

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// A Pattern matches packages: a folder (./orders), a folder and everything
// below (./orders/...), or the same by import path. "..." matches any text, as
// for the go command. A pattern without a leading dot or slash is an import
// path if a package has it, and a folder otherwise.
type Pattern struct {
	Text string // as it was written

	name   string // without ./ and the slash at the end; "" is the root
	folder bool   // it can't be an import path
	deep   bool   // it is above/..., or "..." alone, where above is ""
	above  string
	match  *regexp.Regexp // of all others with "..."
}

// ParsePattern parses a pattern. An absolute folder must be inside root, the
// absolute path of the module; if root is "", it is accepted and matches
// nothing.
func ParsePattern(root, text string) (Pattern, error) {
	p := Pattern{Text: text, name: text}
	switch {
	case text == "":
		return p, errors.New("empty package pattern")
	case strings.Contains(text, `\`):
		return p, fmt.Errorf("package pattern %s has a backslash: folders are separated by /", text)
	case strings.ContainsAny(text, "*?[]{}!"):
		return p, fmt.Errorf("package pattern %s: only ... stands for any text: ./orders/... covers a folder and all below", text)
	case filepath.IsAbs(filepath.FromSlash(text)):
		rel, err := filepath.Rel(root, filepath.FromSlash(text))
		if root != "" && (err != nil || !filepath.IsLocal(rel)) {
			return p, fmt.Errorf("package pattern %s lies outside the module", text)
		}
		p.name, p.folder = filepath.ToSlash(rel), true
	case text == "." || text == ".." || strings.HasPrefix(text, "./") || strings.HasPrefix(text, "../"):
		p.folder = true
	}
	p.name = path.Clean(p.name)
	if p.name == ".." || strings.HasPrefix(p.name, "../") {
		return p, fmt.Errorf("package pattern %s lies outside the module", text)
	}
	if p.name == "." {
		p.name = ""
	}
	p.compile()
	return p, nil
}

// compile gives "..." the meaning that it has for the go command: any text, and
// a/... is a too.
func (p *Pattern) compile() {
	p.deep, p.match = false, nil
	if !p.wild() {
		return
	}
	if above, ok := strings.CutSuffix("/"+p.name, "/..."); ok && !strings.Contains(above, "...") {
		p.deep, p.above = true, strings.TrimPrefix(above, "/")
		return
	}
	re := strings.ReplaceAll(regexp.QuoteMeta(p.name), `\.\.\.`, `.*`)
	if before, ok := strings.CutSuffix(re, `/.*`); ok {
		re = before + `(/.*)?`
	}
	p.match = regexp.MustCompile(`^` + re + `$`)
}

// wild reports whether the pattern may cover several packages.
func (p Pattern) wild() bool { return strings.Contains(p.name, "...") }

func (p Pattern) covers(name string) bool {
	switch {
	case p.match != nil:
		return p.match.MatchString(name)
	case p.deep:
		return p.above == "" || strings.HasPrefix(name, p.above) && (len(name) == len(p.above) || name[len(p.above)] == '/')
	}
	return name == p.name
}

// Folder reports whether the pattern covers the folder of a package.
func (p Pattern) Folder(pkg component.Package) bool { return p.covers(folderOf(pkg)) }

// ImportPath reports whether the pattern covers the import path of a package.
func (p Pattern) ImportPath(pkg component.Package) bool { return !p.folder && p.covers(pkg.Path) }

// Below returns the pattern of the same folders and all below them.
func (p Pattern) Below() Pattern {
	if !strings.HasSuffix(p.name, "...") {
		p.name = path.Join(p.name, "...")
	}
	p.compile()
	return p
}

// In returns the import paths of the packages in pkgs that the pattern matches.
// It is an error if it matches some by import path and others by folder.
func (p Pattern) In(pkgs []component.Package) (map[string]bool, error) {
	paths, folders := map[string]bool{}, map[string]bool{}
	for _, pkg := range pkgs {
		if p.ImportPath(pkg) {
			paths[pkg.Path] = true
		}
		if p.Folder(pkg) {
			folders[pkg.Path] = true
		}
	}
	return p.either(paths, folders)
}

// either decides between the packages that a pattern covers by import path and those that
// it covers by folder.
func (p Pattern) either(paths, folders map[string]bool) (map[string]bool, error) {
	switch {
	case len(paths) == 0:
		return folders, nil
	case len(folders) > 0 && !maps.Equal(paths, folders):
		return paths, fmt.Errorf("%s is an import path and a folder, with other packages: write ./%s for the folder", p.Text, p.name)
	}
	return paths, nil
}

// Width returns how much longer a package's name is than the literal text of
// the pattern: of two patterns that match, the one with the smaller width is
// more specific.
func (p Pattern) Width(pkg component.Package) int {
	if !p.wild() {
		return 0
	}
	name := pkg.Path
	if !p.ImportPath(pkg) {
		name = folderOf(pkg)
	}
	return 1 + slashed(name) - slashed(strings.TrimSuffix(strings.ReplaceAll(p.name, "...", ""), "/"))
}

// slashed is the length of a name with a slash before it.
func slashed(name string) int {
	if name == "" {
		return 0
	}
	return 1 + len(name)
}

func folderOf(pkg component.Package) string {
	if dir := path.Clean(pkg.Dir); dir != "." {
		return dir
	}
	return ""
}

// Covers reports whether a pattern in unweld.yaml covers a package of the
// module at root.
func Covers(root, pattern string, p component.Package) bool {
	parsed, err := ParsePattern(root, pattern)
	return err == nil && (parsed.ImportPath(p) || parsed.Folder(p))
}

// Relative returns the import path of a package as a folder of the module,
// "./orders". Import paths of other modules are returned unchanged.
func Relative(module, importPath string) string {
	if module == "" || importPath != module && !strings.HasPrefix(importPath, module+"/") {
		return importPath
	}
	if importPath == module {
		return "."
	}
	return "./" + path.Clean(strings.TrimPrefix(importPath, module+"/"))
}
