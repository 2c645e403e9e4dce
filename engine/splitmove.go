package engine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// A SplitMove takes a component of the running split, or one of its endpoints, such as
// pricing.Quote, to another unit. A unit is started if there is none of that name.
type SplitMove struct{ Name, Unit string }

// changedMark is at the end of the name of a split of which something was moved while it
// runs.
const changedMark = "*"

// SplitMove moves something while calls are in flight, as SplitApply does. Everything
// else stays as it runs, which needn't be how unweld.yaml has it.
func (s *Session) SplitMove(ctx context.Context, m SplitMove, o SplitApplyOptions) error {
	t, err := targetFor(o.Target, "run a split", runs)
	if err != nil {
		return err
	}
	status, err := t.Status(ctx, s.Root)
	if err != nil {
		return err
	}
	cfg, _, err := s.Config()
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(status.Split, changedMark)
	next, err := movedIn(runningSplit(cfg.Splits[name], status), status, m)
	if err != nil {
		return err
	}
	return s.applyAs(ctx, cfg, name+changedMark, next, o)
}

// applyAs is SplitApply for a split that unweld.yaml has not, or not so.
func (s *Session) applyAs(ctx context.Context, cfg *split.Config, name string, as split.Split, o SplitApplyOptions) error {
	changed := *cfg
	changed.Splits = maps.Clone(cfg.Splits)
	if changed.Splits == nil {
		changed.Splits = map[string]split.Split{}
	}
	changed.Splits[name] = as
	other := *s
	other.config = &changed
	return other.SplitApply(ctx, name, o)
}

// SplitRestore takes what was moved between two moments back, while calls are in flight: everything
// runs where it ran before. It refuses if something else was moved since, or started anew.
func (s *Session) SplitRestore(ctx context.Context, before, after *SplitStatus, o SplitApplyOptions) error {
	t, err := targetFor(o.Target, "run a split", runs)
	if err != nil {
		return err
	}
	now, err := t.Status(ctx, s.Root)
	if err != nil {
		return err
	}
	if now.PID != before.PID || !samePlaces(now, after) {
		return &component.UsageError{Object: "split " + now.Split, Reason: "was changed since by someone else, so the move can't be taken back alone",
			Hint: "move it again, or apply a split of " + split.FileName}
	}
	cfg, _, err := s.Config()
	if err != nil {
		return err
	}
	started := cfg.Splits[strings.TrimSuffix(before.Split, changedMark)]
	return s.applyAs(ctx, cfg, before.Split, runningSplit(started, before), o)
}

// samePlaces reports whether everything runs in the same units at both moments.
func samePlaces(a, b *SplitStatus) bool {
	x, y := runningSplit(split.Split{}, a), runningSplit(split.Split{}, b)
	return maps.EqualFunc(x.Units, y.Units, func(u, v split.Unit) bool {
		return equalAsSets(u.Components, v.Components) && equalAsSets(u.Endpoints, v.Endpoints)
	})
}

func equalAsSets(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// runningSplit is what runs as a split. What a status doesn't tell of a unit is as in the
// split that was started.
func runningSplit(started split.Split, status *SplitStatus) split.Split {
	now := split.Split{Units: map[string]split.Unit{}, Links: started.Links}
	for i := range status.Units {
		u := &status.Units[i]
		unit := started.Units[u.Name]
		unit.Components, unit.Endpoints = nil, nil
		if u.Entry {
			unit.Components = []string{"*"}
		}
		for _, c := range u.Components {
			if !u.Entry && status.UnitOf(c) == u.Name {
				unit.Components = append(unit.Components, c)
			}
		}
		for _, l := range status.Links {
			if l.Unit == u.Name && l.Endpoint != "" && status.UnitOf(l.Component) != u.Name {
				unit.Endpoints = append(unit.Endpoints, l.Component+"."+l.Endpoint)
			}
		}
		now.Units[u.Name] = unit
	}
	return now
}

func movedIn(running split.Split, status *SplitStatus, m SplitMove) (split.Split, error) {
	home, endpoint, ofOne := strings.Cut(m.Name, ".")
	at := status.UnitOf(home)
	known := func(u deploy.UnitStatus) bool {
		return slices.ContainsFunc(u.Stats, func(e deploy.EndpointStats) bool { return e.Component == home && (!ofOne || e.Endpoint == endpoint) })
	}
	switch {
	case at == "" || ofOne && !slices.ContainsFunc(status.Units, known):
		return split.Split{}, &component.UsageError{Object: m.Name, Reason: "is no component of the running split, and no endpoint", Hint: "unweld split status lists its components; one that was bound since needs a new start"}
	case ofOne:
		return running.WithEndpoint(m.Name, m.Unit, at), nil
	}
	return running.WithComponent(m.Name, m.Unit), nil
}
