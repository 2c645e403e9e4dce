package extract

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/refactor/internal/code"
)

// refuseExtracted refuses a type that was extracted before: a second contract would say
// the same as the first.
func (j *job) refuseExtracted() error {
	if j.target.typ == nil || j.keep {
		return nil
	}
	var found *ast.TypeSpec
	j.contracts(func(f *code.File, _ string, ts *ast.TypeSpec) {
		if found == nil && j.contractOf(f, ts) {
			found = ts
		}
	})
	if found == nil {
		return nil
	}
	return j.refuse(j.extracted(found))
}

// contracts visits the contracts of components in the target's package.
func (j *job) contracts(visit func(f *code.File, name string, ts *ast.TypeSpec)) {
	for _, f := range j.files() {
		for _, d := range f.AST.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE || f.Test {
				continue
			}
			for _, s := range g.Specs {
				ts := s.(*ast.TypeSpec)
				if name, _ := contract.ComponentOf(g, ts); name != "" {
					visit(f, name, ts)
				}
			}
		}
	}
}

func (j *job) extracted(ts *ast.TypeSpec) component.Problem {
	return problem("extracted-already", j.world.Span(ts.Name), j.typeName()+" was extracted already: "+ts.Name.Name+" is its contract",
		"add methods to "+ts.Name.Name+" by hand, or take the extraction back first: unweld extract --undo")
}

// contractOf reports whether ts is an interface that the target satisfies.
func (j *job) contractOf(f *code.File, ts *ast.TypeSpec) bool {
	obj := f.Pkg.Info.Defs[ts.Name]
	if obj == nil {
		return false
	}
	it, ok := obj.Type().Underlying().(*types.Interface)
	return ok && !it.Empty() && types.Implements(types.NewPointer(j.target.typ), it)
}
