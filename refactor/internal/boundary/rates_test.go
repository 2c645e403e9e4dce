package boundary

import (
	"cmp"
	"flag"
	"fmt"
	"go/types"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/corpus"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/everywhere"
	"github.com/unweld/unweld/refactor/internal/retype"
)

var (
	another = flag.String("corpus", "", "directories of further modules for TestRates, separated by commas")
	show    = flag.Int("show", 0, "how many places TestRates shows of each reason")
	some    = flag.String("only", "", "a regular expression for the types that TestRates looks at; all if empty")
	pairs   = flag.Bool("pairs", true, "whether TestRates also asks for a contract for each consumer of a type")
)

// TestRates works out, for each type of code that nobody here wrote and that
// another package uses, whether all of its users could hold an interface of it. It
// fails where the rates fall below what they were.
func TestRates(t *testing.T) {
	r := &rates{why: map[string][]string{}, kept: map[string][]string{}}
	for _, mod := range []string{"golang.org/x/mod@v0.42.0", "github.com/spf13/cobra@v1.10.2"} {
		dir := t.TempDir()
		if err := corpus.Module(dir, mod); err != nil {
			t.Fatal(err)
		}
		r.module(t, dir)
	}
	for dir := range strings.SplitSeq(*another, ",") {
		if dir != "" {
			r.module(t, dir)
		}
	}
	r.log(t)
	if r.stateful[1] == 0 || 100*r.stateful[0] < 60*r.stateful[1] || 100*r.statefulPairs[0] < 60*r.statefulPairs[1] {
		t.Error("fewer than 60 % of the types that are held by pointer can have a boundary, or a contract")
	}
}

// rates counts types.
type rates struct {
	all, stateful        [2]int // applied and in all: the boundary beside the type
	alone, statefulAlone int    // of those applied, held by nobody but who makes the values
	pairs, statefulPairs [2]int // the same, a consumer at a time
	why                  map[string][]string
	kept                 map[string][]string // types by all that is in their way
}

// blocked records all that is in the way of a type.
func (r *rates) blocked(named *types.Named, stateful bool, left []retype.Left) {
	var reasons []string
	at := map[string]string{}
	for _, g := range retype.Roots(left) {
		why := anonymous(g.Root.Why)
		if !slices.Contains(reasons, why) {
			reasons = append(reasons, why)
			at[why] = fmt.Sprintf("%s %s (%s): %s", g.Root.Name, g.Root.Span, g.Root.At, g.Root.Why)
		}
	}
	slices.Sort(reasons)
	key := strings.Join(reasons, " + ")
	if !stateful {
		key = "value: " + key
	}
	var b strings.Builder
	b.WriteString(named.String())
	for _, w := range reasons {
		b.WriteString("\n\t\t" + at[w])
	}
	r.kept[key] = append(r.kept[key], b.String())
}

func rate(n [2]int) string {
	return fmt.Sprintf("%d of %d (%.0f %%)", n[0], n[1], 100*float64(n[0])/float64(max(1, n[1])))
}

func (r *rates) log(t *testing.T) {
	held := func(n [2]int, alone int) string { return rate([2]int{n[0] - alone, n[1]}) }
	t.Logf("boundary, no caller left with the type: stateful %s, all %s", rate(r.stateful), rate(r.all))
	t.Logf("of those, held by others than who makes the values: stateful %s, all %s", held(r.stateful, r.statefulAlone), held(r.all, r.alone))
	t.Logf("contract: stateful %s, all %s", rate(r.statefulPairs), rate(r.pairs))
	for _, k := range slices.SortedFunc(maps.Keys(r.kept), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(r.kept[b]), len(r.kept[a])), cmp.Compare(a, b))
	}) {
		t.Logf("%4d types kept by: %s", len(r.kept[k]), k)
		for _, at := range r.kept[k][:min(len(r.kept[k]), *show)] {
			t.Logf("       %s", at)
		}
	}
	var reasons []string
	for why := range r.why {
		reasons = append(reasons, why)
	}
	slices.SortFunc(reasons, func(a, b string) int { return cmp.Or(cmp.Compare(len(r.why[b]), len(r.why[a])), cmp.Compare(a, b)) })
	for _, why := range reasons[:min(len(reasons), 60)] {
		t.Logf("%4d %s", len(r.why[why]), why)
		for _, at := range r.why[why][:min(len(r.why[why]), *show)] {
			t.Logf("       %s", at)
		}
	}
}

