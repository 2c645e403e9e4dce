package source

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/unweld/unweld/internal/background"
)

// A Scan is a list of packages with a key of their content each, made without
// type-checking anything. Check then type-checks those whose results aren't
// known yet, one by one, so that no more than a few are in memory at a time.
type Scan struct {
	Packages []*Package // sorted by path, without syntax and types

	world *world
	keys  map[string]string // by package ID
}

// Scan lists the packages that match patterns (./... if there are none).
// Packages of the module that ./... leaves out and others import are in it.
func (s *Snapshot) Scan(ctx context.Context, patterns ...string) (*Scan, error) {
	l, err := s.list(ctx, false, patterns)
	if err != nil {
		return nil, err
	}
	sc := &Scan{world: s.world(l), keys: map[string]string{}, Packages: make([]*Package, len(l.roots))}
	keys := make([]string, len(l.roots))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(min(4, background.Workers(ctx)))
	for i, m := range l.roots {
		g.Go(func() error {
			keys[i], sc.Packages[i] = sc.world.key(m), s.metadata(m.Package)
			return background.Yield(ctx)
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i, m := range l.roots {
		sc.keys[m.ID] = keys[i]
	}
	return sc, nil
}

// Whole reports whether patterns ask for everything below Root.
func (s *Snapshot) Whole(patterns []string) bool {
	for _, p := range patterns {
		if dir, deep := strings.CutSuffix(p, "/..."); deep && filepath.Join(s.dir, filepath.FromSlash(dir)) == s.Root {
			return true
		}
	}
	return len(patterns) == 0 && s.dir == s.Root
}

// Key identifies everything that the types and syntax of p depend on: its
// files, what it can see of the packages that it imports, the build
// configuration and the Go version.
func (sc *Scan) Key(p *Package) string { return sc.keys[p.ID] }

// Local reports whether the package with the given import path belongs to the
// module or workspace (or was asked for by name), as opposed to a dependency.
func (sc *Scan) Local(path string) bool { return sc.world.list.local[path] }

// Size is how many bytes of Go files on disk the given packages of the scan are.
func (sc *Scan) Size(pkgs []*Package) (bytes int64) {
	for _, p := range pkgs {
		for _, file := range sc.world.list.packages[p.ID].compiled() {
			if info, err := os.Stat(file); err == nil {
				bytes += info.Size()
			}
		}
	}
	return bytes
}

// Check parses and type-checks the given packages of the scan and gives them to
// v, which must not keep them. Nothing of the workspace is compiled.
func (sc *Scan) Check(ctx context.Context, pkgs []*Package, v Visitor) error {
	if len(pkgs) == 0 {
		return nil
	}
	w := sc.world
	defer w.release()
	var todo []*meta
	for _, p := range pkgs {
		todo = append(todo, w.list.packages[p.ID])
	}
	if err := w.snap.export(ctx, w.list, outside(todo)); err != nil {
		return err
	}
	slices.SortFunc(todo, func(a, b *meta) int { return cmp.Compare(a.order, b.order) })
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(min(4, background.Workers(ctx)))
	for _, m := range todo {
		g.Go(func() error {
			if err := background.Yield(ctx); err != nil {
				return err
			}
			return w.check(ctx, m, v)
		})
	}
	return g.Wait()
}
