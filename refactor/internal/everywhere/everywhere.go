// Package everywhere helps tests that ask for a refactoring at many places of code
// that nobody here wrote. What comes out type-checks, or is a refusal with a reason
// of ours; anything else fails the test, and so does a corpus in which nothing came
// out. Corpus does all of it.
package everywhere

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/archive"
)

// Do carries a request out.
type Do func(t *testing.T, snap *source.Snapshot, req refactor.Request) (change.Set, error)

// A Corpus is where code comes from that nobody here wrote.
type Corpus struct {
	// Std and Module copy a package of the standard library, or a module, into a
	// folder.
	Std, Module func(dir, name string) error
	// Packages are the packages of the standard library, Modules the modules with their
	// versions. Nil means small ones with functions of every kind.
	Packages, Modules []string
	// Another is the directory of one more module, or empty.
	Another string
	// Everything is how many requests are tried of each, spread over all; 0 is all.
	Everything int
	// Rare says that there are few places where the refactoring applies, so that some
	// of the code may have none.
	Rare bool
	// Requests lists what could be asked of a module. Nil means its exported
	// functions and methods that neither take a context nor return an error.
	Requests func(*testing.T, *source.Snapshot) []refactor.Request
}

// Run tries what could be asked of each corpus. It fails where nothing was applied in all
// of them.
func (c Corpus) Run(t *testing.T, do Do) {
	var applied atomic.Int64
	try := func(t *testing.T, dir string) { applied.Add(int64(c.tryAll(t, dir, do))) }
	copied := func(copy func(dir, name string) error, name string) func(*testing.T) {
		return func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := copy(dir, name); err != nil {
				t.Fatal(err)
			}
			try(t, dir)
		}
	}
	packages, modules := c.Packages, c.Modules
	if packages == nil && modules == nil {
		packages = []string{"net/textproto", "encoding/csv", "text/tabwriter", "text/scanner", "net/mail", "html"}
		modules = []string{"github.com/dustin/go-humanize@v1.0.1", "github.com/google/uuid@v1.6.0", "github.com/mattn/go-runewidth@v0.0.16"}
	}
	t.Run("corpora", func(t *testing.T) {
		for _, pkg := range packages {
			t.Run(pkg, copied(c.Std, pkg))
		}
		for _, mod := range modules {
			t.Run(mod, copied(c.Module, mod))
		}
		if c.Another != "" {
			t.Run("corpus", func(t *testing.T) { try(t, c.Another) })
		}
	})
	if applied.Load() == 0 {
		t.Error("nothing was applied anywhere")
	}
}

// tryAll counts what comes of the requests of a module: applied without a place
// that a person has to look at, applied with some, refused by reason. It returns
// how many were applied.
func (c Corpus) tryAll(t *testing.T, dir string, do Do) (applied int) {
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	requests := c.Requests
	if requests == nil {
		requests = functions
	}
	all := requests(t, snap)
	if len(all) == 0 && c.Rare {
		t.Log("there is nothing to ask for")
		return 0
	}
	if len(all) == 0 {
		t.Fatal("there is nothing to ask for: the corpus doesn't load")
	}
	tried, clean, places := 0, 0, 0
	reasons, refusals := map[string]int{}, map[string]int{}
	for _, req := range Spread(all, c.Everything) {
		tried++
		set, err := do(t, snap, req)
		switch why, ours := Refusal(err); {
		case err == nil:
			applied++
			n := 0
			for _, note := range set.Notes {
				if _, why, ok := strings.Cut(note.Message, ": "); ok && place.MatchString(note.Message) {
					reasons[general(why)]++
					n++
				}
			}
			places += n
			if n == 0 {
				clean++
			}
		case ours:
			refusals[why]++
		default:
			t.Errorf("%s %v: %v", req.Target, req.Params, err)
		}
	}
	if applied == 0 && tried > 4 && !c.Rare {
		t.Error("nothing was applied")
	}
	t.Logf("of %d requests %d were tried: %d applied (%d%%), %d of them without a place to look at; %d places", len(all), tried, applied, 100*applied/tried, clean, places)
	t.Logf("refused:\n%splaces:\n%s", Ranked(refusals), Ranked(reasons))
	return applied
}

