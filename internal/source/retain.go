package source

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"go/types"
	"slices"
	"sync"
	"time"
)

// Bounds of what a workspace retains.
const (
	retainedVariants = 2               // of one package: as it is, and as a change would leave it
	retainedBytes    = 512 << 20       // of memory, as it is estimated
	idleTime         = 2 * time.Minute // after the last use everything is let go,
	largeIdleTime    = 5 * time.Second // or so much later where it is larger than retainedBytes
	bytesOfSyntax    = 60              // of memory that a byte of source takes once it is checked
	bytesOfSSA       = 60              // and once its functions are in their intermediate form
)

// retained is what a workspace keeps of the packages that Load gave: checked with
// all bodies, they are taken over by later snapshots as long as nothing that they
// stand on changed. What was made of them (see Derive) is kept along with them.
// After a while in which nobody asks, all of it goes.
type retained struct {
	mu       sync.Mutex
	packages map[string][]*retainedPackage // by ID, those used last at the end
	loads    map[*Snapshot]map[loadKey]*loading
	recent   []*Snapshot // keys of loads, those used last at the end
	sets     []*derivedSet
	using    int // requests under way
	request  int // counts the times that one began while none was
	idle     *time.Timer
	limit    int                                     // retainedBytes, but in tests
	wait     func(time.Duration, func()) *time.Timer // time.AfterFunc, but in tests
}

func newRetained() *retained {
	return &retained{packages: map[string][]*retainedPackage{}, loads: map[*Snapshot]map[loadKey]*loading{}, limit: retainedBytes, wait: time.AfterFunc}
}

// A loadKey is what a loading of a snapshot is of.
type loadKey struct {
	list  *listing
	apart bool // see LoadOptions.Apart
}

// A retainedPackage is a package with what it was checked with.
type retainedPackage struct {
	key     string // everything but what it imports
	pkg     *Package
	imports map[string]*types.Package // what the checker was given, by the path in the source
	texts   map[string]content        // of its files
	size    int                       // of the texts
	request int                       // that used it last
}

// A derivedSet is what was made of one set of packages.
type derivedSet struct {
	of     []*types.Package
	values map[string]*derivedValue
}

// overlaps reports whether both are of the same code, with tests or without.
func (s *derivedSet) overlaps(t *derivedSet) bool {
	return slices.ContainsFunc(s.of, func(p *types.Package) bool { return slices.Contains(t.of, p) })
}

// errPanicked stands where a function didn't return: who waits for what it makes
// tries it too.
var errPanicked = errors.New("panicked")

type derivedValue struct {
	done  chan struct{}
	value any
	err   error
}

// Use begins a request that may load several times: nothing that is loaded for it
// is let go before the function is called that Use returns.
func (s *Snapshot) Use() (end func()) { return s.work.retained.use() }

// use begins a request; what it asks for isn't let go before the function that
// it returns is called.
func (r *retained) use() (end func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.using++; r.using == 1 {
		r.request++
	}
	if r.idle != nil {
		r.idle.Stop()
		r.idle = nil
	}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.using--; r.using > 0 {
			return
		}
		after := idleTime
		if !r.fit() {
			after = largeIdleTime
		}
		r.idle = r.wait(after, r.release)
	}
}

// release lets everything go, unless somebody uses it again.
func (r *retained) release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.using == 0 {
		clear(r.packages)
		clear(r.loads)
		r.recent, r.sets = nil, nil
	}
}

// fit lets go what isn't of the last request until the rest is small enough, and
// reports whether it is.
func (r *retained) fit() bool {
	if r.estimate() <= r.limit {
		return true
	}
	if n := len(r.sets); n > 1 {
		last := r.sets[n-1]
		r.sets = slices.DeleteFunc(slices.Clone(r.sets), func(set *derivedSet) bool { return !set.overlaps(last) })
	}
	if r.estimate() <= r.limit {
		return true
	}
	if n := len(r.recent); n > 1 {
		for _, s := range r.recent[:n-1] {
			delete(r.loads, s)
		}
		r.recent = slices.Clone(r.recent[n-1:])
	}
	kept := map[*types.Package]bool{}
	for id, variants := range r.packages {
		if len(variants) == 0 {
			continue
		}
		r.packages[id] = slices.Clone(variants[len(variants)-1:])
		kept[r.packages[id][0].pkg.Types] = true
	}
	r.sets = slices.DeleteFunc(slices.Clone(r.sets), func(set *derivedSet) bool { // nobody will ask for it again
		return slices.ContainsFunc(set.of, func(t *types.Package) bool { return !kept[t] })
	})
	return r.estimate() <= r.limit
}

