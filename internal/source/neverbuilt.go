package source

import (
	"go/ast"
	"go/build/constraint"
)

// NeverBuilt reports whether a file's build line wants the tag that is never set
// by convention: such a file is a program of its own, for go run. The file must
// have been parsed with comments.
func NeverBuilt(f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() > f.Package || !constraint.IsGoBuild(c.Text) {
				continue
			}
			expr, err := constraint.Parse(c.Text)
			return err == nil && wantsIgnore(expr)
		}
	}
	return false
}

func wantsIgnore(e constraint.Expr) bool {
	switch e := e.(type) {
	case *constraint.TagExpr:
		return e.Tag == "ignore"
	case *constraint.AndExpr:
		return wantsIgnore(e.X) || wantsIgnore(e.Y)
	case *constraint.OrExpr:
		return wantsIgnore(e.X) && wantsIgnore(e.Y)
	}
	return false
}
