package code

import (
	"go/build"
	"go/build/constraint"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/source"
)

// Constrained reports whether a file is left out of some builds.
func (f *File) Constrained() bool {
	nowhere := build.Default
	nowhere.GOOS, nowhere.GOARCH, nowhere.BuildTags, nowhere.CgoEnabled = "nowhere", "nowhere", nil, false
	nowhere.OpenFile = func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(string(f.Before))), nil
	}
	ok, err := nowhere.MatchFile("", path.Base(f.Rel))
	return err != nil || !ok || f.buildLine()
}

// buildLine reports a line before the package clause by which some builds leave the
// file out, !windows among them, which a system that there isn't would have.
func (f *File) buildLine() bool {
	for _, group := range f.AST.Comments {
		for _, c := range group.List {
			if c.Pos() > f.AST.Package || !constraint.IsGoBuild(c.Text) && !constraint.IsPlusBuild(c.Text) {
				continue
			}
			if expr, err := constraint.Parse(c.Text); err != nil || refuses(expr) {
				return true
			}
		}
	}
	return false
}

// refuses reports whether some tags make a constraint false. Versions of Go count as
// given.
func refuses(expr constraint.Expr) bool {
	tags := source.ConstraintTags(expr)
	if len(tags) > 12 {
		return true
	}
	for set := range 1 << len(tags) {
		if !expr.Eval(func(tag string) bool {
			i := slices.Index(tags, tag)
			return i < 0 || set&(1<<i) != 0
		}) {
			return true
		}
	}
	return false
}
