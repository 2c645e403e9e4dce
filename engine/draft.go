package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/preview"
	"github.com/unweld/unweld/internal/split"
)

// A Draft is a split that is tried out: components are moved between its units, and
// each time it says what the split would cost and break, without reading anything
// again. It is for one goroutine; what Preview returns is for any.
type Draft struct {
	Name string // of the split that it began with; empty: none

	base       *preview.Base
	config     *split.Config
	root       string
	now        split.Split
	undo, redo []split.Split
}

// A DraftUnit is a unit of a draft.
type DraftUnit struct {
	Name       string
	Components []string // sorted
	Endpoints  []string // served here apart from their component, sorted
	Rest       bool     // it has what no other unit claims
}

// Draft begins with a split of unweld.yaml, or with all components in one unit if
// name is empty. It follows the calls of the whole module, which takes a while.
func (s *Session) Draft(ctx context.Context, name string) (*Draft, error) {
	m, err := s.previewModule()
	if err != nil {
		return nil, err
	}
	d := &Draft{Name: name, config: m.Config, root: s.Root, now: split.Split{Units: map[string]split.Unit{split.MainUnit: {Components: []string{"*"}}}}}
	if name != "" {
		known, ok := m.Config.Splits[name]
		if !ok {
			e := &component.UsageError{Object: name, Reason: "no such split", Hint: "unweld split list lists them"}
			if near := split.Nearest(name, slices.Sorted(maps.Keys(m.Config.Splits))); near != "" {
				e.Hint = fmt.Sprintf("did you mean %s?", near)
			}
			return nil, e
		}
		d.now = known
	}
	d.base, err = preview.Prepare(ctx, m)
	return d, err
}

// Splits lists the splits of unweld.yaml, sorted.
func (d *Draft) Splits() []string { return slices.Sorted(maps.Keys(d.config.Splits)) }

// Units lists the units, that with the rest first, the others by name.
func (d *Draft) Units() []DraftUnit {
	claimed := map[string]bool{}
	var units []DraftUnit
	for _, name := range slices.Sorted(maps.Keys(d.now.Units)) {
		u := DraftUnit{Name: name, Endpoints: slices.Sorted(slices.Values(d.now.Units[name].Endpoints))}
		for _, c := range d.now.Units[name].Components {
			if claimed[c] = true; c == "*" {
				u.Rest = true
			} else {
				u.Components = append(u.Components, c)
			}
		}
		units = append(units, u)
	}
	slices.SortStableFunc(units, func(a, b DraftUnit) int {
		switch {
		case a.Rest == b.Rest:
			return 0
		case a.Rest:
			return -1
		}
		return 1
	})
	for i := range units {
		if units[i].Rest {
			for _, c := range d.base.Written() {
				if !claimed[c.Name] {
					units[i].Components = append(units[i].Components, c.Name)
				}
			}
		}
		slices.Sort(units[i].Components)
	}
	return units
}

// Endpoints are those that a component has, or that it would have if it were bound: what
// others call of it. They are in the order of the contract, else sorted, and named with their component.
func (d *Draft) Endpoints(component string) []string { return d.base.Endpoints(component) }

// Move puts a component into a unit, or an endpoint of one, such as pricing.Quote, which is then
// served apart. A unit is made if there is none of that name, and goes away when it is left without
// anything. Whether the split can be is what Preview says.
func (d *Draft) Move(name, unit string) error {
	var next split.Split
	if d.isComponent(name) {
		next = d.now.WithComponent(name, unit)
	} else {
		home, _, _ := strings.Cut(name, ".")
		if !slices.Contains(d.Endpoints(home), name) {
			return &component.UsageError{Object: name, Reason: "is no component and no endpoint", Hint: "unweld find lists the components"}
		}
		next = d.now.WithEndpoint(name, unit, d.unitOf(home))
	}
	if reflect.DeepEqual(next, d.now) {
		return nil
	}
	d.undo, d.redo, d.now = append(d.undo, d.now), nil, next
	return nil
}

