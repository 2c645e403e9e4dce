package calllog

import (
	"context"
	"fmt"
	"slices"
)

// format is what a log says of the form of its batches.
const format = "2"

// A book is the log in its storage: what its records mean to this version of
// the component.
type book struct {
	storage Storage
	ids     []uint64 // of Config.Methods in this log
	byID    map[uint64]int
	strays  map[uint64]string // methods in the log that the component doesn't have, or that now take another request; why
}

// prepare checks that the log is the one of this component, or marks a new one,
// and gives each method, with the form that its request has now, a number.
func (b *book) prepare(ctx context.Context, cfg Config) error {
	for _, w := range []struct{ key, value, mismatch string }{
		{"format", format, "has format %q, this program writes %q"},
		{"component", cfg.Component, "belongs to component %q, not to %q"},
	} {
		have, err := b.storage.Mark(ctx, w.key, w.value)
		if err != nil {
			return err
		}
		if have != w.value {
			return &SchemaError{Path: b.storage.Name(), Reason: fmt.Sprintf(w.mismatch, have, w.value)}
		}
	}
	for _, m := range cfg.Methods {
		id, err := b.storage.Number(ctx, m.Name, m.Schemas[len(m.Schemas)-1])
		if err != nil {
			return err
		}
		b.ids = append(b.ids, id)
	}
	b.byID, b.strays = map[uint64]int{}, map[uint64]string{}
	if err := b.storage.Numbers(ctx, func(id uint64, name, schema string) { b.known(cfg, id, name, schema) }); err != nil {
		return err
	}
	return b.storage.Ready(ctx)
}

// known notes what records with the given number are.
func (b *book) known(cfg Config, id uint64, name, schema string) {
	i := slices.IndexFunc(cfg.Methods, func(m Method) bool { return m.Name == name })
	switch {
	case i < 0:
		b.strays[id] = fmt.Sprintf("calls of %s, which this version of %s doesn't have, or no longer as a change", name, cfg.Component)
	case slices.Contains(cfg.Methods[i].Schemas, schema):
		b.byID[id] = i
	default:
		now := cfg.Methods[i].Schemas[len(cfg.Methods[i].Schemas)-1]
		b.strays[id] = fmt.Sprintf("calls of %s with another request, which this version can't read without loss (%s, now %s)", name, schema, now)
	}
}
