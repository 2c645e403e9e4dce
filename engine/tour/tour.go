// Package tour does unweld's main job on a small shop, step by step: it finds
// the components, takes one out, binds it, tests the program as one process
// and as several, runs it, kills a unit, and shows that nothing was lost.
//
// It works in a scratch folder on a copy of an archive, and runs what it built
// from there. Every step does the real thing; a step that can't be done fails
// the tour.
package tour

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/scratch"
)

// Options say what to tour.
type Options struct {
	Archive []byte // the shop, as txtar
	Dir     string // where to put it: an empty folder; empty: a scratch folder, removed at the end
	// Started and Finished are told of each step. Either may be nil.
	Started  func(name string)
	Finished func(Step)
	Progress func(string) // within a step; may be nil
}

// A Step is one step, done.
type Step struct {
	Name    string  `json:"name"`
	OK      bool    `json:"ok"`
	Seconds float64 `json:"seconds"`
	Detail  string  `json:"detail"`
}

// A Result is the whole tour.
type Result struct {
	OK    bool   `json:"ok"`
	Steps []Step `json:"steps"`
	Links []Link `json:"links,omitempty"`
}

// A Link is a row of the table at the end: how long a request took that calls
// pricing once.
type Link struct {
	Split   string  `json:"split"`
	Address string  `json:"address"`
	P50     float64 `json:"p50Microseconds"`
}

// tour is a tour under way.
type tour struct {
	Options
	result  Result
	session *engine.Session
	run     *running

	extracted map[string]string // every file after extract
}

// A step does something and says what came of it, in one line.
type step struct {
	name string
	do   func(context.Context) (string, error)
}

// Run makes the tour. A step that fails ends it; that is in the result, and
// the error is for what lies outside the steps.
func Run(ctx context.Context, o Options) (*Result, error) {
	if o.Dir == "" {
		dir, remove, err := scratch.Dir("unweld-tour")
		if err != nil {
			return nil, err
		}
		defer remove()
		o.Dir = dir
	}
	t := &tour{Options: o}
	defer func() { t.run.stop() }()
	for _, s := range t.steps() {
		if t.Started != nil {
			t.Started(s.name)
		}
		begun := time.Now()
		detail, err := s.do(ctx)
		done := Step{Name: s.name, OK: err == nil, Seconds: time.Since(begun).Seconds(), Detail: detail}
		if err != nil {
			done.Detail = err.Error()
		}
		t.result.Steps = append(t.result.Steps, done)
		if t.Finished != nil {
			t.Finished(done)
		}
		if err != nil {
			return &t.result, nil
		}
	}
	t.result.OK = true
	return &t.result, nil
}

func (t *tour) steps() []step {
	return []step{
		{"copy the shop", t.copy},
		{"find components", t.find},
		{"extract pricing", t.extract},
		{"bind it to a unix socket", t.bind},
		{"keep its state in a command log", t.state},
		{"preview two processes", t.preview},
		{"test as one process and as two", t.test},
		{"run as two processes", t.start},
		{"change a price", t.change},
		{"kill -9 the pricing process", t.kill},
		{"take pricing back, while it runs", t.takeBack},
		{"eject pricing", t.eject},
	}
}