// supersede lets go what earlier requests checked of a package that is checked anew for a
// snapshot, if there is more in memory than may stay: otherwise both would be in memory at
// once, and each collection of garbage would go through both. It returns the files of what
// went; many of them are still the same.
func (r *retained) supersede(s *Snapshot, id string) (files []*parsed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	earlier := func(p *retainedPackage) bool { return p.request < r.request }
	if !slices.ContainsFunc(r.packages[id], earlier) || r.estimate() <= r.limit {
		return nil
	}
	r.packages[id] = slices.DeleteFunc(slices.Clone(r.packages[id]), func(p *retainedPackage) bool {
		if earlier(p) {
			files = append(files, p.pkg.held...)
			r.sets = slices.DeleteFunc(slices.Clone(r.sets), func(set *derivedSet) bool { return slices.Contains(set.of, p.pkg.Types) })
		}
		return earlier(p)
	})
	for _, t := range r.recent {
		if t != s {
			delete(r.loads, t)
		}
	}
	r.recent = slices.DeleteFunc(slices.Clone(r.recent), func(t *Snapshot) bool { return t != s })
	return files
}

// estimate is about how many bytes of memory everything takes.
func (r *retained) estimate() int {
	n := 0
	for _, variants := range r.packages {
		for _, p := range variants {
			n += p.size * bytesOfSyntax
		}
	}
	for _, set := range r.sets {
		if set.values[ssaOf] != nil {
			for _, t := range set.of {
				n += r.sizeOf(t) * bytesOfSSA
			}
		}
	}
	return n
}

func (r *retained) sizeOf(t *types.Package) int {
	for _, p := range r.packages[t.Path()] {
		if p.pkg.Types == t {
			return p.size
		}
	}
	return 0
}

// loading returns the loading of a listing in a snapshot, and whether it has
// begun before.
func (r *retained) loading(s *Snapshot, l *listing, apart bool) (ld *loading, begun bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	const snapshots = 4
	r.recent = append(slices.DeleteFunc(r.recent, func(t *Snapshot) bool { return t == s }), s)
	for len(r.recent) > snapshots {
		delete(r.loads, r.recent[0])
		r.recent = r.recent[1:]
	}
	if r.loads[s] == nil {
		r.loads[s] = map[loadKey]*loading{}
	}
	if ld = r.loads[s][loadKey{l, apart}]; ld != nil {
		return ld, true
	}
	ld = &loading{snap: s, list: l, plain: plainPackages(l, apart), done: make(chan struct{})}
	r.loads[s][loadKey{l, apart}] = ld
	return ld, false
}

// forget takes a loading away that failed.
func (r *retained) forget(ld *loading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if key := (loadKey{ld.list, ld.plain != nil}); r.loads[ld.snap][key] == ld {
		delete(r.loads[ld.snap], key)
	}
}

// retainedKey identifies everything that Load says of a package, but for what
// it imports; apart: without the bodies that its plain package has.
func (w *world) retainedKey(m *meta, apart bool) string {
	h := sha256.New()
	fmt.Fprintf(h, "%v %s\n%s %s\n%s\n", apart, w.list.build.identity, goVersion(m), m.ForTest, w.unit(m).content())
	if mod := m.Module; mod != nil {
		fmt.Fprintf(h, "module %s %s\n", mod.Path, mod.Version)
	}
	for _, path := range sortedKeys(m.imports) {
		fmt.Fprintf(h, "import %s %s\n", path, m.imports[path].ID)
	}
	for _, e := range m.Errors {
		fmt.Fprintf(h, "error %s %s\n", e.Pos, e.Msg)
	}
	return sum(h)
}

