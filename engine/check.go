package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/unweld/unweld/internal/cluster"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/preview"
	"github.com/unweld/unweld/internal/rules"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// CheckOptions say what Check looks at, and which violations don't count.
type CheckOptions struct {
	Patterns []string // packages whose uses are reported; the whole module if there are none
	Baseline string   // a file of accepted violations, relative to the root; empty: none
	Since    string   // a git revision: violations that were there don't count
	Staged   bool     // look at what is staged in git, not at the working tree
}

// A CheckResult lists where the code breaks the rules of unweld.yaml.
type CheckResult = rules.Result

// A Violation is one use that a rule forbids.
type Violation = rules.Violation

// Check holds the code to the rules of unweld.yaml.
func (s *Session) Check(ctx context.Context, options CheckOptions) (*CheckResult, error) {
	accepted, err := s.accepted(options.Baseline)
	if err != nil {
		return nil, err
	}
	r, cfg, err := s.checkWhere(ctx, options)
	if err != nil {
		return nil, err
	}
	if options.Baseline != "" {
		whole := len(options.Patterns) == 0 && len(r.Problems) == 0
		r.Accept(accepted, whole)
	}
	if options.Since != "" {
		before, err := s.checkRevision(ctx, options, cfg)
		if err != nil {
			return nil, err
		}
		r.Accept(before.Entries(), false)
		r.Notes = append(r.Notes, before.NotLoaded(options.Since)...)
	}
	r.OK = len(r.Violations) == 0
	return r, nil
}

// checkWhere checks the working tree, or what is staged.
func (s *Session) checkWhere(ctx context.Context, options CheckOptions) (*CheckResult, *split.Config, error) {
	if !options.Staged {
		return s.checkTree(ctx, options.Patterns)
	}
	staged, done, err := s.openRevision(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	defer done()
	r, cfg, err := staged.checkTree(ctx, options.Patterns)
	if err == nil && len(r.Problems) > 0 {
		r.Notes = append(r.Notes, s.unstaged(ctx)...)
	}
	return r, cfg, err
}

// unstaged notes the Go files that git doesn't know: what is staged may need them.
func (s *Session) unstaged(ctx context.Context) []component.Problem {
	files, err := s.repository().Untracked(ctx, "*.go")
	if err != nil || len(files) == 0 {
		return nil
	}
	return []component.Problem{{Code: "revision-incomplete", Severity: component.Warn, Span: text.Span{File: files[0], Line: 1, Col: 1},
		Message: fmt.Sprintf("what is staged doesn't load as a whole, and this file isn't staged (%s in all)", count(len(files), "file", "files")),
		Hint:    "git add it"}}
}

// checkRevision holds an earlier revision to the rules of today.
func (s *Session) checkRevision(ctx context.Context, options CheckOptions, cfg *split.Config) (*CheckResult, error) {
	old, done, err := s.openRevision(ctx, options.Since)
	if err != nil {
		return nil, err
	}
	defer done()
	old.config = cfg
	r, _, err := old.checkTree(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("revision %s: %w", options.Since, err)
	}
	return r, nil
}

// checkTree checks the working tree: the packages that match, and everything
// that they use.
func (s *Session) checkTree(ctx context.Context, patterns []string) (*CheckResult, *split.Config, error) {
	cfg, ok, err := s.Config()
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, &component.UsageError{Object: split.FileName, Reason: "doesn't exist", Hint: "write one with: unweld init"}
	}
	code, err := s.codeUnder(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	if s.config == nil { // an earlier revision may lack what the rules of today name
		if err := code.CheckNames(); err != nil {
			return nil, nil, err
		}
	}
	r, err := code.Check(patterns)
	if err != nil {
		return nil, nil, err
	}
	var about heeds
	r.Violations, about = s.heeded(r.Violations)
	if s.config == nil {
		if len(patterns) == 0 && len(r.Problems) == 0 {
			r.Notes = append(r.Notes, s.unusedIgnores(cfg, judged{summaries: code.Summaries, about: about, rules: !cfg.Rules.Empty()})...)
		}
		failing, err := s.failingCalls(cfg, code.Found)
		if err != nil {
			return nil, nil, err
		}
		r.Notes = component.SortProblems(append(r.Notes, failing...))
	}
	return r, cfg, nil
}

// failingCalls are the calls that the splits of unweld.yaml make fail. A split that
// can't be planned has none.
func (s *Session) failingCalls(cfg *split.Config, found *component.Result) ([]component.Problem, error) {
	l, _, err := lock.Read(s.Root)
	if err != nil || len(l.Components) == 0 {
		return nil, err
	}
	var out []component.Problem
	for _, name := range slices.Sorted(maps.Keys(cfg.Splits)) {
		if plan, err := split.New(cfg, name, l.Facts(l.Names(), Terms())); err == nil {
			out = append(out, preview.FailingCalls(plan, s.Module, l, found)...)
		}
	}
	return out, nil
}

// CheckConfig holds what unweld.yaml names against the code: a pattern that
// matches no package, and a component or contract that isn't there, are a
// UsageError with their places. Acting on such a file would leave out what was
// meant without a word.
func (s *Session) CheckConfig(ctx context.Context) error {
	cfg, ok, err := s.Config()
	if err != nil || !ok {
		return err
	}
	code, err := s.codeUnder(ctx, cfg)
	if err != nil {
		return err
	}
	return code.CheckNames()
}

// checkFound is CheckConfig where the whole module has been read already.
func (s *Session) checkFound(ctx context.Context, cfg *split.Config, summaries []*component.Summary, found *component.Result) error {
	if len(cfg.Components) == 0 && len(cfg.Splits) == 0 && cfg.Rules.Empty() {
		return nil
	}
	folders, err := s.snap.Folders(ctx)
	if err != nil {
		return err
	}
	return s.codeOf(cfg, summaries, found, folders).CheckNames()
}

// codeUnder reads the whole module, whatever folder the session was opened in.
func (s *Session) codeUnder(ctx context.Context, cfg *split.Config) (*rules.Code, error) {
	summaries, err := s.summaries(ctx, s.wholeModule())
	if err != nil {
		return nil, err
	}
	folders, err := s.snap.Folders(ctx)
	if err != nil {
		return nil, err
	}
	s.progress("finding components")
	found := cluster.Find(summaries, cluster.Options{Module: s.Module, Declared: declared(cfg, s.Root, summaries)})
	return s.codeOf(cfg, summaries, found, folders), nil
}

func (s *Session) codeOf(cfg *split.Config, summaries []*component.Summary, found *component.Result, folders []source.Folder) *rules.Code {
	return rules.NewCode(rules.Input{Root: s.Root, Module: s.Module, Config: cfg, Snapshot: s.snap, Summaries: summaries, Found: found, Folders: folders})
}
