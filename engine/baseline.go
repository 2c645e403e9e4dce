package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/rules"
	"github.com/unweld/unweld/internal/text"
)

// Baseline returns the change set that makes a file the baseline of today: all
// violations that options would report without one.
func (s *Session) Baseline(ctx context.Context, options CheckOptions) (change.Set, *CheckResult, error) {
	file, err := rules.BaselineFile(s.Root, options.Baseline)
	if err != nil {
		return change.Set{}, nil, err
	}
	r, _, err := s.checkWhere(ctx, options)
	if err != nil {
		return change.Set{}, nil, err
	}
	content, err := rules.EncodeBaseline(r.Entries())
	if err != nil {
		return change.Set{}, nil, err
	}
	before, err := s.contentIfThere(file)
	if err != nil {
		return change.Set{}, nil, err
	}
	then := map[string][]byte{}
	if before != nil {
		then[file] = before
	}
	return change.Between("write "+file, then, map[string][]byte{file: content}), r, nil
}

// Prune takes out of a baseline what no code violates any more, as a check with it has found; if what is staged
// was checked, the file is staged, too. It does nothing if all of the baseline is needed.
func (s *Session) Prune(ctx context.Context, options CheckOptions, r *CheckResult) error {
	if len(r.Stale) == 0 {
		return nil
	}
	file, err := rules.BaselineFile(s.Root, options.Baseline)
	if err != nil {
		return err
	}
	if options.Staged {
		if err := s.repository().Clean(ctx, file); err != nil {
			return err
		}
	}
	before, err := s.contentIfThere(file)
	if err != nil {
		return err
	}
	entries, err := rules.ParseBaseline(file, before)
	if err != nil {
		return err
	}
	content, err := rules.EncodeBaseline(rules.SortAccepted(slices.DeleteFunc(entries, func(e rules.Accepted) bool { return slices.Contains(r.Stale, e) })))
	if err != nil {
		return err
	}
	set := change.Between("take out of "+file+" what no code violates any more", map[string][]byte{file: before}, map[string][]byte{file: content})
	if err := s.Apply(ctx, set); err != nil {
		return err
	}
	if !options.Staged {
		return nil
	}
	return s.repository().Stage(ctx, file)
}

// accepted reads a baseline; without a name it is empty.
func (s *Session) accepted(name string) ([]rules.Accepted, error) {
	if name == "" {
		return nil, nil
	}
	file, err := rules.BaselineFile(s.Root, name)
	if err != nil {
		return nil, err
	}
	content, err := s.contentIfThere(file)
	if err != nil {
		return nil, err
	}
	return rules.ParseBaseline(name, content)
}

// acceptedHere reads the baseline that counts where nobody names one: in an editor, if it
// is there.
func (s *Session) acceptedHere() ([]rules.Accepted, error) {
	content, err := s.contentIfThere(BaselineName)
	if err != nil || content == nil {
		return nil, err
	}
	return rules.ParseBaseline(BaselineName, content)
}

// unreadable says in a baseline that it can't be read, so that it accepts nothing.
func unreadable(err error) component.Problem {
	return component.Problem{Code: "config-baseline", Severity: component.Error, Span: text.Span{File: BaselineName, Line: 1, Col: 1},
		Message: err.Error(), Hint: component.HintOf(err)}
}

// Accept returns the change set that adds one violation to the baseline of editors. The
// file is made if there is none.
func (s *Session) Accept(v rules.Accepted) (change.Set, error) {
	entries, err := s.acceptedHere()
	if err != nil {
		return change.Set{}, err
	}
	if slices.Contains(entries, v) {
		return change.Set{}, &component.UsageError{Object: BaselineName, Reason: "accepts that already"}
	}
	content, err := rules.EncodeBaseline(rules.SortAccepted(append(slices.Clone(entries), v)))
	if err != nil {
		return change.Set{}, err
	}
	before, err := s.contentIfThere(BaselineName)
	if err != nil {
		return change.Set{}, err
	}
	then := map[string][]byte{}
	if before != nil {
		then[BaselineName] = before
	}
	return change.Between(fmt.Sprintf("accept in %s: %s uses %s", BaselineName, v.From, v.To), then, map[string][]byte{BaselineName: content}), nil
}

// acceptance is the offer that takes a problem into the baseline, if it is a violation of
// a rule that the last report told.
func (s *Session) acceptance(p component.Problem) (Offer, bool) {
	l := s.living.looked.Load()
	if l == nil {
		return Offer{}, false
	}
	for _, v := range l.broken {
		if v.Span == p.Span && v.Code == p.Code && v.Message == p.Message {
			a := v.Accepted()
			return Offer{Operation: OpAccept, Kind: "quickfix", Title: "Accept in the baseline: " + s.brief(a.From) + " may use " + s.brief(a.To),
				Request: RefactorRequest{Target: a.From, Params: map[string]string{"rule": a.Rule, "to": a.To}}}, true
		}
	}
	return Offer{}, false
}

// brief is a declaration without the path of the module.
func (s *Session) brief(decl string) string { return strings.TrimPrefix(decl, s.Module+"/") }

// contentIfThere returns a file's content; nil where there is none.
func (s *Session) contentIfThere(file string) ([]byte, error) {
	content, _, err := s.snap.Content(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return content, err
}
