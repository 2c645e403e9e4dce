package argument

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"
)

func TestInOutOf(t *testing.T) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", `package p

type S interface {
	// Fill fills.
	//
	//unweld:inout p, third
	//unweld:inout q
	Fill(n int, p, q []byte)
	//unweld:inout nobody
	None(p []byte)
	Plain(p []byte)
}

type T struct{}

//unweld:inout p
func (T) Fill(p []byte) {}
`, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}}
	if _, err := new(types.Config).Check("m/p", fset, []*ast.File{f}, info); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(InOutOf([]*ast.File{f}, info))
	if want := "[{m/p.S.Fill 2 q}]"; got != want {
		t.Errorf("got %s, want %s: names are separated by blanks", got, want)
	}
}
