package source

import (
	"go/parser"
	"go/token"
	"testing"
)

// What a directive says belongs to a declaration; other comments, blanks and
// bodies make no difference.
func TestShapeOfDirectives(t *testing.T) {
	hash := func(src string) string {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		return shapeOf(fset, f, []byte(src)).decls[0].hash
	}
	plain := hash("package p\n\ntype S interface {\n\tFill(p []byte)\n}\n")
	commented := hash("package p\n\ntype S interface {\n\t// Fill fills.\n\tFill(p []byte) // all of it\n}\n")
	directive := hash("package p\n\ntype S interface {\n\t//unweld:inout p\n\tFill(p []byte)\n}\n")
	other := hash("package p\n\ntype S interface {\n\t//unweld:inout q\n\tFill(p []byte)\n}\n")
	if plain != commented {
		t.Error("a comment changes the shape")
	}
	if plain == directive || directive == other {
		t.Error("a directive makes no difference to the shape")
	}
}
