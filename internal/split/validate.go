package split

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

var (
	componentName = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)
	unitName      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	endpointName  = regexp.MustCompile(`^[a-z][a-z0-9_-]*\.[A-Za-z_][A-Za-z0-9_]*$`)
)

// At returns the position of a value by its path of keys and indexes, for
// example At("splits", "micro", "units", "web"), or that of the nearest
// enclosing value.
func (c *Config) At(path ...string) text.Span {
	for n := len(path); n > 0; n-- {
		p := strings.Join(path[:n], ".")
		if s, ok := c.spans[p+"#key"]; ok {
			return s
		}
		if s, ok := c.spans[p]; ok {
			return s
		}
	}
	return text.Span{}
}

// valueAt is like At, but for the value and not for its key.
func (c *Config) valueAt(path ...string) text.Span {
	if s, ok := c.spans[strings.Join(path, ".")]; ok {
		return s
	}
	return c.At(path...)
}

// NameProblem returns what is wrong with the name of a component, or "".
func NameProblem(name string) string {
	if componentName.MatchString(name) {
		return ""
	}
	return fmt.Sprintf("component name %q must be lower case letters, digits, - and _", name)
}

// validate reports what is wrong in a configuration that has the right shape.
func (d *decoder) validate(cfg *Config) {
	switch {
	case d.spans["version"] == text.Span{}:
		d.problem(d.spans[""], "config-version", "the version is missing", `add the line "version: 1"`)
	case cfg.Version == 0 && len(d.problems) > 0: // said already, or what was meant is unclear
	case cfg.Version != 1:
		d.problem(d.spans["version"], "config-version", fmt.Sprintf("version %d isn't known", cfg.Version), "this unweld reads version 1")
	}
	d.validateComponents(cfg)
	d.validateRules(cfg)
	for _, name := range slices.Sorted(maps.Keys(cfg.Splits)) {
		d.validateSplit(cfg, name)
	}
}

func (d *decoder) validateComponents(cfg *Config) {
	claimed := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(cfg.Components)) {
		c, at := cfg.Components[name], cfg.At("components", name)
		if problem := NameProblem(name); problem != "" {
			d.problem(at, "config-name", problem, "")
		}
		if len(c.Packages) == 0 && c.Contract == "" {
			d.problem(at, "config-packages", fmt.Sprintf("component %s has no packages", name), "packages: [./"+name+"/...]")
		}
		for i, p := range c.Packages {
			span := d.spans[fmt.Sprintf("components.%s.packages.%d", name, i)]
			if _, err := ParsePattern("", p); err != nil {
				d.problem(span, "config-packages", err.Error(), "")
			} else if other, dup := claimed[p]; dup && other != name {
				d.problem(span, "config-claim", fmt.Sprintf("packages %s belong to both %s and %s", p, other, name), "leave them in one of the two")
			}
			claimed[p] = name
		}
		if c.Contract != "" && !strings.Contains(c.Contract[strings.LastIndexByte(c.Contract, '/')+1:], ".") {
			d.problem(d.spans["components."+name+".contract"], "config-contract", fmt.Sprintf("contract %q doesn't name an interface", c.Contract), "write it as ./"+name+".Service")
		}
	}
}

func (d *decoder) validateRules(cfg *Config) {
	for i, p := range cfg.Rules.Private {
		if _, err := ParsePattern("", p); err != nil {
			d.problem(cfg.At("rules", "private", fmt.Sprint(i)), "config-packages", err.Error(), "")
		}
	}
	for i, name := range cfg.Rules.Layers {
		if slices.Index(cfg.Rules.Layers, name) < i {
			d.problem(cfg.At("rules", "layers", fmt.Sprint(i)), "config-claim", fmt.Sprintf("layer %s stands in two places", name), "remove one")
		}
	}
}

