package campaign

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus/used"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
)

// The ways of extract that are tried with the types that are plausible components.
// What comes of them has sections of its own, named like this.
const (
	keepSignatures = "extract --keep-signatures"
	stepBoundary   = "extract --step boundary"
	stepRemote     = "extract --step remote"
)

// steps tries the ways of extract with types that others hold by pointer: with their
// signatures kept, and a boundary with, on what comes out of it, the contract from
// afar.
func (r *runner) steps(ctx context.Context, out *Outcome) error {
	if len(r.options.Only) > 0 && !slices.Contains(r.options.Only, "extract") {
		return nil
	}
	targets, err := statefulTypes(ctx, r.root)
	if err != nil {
		return err
	}
	out.Places[keepSignatures], out.Places[stepBoundary] = len(targets), len(targets)
	for i, target := range atMost(targets, r.options.Limit) {
		trials, err := r.extractions(ctx, target.Request.Target)
		if err != nil {
			return err
		}
		out.Trials = append(out.Trials, trials...)
		for _, t := range trials {
			if t.Refactoring == stepRemote {
				out.Places[stepRemote]++
			}
			if r.options.Progress != nil {
				r.options.Progress(r.corpus, i+1, len(targets), t)
			}
		}
	}
	return nil
}

// statefulTypes lists the types of a module that others hold by pointer, in the
// order of places.
func statefulTypes(ctx context.Context, root string) ([]Place, error) {
	snap, err := source.Open(ctx, source.Options{Dir: root})
	if err != nil {
		return nil, err
	}
	packages, err := snap.Load(ctx, source.LoadOptions{}, snap.Module+"/...")
	if err != nil {
		return nil, err
	}
	var out []Place
	for _, u := range used.Types(packages) {
		if u.Stateful {
			out = append(out, Place{Refactoring: stepBoundary, Request: refactor.Request{Target: u.Package.Pkg.Path + "." + u.Type.Obj().Name()}})
		}
	}
	slices.SortFunc(out, func(a, b Place) int { return cmp.Compare(a.key(), b.key()) })
	return out, nil
}

// extractions tries what there is to try with one type.
func (r *runner) extractions(ctx context.Context, target string) ([]Trial, error) {
	request := func(name, value string) refactor.Request {
		return refactor.Request{Target: target, Params: map[string]string{"name": "part", name: value}}
	}
	keep, _, err := r.once(ctx, Place{Refactoring: keepSignatures, Request: request("keep-signatures", "true")})
	if err != nil {
		return nil, err
	}
	remote := Place{Refactoring: stepRemote, Request: request("step", "remote")}
	boundary, set, err := r.once(ctx, Place{Refactoring: stepBoundary, Request: request("step", "boundary")})
	if err != nil || boundary.Result != Applied || boundary.Kept > 0 {
		return []Trial{keep, boundary}, err
	}
	if t, known := r.results.known[remote.key()]; known {
		return []Trial{keep, boundary, t}, nil
	}
	if set == nil { // its result is known
		if _, set, err = r.extract(ctx, boundary.Place); err != nil {
			return nil, err
		}
	}
	t, err := r.after(ctx, *set, remote)
	return []Trial{keep, boundary, t}, err
}

// once tries a way of extract unless what comes of it is known. Set is nil then, and
// where it wasn't applied.
func (r *runner) once(ctx context.Context, p Place) (Trial, *change.Set, error) {
	if t, known := r.results.known[p.key()]; known {
		return t, nil, nil
	}
	t, set, err := r.extract(ctx, p)
	if err == nil {
		err = r.results.add(t)
	}
	return t, set, err
}

// extract tries a way of extract.
func (r *runner) extract(ctx context.Context, p Place) (Trial, *change.Set, error) {
	asked := p
	asked.Refactoring = "extract"
	t, set, err := try(ctx, r.session, asked, r.options.Time)
	t.Place = p
	if err := cmp.Or(ctx.Err(), err); err != nil || t.Result != Applied {
		return t, nil, err
	}
	return t, &set, nil
}

