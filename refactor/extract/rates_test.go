package extract_test

import (
	"flag"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/extract"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/everywhere"
)

var (
	further = flag.String("rates", "", "directories of further modules for TestRates, separated by commas")
	most    = flag.Int("most", 0, "how many types of each module TestRates tries, spread over all; 0 is all")
	each    = flag.Bool("each", false, "whether TestRates shows what comes of each type")
	keeping = flag.Bool("keeping", true, "whether TestRates tries --keep-signatures")
	stepped = flag.Bool("stepped", true, "whether TestRates tries the steps boundary and remote")
	only    = flag.Bool("only", false, "whether TestRates leaves out the module that it has without -rates")
)

// TestRates takes the types of code that nobody here wrote which others hold by
// pointer through the steps of an extraction, and counts how far each gets: callers
// hold a contract, all of its methods can be called from afar, and how many places
// that leaves to a person. It fails where one of these steps ends in anything but code
// that type-checks, or a refusal with a reason of ours.
func TestRates(t *testing.T) {
	r := &rates{kept: map[string]int{}, far: map[string]int{}}
	if !*only {
		dir := t.TempDir()
		if err := corpus.Module(dir, "github.com/spf13/cobra@v1.10.2"); err != nil {
			t.Fatal(err)
		}
		r.module(t, dir)
	}
	for root := range strings.SplitSeq(*further, ",") {
		if root == "" {
			continue
		}
		dir := t.TempDir()
		if err := corpus.Checkout(dir, root); err != nil {
			t.Fatal(err)
		}
		r.module(t, dir)
	}
	t.Logf("%d types: with their signatures kept %d (%.0f %%)", r.types, r.keep, percent(r.keep, r.types))
	t.Logf("held by contract %d; of those remote %d: all methods, nothing left to a person %d (%.0f %%), at most three places %d (%.0f %%)", r.boundary, r.remote, r.whole, percent(r.whole, r.boundary), r.few, percent(r.few, r.boundary))
	t.Logf("signatures not kept:\n%snot remote, and left to a person:\n%s", everywhere.Ranked(r.kept), everywhere.Ranked(r.far))
	if r.types == 0 {
		t.Error("no type was tried")
	}
}

func percent(n, all int) float64 { return 100 * float64(n) / float64(max(1, all)) }

type rates struct {
	types, keep, boundary, remote, whole, few int
	kept, far                                 map[string]int // reasons
}

func (r *rates) module(t *testing.T, dir string) {
	snap := open(t, dir)
	w, err := code.Load(t.Context(), refactor.Input{Snapshot: snap}, "rates")
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for _, u := range everywhere.UsedTypes(w) {
		if u.Stateful {
			targets = append(targets, u.Package.Pkg.Path+"."+u.Type.Obj().Name())
		}
	}
	for _, target := range everywhere.Spread(targets, *most) {
		r.types++
		if *keeping {
			r.signatures(t, snap, target)
		}
		if *stepped {
			r.steps(t, snap, dir, target)
		}
	}
}

func open(t *testing.T, dir string) *source.Snapshot {
	t.Helper()
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

func (r *rates) do(t *testing.T, snap *source.Snapshot, target string, params ...string) (change.Set, error) {
	req := refactor.Request{Target: target, Params: map[string]string{"name": "part"}}
	for i := 0; i < len(params); i += 2 {
		req.Params[params[i]] = params[i+1]
	}
	all := component.Carriers{All: []component.Carrier{{Name: "all", Modes: component.Carried}}}
	return extract.Refactoring.Do(t.Context(), refactor.Input{Snapshot: snap, Carriers: all}, req)
}

func (r *rates) say(t *testing.T, target, what string, err error) {
	if *each {
		t.Logf("%s: %s: %v", target, what, err)
	}
}

// signatures tries what leaves callers as they are.
func (r *rates) signatures(t *testing.T, snap *source.Snapshot, target string) {
	_, err := r.do(t, snap, target, "keep-signatures", "true")
	r.say(t, target, "keep", err)
	if err == nil {
		r.keep++
		return
	}
	why, ours := everywhere.Refusal(err)
	if !ours {
		t.Errorf("%s: %v", target, err)
	}
	r.kept[why]++
}

// person are notes of places that are left to a person. Where there is no context
// further up, a person has none to pass, either.
var (
	stays  = regexp.MustCompile(`^\w+ keeps \*|is used of \*.* itself: `)
	person = regexp.MustCompile(`gets context\..*; the nearest context is|can fail now, and (this panics|the error is|its error is)|stays in its caller's process|keeps \*`)
)

// steps tries a boundary and, on what comes out, the contract from afar.
func (r *rates) steps(t *testing.T, snap *source.Snapshot, dir, target string) {
	set, err := r.do(t, snap, target, "step", "boundary")
	r.say(t, target, "boundary", err)
	if err != nil {
		return
	}
	for _, n := range set.Notes {
		if stays.MatchString(n.Message) {
			return // some code holds the type
		}
	}
	r.boundary++
	if err := change.Apply(dir, set); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := change.Undo(dir); err != nil {
			t.Fatal(err)
		}
	}()
	set, err = r.do(t, open(t, dir), target, "step", "remote")
	r.say(t, target, "remote", err)
	if err != nil {
		why, ours := everywhere.Refusal(err)
		if !ours {
			t.Errorf("%s: %v", target, err)
		}
		r.far["refused: "+why]++
		return
	}
	r.remote++
	places := 0
	for _, n := range set.Notes {
		if person.MatchString(n.Message) {
			_, why, _ := strings.Cut(n.Message, ": ")
			r.far[words.ReplaceAllString(why, "X")]++
			places++
			r.say(t, target, n.Span.String(), fmt.Errorf("%s", n.Message))
		}
	}
	if places == 0 {
		r.whole++
	}
	if places <= 3 {
		r.few++
	}
}

var words = regexp.MustCompile(`\S*[A-Z.:()*\[]\S*`)