func (d *decoder) validateSplit(cfg *Config, name string) {
	s := cfg.Splits[name]
	if len(s.Units) == 0 {
		d.problem(cfg.At("splits", name), "config-units", fmt.Sprintf("split %s has no units", name), `units: {all: {components: ["*"]}}`)
	}
	claimed := map[string]claim{}
	for _, u := range slices.Sorted(maps.Keys(s.Units)) {
		d.validateUnit(cfg, name, u, claimed)
		if unit := s.Units[u]; len(s.Units) > 1 && len(unit.Components) == 0 && len(unit.Endpoints) == 0 {
			d.problem(cfg.At("splits", name, "units", u), "config-units", fmt.Sprintf("unit %s hosts nothing", u), `name its components; ["*"] is all that no other unit names`)
		}
	}
	for _, c := range slices.Sorted(maps.Keys(s.Links)) {
		if s.Links[c] == "" {
			d.problem(cfg.At("splits", name, "links", c), "config-link", fmt.Sprintf("the link of %s is empty", c), "name a binding, or an address of one of its schemes")
		}
	}
}

// A claim is where a unit took a component or an endpoint for itself.
type claim struct {
	unit string
	span text.Span
}

func (d *decoder) validateUnit(cfg *Config, split, unit string, claimed map[string]claim) {
	u, at := cfg.Splits[split].Units[unit], fmt.Sprintf("splits.%s.units.%s", split, unit)
	head := cfg.At("splits", split, "units", unit)
	if !unitName.MatchString(unit) {
		d.problem(head, "config-name", fmt.Sprintf("unit name %q must be letters, digits, . - and _", unit), "")
	}
	for i, c := range u.Components {
		span := d.spans[fmt.Sprintf("%s.components.%d", at, i)]
		if c != "*" && !componentName.MatchString(c) {
			d.problem(span, "config-name", fmt.Sprintf("%q isn't the name of a component", c), endpointHint(c))
			continue
		}
		d.claim(claimed, c, claim{unit, span})
	}
	for i, e := range u.Endpoints {
		span := d.spans[fmt.Sprintf("%s.endpoints.%d", at, i)]
		if !endpointName.MatchString(e) {
			d.problem(span, "config-name", fmt.Sprintf("%q isn't the name of an endpoint", e), "write it as component.Method, for example pricing.Quote")
			continue
		}
		d.claim(claimed, e, claim{unit, span})
	}
	d.validateNeeds(u, at)
	d.validateState(u.State, at+".state")
	switch {
	case u.Scale.Min < 0 || u.Scale.Max < 0:
		d.problem(d.spans[at+".scale"], "config-value", fmt.Sprintf("scale of unit %s: min and max can't be negative", unit), "")
	case u.Scale.Max > 0 && u.Scale.Min > u.Scale.Max:
		d.problem(d.spans[at+".scale"], "config-value", fmt.Sprintf("scale of unit %s: min %d and max %d contradict each other", unit, u.Scale.Min, u.Scale.Max), "")
	}
}

func endpointHint(c string) string {
	if endpointName.MatchString(c) {
		return "an endpoint belongs under endpoints: [" + c + "]"
	}
	return "names are lower case letters, digits, - and _"
}

func (d *decoder) claim(claimed map[string]claim, what string, c claim) {
	first, dup := claimed[what]
	if !dup {
		claimed[what] = c
		return
	}
	p := Problem{
		Code: "config-claim", Severity: component.Error, Span: c.span,
		Message: fmt.Sprintf("units %s and %s both claim %s", first.unit, c.unit, what),
		Hint:    "leave it in one of the two",
		Related: []component.Related{{Span: first.span, Message: "claimed here by " + first.unit}},
	}
	switch {
	case first.unit == c.unit:
		p.Message, p.Hint = fmt.Sprintf("unit %s lists %s twice", c.unit, what), "remove one"
	case what == "*":
		p.Message = fmt.Sprintf(`units %s and %s both claim the rest ("*")`, first.unit, c.unit)
	}
	d.problems = append(d.problems, p)
}