// after tries a way of extract on what a change leads to, which is taken back.
func (r *runner) after(ctx context.Context, set change.Set, p Place) (t Trial, err error) {
	if err := change.Apply(r.root, set); err != nil {
		return t, err
	}
	defer func() {
		if _, undone := change.Undo(r.root); err == nil && undone != nil {
			err = undone
		}
		if refreshed := r.session.Refresh(ctx); err == nil {
			err = refreshed
		}
	}()
	if err := r.session.Refresh(ctx); err != nil {
		return t, err
	}
	t, further, err := r.extract(ctx, p)
	if err == nil && further != nil && r.turn() {
		v, err := newVerifier(r.root)
		if err != nil {
			return t, err
		}
		if err := t.verify(ctx, v, r.session, *further); err != nil {
			return t, err
		}
	}
	if err == nil {
		err = r.results.add(t)
	}
	return t, err
}

var (
	// made are notes of a context that was made up.
	made = regexp.MustCompile(`gets context\.(Background|TODO)\(\)`)
	// left are notes of a place that a person has to look at: a context that was made
	// up though there is one further up, an error that nobody returns.
	left = regexp.MustCompile(`gets context\.(Background|TODO)\(\).*; the nearest context is|can fail now, and (this panics|the error is|its error is)`)
	// local are notes of a method that can't be called from another process.
	local = regexp.MustCompile(`stays in its caller's process`)
	// kept are notes of code that goes on with the type.
	kept = regexp.MustCompile(`^\w+ keeps \*|is used of \*.* itself: `)
)

// told counts what the notes of a change say.
func (t *Trial) told(set change.Set) {
	for _, n := range set.Notes {
		if made.MatchString(n.Message) {
			t.Made++
		}
		switch {
		case left.MatchString(n.Message):
			t.Left++
		case local.MatchString(n.Message):
			t.Local++
		case kept.MatchString(n.Message):
			t.Kept++
		}
	}
}

// A bar is a figure that trials are to reach.
type bar struct {
	what    string
	of      func(Trial) bool // which trials count
	reached func(Trial) bool
	wanted  int // percent
}

func ofKind(name string) func(Trial) bool {
	return func(t Trial) bool { return t.Refactoring == name && t.Result != Disabled }
}

func applied(t Trial) bool { return t.Result == Applied || t.Result == Broken }

var bars = []bar{
	{"types that others hold by pointer: all callers hold a contract", ofKind(stepBoundary), func(t Trial) bool { return applied(t) && t.Kept == 0 }, 85},
	{"of these: the whole contract can be called from afar, and nothing is left to a person", ofKind(stepRemote), func(t Trial) bool { return applied(t) && t.Left+t.Local == 0 }, 45},
	{"of these: at most three places are left to a person, methods that stay local among them", ofKind(stepRemote), func(t Trial) bool { return applied(t) && t.Left+t.Local <= 3 }, 65},
	{"types that others hold by pointer: extracted with their signatures kept", ofKind(keepSignatures), applied, 60},
	{"thread-context: applied, and every call is joined to a context that was there", ofKind("thread-context"), func(t Trial) bool { return applied(t) && t.Made == 0 }, 78},
	{"thread-error: applied", ofKind("thread-error"), applied, 78},
}

// figure is one line of the table of bars.
func (b bar) figure(outcomes []*Outcome) string {
	tried, reached := 0, 0
	for _, o := range outcomes {
		for _, t := range o.Trials {
			if b.of(t) {
				tried++
				if b.reached(t) {
					reached++
				}
			}
		}
	}
	share := "-"
	if tried > 0 {
		share = fmt.Sprint(100 * reached / tried)
	}
	return fmt.Sprintf("| %s | %d | %d | %s | %d |\n", b.what, tried, reached, share, b.wanted)
}