func (r *rates) module(t *testing.T, dir string) {
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var only *regexp.Regexp
	if *some != "" {
		only = regexp.MustCompile(*some)
	}
	w, err := code.Load(t.Context(), refactor.Input{Snapshot: snap}, "rates")
	if err != nil {
		t.Fatal(err)
	}
	stateful, all, statefulAlone, alone := r.stateful, r.all, r.statefulAlone, r.alone
	for _, u := range everywhere.UsedTypes(w) {
		if only == nil || only.MatchString(u.Package.Pkg.Path+"."+u.Type.Obj().Name()) {
			r.typ(w, u)
		}
	}
	since := func(now, then [2]int) [2]int { return [2]int{now[0] - then[0], now[1] - then[1]} }
	t.Logf("%s: stateful %s, all %s; only makers hold %d, %d", filepath.Base(dir), rate(since(r.stateful, stateful)), rate(since(r.all, all)), r.statefulAlone-statefulAlone, r.alone-alone)
}

func (r *rates) typ(w *code.World, u everywhere.UsedType) {
	p, named, users, stateful := u.Package, u.Type, u.Users, u.Stateful
	count := func(n, s *[2]int, done bool) {
		for _, c := range []*[2]int{n, s} {
			if c == s && !stateful {
				continue
			}
			c[1]++
			if done {
				c[0]++
			}
		}
	}
	m := &maker{Request: Request{What: "rates", World: w, Type: named, Package: p, Home: p, Accessors: true}, out: &Outcome{}}
	m.solve()
	done := m.out.Used() && len(m.out.Left) == 0
	count(&r.all, &r.stateful, done)
	if done && m.out.Held == 0 {
		r.alone++
		if stateful {
			r.statefulAlone++
		}
	}
	if !done {
		why, at := "nobody holds it", ""
		if len(m.out.Left) > 0 {
			why, at = anonymous(m.out.Left[0].Why), m.out.Left[0].Span.String()+" ("+m.out.Left[0].At.String()+"): "+m.out.Left[0].Why
		}
		if !stateful {
			why = "value: " + why
		}
		r.why[why] = append(r.why[why], named.String()+" "+at)
		r.blocked(named, stateful, m.out.Left)
	}
	if !*pairs {
		return
	}
	for _, c := range users {
		req := Request{What: "rates", World: w, Type: named, Package: p, Home: c, Consumers: []*source.Package{c}, Accessors: true}
		out := Survey(req)
		if len(out.Left) > 0 || out.Held == 0 {
			req.Home = p
			if beside := Survey(req); beside.Better(out) {
				out = beside
			}
		}
		done := out.Held > 0 && len(out.Left) == 0
		count(&r.pairs, &r.statefulPairs, done)
		if !done {
			why, at := "pair: nobody holds it", ""
			if len(out.Left) > 0 {
				why, at = "pair: "+anonymous(out.Left[0].Why), out.Left[0].Span.String()+" ("+out.Left[0].At.String()+")"
			}
			if !stateful {
				why = "value " + why
			}
			r.why[why] = append(r.why[why], named.String()+" "+at)
		}
	}
}

var names = regexp.MustCompile(`(its|its field|to|method|of|it flows into|passed as|,) [A-Za-z0-9_.*]+`)

// anonymous is a reason without the names in it.
func anonymous(why string) string {
	if i := strings.LastIndex(why, "keeps the type: "); i >= 0 {
		why = why[i+len("keeps the type: "):]
	}
	why, _, _ = strings.Cut(why, "; nil comes from ")
	return names.ReplaceAllString(why, "$1 X")
}
