package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/patches"
	"github.com/unweld/unweld/internal/revision"
	"github.com/unweld/unweld/internal/verify"
	"github.com/unweld/unweld/refactor"
)

// SeriesOptions say how a series is made.
type SeriesOptions struct {
	Unverified bool          // patches aren't tested
	Verify     VerifyOptions // for each patch
}

// A SeriesPatch is one patch of a series.
type SeriesPatch struct {
	File    string         `json:"file"` // its name
	Subject string         `json:"subject"`
	Files   []string       `json:"files"` // that it changes, from the module's root
	Notes   []change.Note  `json:"notes"`
	Report  *verify.Report `json:"verified,omitempty"`

	mail []byte
}

// Series divides a refactoring into steps and returns a patch for each, for git am.
// Each is tried in a copy of the module: it builds, vets and passes the tests
// that passed before. What it found to be the same, the reports say. Steps
// that have nothing to change are left out.
func (s *Session) Series(ctx context.Context, name string, req RefactorRequest, o SeriesOptions) ([]*SeriesPatch, error) {
	r, err := refactoring(name)
	if err != nil {
		return nil, err
	}
	s.progress("series: copying the module")
	copied, err := s.repository().Disk(ctx)
	if err != nil {
		return nil, err
	}
	defer copied.Remove()
	stack, err := patches.Open(ctx, s.Root, copied.Top)
	if err != nil {
		return nil, err
	}
	defer stack.Close()
	m := &seriesMaker{session: s, refactoring: r, stack: stack, copied: copied, options: o, prefix: s.RepositoryPrefix(ctx)}
	options := s.options
	options.Overlay, options.env = nil, copied.Env
	if options.Dir, err = s.sameFolder(copied.Root); err != nil {
		return nil, err
	}
	if m.work, err = Open(ctx, options); err != nil {
		return nil, err
	}
	steps, err := r.Divide(ctx, m.work.refactorInput(), req)
	if err != nil {
		return nil, err
	}
	for i, step := range steps {
		if err := m.step(ctx, step, fmt.Sprintf("step %d of %d", i+1, len(steps))); err != nil {
			return nil, err
		}
	}
	if len(m.made) == 0 {
		return nil, &component.UsageError{Object: name + " " + req.Target, Reason: "has nothing to change", Hint: "a series would be empty"}
	}
	for i, p := range m.made {
		p.File, p.mail = stack.Name(i), stack.Mail(i)
	}
	return m.made, nil
}

// A seriesMaker makes one series.
type seriesMaker struct {
	session, work *Session // of the module, and of the copy
	refactoring   *refactor.Refactoring
	stack         *patches.Stack
	copied        *revision.Copy
	options       SeriesOptions
	prefix        string // of the module in the repository
	made          []*SeriesPatch
}

// step carries one step out, and makes its patch.
func (m *seriesMaker) step(ctx context.Context, step refactor.Step, which string) error {
	m.session.progress("series: " + which)
	set, err := m.work.Refactor(ctx, m.refactoring.Name, step.Request)
	if refusal, ok := errors.AsType[*component.Refusal](err); ok && step.DoneCode != "" && slices.ContainsFunc(refusal.Problems, func(p component.Problem) bool { return p.Code == step.DoneCode }) {
		return nil
	}
	if err != nil || len(set.Files) == 0 {
		return err
	}
	p := &SeriesPatch{Notes: set.Notes}
	if p.Notes == nil {
		p.Notes = []change.Note{}
	}
	var files []string
	for _, f := range set.Files {
		for _, name := range []string{f.Path, f.To} {
			if name != "" {
				p.Files, files = append(p.Files, name), append(files, m.prefix+name)
			}
		}
	}
	if err := m.committed(ctx, files); err != nil {
		return err
	}
	if err := m.stack.Before(ctx, files); err != nil {
		return err
	}
	if !m.options.Unverified {
		if p.Report, err = m.work.VerifyIn(ctx, verify.Open(m.copied.Root, m.copied.Env), set, m.options.Verify); err != nil {
			return err
		}
		if err := VerifyRefusal(set.Title+": "+which, p.Report); err != nil {
			return err
		}
	}
	if err := m.work.Apply(ctx, set); err != nil {
		return err
	}
	added, err := m.stack.Add(ctx, files, m.message(step, set))
	if err != nil {
		return err
	}
	p.Subject = added.Subject
	m.made = append(m.made, p)
	return nil
}

// committed refuses files that aren't as in the last commit: the patches would not
// apply to it.
func (m *seriesMaker) committed(ctx context.Context, files []string) error {
	names, err := m.stack.Uncommitted(ctx, files)
	if err != nil || len(names) == 0 {
		return err
	}
	const most = 3
	if more := len(names) - most; more > 0 {
		names = append(names[:most], fmt.Sprintf("%d more", more))
	}
	return &component.UsageError{Object: "--series", Reason: "the patches would change what isn't committed: " + strings.Join(names, ", "), Hint: "commit it first, or stash it"}
}

// message is what the patch of a step says.
func (m *seriesMaker) message(step refactor.Step, set change.Set) patches.Message {
	subject, why := step.Subject, step.Why
	if subject == "" {
		subject = set.Title
	}
	dir := path.Dir(set.Files[0].Path)
	if target, _, _ := strings.Cut(step.Request.Target, ".{"); target != "" {
		dir = cmp.Or(folderOf(m.session.Root, m.session.Module, target), dir)
	}
	out := patches.Message{Dir: strings.TrimSuffix(m.prefix+strings.TrimPrefix(dir, "."), "/"), Subject: subject, Body: slices.Clone(why)}
	const most = 12
	var places []string
	for _, n := range set.Notes {
		if n.Span.IsValid() {
			places = append(places, "  "+n.Span.String()+":\n  "+n.Message)
		}
	}
	if more := len(places) - most; more > 0 {
		places = append(places[:most], fmt.Sprintf("  and %d more", more))
	}
	if len(places) > 0 {
		out.Body = append(out.Body, "Places that are worth a look:", strings.Join(places, "\n"))
	}
	return out
}

// folderOf returns the folder of the package that a target is, or is in, or "".
func folderOf(root, module, target string) string {
	target = strings.TrimPrefix(strings.TrimPrefix(target, module+"/"), "./")
	for _, dir := range []string{target, strings.TrimSuffix(target, path.Ext(target))} {
		if info, err := os.Stat(filepath.Join(root, filepath.FromSlash(dir))); err == nil && info.IsDir() && filepath.IsLocal(cmp.Or(dir, ".")) {
			return path.Clean(dir)
		}
	}
	return ""
}

// SaveSeries writes patches into a folder, which it makes. Other patches in it are a
// *component.UsageError: git am would take them, too.
func SaveSeries(dir string, series []*SeriesPatch) error {
	others, err := filepath.Glob(filepath.Join(filepath.Clean(dir), "*.patch"))
	if err != nil {
		return err
	}
	for _, other := range others {
		if !slices.ContainsFunc(series, func(p *SeriesPatch) bool { return p.File == filepath.Base(other) }) {
			return &component.UsageError{Object: other, Reason: "is another patch", Hint: "remove it, or name an empty folder: git am " + filepath.Join(dir, "*.patch") + " would take it, too"}
		}
	}
	for _, p := range series {
		if err := replaceFile(filepath.Join(dir, p.File), p.mail); err != nil {
			return err
		}
	}
	return nil
}