func (d *Draft) isComponent(name string) bool {
	return slices.ContainsFunc(d.base.Found().Components, func(c component.Found) bool { return c.Name == name })
}

// unitOf is the unit that a component is in; "" if it is in none.
func (d *Draft) unitOf(component string) string {
	for _, u := range d.Units() {
		if slices.Contains(u.Components, component) {
			return u.Name
		}
	}
	return ""
}

// Undo takes the last move back. It reports whether there was one.
func (d *Draft) Undo() bool { return shift(&d.undo, &d.redo, &d.now) }

// Redo makes the move again that was taken back last.
func (d *Draft) Redo() bool { return shift(&d.redo, &d.undo, &d.now) }

// Carry takes over what was tried out on another draft of the module, as it was read
// before. It returns the components and endpoints that are gone, sorted: they are in no unit now.
func (d *Draft) Carry(before *Draft) (gone []string) {
	known := map[string]bool{"*": true}
	for _, c := range d.base.Found().Components {
		known[c.Name] = true
	}
	lost := map[string]bool{}
	carried := func(was split.Split) split.Split {
		return was.Without(func(name string) bool {
			home, _, endpoint := strings.Cut(name, ".")
			gone := !known[name]
			if endpoint {
				gone = !slices.Contains(d.Endpoints(home), name)
			}
			if gone {
				lost[name] = true
			}
			return gone
		})
	}
	d.Name, d.now = before.Name, carried(before.now)
	steps := func(of []split.Split) []split.Split { // without those that change nothing now
		var out []split.Split
		for i := len(of) - 1; i >= 0; i-- {
			after := d.now
			if len(out) > 0 {
				after = out[len(out)-1]
			}
			if step := carried(of[i]); !reflect.DeepEqual(step, after) {
				out = append(out, step)
			}
		}
		slices.Reverse(out)
		return out
	}
	d.undo, d.redo = steps(before.undo), steps(before.redo)
	return slices.Sorted(maps.Keys(lost))
}

func shift(from, to *[]split.Split, now *split.Split) bool {
	n := len(*from)
	if n == 0 {
		return false
	}
	*to = append(*to, *now)
	*now, *from = (*from)[n-1], (*from)[:n-1]
	return true
}

// Preview returns a function that says what the split as it is now would cost and
// break. It may be called while the draft is changed.
func (d *Draft) Preview() func() (*Preview, error) {
	base, now := d.base, d.now
	name := d.Name
	if name == "" {
		name = "draft"
	}
	return func() (*Preview, error) { return base.Of(name, now) }
}

// Write returns the change that adds the split to unweld.yaml, under a name that
// isn't taken. Components that units name are declared there, if they aren't: what find
// makes up can be another component after the next change. A split that can't be isn't
// written.
func (d *Draft) Write(name string) (change.Set, error) {
	if _, err := d.Preview()(); err != nil {
		return change.Set{}, err
	}
	content, err := os.ReadFile(filepath.Join(d.root, split.FileName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return change.Set{}, err
	}
	after, found := content, d.base.Found()
	of := packageOwners(found, found.Module)
	for _, u := range d.Units() {
		for _, c := range u.Components {
			if _, declared := d.config.Components[c]; declared || u.Rest {
				continue
			}
			if after, err = declare(after, of, c); err != nil {
				return change.Set{}, err
			}
		}
	}
	after, err = split.AddSplit(after, name, d.now)
	if err != nil {
		if _, usage := errors.AsType[*component.UsageError](err); usage {
			return change.Set{}, err
		}
		return change.Set{}, &component.UsageError{Object: split.FileName, Reason: err.Error(), Hint: "give it another name, or write it by hand"}
	}
	before := map[string][]byte{}
	if content != nil {
		before[split.FileName] = content
	}
	return change.Between("add split "+name+" to "+split.FileName, before, map[string][]byte{split.FileName: after}), nil
}