// place is what notes say of a place where a context was made up, or an error went
// to nobody who asked for it.
var place = regexp.MustCompile(`gets context\.|can fail now, and (this panics|the error is|its error is)`)

// names are what differs from one message to the next.
var names = regexp.MustCompile(`\S+ (can't)|\S+:\d+:\d+|\b[A-Z]\w*(\.\w+)*\b`)

// general is a message without the names that are in it.
func general(message string) string { return names.ReplaceAllString(message, "X $1") }

// Ranked lists what was counted, the most frequent first, a line each.
func Ranked(counts map[string]int) string {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	var b strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&b, "%6d %s\n", counts[k], k)
	}
	return b.String()
}

// Spread returns about n of all, spread over them; all where n is 0.
func Spread[T any](all []T, n int) []T {
	if n == 0 {
		return all
	}
	var out []T
	for i := 0; i < len(all); i += max(1, len(all)/n) {
		out = append(out, all[i])
	}
	return out
}

// Refusal reports whether an error has a reason of our own, about the request or
// about a place, and returns the reason without the names that are in it. A type
// error in what we wrote is none.
func Refusal(err error) (reason string, ours bool) {
	if r, ok := errors.AsType[*component.Refusal](err); ok {
		first := r.Problems[0]
		return first.Code + ": " + general(first.Message), !strings.Contains(r.Error(), "doesn't type-check here")
	}
	if u, ok := errors.AsType[*component.UsageError](err); ok {
		return "usage: " + general(u.Reason), true
	}
	return "", false
}

// Undone applies a change to the module at dir and takes it back. Every byte must
// be what it was.
func Undone(t *testing.T, dir string, set change.Set) {
	t.Helper()
	before := archive.Tree(t, dir)
	if err := change.Apply(dir, set); err != nil {
		t.Errorf("apply: %v", err)
		return
	}
	if _, err := change.Undo(dir); err != nil {
		t.Errorf("undo: %v", err)
	}
	if archive.Tree(t, dir) != before {
		t.Errorf("%s: undo left something else", set.Title)
	}
}

// Offered returns Requests for what a refactoring offers at the functions and types of
// a module.
func Offered(r *refactor.Refactoring) func(*testing.T, *source.Snapshot) []refactor.Request {
	return func(t *testing.T, snap *source.Snapshot) []refactor.Request {
		pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var out []refactor.Request
		for _, p := range pkgs {
			for _, f := range p.Syntax {
				rel := snap.Rel(p.Fset.Position(f.Pos()).Filename)
				content, _, err := snap.Content(rel)
				if err != nil {
					continue // the go command made it
				}
				for _, pos := range declared(f) {
					at := p.Fset.PositionFor(pos, false).Offset
					site := refactor.NewSite(content, text.Span{File: rel, Start: at, End: at}, nil)
					for _, o := range r.Offer(refactor.Input{Snapshot: snap}, site) {
						if o.Disabled == "" {
							out = append(out, o.Request)
						}
					}
				}
			}
		}
		return out
	}
}

// declared are the positions of the names that a file declares functions and types by.
func declared(f *ast.File) []token.Pos {
	var out []token.Pos
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			out = append(out, d.Name.Pos())
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if ts, ok := s.(*ast.TypeSpec); ok {
					out = append(out, ts.Name.Pos())
				}
			}
		}
	}
	return out
}

// functions asks for the exported functions of a module, and the exported methods
// of its exported types, that neither take a context nor return an error.
func functions(t *testing.T, snap *source.Snapshot) []refactor.Request {
	pkgs, err := snap.Load(t.Context(), source.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var out []refactor.Request
	for _, p := range pkgs {
		if p.IllTyped() {
			continue
		}
		for _, name := range p.Types.Scope().Names() {
			switch obj := p.Types.Scope().Lookup(name).(type) {
			case *types.Func:
				if obj.Exported() && free(obj) {
					out = append(out, refactor.Request{Target: p.Pkg.Path + "." + name})
				}
			case *types.TypeName:
				named, ok := obj.Type().(*types.Named)
				if !ok || !obj.Exported() || obj.IsAlias() {
					continue
				}
				for m := range named.Methods() {
					if m.Exported() && free(m) {
						out = append(out, refactor.Request{Target: p.Pkg.Path + "." + name + "." + m.Name()})
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