// take returns a package that was checked before, with types identical to those
// that it would get now, or nil. Imported is asked for what it imports.
func (r *retained) take(s *Snapshot, m *meta, key string, whole bool, imported types.Importer) *Package {
	r.mu.Lock()
	variants := slices.Clone(r.packages[m.ID])
	r.mu.Unlock()
	for _, p := range slices.Backward(variants) {
		if p.key != key || whole && p.pkg.Info == nil || !p.holds(imported) {
			continue
		}
		for abs, c := range p.texts {
			s.remember(abs, c.data)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.latest(m.ID, p)
		return p.pkg
	}
	return nil
}

func (p *retainedPackage) holds(imported types.Importer) bool {
	for _, path := range sortedKeys(p.imports) {
		if t, err := imported.Import(path); err != nil || t != p.imports[path] {
			return false
		}
	}
	return true
}

// keep retains a package for later.
func (r *retained) keep(s *Snapshot, m *meta, key string, q *Package, imports map[string]*types.Package) {
	p := &retainedPackage{key: key, pkg: q, imports: imports, texts: map[string]content{}}
	for _, t := range imports {
		if t == nil {
			return // what is said of it may be worded otherwise
		}
	}
	for i, abs := range m.compiled() {
		if q.held[i].hash != s.state(abs).hash {
			return // it changed under the snapshot
		}
		s.mu.Lock()
		c := s.files[abs]
		s.mu.Unlock()
		p.texts[abs], p.size = c, p.size+len(c.data)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.latest(m.ID, p)
}

func (r *retained) latest(id string, p *retainedPackage) {
	p.request = r.request
	variants := append(slices.DeleteFunc(r.packages[id], func(q *retainedPackage) bool { return q == p }), p)
	r.packages[id] = slices.Clone(variants[max(0, len(variants)-retainedVariants):])
}

// Derive returns what make makes of pkgs, packages of one Load. It is made once, whichever snapshot of the module asks, as long as
// none of the packages changes and the memory can be spared: one caller makes it,
// and others wait until they have it, or their context ends. An error is the
// caller's alone: the next one tries again. The value is shared, so it must be
// safe for concurrent use. What names it.
func Derive[T any](ctx context.Context, s *Snapshot, what string, pkgs []*Package, make func() (T, error)) (T, error) {
	defer s.work.retained.use()()
	for {
		d, begun := s.work.retained.derived(what, pkgs)
		if !begun {
			defer func() {
				if d.err != nil {
					s.work.retained.forgetDerived(what, pkgs, d)
				}
				close(d.done)
			}()
			d.err = errPanicked
			value, err := make()
			d.value, d.err = value, err
			return value, err
		}
		select {
		case <-d.done:
		case <-ctx.Done():
			var none T
			return none, context.Cause(ctx)
		}
		if d.err == nil {
			return d.value.(T), nil
		}
	}
}

// Plain lists those of pkgs that aren't variants for tests.
func Plain(pkgs []*Package) []*Package {
	return slices.DeleteFunc(slices.Clone(pkgs), func(p *Package) bool { return p.ForTest != "" })
}

func (r *retained) derived(what string, pkgs []*Package) (d *derivedValue, begun bool) {
	const sets = 4 // as it is, and as a change would leave it, each with tests and without
	of := typesOf(pkgs)
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.sets, func(set *derivedSet) bool { return slices.Equal(set.of, of) })
	set := &derivedSet{of: of, values: map[string]*derivedValue{}}
	if i >= 0 {
		set = r.sets[i]
		r.sets = slices.Delete(r.sets, i, i+1)
	}
	r.sets = append(r.sets, set)
	r.sets = slices.Clone(r.sets[max(0, len(r.sets)-sets):])
	if d = set.values[what]; d != nil {
		return d, true
	}
	d = &derivedValue{done: make(chan struct{})}
	set.values[what] = d
	return d, false
}

func (r *retained) forgetDerived(what string, pkgs []*Package, d *derivedValue) {
	of := typesOf(pkgs)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, set := range r.sets {
		if slices.Equal(set.of, of) && set.values[what] == d {
			delete(set.values, what)
		}
	}
}

func typesOf(pkgs []*Package) []*types.Package {
	var of []*types.Package
	for _, p := range pkgs {
		of = append(of, p.Types)
	}
	return of
}
