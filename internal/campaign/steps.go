package campaign

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/corpus/used"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
)

// The ways of extract that are tried with the types that are plausible components, and
// extract-contract for each package that calls methods of such a type, and of others.
// What comes of them has sections of its own, named like this.
const (
	keepSignatures = "extract --keep-signatures"
	stepBoundary   = "extract --step boundary"
	stepRemote     = "extract --step remote"
	pairByPointer  = "extract-contract --consumers, of types held by pointer"
	pairByValue    = "extract-contract --consumers, of other types"
)

// steps tries the ways of extract with types that others hold by pointer: with their
// signatures kept, and a boundary with, on what comes out of it, the contract from
// afar.
func (r *runner) steps(ctx context.Context, out *Outcome) error {
	wanted := func(name string) bool { return len(r.options.Only) == 0 || slices.Contains(r.options.Only, name) }
	if !wanted("extract") && !wanted("extract-contract") {
		return nil
	}
	targets, pairs, err := usedTypes(ctx, r.root)
	if err != nil {
		return err
	}
	if wanted("extract-contract") {
		if err := r.pairs(ctx, pairs, out); err != nil {
			return err
		}
	}
	if !wanted("extract") {
		return nil
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

// pairs tries extract-contract with types and single consumers of them.
func (r *runner) pairs(ctx context.Context, pairs []Place, out *Outcome) error {
	for _, p := range pairs {
		out.Places[p.Refactoring]++
	}
	pairs = atMost(pairs, r.options.Limit)
	for i, p := range pairs {
		t, err := r.pair(ctx, p)
		if err != nil {
			return err
		}
		out.Trials = append(out.Trials, t)
		if r.options.Progress != nil {
			r.options.Progress(r.corpus, i+1, len(pairs), t)
		}
	}
	return nil
}

func (r *runner) pair(ctx context.Context, p Place) (Trial, error) {
	if t, known := r.results.known[p.key()]; known {
		return t, nil
	}
	t, set, err := r.carryOut(ctx, p, "extract-contract")
	if err == nil && set != nil && r.turn() {
		err = r.check(ctx, &t, *set)
	}
	if err == nil {
		err = r.results.add(t)
	}
	return t, err
}

// usedTypes lists the types of a module that others hold by pointer, and each package
// that calls methods of such a type, or of another, with the type; all in the order of
// places.
func usedTypes(ctx context.Context, root string) (byPointer, pairs []Place, err error) {
	snap, err := source.Open(ctx, source.Options{Dir: root})
	if err != nil {
		return nil, nil, err
	}
	packages, err := snap.Load(ctx, source.LoadOptions{}, snap.Module+"/...")
	if err != nil {
		return nil, nil, err
	}
	for _, u := range used.Types(packages) {
		target, kind := u.Package.Pkg.Path+"."+u.Type.Obj().Name(), pairByValue
		if u.Stateful {
			byPointer = append(byPointer, Place{Refactoring: stepBoundary, Request: refactor.Request{Target: target}})
			kind = pairByPointer
		}
		for _, user := range u.Users {
			pairs = append(pairs, Place{Refactoring: kind, Request: refactor.Request{Target: target, Params: map[string]string{"consumers": user.Pkg.Path}}})
		}
	}
	for _, places := range [][]Place{byPointer, pairs} {
		slices.SortFunc(places, func(a, b Place) int { return cmp.Compare(a.key(), b.key()) })
	}
	return byPointer, pairs, nil
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
		if _, set, err = r.carryOut(ctx, boundary.Place, "extract"); err != nil {
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
	t, set, err := r.carryOut(ctx, p, "extract")
	if err == nil {
		err = r.results.add(t)
	}
	return t, set, err
}

// carryOut tries a way of a refactoring.
func (r *runner) carryOut(ctx context.Context, p Place, name string) (Trial, *change.Set, error) {
	asked := p
	asked.Refactoring = name
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
	t, further, err := r.carryOut(ctx, p, "extract")
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
	// exported are notes of a name that was exported for the sake of the change.
	exported = regexp.MustCompile(`^\S+ is exported now, as `)
)

// told counts what the notes of a change say.
func (t *Trial) told(set change.Set) {
	for _, n := range set.Notes {
		if made.MatchString(n.Message) {
			t.Made++
		}
		if exported.MatchString(n.Message) {
			t.Exported++
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

// ofHolders is ofKind of several, without the packages of which no place holds a value of
// the type: they call what they make, or get from a call, then and there. A refusal names
// the places that keep the type, if there are any.
func ofHolders(names ...string) func(Trial) bool {
	return func(t Trial) bool {
		return slices.Contains(names, t.Refactoring) && t.Result != Disabled && (t.Further > 0 || !strings.HasPrefix(t.Reason, "nobody-holds:"))
	}
}

func applied(t Trial) bool { return t.Result == Applied || t.Result == Broken }

var bars = []bar{
	{"types that others hold by pointer: all callers hold a contract", ofKind(stepBoundary), func(t Trial) bool { return applied(t) && t.Kept == 0 }, 85},
	{"of these: the whole contract can be called from afar, and nothing is left to a person", ofKind(stepRemote), func(t Trial) bool { return applied(t) && t.Left+t.Local == 0 }, 45},
	{"of these: at most three places are left to a person, methods that stay local among them", ofKind(stepRemote), func(t Trial) bool { return applied(t) && t.Left+t.Local <= 3 }, 65},
	{"types that others hold by pointer: extracted with their signatures kept", ofKind(keepSignatures), applied, 60},
	{"a package that calls methods of a type held by pointer, and holds it: it holds an interface of what it uses", ofHolders(pairByPointer), applied, 85},
	{"the same with all types", ofHolders(pairByPointer, pairByValue), applied, 60},
	{"move-declaration: applied, with at most ten companions", ofKind("move-declaration"), applied, 88},
	{"the same with at most three names exported", ofKind("move-declaration"), func(t Trial) bool { return applied(t) && t.Exported <= 3 }, 65},
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
