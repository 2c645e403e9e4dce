package callgraph

import (
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
)

// A program is a module in SSA form.
type program struct {
	prog  *source.SSA
	path  string          // of the module
	local map[string]bool // import paths with bodies
	pkgs  []*source.Package
	at    func(token.Pos) text.Span
}

func newProgram(snap *source.Snapshot, module string, prog *source.SSA) *program {
	p := &program{
		prog: prog, path: module, local: map[string]bool{},
		at: func(pos token.Pos) text.Span {
			if !pos.IsValid() {
				return text.Span{}
			}
			return snap.Span(prog.Fset, pos, pos)
		},
	}
	for _, path := range slices.Sorted(maps.Keys(prog.Packages)) {
		p.pkgs = append(p.pkgs, prog.Packages[path])
		p.local[path] = prog.Build(path)
	}
	return p
}

// packageOf is the import path of the package that declares fn.
func packageOf(fn *ssa.Function) string {
	for fn.Parent() != nil {
		fn = fn.Parent()
	}
	if fn.Origin() != nil {
		fn = fn.Origin()
	}
	switch {
	case fn.Pkg != nil:
		return fn.Pkg.Pkg.Path()
	case fn.Object() != nil && fn.Object().Pkg() != nil:
		return fn.Object().Pkg().Path()
	}
	return ""
}

// home is the package whose code fn is: none for what only passes a call on, as
// a method value does.
func home(fn *ssa.Function) string {
	if fn.Parent() == nil && fn.Origin() == nil && fn.Pkg == nil {
		return ""
	}
	return packageOf(fn)
}

// packageOfType is the import path of the package that declares t, or "".
func packageOfType(t types.Type) string {
	if n := named(t); n != nil && n.Obj().Pkg() != nil {
		return n.Obj().Pkg().Path()
	}
	return ""
}

func named(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

func typeName(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string { return p.Name() })
}

// id names fn: the import path with the name, or with the receiver's type and
// the name of the method.
func id(fn *ssa.Function) string {
	if parent := fn.Parent(); parent != nil {
		return id(parent) + fn.Name()[min(len(parent.Name()), len(fn.Name())):]
	}
	obj, ok := fn.Object().(*types.Func)
	if !ok || fn.Synthetic != "" {
		return fn.RelString(nil)
	}
	if recv := obj.Signature().Recv(); recv != nil {
		if n := named(recv.Type()); n != nil {
			return packageOf(fn) + "." + n.Obj().Name() + "." + fn.Name()
		}
	}
	return packageOf(fn) + "." + fn.Name()
}

// module reports whether a package of this import path belongs to the module.
func (p *program) module(path string) bool {
	return path == p.path || strings.HasPrefix(path, p.path+"/")
}
