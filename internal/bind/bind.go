package bind

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/split"
)

// Options say what Bind is to generate.
type Options struct {
	// Component is its name, or its contract: ./pricing.Service. To the engine it may
	// also be the import path of a package that isn't of this module.
	Component string
	// Name is what the component made of such a package is called; empty: as the package.
	Name string
	To   []string // names of bindings; empty: those it has
	// Options are settings of bindings, each BINDING.OPTION=VALUE, and of otel. They are kept in
	// unweld.lock; one without a value goes back to what unweld.yaml says, or to
	// its default.
	Options []string
	// InOut lists the arguments that are changed and travel back, as Method.param, or
	// "all"; nil: those it has.
	InOut []string
}

// Bind returns the change set that makes a component reachable by the given
// bindings. Where everything is as it should be, the set is empty. What can't be
// generated, or would overwrite what people edited, is a refusal with its places.
func Bind(ctx context.Context, m *Module, options Options) (change.Set, error) {
	chosen, err := pick("--to", options.To, m.Bindings, nameOfBinding)
	if err != nil {
		return change.Set{}, err
	}
	return run(ctx, m, generation{
		verb:      "bind",
		component: options.Component,
		to:        options.To,
		inout:     options.InOut,
		choose: func(p *lock.Part) error {
			if len(chosen) > 0 {
				p.Bindings = options.To
			}
			if len(p.Bindings) == 0 {
				return &component.UsageError{Object: "--to", Reason: "no binding is named", Hint: "name some: --to unix,grpc"}
			}
			return setOptions(p, options.Options)
		},
		title: func(p *lock.Part) string { return "bind %s to " + strings.Join(p.Bindings, ", ") },
	})
}

func nameOfBinding(b *bindings.Binding) string { return b.Name }

// pick returns the entries of a catalogue with the given names.
func pick[T any](flag string, names []string, all []T, nameOf func(T) string) ([]T, error) {
	var out []T
	for _, name := range names {
		i := slices.IndexFunc(all, func(e T) bool { return nameOf(e) == name })
		if i < 0 {
			var known []string
			for _, e := range all {
				known = append(known, nameOf(e))
			}
			hint := "there are: " + strings.Join(known, ", ")
			if near := split.Nearest(name, known); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			return nil, &component.UsageError{Object: flag, Reason: fmt.Sprintf("%q is unknown", name), Hint: hint}
		}
		out = append(out, all[i])
	}
	return out, nil
}

// Contract returns all that is known of a component's contract, given by the
// component's name or as ./pkg.Interface: what generators are given, the endpoints
// that can't cross with their reasons included.
func Contract(ctx context.Context, m *Module, name string) (*component.Contract, error) {
	before, _, err := lock.Read(m.Root)
	if err != nil {
		return nil, err
	}
	target, err := (&generator{m: m, before: before}).lookUp(ctx, generation{component: name})
	if err != nil {
		return nil, err
	}
	return target.Contract, nil
}