func (t *tour) copy(context.Context) (string, error) {
	entries, err := os.ReadDir(t.Dir)
	if err != nil {
		return "", err
	}
	if len(entries) > 0 {
		return "", fmt.Errorf("%s: isn't empty", t.Dir)
	}
	a := txtar.Parse(t.Archive)
	for _, f := range a.Files {
		name, err := filepath.Localize(f.Name)
		if err != nil {
			return "", err
		}
		name = filepath.Join(t.Dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return "", err
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d files in %s", len(a.Files), t.Dir), nil
}

func (t *tour) find(ctx context.Context) (string, error) {
	var err error
	if t.session, err = engine.Open(ctx, engine.Options{Dir: t.Dir, Progress: t.Progress}); err != nil {
		return "", err
	}
	r, err := t.session.Find(ctx, engine.FindOptions{})
	if err != nil {
		return "", err
	}
	if len(r.Components)+len(r.Shared) == 0 {
		return "", errors.New("no component was found")
	}
	return fmt.Sprintf("%d components, %d shared packages, %d couplings, %d hazards", len(r.Components), len(r.Shared), len(r.Couplings), len(r.Hazards)), nil
}

func (t *tour) extract(ctx context.Context) (string, error) {
	set, err := t.session.Refactor(ctx, "extract", engine.RefactorRequest{Target: "./pricing.Engine", Params: map[string]string{"name": "pricing"}})
	if err != nil {
		return "", err
	}
	if err := t.session.Apply(ctx, set); err != nil {
		return "", err
	}
	t.extracted, err = tree(t.Dir)
	return fmt.Sprintf("%d files changed", len(set.Files)), err
}

func (t *tour) bind(ctx context.Context) (string, error) {
	set, err := t.session.Bind(ctx, engine.BindOptions{Component: "pricing", To: []string{"unix"}})
	if err != nil {
		return "", err
	}
	return made(set), t.session.Apply(ctx, set)
}

func (t *tour) state(ctx context.Context) (string, error) {
	set, err := t.session.State(ctx, engine.StateOptions{Component: "pricing", To: []string{"commandlog"}})
	if err != nil {
		return "", err
	}
	return made(set), t.session.Apply(ctx, set)
}

// made says what of a change set is new, and what it edits of what was there.
func made(set change.Set) string {
	created, edited := 0, []string{}
	for _, f := range set.Files {
		if f.Op == change.Create {
			created++
		} else if !strings.HasSuffix(path.Dir(f.Path), "unweld") { // what bind made before
			edited = append(edited, f.Path)
		}
	}
	return fmt.Sprintf("%d files; edited: %s", created, strings.Join(edited, ", "))
}

func (t *tour) preview(ctx context.Context) (string, error) {
	p, err := t.session.SplitPreview(ctx, engine.PreviewOptions{Name: "micro"})
	if err != nil {
		return "", err
	}
	crossing, looping := 0, 0
	for _, e := range p.Entries {
		if len(e.Calls) > 0 {
			crossing++
		}
		if len(e.Loops) > 0 {
			looping++
		}
	}
	if crossing == 0 {
		return "", errors.New("nothing would cross")
	}
	return fmt.Sprintf("%d of %d entry points would cross, %d of them in a loop", crossing, len(p.Entries), looping), nil
}

func (t *tour) test(ctx context.Context) (string, error) {
	runs, err := t.session.TestSplits(ctx, []string{"monolith", "micro"}, nil)
	if err != nil {
		return "", err
	}
	for _, r := range runs {
		if !r.OK {
			return "", fmt.Errorf("tests fail under %s: %s\n%s", r.Split, r.Reason, r.Output)
		}
	}
	return fmt.Sprintf("%d tests pass both ways; %d calls crossed", runs[1].Passed, runs[1].Crossed), nil
}

func (t *tour) eject(ctx context.Context) (string, error) {
	t.run.stop()
	set, err := t.session.Eject(ctx, "pricing")
	if err != nil {
		return "", err
	}
	if err := t.session.Apply(ctx, set); err != nil {
		return "", err
	}
	left, err := tree(t.Dir)
	if err != nil {
		return "", err
	}
	if !maps.Equal(left, t.extracted) {
		return "", errors.New("what is left isn't what extract made")
	}
	return fmt.Sprintf("%d files; what is left is what extract made, to the byte", len(set.Files)), nil
}

// tree reads all files below dir, without what unweld and the running shop keep
// in .unweld.
func tree(dir string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".unweld":
			return filepath.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(name)
		files[name] = string(content)
		return err
	})
	return files, err
}
