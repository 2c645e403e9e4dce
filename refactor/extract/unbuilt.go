package extract

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/unbuilt"
)

// heldElsewhere returns why what files which this build leaves out say of a declaration that
// gets another name can't be changed with it, or "". It can in files of the component's own
// package: these go on with what does the work, and the outcome is type-checked in a build
// that has them. Of what they do with a value nothing is known but what their syntax shows.
func (j *job) heldElsewhere(obj types.Object) string {
	file := j.world.IgnoredUse(obj)
	if file == "" {
		return ""
	}
	files, ok := j.world.MeantInBuilds(obj)
	if !ok {
		return file + ", which this build leaves out, mentions " + obj.Name()
	}
	for _, rel := range files {
		if why := j.inTheWay(rel, obj); why != "" {
			return rel + ", which this build leaves out, " + why
		}
	}
	for _, rel := range files {
		if !slices.Contains(j.otherFiles, rel) {
			j.otherFiles = append(j.otherFiles, rel)
		}
	}
	return ""
}

// inTheWay says what a file that this build leaves out does with a declaration that others
// will know as a façade, if it isn't what code of the component can do; or "".
func (j *job) inTheWay(rel string, obj types.Object) string {
	mentions := "mentions " + obj.Name()
	if path.Dir(rel) != path.Dir(j.world.FileOf(j.target.typ.Obj()).Rel) || strings.HasSuffix(rel, "_test.go") {
		return mentions
	}
	content, _, err := j.world.Snapshot.Content(rel)
	if err != nil {
		return mentions
	}
	f, err := parser.ParseFile(token.NewFileSet(), rel, content, parser.ParseComments|parser.SkipObjectResolution)
	switch {
	case err != nil:
		return mentions
	case f.Name.Name != j.target.pkg.Pkg.Name:
		return mentions
	case ast.IsGenerated(f):
		return mentions + " and is generated"
	}
	why := ""
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeAssertExpr:
			if n.Type == nil || names(n.Type, j.target.typ.Obj().Name()) {
				why = "asserts types"
			}
		case *ast.TypeSwitchStmt:
			why = "asserts types"
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && (x.Name == "reflect" || x.Name == "errors" && strings.HasPrefix(n.Sel.Name, "As")) {
				why = "asks for types"
			}
		case *ast.FuncDecl:
			if n.Recv != nil && n.Name.IsExported() && names(n.Recv, j.target.typ.Obj().Name()) && j.method(n.Name.Name) == nil {
				why = "declares the method " + n.Name.Name + ", which no façade has in this build"
			}
		}
		return why == ""
	})
	return why
}

// method returns the method of the type with a name, or nil.
func (j *job) method(name string) types.Object {
	obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(j.target.typ), true, j.target.pkg.Types, name)
	return obj
}

// names reports whether a name stands in a node.
func names(n ast.Node, name string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return !found
	})
	return found
}

// renameElsewhere gives the type and the functions that do the work their names in the files
// that this build leaves out.
func (j *job) renameElsewhere(h *handled) {
	if len(j.otherFiles) == 0 {
		return
	}
	renamed := map[code.Key]string{j.world.Key(j.target.typ.Obj()): h.impl}
	for _, e := range slices.Concat(h.makers, h.locals, h.friends) {
		if e.decl != nil {
			renamed[j.world.Key(e.fn)] = e.impl
		}
	}
	unbuilt.Add(j.world) // what doesn't parse was refused
	for _, f := range j.files() {
		if !f.Unbuilt || !slices.Contains(j.otherFiles, f.Rel) {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if obj := f.Pkg.Info.Uses[id]; obj != nil && renamed[j.world.Key(obj)] != "" {
					f.Replace(id.Pos(), id.End(), renamed[j.world.Key(obj)])
				}
			}
			return true
		})
		j.note(j.world.Span(f.AST.Name), "this build leaves this file out: it goes on with what does the work, as another build says that has it, and wasn't run")
	}
}
