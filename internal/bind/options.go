package bind

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/lock"
)

// setOptions remembers what --opt gives: each BINDING.OPTION=VALUE, or otel.OPTION=VALUE.
func setOptions(p *lock.Part, given []string) error {
	for _, g := range given {
		key, value, ok := strings.Cut(g, "=")
		binding, option, dotted := strings.Cut(key, ".")
		if !ok || !dotted {
			return &component.UsageError{Object: "--opt", Reason: fmt.Sprintf("%q is not BINDING.OPTION=VALUE", g), Hint: "the options of each binding are in docs/bindings.md"}
		}
		if binding != codegen.Telemetry && !slices.Contains(p.Bindings, binding) {
			return &component.UsageError{Object: "--opt", Reason: fmt.Sprintf("%s: the component is not bound to %q", g, binding), Hint: "it is bound to: " + strings.Join(p.Bindings, ", ")}
		}
		if value == "" {
			delete(p.Options[binding], option)
			continue
		}
		if p.Options == nil {
			p.Options = map[string]map[string]string{}
		}
		if p.Options[binding] == nil {
			p.Options[binding] = map[string]string{}
		}
		p.Options[binding][option] = value
	}
	for _, binding := range slices.Collect(maps.Keys(p.Options)) {
		if len(p.Options[binding]) == 0 || binding != codegen.Telemetry && !slices.Contains(p.Bindings, binding) {
			delete(p.Options, binding)
		}
	}
	return nil
}

// options are the settings given for the component's bindings: in unweld.yaml,
// and over that by --opt. What is given for a binding that the component doesn't
// have is refused, unless there is such a binding: it may be bound to it later.
func (g *generator) options() (map[string]map[string]string, error) {
	cfg, err := g.m.Config()
	if err != nil {
		return nil, err
	}
	all := map[string]map[string]string{}
	for binding, given := range cfg.Components[g.name()].Options {
		all[binding] = maps.Clone(given)
	}
	for binding, given := range g.part.Options {
		if all[binding] == nil {
			all[binding] = map[string]string{}
		}
		maps.Copy(all[binding], given)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		declared := codegen.TelemetryOptions
		if name != codegen.Telemetry {
			chosen, err := pick("options of "+g.name(), []string{name}, g.m.Bindings, nameOfBinding)
			if err != nil {
				return nil, err
			}
			declared = chosen[0].Options
		}
		if _, err := generate.Resolve(name, declared, all[name]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// steps says what is left to be run.
func (g *generator) steps(steps []generate.Step) {
	for _, s := range steps {
		message := fmt.Sprintf("to make the %s, run: %s", s.Name, strings.Join(s.Command, " "))
		for _, t := range s.Tools {
			message += fmt.Sprintf(" (%s: %s)", t.Name, t.Find)
		}
		g.set.Notes = append(g.set.Notes, change.Note{Span: g.target.Contract.Span, Message: message})
	}
}
