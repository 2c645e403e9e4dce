package extract

import (
	"go/ast"
	"go/build"
	"go/token"
	"go/types"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/unweld/unweld/refactor/internal/code"
)

// taken reports whether a name is in use in the target's package, its test
// files included.
func (j *job) taken(name string) bool {
	for _, p := range j.world.Packages {
		if p.Pkg.Path == j.target.pkg.Pkg.Path && p.Types.Scope().Lookup(name) != nil {
			return true
		}
	}
	for _, f := range j.files() {
		for _, s := range f.AST.Imports {
			if s.Name != nil && s.Name.Name == name || s.Name == nil && importBase(s) == name {
				return true
			}
		}
	}
	return token.IsKeyword(name) || types.Universe.Lookup(name) != nil
}

func importBase(s *ast.ImportSpec) string {
	p, _ := strconv.Unquote(s.Path.Value)
	return path.Base(p)
}

// files returns the files of the target's package, in-package tests included.
func (j *job) files() []*code.File {
	var out []*code.File
	for _, f := range j.world.Files {
		if f.Pkg.Pkg.Path == j.target.pkg.Pkg.Path {
			out = append(out, f)
		}
	}
	return out
}

// freeName returns the first of the candidates that is free, or one with a number.
func (j *job) freeName(candidates ...string) string {
	for _, c := range candidates {
		if !j.taken(c) {
			return c
		}
	}
	last := candidates[len(candidates)-1]
	for i := 2; ; i++ {
		if c := last + strconv.Itoa(i); !j.taken(c) {
			return c
		}
	}
}

// lower returns name as an unexported identifier: HTMLEscape -> htmlEscape.
func lower(name string) string {
	n := 0
	for i, r := range name {
		next, _ := utf8.DecodeRuneInString(name[i+utf8.RuneLen(r):])
		if !unicode.IsUpper(r) || n > 0 && next != utf8.RuneError && !unicode.IsUpper(next) {
			break
		}
		n += utf8.RuneLen(r)
	}
	return strings.ToLower(name[:n]) + name[n:]
}

// upper returns name with its first letter in upper case.
func upper(name string) string {
	r, n := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r)) + name[n:]
}

// file returns the path of a new file in the target's package.
func (j *job) file(base string) string {
	dir := j.target.pkg.Pkg.Dir
	for _, name := range []string{base, j.target.pkg.Pkg.Name + "_" + base, j.target.pkg.Pkg.Name + "_" + j.name() + "_" + base} {
		rel := path.Join(dir, name)
		if _, _, err := j.world.Snapshot.Content(rel); err != nil && j.created[rel] == nil {
			return rel
		}
	}
	return path.Join(dir, "unweld_"+base)
}

// constrained reports whether a file is left out of some builds.
func constrained(f *code.File) bool {
	nowhere := build.Default
	nowhere.GOOS, nowhere.GOARCH, nowhere.BuildTags, nowhere.CgoEnabled = "nowhere", "nowhere", nil, false
	nowhere.OpenFile = func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(string(f.Before))), nil
	}
	ok, err := nowhere.MatchFile("", path.Base(f.Rel))
	return err != nil || !ok
}
