package extract

import (
	"go/ast"
	"go/token"

	"github.com/unweld/unweld/internal/contract"
)

// nameTaken refuses a name under which another contract was extracted: bind
// could not tell the two apart.
func (j *job) nameTaken() error {
	for _, f := range j.world.Files {
		for _, d := range f.AST.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.TYPE || f.Test {
				continue
			}
			for _, s := range g.Specs {
				ts := s.(*ast.TypeSpec)
				if name, _ := contract.ComponentOf(g, ts); name == j.name() {
					return j.refuse(problem("name-taken", j.world.Span(ts.Name), ts.Name.Name+" is the contract of a component "+j.name()+" already", "give the new one another name"))
				}
			}
		}
	}
	return nil
}
