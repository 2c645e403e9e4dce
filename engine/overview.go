package engine

import (
	"context"
	"slices"
	"sync"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/matrix"
	"github.com/unweld/unweld/internal/preview"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// An Overview is what an editor shows of a whole module beside the code: what Find
// finds, and where it would run in the chosen split. It is the caller's, but for Found,
// which others read too.
type Overview struct {
	Configured bool     // the module has an unweld.yaml
	Splits     []string // that there are, sorted
	Split      string   // the chosen one; empty: none, or one that can't be made
	Why        string   // why the chosen split can't be made; empty: it can, or none is chosen
	Found      *component.Result

	*Places

	units    map[string]string // by component
	config   *split.Config
	crossing *preview.Crossing
}

// Overview looks at the module as Report does: while there are mistakes in unweld.yaml,
// it counts as it was last without any. The split is a named one; empty: the one
// that unweld.yaml names for editors.
func (s *Session) Overview(ctx context.Context, name string) (*Overview, error) {
	k, err := s.look(ctx, name)
	if err != nil {
		return nil, err
	}
	return s.overviewOf(k)
}

// look finds the components of the module, for a split or for none.
func (s *Session) look(ctx context.Context, name string) (*looked, error) {
	now, good, err := s.standing()
	if err != nil {
		return nil, err
	}
	k := &looked{now: now, good: good, config: good.orEmpty(), split: name}
	if k.analysis, err = s.analysed(ctx, k.config, FindOptions{}); err != nil {
		return nil, err
	}
	return k, nil
}

// A looked is what was found in a module when it was looked at. It isn't changed any more.
type looked struct {
	now, good *configuration // as standing returns them
	config    *split.Config
	split     string // chosen; empty: that of config
	analysis
	broken []Violation // of the rules, those that are told

	once     sync.Once
	overview *Overview
}

// LastOverview is the Overview of what Report looked at last, for requests that must not
// wait for another; nil before.
func (s *Session) LastOverview() *Overview {
	l := s.living.looked.Load()
	if l == nil {
		return nil
	}
	l.once.Do(func() {
		if o, err := s.overviewOf(l); err == nil {
			l.overview = o
		}
	})
	return l.overview
}

func (s *Session) overviewOf(k *looked) (*Overview, error) {
	l, _, err := lock.Read(s.Root)
	if err != nil {
		return nil, err
	}
	cfg, found := k.config, k.found
	o := &Overview{Configured: k.now.there, Splits: splitsOf(cfg, l), Found: found, config: cfg,
		Places: newPlaces(k.summaries, contracts(cfg, s.Root, k.summaries)), units: map[string]string{}}
	name := k.split
	if name == "" {
		name = cfg.Editor.Split
	}
	if name == "" {
		return o, nil
	}
	plan, err := preview.Outline(cfg, name, l, Terms(), found)
	if err != nil {
		o.Why = err.Error()
		return o, nil
	}
	o.Split, o.crossing = name, preview.NewCrossing(plan, s.Module, l, found)
	for _, c := range found.Components {
		o.units[c.Name] = plan.Entry
		if planned := plan.Component(c.Name); planned != nil {
			o.units[c.Name] = planned.Unit
		}
	}
	return o, nil
}

// splitsOf lists the splits that can be chosen: those of unweld.yaml, and all components
// that it declares apart or together, whether they are bound or not.
func splitsOf(cfg *split.Config, l *lock.File) []string {
	facts := l.Facts(l.Names(), Terms())
	for name := range cfg.Components {
		facts.Bound = append(facts.Bound, split.Bound{Name: name})
	}
	return split.Names(cfg, facts)
}

// Unit is the unit of the chosen split in which a component runs, or "".
func (o *Overview) Unit(component string) string { return o.units[component] }

// Crosses reports whether the chosen split brings a hazard out.
func (o *Overview) Crosses(h *component.Hazard) bool {
	return o.crossing != nil && o.crossing.Brings(h)
}

// Declared is where unweld.yaml speaks of a component; the zero Span if it doesn't.
func (o *Overview) Declared(component string) text.Span {
	if _, ok := o.config.Components[component]; !ok {
		return text.Span{}
	}
	return o.config.At("components", component)
}

// HazardsOf counts the hazards of what each coupling uses, in the order of the
// couplings of Found.
func (o *Overview) HazardsOf() []int {
	of := map[use]int{}
	for _, h := range o.Found.Hazards {
		of[use{h.Component, h.Problem.Subject}]++
	}
	out := make([]int, len(o.Found.Couplings))
	for i, c := range o.Found.Couplings {
		seen := map[component.Subject]bool{}
		for _, ev := range c.Evidence {
			subject := component.Subject{Decl: ev.Decl, Member: ev.Member}
			if !seen[subject] {
				seen[subject] = true
				out[i] += of[use{c.To, subject}]
			}
		}
	}
	return out
}

// UnitOfPackage is the unit of the chosen split in which the code of a package runs when its
// component is called, or "" where no split is chosen.
func (o *Overview) UnitOfPackage(importPath string) string {
	if o.Split == "" {
		return ""
	}
	return o.crossing.UnitOf(importPath)
}

// In lists the components that one looks for in a file: those whose contract or first
// declaration is there, with its place.
func (o *Overview) In(file string) []Rooted {
	var out []Rooted
	for i := range o.Found.Components {
		c := &o.Found.Components[i]
		if at := o.At(c); at.File == file {
			_, contract := o.contracts[c.Name]
			out = append(out, Rooted{c, at, contract, o.usersOf(c.Name), o.hazardsOf(c.Name)})
		}
	}
	return out
}

// A Rooted is a component, and where one looks for it.
type Rooted struct {
	*component.Found
	At       text.Span
	Contract bool     // At is its contract, and not the first of its declarations
	Users    []string // the components that use it, sorted
	Hazards  int
}

func (o *Overview) usersOf(name string) []string {
	var out []string
	for _, c := range o.Found.Couplings {
		if c.To == name {
			out = append(out, c.From)
		}
	}
	slices.Sort(out)
	return out
}

func (o *Overview) hazardsOf(name string) (n int) {
	for _, h := range o.Found.Hazards {
		if h.Component == name {
			n++
		}
	}
	return n
}

// CrossingCalls lists the calls in a file that leave their unit in the chosen split: of
// those from one declaration to another, the first.
func (o *Overview) CrossingCalls(file string) []CrossingCall {
	if o.Split == "" {
		return nil
	}
	var out []CrossingCall
	for _, c := range o.Found.Couplings {
		from, to := o.units[c.From], o.units[c.To]
		if from == to {
			continue
		}
		for _, ev := range c.Evidence {
			if ev.Kind == "call" && ev.Span.File == file {
				out = append(out, CrossingCall{ev, c.To, to})
			}
		}
	}
	slices.SortFunc(out, func(a, b CrossingCall) int { return a.Span.Compare(b.Span) })
	return out
}

// A CrossingCall is a call that leaves its unit.
type CrossingCall struct {
	component.Evidence
	Component, Unit string // that it goes to
}

// Matrix is the design structure matrix of the components.
func (o *Overview) Matrix() *matrix.Matrix { return matrix.Of(o.Found) }
