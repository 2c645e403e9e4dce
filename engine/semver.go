package engine

import (
	"cmp"
	"fmt"
	"go/ast"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
)

var ofProgram = regexp.MustCompile(`(?m)^package main\b`)

// versionNote says which version a module would have to be published as after a
// change: what it exports to other modules goes or is another, or more comes. There
// is nothing to say of a module that can't be imported, and of what is internal.
func (s *Session) versionNote(set change.Set) (change.Note, bool) {
	host, _, _ := strings.Cut(s.Module, "/")
	if !strings.Contains(host, ".") {
		return change.Note{}, false
	}
	before, after := map[string]map[string]string{}, map[string]map[string]string{}
	for _, f := range set.Files {
		if path.Ext(f.Path) != ".go" || strings.HasSuffix(f.Path, "_test.go") {
			continue
		}
		old, now := s.contents(f)
		if to := cmp.Or(f.To, f.Path); !ofProgram.Match(now) && forOthers(to) {
			exported(now, path.Dir(to), after)
		}
		if !ofProgram.Match(old) && forOthers(f.Path) {
			exported(old, path.Dir(f.Path), before)
		}
	}
	breaking, more := versionChanges(before, after)
	const most = 4
	message := "what other modules can import changes: %s; the smallest version that may have this is a new %s version"
	names, version := breaking, "major"
	if len(breaking) == 0 {
		message = "other modules can import more: %s; the smallest version that may have this is a new %s version"
		names, version = more, "minor"
	}
	if len(names) == 0 {
		return change.Note{}, false
	}
	if n := len(names) - most; n > 0 {
		names = append(names[:most:most], fmt.Sprintf("%d more", n))
	}
	return change.Note{Message: fmt.Sprintf(message, strings.Join(names, ", "), version)}, true
}

// forOthers reports a file whose package other modules can import.
func forOthers(file string) bool {
	return !slices.ContainsFunc(strings.Split(path.Dir(file), "/"), func(elem string) bool {
		return elem == "internal" || elem == "testdata" || elem == "vendor" || strings.HasPrefix(elem, "_") || elem != "." && strings.HasPrefix(elem, ".")
	})
}

// versionChanges returns the exported names that go or are declared otherwise, and
// those that come. A method more in an interface breaks those who implement it.
func versionChanges(before, after map[string]map[string]string) (breaking, more []string) {
	name := func(dir, key string) string {
		if dir == "." {
			return key
		}
		return path.Base(dir) + "." + key
	}
	for _, dir := range slices.Sorted(maps.Keys(before)) {
		for _, key := range importable(before[dir]) {
			if after[dir][key] != before[dir][key] {
				breaking = append(breaking, name(dir, key))
			}
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(after)) {
		for _, key := range importable(after[dir]) {
			if _, had := before[dir][key]; had {
				continue
			}
			owner, _, member := strings.Cut(key, ".")
			if member && before[dir][owner] == "*ast.InterfaceType" {
				breaking = append(breaking, name(dir, key))
			} else if !member {
				more = append(more, name(dir, key))
			}
		}
	}
	return breaking, more
}

// importable returns the names that other packages can use, sorted: not the exported
// methods of a type that isn't exported itself.
func importable(decls map[string]string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(decls)), func(key string) bool { return !ast.IsExported(key) })
}
