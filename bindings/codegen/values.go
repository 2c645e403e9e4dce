package codegen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
)

// Only the package of a type can write and read its unexported fields. So where such a
// type isn't of the package that the generated code has, its own package gets a file with
// two functions for each such type, exported for that code, and with unexported ones for
// what these need beside.

// valuesOf returns the package that writes and reads values of a type, if that isn't the
// target package.
func valuesOf(t *component.Type, target component.Package) (component.Package, bool) {
	if t.Kind != component.KindStruct || t.Name == "" || t.Package.Path == target.Path {
		return component.Package{}, false
	}
	return t.Package, slices.ContainsFunc(t.Fields, func(f component.Field) bool { return f.Unexported })
}

// ownerOf returns the package beside the target that a message is written and read in.
func (g *generator) ownerOf(m *schema.Message) (component.Package, bool) {
	if m.Kind != schema.Struct {
		return component.Package{}, false
	}
	return valuesOf(g.schema.Type(m.Type), Target(g.contract))
}

// messageName is the function that appends or parses a message other than the body of a
// call.
func (c *codec) messageName(verb string, m *schema.Message) string {
	if owner, ok := c.g.ownerOf(m); ok {
		return c.qualified(owner, "Unweld"+componentIdent(c.g.contract.Component)+upperFirst(verb)+m.Name)
	}
	return c.g.ident(verb + m.Name)
}

// componentIdent is a component's name as a part of identifiers: OrderBook of order-book.
func componentIdent(name string) string {
	var out strings.Builder
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' }) {
		out.WriteString(upperFirst(part))
	}
	return out.String()
}

// elsewhere are the packages that write and read messages for the target, by path.
func (g *generator) elsewhere() []component.Package {
	var out []component.Package
	for _, m := range g.schema.Messages {
		if owner, ok := g.ownerOf(m); ok && !slices.Contains(out, owner) {
			out = append(out, owner)
		}
	}
	slices.SortFunc(out, func(a, b component.Package) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// written are the messages that a package writes and reads, in the order of the schema,
// bodies of calls left out: roots, and what is inside of them up to what another package
// writes and reads.
func (g *generator) written(roots []*schema.Message) []*schema.Message {
	found := map[*schema.Message]bool{}
	for len(roots) > 0 {
		m := roots[0]
		roots = roots[1:]
		if found[m] {
			continue
		}
		found[m] = true
		for _, f := range m.Fields {
			if f.Form == schema.Variant {
				roots = g.reach(roots, g.schema.VariantMessage(f.Type))
				continue
			}
			roots = g.reach(roots, g.schema.Refers(f.Type)...)
		}
	}
	var out []*schema.Message
	for _, m := range g.schema.Messages {
		if found[m] && !isFrame(m) {
			out = append(out, m)
		}
	}
	return out
}

// reach adds those of the messages to a list that no package of their own has.
func (g *generator) reach(list []*schema.Message, messages ...*schema.Message) []*schema.Message {
	for _, m := range messages {
		if _, elsewhere := g.ownerOf(m); !elsewhere {
			list = append(list, m)
		}
	}
	return list
}

// own are the messages that the target package writes and reads itself.
func (c *codec) own() []*schema.Message {
	var roots []*schema.Message
	if len(c.g.elsewhere()) == 0 {
		roots = c.s.Messages
	}
	for _, m := range c.s.Messages {
		if isFrame(m) {
			roots = append(roots, m)
		}
	}
	for _, e := range c.g.contract.Errors {
		if e.Type == "" || c.s.Type(e.Type).Kind == component.KindExternal {
			continue
		}
		if m := c.s.StructMessage(e.Type); m != nil {
			roots = c.g.reach(roots, m)
		} else {
			roots = append(roots, c.s.BoxMessage(e.Type))
		}
	}
	return c.g.written(roots)
}

// values generates the codec of the types with unexported fields of other packages, a
// file in each of these.
func (g *generator) values() ([]generate.File, error) {
	var files []generate.File
	for _, owner := range g.elsewhere() {
		own, req := *g, *g.req
		req.Package = owner
		own.req, own.beside = &req, true
		c := &codec{file: own.file("values"), s: g.schema}
		var roots []*schema.Message
		for _, m := range g.schema.Messages {
			if p, ok := g.ownerOf(m); ok && p == owner {
				roots = append(roots, m)
			}
		}
		for _, m := range own.written(roots) {
			c.appendFunc(m)
			c.parseFunc(m)
		}
		f, err := c.finish()
		if err != nil {
			return nil, fmt.Errorf("values of %s: %w", owner.Path, err)
		}
		files = append(files, f)
	}
	return files, nil
}
