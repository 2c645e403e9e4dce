package source

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// pair finds, for a verdict, the test variant of each package that has all of its
// files: what is wrong in a function body is found there.
func (ld *loading) pair() {
	if !ld.verdict {
		return
	}
	variants := map[string]*meta{}
	for _, m := range ld.list.roots {
		if m.ForTest != "" && m.ForTest == m.PkgPath {
			variants[m.PkgPath] = m
		}
	}
	for _, m := range ld.list.roots {
		v := variants[m.PkgPath]
		if v == nil || m.ForTest != "" {
			continue
		}
		files := v.compiled()
		if !slices.ContainsFunc(m.compiled(), func(f string) bool { return !slices.Contains(files, f) }) {
			ld.units[m].variant = ld.units[v]
		}
	}
}

// checkUncovered checks the bodies of those packages that might have errors which
// their test variants don't have.
func (ld *loading) checkUncovered() {
	for _, m := range ld.list.roots {
		if u := ld.units[m]; u.variant != nil && !u.variant.alone {
			ld.checkFiles(m, ld.importer(m), true)
			u.pkg.Info = nil
		}
	}
}

// standsAlone reports whether the files of a test variant that aren't tests need
// nothing that its tests declare: no name, and no method of a type of their own,
// which might be what makes it satisfy an interface.
func standsAlone(q *Package) bool {
	test := func(pos token.Pos) bool {
		return strings.HasSuffix(q.Fset.PositionFor(pos, false).Filename, "_test.go")
	}
	tests := map[*token.File]bool{}
	for _, f := range q.Syntax {
		if !test(f.FileStart) {
			continue
		}
		tests[q.Fset.File(f.FileStart)] = true
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil {
				continue
			}
			tn, ok := q.Types.Scope().Lookup(Receiver(fn)).(*types.TypeName)
			if !ok {
				return false
			}
			if n, ok := types.Unalias(tn.Type()).(*types.Named); !ok || !test(n.Obj().Pos()) {
				return false
			}
		}
	}
	for id, obj := range q.Info.Uses {
		if obj.Pkg() == q.Types && tests[q.Fset.File(obj.Pos())] && !tests[q.Fset.File(id.Pos())] {
			return false
		}
	}
	return true
}
