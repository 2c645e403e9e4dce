package contract

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"regexp"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing/argument"
)

// componentName is what a component may be called.
var componentName = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// ComponentOf returns the component of which the type declared by ts, in the
// declaration g, says that it is the contract: by //unweld:contract, or by the
// sentence that earlier releases wrote in its place. The name is empty where
// nothing is said. An error says what is wrong with the directive; its text fits
// behind the directive's position.
func ComponentOf(g *ast.GenDecl, ts *ast.TypeSpec) (string, error) {
	doc := ts.Doc
	if doc == nil && !g.Lparen.IsValid() {
		doc = g.Doc // of a group it is about all of them
	}
	found := ""
	for _, args := range directives(doc, component.ContractDirective) {
		spelled := component.Directive(component.ContractDirective)
		switch {
		case len(args) != 1:
			return "", fmt.Errorf("%s takes the name of one component", spelled)
		case !componentName.MatchString(args[0]):
			return "", fmt.Errorf("%s %s: a component's name is lower case letters, digits, - and _", spelled, args[0])
		case found != "" && found != args[0]:
			return "", fmt.Errorf("%s names both %s and %s", spelled, found, args[0])
		}
		found = args[0]
	}
	if found != "" {
		if _, ok := ts.Type.(*ast.InterfaceType); !ok {
			return "", fmt.Errorf("%s stands at %s, which is no interface", component.Directive(component.ContractDirective), ts.Name.Name)
		}
		return found, nil
	}
	return component.Announced(ts.Name.Name, cmp.Or(ts.Doc.Text(), g.Doc.Text())), nil
}

// directives returns the arguments of each directive of the given name in a
// comment.
func directives(doc *ast.CommentGroup, name string) [][]string {
	if doc == nil {
		return nil
	}
	var found [][]string
	for _, c := range doc.List {
		if args, ok := component.ParseDirective(c.Text, name); ok {
			found = append(found, args)
		}
	}
	return found
}

// Declared reports what the directives in the comment of a contract's method say
// of it.
func Declared(doc *ast.CommentGroup) (idempotent, slow bool) {
	return len(directives(doc, component.IdempotentDirective)) > 0, len(directives(doc, component.SlowDirective)) > 0
}

// DeclaredInOut returns the parameters that the comment of a contract's method
// lets travel back.
func DeclaredInOut(doc *ast.CommentGroup) []string {
	var names []string
	for _, args := range directives(doc, component.InOutDirective) {
		names = append(names, args...)
	}
	return names
}

// InOutOf lists the parameters that directives let travel back, of the methods of
// all interfaces that a package declares.
func InOutOf(files []*ast.File, info *types.Info) []component.InOut {
	var out []component.InOut
	for _, f := range files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range g.Specs {
				if ts, ok := spec.(*ast.TypeSpec); ok {
					out = append(out, inOutOf(ts, info)...)
				}
			}
		}
	}
	return out
}

func inOutOf(ts *ast.TypeSpec, info *types.Info) []component.InOut {
	iface, ok := ts.Type.(*ast.InterfaceType)
	if !ok {
		return nil
	}
	var out []component.InOut
	for _, field := range iface.Methods.List {
		names := DeclaredInOut(field.Doc)
		if len(names) == 0 || len(field.Names) != 1 {
			continue
		}
		fn, ok := info.Defs[field.Names[0]].(*types.Func)
		if !ok || fn.Pkg() == nil {
			continue
		}
		of := component.Subject{Decl: component.DeclID{Pkg: fn.Pkg().Path(), Name: ts.Name.Name}, Member: fn.Name()}
		for i := range fn.Signature().Params().Len() {
			if name := argument.ParameterName(fn, i); slices.Contains(names, name) {
				out = append(out, component.InOut{Method: of, Param: i, Name: name})
			}
		}
	}
	return out
}
