package campaign

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/scratch"
)

// A Corpus is code to work on.
type Corpus struct {
	Name string
	Copy func(dir string) error // copies it into a folder
}

// Std is a package of the standard library.
func Std(pkg string) Corpus {
	return Corpus{pkg, func(dir string) error { return corpus.Std(dir, pkg) }}
}

// Module is a module that this one requires, PATH@VERSION.
func Module(mod string) Corpus {
	return Corpus{mod, func(dir string) error { return corpus.Module(dir, mod) }}
}

// Checkout is the module at a folder.
func Checkout(name, root string) Corpus {
	return Corpus{name, func(dir string) error { return corpus.Checkout(dir, root) }}
}

// Options bound a campaign.
type Options struct {
	// Only are the refactorings to try; all if empty.
	Only []string
	// Limit is how many places of each refactoring are tried in each corpus; 0
	// is all.
	Limit int
	// VerifyEach says that each so-manieth change that is applied is verified; 0
	// is none.
	VerifyEach int
	// Time is how long one refactoring may take; 0 is two minutes.
	Time time.Duration
	// Results is the folder that keeps what was found out; empty keeps nothing.
	Results string
	// Progress is told of each trial. It may be nil.
	Progress func(corpus string, done, all int, t Trial)
}

// An Outcome is what a campaign found out of one corpus.
type Outcome struct {
	Corpus string
	Places map[string]int // by refactoring: how many there are
	Trials []Trial        // sorted by refactoring
}

// Run works on one corpus. Trials that Options.Results has already aren't done
// again.
func Run(ctx context.Context, c Corpus, o Options) (*Outcome, error) {
	if o.Time == 0 {
		o.Time = 2 * time.Minute
	}
	dir, remove, err := scratch.Dir("unweld-campaign")
	if err != nil {
		return nil, err
	}
	defer remove()
	if err := c.Copy(dir); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	s, err := engine.Open(ctx, engine.Options{Dir: dir})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	results, err := openResults(o.Results, c.Name)
	if err != nil {
		return nil, err
	}
	defer results.close()
	r := &runner{corpus: c.Name, root: dir, session: s, options: o, results: results}
	out, err := r.run(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	return out, results.close()
}

// A runner works on the copy of one corpus.
type runner struct {
	corpus   string
	root     string
	session  *engine.Session
	options  Options
	results  *results
	verifier *verifier
	applied  int // by this process
}

func (r *runner) run(ctx context.Context) (*Outcome, error) {
	places, all, err := Places(ctx, r.session, r.options.Only, r.options.Limit)
	if err != nil {
		return nil, err
	}
	out := &Outcome{Corpus: r.corpus, Places: all}
	for i, p := range places {
		t, known := r.results.known[p.key()]
		if !known {
			if t, err = r.trial(ctx, p); err != nil {
				return nil, err
			}
			if err := r.results.add(t); err != nil {
				return nil, err
			}
		}
		out.Trials = append(out.Trials, t)
		if r.options.Progress != nil {
			r.options.Progress(r.corpus, i+1, len(places), t)
		}
	}
	return out, r.steps(ctx, out)
}

// trial does one trial, and verifies it where it is its turn. It fails only
// where the campaign can't go on.
func (r *runner) trial(ctx context.Context, p Place) (Trial, error) {
	t, set, err := try(ctx, r.session, p, r.options.Time)
	if err := cmp.Or(ctx.Err(), err); err != nil {
		return t, err
	}
	if t.Result != Applied {
		return t, nil
	}
	if !r.turn() {
		return t, nil
	}
	err = r.check(ctx, &t, set)
	return t, err
}

// check verifies the change of a trial.
func (r *runner) check(ctx context.Context, t *Trial, set change.Set) (err error) {
	if r.verifier == nil {
		if r.verifier, err = newVerifier(r.root); err != nil {
			return err
		}
	}
	return t.verify(ctx, r.verifier, r.session, set)
}

// turn reports whether a change that was applied is to be verified.
func (r *runner) turn() bool {
	r.applied++
	return r.options.VerifyEach != 0 && (r.applied-1)%r.options.VerifyEach == 0
}

// verify adds to a trial what a verifier says of its change.
func (t *Trial) verify(ctx context.Context, v *verifier, s *engine.Session, set change.Set) error {
	wrong, err := v.verify(ctx, s, set)
	if err != nil {
		return err
	}
	t.Verified = true
	if wrong != "" {
		t.Result, t.Reason, t.Detail = Broken, general(firstLines(wrong, 1)), wrong
	}
	return nil
}

// ModuleRoot returns the folder of the module that a folder lies in.
func ModuleRoot(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for at := abs; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at, nil
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%s: is in no module", dir)
		}
	}
}
