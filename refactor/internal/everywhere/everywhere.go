// Package everywhere asks for a refactoring at the exported functions of code that
// nobody here wrote, for the tests of refactorings that work on functions. What
// comes out type-checks, or is a refusal with a reason of ours; anything else
// fails the test, and so does a corpus in which nothing came out.
package everywhere

import (
	"cmp"
	"errors"
	"fmt"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/source"
)

// Do asks for the refactoring of a target.
type Do func(t *testing.T, snap *source.Snapshot, target string) (change.Set, error)

// A Corpus is where code comes from that nobody here wrote.
type Corpus struct {
	// Std and Module copy a package of the standard library, or a module, into a
	// folder.
	Std, Module func(dir, name string) error
	// Another is the directory of one more module, or empty.
	Another string
	// Everything is how many targets of each are tried, spread over all; 0 is all.
	Everything int
}

// Run tries the targets of each corpus.
func (c Corpus) Run(t *testing.T, do Do) {
	for _, pkg := range []string{"net/textproto", "encoding/csv", "text/tabwriter", "net/mail", "html"} {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := c.Std(dir, pkg); err != nil {
				t.Fatal(err)
			}
			tryAll(t, dir, c.Everything, do)
		})
	}
	for _, mod := range []string{"github.com/dustin/go-humanize@v1.0.1", "github.com/google/uuid@v1.6.0", "github.com/mattn/go-runewidth@v0.0.16"} {
		t.Run(mod, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := c.Module(dir, mod); err != nil {
				t.Fatal(err)
			}
			tryAll(t, dir, c.Everything, do)
		})
	}
	if c.Another != "" {
		t.Run("corpus", func(t *testing.T) { tryAll(t, c.Another, c.Everything, do) })
	}
}

// tryAll counts what comes of the targets of a module: applied without a place
// that a person has to look at, applied with some, refused by reason.
func tryAll(t *testing.T, dir string, everything int, do Do) {
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	all := targets(t, snap)
	if len(all) == 0 {
		t.Fatal("no exported functions: the corpus doesn't load")
	}
	step := 1
	if everything > 0 {
		step = max(1, len(all)/everything)
	}
	tried, clean, places := 0, 0, 0
	reasons, refusals := map[string]int{}, map[string]int{}
	for i := 0; i < len(all); i += step {
		tried++
		set, err := do(t, snap, all[i])
		switch {
		case err == nil:
			n := 0
			for _, note := range set.Notes {
				if _, why, ok := strings.Cut(note.Message, ": "); ok && place.MatchString(note.Message) {
					reasons[plain(why)]++
					n++
				}
			}
			places += n
			if n == 0 {
				clean++
			}
		case isRefusal(err):
			refusals[reason(err)]++
		default:
			t.Errorf("%s: %v", all[i], err)
		}
	}
	refused := 0
	for _, n := range refusals {
		refused += n
	}
	if refused == tried && tried > 4 {
		t.Error("nothing was applied")
	}
	t.Logf("of %d exported functions %d were tried: %d applied (%d%%), %d of them without a place to look at; %d places", len(all), tried, tried-refused, 100*(tried-refused)/tried, clean, places)
	t.Logf("refused:\n%splaces:\n%s", ranked(refusals), ranked(reasons))
}

// place is what notes say of a place where a context was made up, or an error went
// to nobody who asked for it.
var place = regexp.MustCompile(`gets context\.|can fail now, and (this panics|the error is|its error is)`)

// names are what differs from one note to the next.
var names = regexp.MustCompile(`\S+ (can't)|\S+:\d+:\d+|\b[A-Z]\w*(\.\w+)*\b`)

func plain(message string) string { return names.ReplaceAllString(message, "X $1") }

func ranked(counts map[string]int) string {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&b, "%6d %s\n", counts[k], k)
	}
	return b.String()
}

// isRefusal reports an error with a reason of our own: about the request, or
// about a place; a type error in what we wrote is none.
func isRefusal(err error) bool {
	if r, ok := errors.AsType[*component.Refusal](err); ok {
		return !strings.Contains(r.Error(), "doesn't type-check here")
	}
	_, usage := errors.AsType[*component.UsageError](err)
	return usage
}

// reason is a refusal without the names that are in it.
func reason(err error) string {
	if r, ok := errors.AsType[*component.Refusal](err); ok {
		_, why, _ := strings.Cut(r.Problems[0].Message, ": ")
		return r.Problems[0].Code + ": " + plain(why)
	}
	return fmt.Sprint(err)
}

// targets lists the exported functions of a module, and the exported methods
// of its exported types, that neither take a context nor return an error.
func targets(t *testing.T, snap *source.Snapshot) []string {
	pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range pkgs {
		if p.IllTyped() {
			continue
		}
		for _, name := range p.Types.Scope().Names() {
			switch obj := p.Types.Scope().Lookup(name).(type) {
			case *types.Func:
				if obj.Exported() && free(obj) {
					out = append(out, p.Pkg.Path+"."+name)
				}
			case *types.TypeName:
				named, ok := obj.Type().(*types.Named)
				if !ok || !obj.Exported() || obj.IsAlias() {
					continue
				}
				for m := range named.Methods() {
					if m.Exported() && free(m) {
						out = append(out, p.Pkg.Path+"."+name+"."+m.Name())
					}
				}
			}
		}
	}
	return out
}

func free(fn *types.Func) bool {
	ps, rs := fn.Signature().Params(), fn.Signature().Results()
	return (ps.Len() == 0 || !crossing.IsContext(ps.At(0).Type())) && (rs.Len() == 0 || !crossing.IsError(rs.At(rs.Len()-1).Type()))
}
