package contract

import (
	"cmp"
	"fmt"
	"go/ast"
	"regexp"

	"github.com/unweld/unweld/internal/component"
)

// componentName is what a component may be called.
var componentName = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// ComponentOf returns the component whose contract the type ts, declared in g,
// is marked to be: by //unweld:contract, or by the sentence that earlier
// releases wrote. It returns "" for other types. An error describes a malformed
// directive, in words that can follow its position.
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

// KeptLocal reports whether the comment of a contract's method says that it stays
// local.
func KeptLocal(doc *ast.CommentGroup) bool {
	return len(directives(doc, component.LocalDirective)) > 0
}

// Declared reports the other directives in the comment of a contract's method.
func Declared(doc *ast.CommentGroup) (idempotent, slow bool) {
	return len(directives(doc, component.IdempotentDirective)) > 0, len(directives(doc, component.SlowDirective)) > 0
}

// Directives lists the directives in a comment, without what all begin with.
func Directives(doc *ast.CommentGroup) []string {
	if doc == nil {
		return nil
	}
	var found []string
	for _, c := range doc.List {
		if rest, ok := component.AnyDirective(c.Text); ok {
			found = append(found, rest)
		}
	}
	return found
}
