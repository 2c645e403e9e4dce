package extract

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
)

// checkEndpoints refuses names that are no exported methods of the target, and
// targets and steps that have no endpoints to choose from.
func (j *job) checkEndpoints() error {
	names := j.req.List(paramEndpoints)
	if len(names) == 0 {
		return nil
	}
	wrong := func(reason, hint string) error {
		return &component.UsageError{Object: "--" + paramEndpoints, Reason: reason, Hint: hint}
	}
	switch {
	case j.target.typ == nil:
		return wrong("is about the methods of a type", "name the functions: './pkg.{F,G}'")
	case j.keep:
		return wrong("with --keep-signatures no method gets a context and an error", "leave one of the two out")
	case j.req.Text(paramStep) == stepBoundary:
		return wrong("a boundary changes no signature", "give it with --step remote, context or errors")
	}
	var known []string
	for m := range types.NewMethodSet(types.NewPointer(j.target.typ)).Methods() {
		if m.Obj().Exported() {
			known = append(known, m.Obj().Name())
		}
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return wrong(fmt.Sprintf("%s has no exported method %s", j.typeName(), name), "there are: "+strings.Join(known, ", "))
		}
	}
	return nil
}

// chosen reports whether a method is to be called from other processes, as far as
// the request says.
func (j *job) chosen(method string) bool {
	names := j.req.List(paramEndpoints)
	return len(names) == 0 || slices.Contains(names, method)
}

// endpoints returns those of the contract's methods that were chosen. One that
// isn't among them can't cross.
func (j *job) endpoints(methods []*endpoint) ([]*endpoint, error) {
	out := slices.DeleteFunc(slices.Clone(methods), func(e *endpoint) bool { return !j.chosen(e.name) })
	for _, name := range j.req.List(paramEndpoints) {
		if slices.ContainsFunc(out, func(e *endpoint) bool { return e.name == name }) {
			continue
		}
		i := slices.IndexFunc(j.notes, func(n change.Note) bool { return strings.HasPrefix(n.Message, name+" ") })
		if i < 0 {
			return nil, &component.UsageError{Object: "--" + paramEndpoints, Reason: "nothing outside the package calls " + name, Hint: "name methods that others call"}
		}
		return nil, j.refuse(problem("no-endpoints", j.notes[i].Span, name+" can't be an endpoint: "+j.notes[i].Message, "leave it out of --endpoints"))
	}
	return out, nil
}

// staysLocal is what the comment of a method in the contract says of one that
// wasn't chosen: for readers, and for bindings.
func staysLocal(method string) []string {
	return []string{"// " + method + " stays in its caller's process: it is no endpoint.", "//", component.Directive(component.LocalDirective)}
}

// keepLocal adds to the comment of a contract's method that it stays local.
func (j *job) keepLocal(contract *ast.TypeSpec, method string) {
	it, ok := contract.Type.(*ast.InterfaceType)
	if !ok {
		return
	}
	f := j.world.FileAt(contract.Pos())
	for _, m := range it.Methods.List {
		if f == nil || len(m.Names) != 1 || m.Names[0].Name != method {
			continue
		}
		lines := staysLocal(method)
		if m.Doc != nil {
			said := m.Doc.Text()
			switch {
			case keptLocal(m.Doc):
				return
			case strings.Contains(said, "stays in its caller's process"):
				lines = lines[1:]
			default:
				lines = append([]string{"//"}, lines...)
			}
		}
		f.Insert(m.Names[0].Pos(), strings.Join(lines, "\n\t")+"\n\t")
	}
}

// keptLocal reports a comment that tells bindings to keep a method local.
func keptLocal(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool {
		_, ok := component.ParseDirective(c.Text, component.LocalDirective)
		return ok
	})
}
