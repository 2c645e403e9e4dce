package source

import (
	"go/ast"
	"go/types"
)

// newInfo returns an Info that records everything of files which are about to be
// checked. Its maps have room for what code of that size has: of large packages,
// a third of the time of the check would go into making them larger.
func newInfo(files ...*ast.File) *types.Info {
	size := 0
	for _, f := range files {
		size += sizeToCheck(f)
	}
	return &types.Info{
		Types:      make(map[ast.Expr]types.TypeAndValue, room(size/13)),
		Defs:       make(map[*ast.Ident]types.Object, room(size/110)),
		Uses:       make(map[*ast.Ident]types.Object, room(size/18)),
		Implicits:  map[ast.Node]types.Object{},
		Instances:  map[*ast.Ident]types.Instance{},
		Scopes:     make(map[ast.Node]*types.Scope, room(size/110)),
		Selections: make(map[*ast.SelectorExpr]*types.Selection, room(size/90)),
	}
}

// sizeToCheck is how many bytes of a file the type checker goes through: functions may
// be without their bodies.
func sizeToCheck(f *ast.File) int {
	size := 0
	for _, d := range f.Decls {
		size += int(d.End() - d.Pos())
	}
	return size
}

// room is what to ask make for if a map will have about n entries: the largest size of
// a map that they fill, so that it has no more memory in the end than if it had grown.
func room(n int) int {
	const least = 896 // a map of up to that many has one table, seven eighths of it in use
	fits := 0
	for size := least; size <= n; size *= 2 {
		fits = size
	}
	return fits
}
