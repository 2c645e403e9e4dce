package source

import (
	"context"
	"go/token"
	"go/types"
	"sync"

	"golang.org/x/tools/go/ssa"
)

// An SSA is the intermediate form of packages of one Load. What they import is
// in it by its types alone.
type SSA struct {
	*ssa.Program
	// Packages are those whose bodies can be built, by import path: test variants
	// and packages with problems are left out.
	Packages map[string]*Package

	mu    sync.Mutex
	built map[string]func() bool // by import path
}

const ssaOf = "SSA"

// SSA returns the intermediate form of pkgs, packages of one Load; it is made once
// for them, see Derive. Bodies are made when Build is called first. The only error
// is that of ctx. It may be used by several goroutines.
func (s *Snapshot) SSA(ctx context.Context, pkgs []*Package) (*SSA, error) {
	return Derive(ctx, s, ssaOf, pkgs, func() (*SSA, error) {
		s.work.count.ssa.Add(1)
		return newSSA(pkgs), nil
	})
}

func newSSA(pkgs []*Package) *SSA {
	fset := token.NewFileSet()
	if len(pkgs) > 0 {
		fset = pkgs[0].Fset
	}
	s := &SSA{Program: ssa.NewProgram(fset, ssa.InstantiateGenerics), Packages: map[string]*Package{}, built: map[string]func() bool{}}
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

// Build makes the bodies of one of the Packages, once; others that ask meanwhile
// wait. The builder panics on some code that the type checker accepts and the
// language doesn't; such a package has no bodies, and Build returns false.
func (s *SSA) Build(path string) (ok bool) {
	s.mu.Lock()
	build := s.built[path]
	if build == nil {
		build = sync.OnceValue(func() (ok bool) {
			defer func() { ok = recover() == nil }()
			s.Package(s.Packages[path].Types).Build()
			return
		})
		s.built[path] = build
	}
	s.mu.Unlock()
	return build()
}
