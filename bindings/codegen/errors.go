package codegen

import (
	"fmt"
	"go/token"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
)

// errors emits the table of errors that keep their identity across a link.
func (g *generator) errors() ([]generate.File, error) {
	f := g.file("errors")
	name, link := g.ident("errorTable"), f.runtime("link")
	f.printf("// %s makes the table of the errors that keep their identity across a link.\n", name)
	f.printf("func %s() *%s.Errors {\n\ttable := %s.NewErrors(\n", name, link, link)
	for _, e := range g.contract.Errors {
		full := e.Package.Path + "." + e.Name
		switch {
		case e.Type == "":
			f.printf("\t\t%s.Sentinel(%q, %s),\n", link, full, f.qualified(e.Package, e.Name))
		default:
			of := g.errorName(e)
			f.printf("\t\t%s.TypedError(%q, %s, %s),\n", link, star(e)+full, g.encodeName(of, "Error"), g.decodeName(of, "Error"))
		}
	}
	if g.schema.Keep != 0 {
		handle := f.runtime("handle")
		for _, e := range []string{"ErrClosed", "ErrExpired", "ErrLost", "ErrForeign", "ErrTooMany"} {
			f.printf("\t\t%s.Sentinel(%q, %s.%s),\n", link, "unweld/handle."+e, handle, e)
		}
	}
	f.printf("\t)\n")
	if v := g.valueErrors(); v != "" {
		f.printf("\t%s = table\n", v)
	}
	f.printf("\treturn table\n}\n")
	out, err := f.finish()
	return []generate.File{out}, err
}

func star(e component.ErrorIdentity) string {
	if e.Pointer {
		return "*"
	}
	return ""
}

// nameable splits the errors into those that the generated package can name,
// and a problem for each of the others.
func nameable(c *component.Contract, target component.Package) (can []component.ErrorIdentity, problems []component.Problem) {
	for _, e := range c.Errors {
		why := unreachable(e, target)
		if why == "" {
			can = append(can, e)
			continue
		}
		problems = append(problems, component.Problem{
			Code: "unnameable-error", Severity: component.Info, Component: c.Component, Path: e.Package.Path + "." + e.Name,
			Span:    c.Span,
			Message: fmt.Sprintf("%s.%s %s, so across a link it arrives as an error with the same text that is neither == nor errors.Is", e.Package.Name, e.Name, why),
			Hint:    "export it, or move it to a package that " + target.Path + " can import",
		})
	}
	return can, problems
}

// unreachable says why the target package can't name an error, or "".
func unreachable(e component.ErrorIdentity, target component.Package) string {
	switch {
	case e.Package.Path == target.Path:
		return ""
	case !token.IsExported(e.Name):
		return "is not exported"
	case e.Package.Name == "main":
		return "is in a main package"
	case !visible(e.Package.Path, target.Path):
		return "is in an internal package"
	}
	return ""
}

// visible reports whether the rule for internal packages lets from be imported.
func visible(imported, from string) bool {
	i := strings.LastIndex("/"+imported+"/", "/internal/")
	if i < 0 {
		return true
	}
	root := strings.TrimSuffix(imported[:max(i-1, 0)], "/")
	if i == 0 {
		return false // of the standard library
	}
	return from == root || strings.HasPrefix(from, root+"/")
}
