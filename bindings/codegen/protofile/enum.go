package protofile

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// enum writes the named values of a declared number as an enum, for other
// languages to name them by. Fields hold the number itself, as any value may be
// there that the type has.
func (p *proto) enum(t *component.Type) {
	name := p.enums[t.ID]
	p.printf("\n")
	p.comment("", paragraphs(t.Doc, t.ConstantsDoc, fmt.Sprintf("%s has the named values of %s. A field with one is a %s.", name, t.ID, p.single(t))))
	p.printf("enum %s {\n", name)
	p.deprecate("  ", t.Doc)
	numbers, names, alias := map[string]bool{}, map[string]bool{}, false
	for _, c := range t.Constants {
		alias = alias || numbers[c.Value]
		numbers[c.Value] = true
	}
	if alias {
		p.printf("  option allow_alias = true;\n")
	}
	if !numbers["0"] { // which the first of an open one must be
		p.printf("  option features.enum_type = CLOSED;\n")
	}
	for _, zero := range []bool{true, false} {
		for _, c := range t.Constants {
			if (c.Value == "0") == zero {
				p.comment("  ", c.Doc)
				p.printf("  %s = %s%s;\n", p.valueName(name, c.Name, names), c.Value, options(nil, deprecated(c.Doc)))
			}
		}
	}
	p.printf("}\n")
}

// isEnum reports whether a type's constants fit an enum.
func isEnum(t *component.Type) bool {
	if t.Name == "" || len(t.Constants) == 0 || !schema.IsSigned(t.Kind) && !schema.IsUnsigned(t.Kind) {
		return false
	}
	for _, c := range t.Constants {
		if n, err := strconv.ParseInt(c.Value, 10, 64); err != nil || n < math.MinInt32 || n > math.MaxInt32 {
			return false
		}
	}
	return true
}

// valueName returns the name of a constant in an enum: that of Go in the usual
// spelling, with the enum's in front, since all enums of a file share their names.
// alike has the canonical names in the enum.
func (p *proto) valueName(enum, constant string, alike map[string]bool) string {
	prefix, name := strings.ToUpper(snake(enum))+"_", strings.ToUpper(snake(constant))
	if !strings.HasPrefix(name, prefix) {
		name = prefix + name
	}
	return p.unique(name, alike)
}
