package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/unweld/unweld/internal/background"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/preview"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// ReportOptions say what a report is about.
type ReportOptions struct {
	Split string // whose crossings count; empty: the one that unweld.yaml names for editors
}

// A Report is what an editor says without being asked.
type Report struct {
	Split string // the split whose crossings are among the problems; empty: none
	// Components and Hazards are how many there are in the module, whatever is told.
	Components, Hazards int
	// Problems are mistakes of unweld.yaml, uses that its rules forbid and that the baseline
	// of editors doesn't accept, hazards of the contracts that it names, hazards that the
	// split brings out, and directives that ignore what isn't there. They are sorted.
	Problems []component.Problem
}

// Report looks at the module and says what people asked to be told of: in
// unweld.yaml, or by choosing a split. Without either it says nothing, whatever
// hazards there are; Describe tells those of a place. While there are mistakes in
// unweld.yaml, it counts as it was last without any.
func (s *Session) Report(ctx context.Context, o ReportOptions) (*Report, error) {
	k, err := s.look(ctx, o.Split)
	if err != nil {
		return nil, err
	}
	defer s.living.looked.Store(k)
	now, good, cfg, found := k.now, k.good, k.config, k.found
	r := &Report{Components: len(found.Components), Hazards: len(found.Hazards)}
	r.Problems = append(r.Problems, now.problems...)
	told := &reporting{s: s, cfg: cfg, analysis: k.analysis, home: found.ComponentOf()}
	if good == nil {
		r.Problems = component.SortProblems(r.Problems)
		return r, nil
	}
	ofCode, err := told.code(ctx, now == good && good.there)
	if err != nil {
		return nil, err
	}
	k.broken = told.broken
	r.Problems = append(r.Problems, ofCode...)
	if good.there {
		r.Problems = append(r.Problems, told.unused()...)
	}
	if r.Split = o.Split; r.Split == "" {
		r.Split = cfg.Editor.Split
	}
	hazards, err := told.hazards(r.Split, o.Split != "")
	if err != nil {
		return nil, err
	}
	r.Problems = component.SortProblems(append(r.Problems, hazards...))
	return r, ctx.Err()
}

// reporting is what a report is made of.
type reporting struct {
	s   *Session
	cfg *split.Config
	analysis
	home    func(component.DeclID) string
	checked bool        // the code was held to the rules
	broken  []Violation // of the rules, those that count
}

// code returns the names in unweld.yaml that nothing matches, if names is set, and the
// uses that its rules forbid.
func (r *reporting) code(ctx context.Context, names bool) ([]component.Problem, error) {
	rules := !r.cfg.Rules.Empty()
	names = names && (rules || len(r.cfg.Components)+len(r.cfg.Splits) > 0)
	if !names && !rules {
		return nil, nil
	}
	if err := background.Yield(ctx); err != nil {
		return nil, err
	}
	folders, err := r.s.snap.Folders(ctx)
	if err != nil {
		return nil, err
	}
	code := r.s.codeOf(r.cfg, r.summaries, r.found, folders)
	var out []component.Problem
	if names {
		if usage, ok := errors.AsType[*component.UsageError](code.CheckNames()); ok {
			out = append(out, usage.Problems...)
		}
	}
	if !rules {
		return out, nil
	}
	checked, err := code.Check(nil)
	if err != nil {
		return nil, err
	}
	violations, about := r.s.heeded(checked.Violations)
	maps.Copy(r.about, about)
	checked.Violations, r.checked = violations, true
	accepted, err := r.s.acceptedHere()
	if err != nil {
		out = append(out, unreadable(err))
	}
	checked.Accept(accepted, false)
	for _, v := range checked.Violations {
		out = append(out, v.Problem)
	}
	r.broken = checked.Violations
	return out, nil
}

// hazards are those of declared contracts and those that a split brings out. Where the
// split can't be made, that is told in their place.
func (r *reporting) hazards(name string, chosen bool) ([]component.Problem, error) {
	declared := contracts(r.cfg, r.s.Root, r.summaries)
	l, _, err := lock.Read(r.s.Root)
	if err != nil {
		return nil, err
	}
	var out []component.Problem
	var crossing *preview.Crossing
	if name != "" {
		plan, err := preview.Outline(r.cfg, name, l, Terms(), r.found)
		if err != nil {
			out = append(out, r.impossible(name, chosen, err)...)
		} else {
			crossing = preview.NewCrossing(plan, r.s.Module, l, r.found)
			out = append(out, preview.FailingCalls(plan, r.s.Module, l, r.found)...)
		}
	}
	generated := l.Generated()
	for i := range r.found.Hazards {
		h := &r.found.Hazards[i]
		if r.ofContract(h, declared) && !generated[h.Problem.Span.File] || crossing != nil && crossing.Brings(h) {
			out = append(out, h.Problem)
		}
	}
	return out, nil
}

// ofContract reports whether a hazard is about a contract that unweld.yaml names: about
// a method of it, or about calls into its component from another.
func (r *reporting) ofContract(h *component.Hazard, declared map[component.DeclID]string) bool {
	p := &h.Problem
	if declared[p.Subject.Decl] != "" {
		return true
	}
	return p.Component != "" && r.cfg.Components[p.Component].Contract != "" && r.home(p.Subject.Decl) != p.Component
}

// impossible says why a split can't be made, where unweld.yaml speaks of it.
func (r *reporting) impossible(name string, chosen bool, err error) []component.Problem {
	at := r.cfg.At("editor", "split")
	if _, declared := r.cfg.Splits[name]; declared {
		at = r.cfg.At("splits", name)
	}
	if !at.IsValid() {
		at = text.Span{File: split.FileName, Line: 1, Col: 1}
	}
	var out []component.Problem
	add := func(p component.Problem) {
		if p.Span.File != split.FileName {
			p.Span = at
		}
		p.Severity = component.Error
		if chosen {
			p.Message += fmt.Sprintf(" (split %s is the one that this editor shows)", name)
		}
		out = append(out, p)
	}
	if usage, ok := errors.AsType[*component.UsageError](err); ok {
		if len(usage.Problems) == 0 {
			add(component.Problem{Code: "config-name", Message: usage.Object + ": " + usage.Reason, Hint: usage.Hint})
		}
		for _, p := range usage.Problems {
			add(p)
		}
		return out
	}
	if refusal, ok := errors.AsType[*component.Refusal](err); ok {
		for _, p := range refusal.Problems {
			add(p)
		}
		return out
	}
	add(component.Problem{Code: "config-name", Message: "split " + name + ": " + err.Error()})
	return out
}
