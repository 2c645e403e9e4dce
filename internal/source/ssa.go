package source

import (
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// An SSA is the intermediate form of packages of one Load. What they import is
// in it by its types alone.
type SSA struct {
	*ssa.Program
	// Packages are those whose bodies can be built, by import path: test variants
	// and packages with problems are left out.
	Packages map[string]*Package
}

// NewSSA makes the intermediate form of pkgs, without bodies so far.
func NewSSA(pkgs []*Package) *SSA {
	fset := token.NewFileSet()
	if len(pkgs) > 0 {
		fset = pkgs[0].Fset
	}
	s := &SSA{ssa.NewProgram(fset, ssa.InstantiateGenerics), map[string]*Package{}}
	made := map[*types.Package]bool{}
	for _, p := range pkgs {
		if p.ForTest != "" || p.IllTyped() || p.Types == nil {
			continue
		}
		s.Packages[p.Types.Path()] = p
		made[p.Types] = true
		s.CreatePackage(p.Types, p.Syntax, p.Info, true)
	}
	for _, p := range pkgs {
		if s.Packages[p.Pkg.Path] == p {
			s.imports(p.Types.Imports(), made)
		}
	}
	return s
}

func (s *SSA) imports(list []*types.Package, made map[*types.Package]bool) {
	for _, p := range list {
		if !made[p] {
			made[p] = true
			s.CreatePackage(p, nil, nil, true)
			s.imports(p.Imports(), made)
		}
	}
}

// Build makes the bodies of one of the Packages. The builder panics on some
// code that the type checker accepts and the language doesn't; such a package
// has no bodies, and Build returns false.
func (s *SSA) Build(path string) (ok bool) {
	defer func() { ok = recover() == nil }()
	s.Package(s.Packages[path].Types).Build()
	return
}
