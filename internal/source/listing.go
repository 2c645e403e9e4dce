package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A listing is what the go command says of the packages that match patterns
// and of all that they import. It holds until what the go command reads for it
// changes: see fingerprint.
type listing struct {
	build    *build
	roots    []*meta // sorted by ID
	packages map[string]*meta
	local    map[string]bool // import paths whose source belongs to the workspace

	ext *externals // of the packages that aren't from source

	fingerprint string // of the files below the main modules
	beyond      string // of the folders of packages that lie elsewhere
}

// meta is one package of a listing.
type meta struct {
	*packages.Package
	imports map[string]*meta // by the path that stands in the source
	// fromSource: its files may change under the session, or it imports such a
	// package, so its types come from its source and never from a compiler.
	fromSource bool
	// closes holds the imports that would close a cycle.
	closes   map[string]bool
	imported bool   // by a package from source
	key      string // of a package that isn't from source: everything that its types depend on
	order    int    // after its imports
	fakeC    bool   // it uses cgo, which couldn't translate it: what it has of C counts as right
}

const listMode = packages.NeedName | packages.NeedFiles | packages.NeedEmbedFiles | packages.NeedEmbedPatterns | packages.NeedImports | packages.NeedDeps |
	packages.NeedModule | packages.NeedForTest

// list returns the packages that match patterns (./... if there are none),
// asking the go command only when it might answer otherwise than before. In
// the default case packages of the workspace that ./... leaves out and others
// of it import are among the roots.
func (s *Snapshot) list(ctx context.Context, tests bool, patterns []string) (*listing, error) {
	w := s.work
	w.listing.Lock()
	defer w.listing.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	what := fmt.Sprintf("%q %v %s", patterns, tests, s.dir)
	before := s.fingerprint()
	for _, l := range w.answers(what) {
		if l.fingerprint == before && l.beyond == s.beyond(l) {
			w.answered(what, l)
			return l, nil
		}
	}
	b, err := s.buildIdentity(ctx)
	if err != nil {
		return nil, err
	}
	l := s.keptListing(b, tests, patterns)
	if l == nil {
		if l, err = s.askList(ctx, b, tests, patterns); err != nil {
			return nil, err
		}
		l.beyond = s.beyond(l)
		s.keepListing(l, tests, patterns)
	}
	l.fingerprint = before
	w.mu.Lock()
	if w.ext == nil || !w.ext.fits(l) {
		w.ext = newExternals(w.fset)
	}
	l.ext = w.ext
	w.mu.Unlock()
	w.answered(what, l)
	return l, nil
}

// listings is how many answers to one question are kept: of the module as it is, and as a
// change would leave it.
const listings = 2

// answers returns what the go command last answered to a question, the latest first.
func (w *Workspace) answers(what string) []*listing {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.listed[what])
}

// answered makes l the latest answer to a question.
func (w *Workspace) answered(what string, l *listing) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := slices.DeleteFunc(w.listed[what], func(k *listing) bool { return k == l || k.fingerprint == l.fingerprint })
	all = slices.Insert(all, 0, l)
	w.listed[what] = all[:min(len(all), listings)]
}

func (s *Snapshot) askList(ctx context.Context, b *build, tests bool, patterns []string) (*listing, error) {
	s.work.count.listed.Add(1)
	cfg := s.config(ctx, listMode)
	cfg.Tests = tests
	roots, err := s.ask(cfg, patterns)
	if err != nil {
		return nil, err
	}
	l := &listing{build: b, packages: map[string]*meta{}, local: map[string]bool{}}
	for _, p := range roots {
		l.roots = append(l.roots, l.add(p))
		l.local[p.PkgPath] = true
	}
	l.sources(s)
	if err := s.translateC(ctx, l, tests); err != nil {
		return nil, err
	}
	if s.Whole(patterns) || len(patterns) == 1 && patterns[0] == s.Module+"/..." {
		l.unlisted()
	}
	l.arrange(s)
	return l, nil
}

func (l *listing) add(p *packages.Package) *meta {
	if m := l.packages[p.ID]; m != nil {
		return m
	}
	if p.Dir == "" && p.Name == "" { // it wasn't found; go/packages takes the file that imports it for one of its own
		p.GoFiles, p.CompiledGoFiles, p.OtherFiles = nil, nil, nil
	}
	m := &meta{Package: p, imports: map[string]*meta{}, closes: map[string]bool{}}
	l.packages[p.ID] = m
	for path, dep := range p.Imports {
		m.imports[path] = l.add(dep)
	}
	return m
}

// sources finds out which packages are taken from their source.
func (l *listing) sources(s *Snapshot) {
	for _, m := range l.packages {
		switch mod := m.Module; {
		case mod == nil: // of the standard library, which may be the workspace itself
			m.fromSource = (!below(m.Dir, l.build.goroot) || below(m.Dir, s.Root)) && m.PkgPath != "unsafe"
		default:
			m.fromSource = mod.Main || mod.Version == "" && !s.vendored(m) || mod.Replace != nil && mod.Replace.Version == ""
		}
		if m.Module != nil && m.Module.Main {
			l.local[m.PkgPath] = true
		}
	}
	for grown := true; grown; {
		grown = false
		for _, m := range l.packages {
			if m.fromSource {
				continue
			}
			for _, dep := range m.imports {
				if dep.fromSource {
					m.fromSource, grown = true, true
				}
			}
		}
	}
}

func below(dir, root string) bool { return strings.HasPrefix(dir, root+string(filepath.Separator)) }

func (s *Snapshot) vendored(m *meta) bool {
	return strings.Contains(filepath.ToSlash(m.Dir), "/vendor/")
}

// unlisted adds packages of the workspace that the roots import and no pattern
// reaches: in a folder that go.mod ignores, or behind a symbolic link.
func (l *listing) unlisted() {
	root := map[string]bool{}
	modules := map[string]bool{}
	for _, m := range l.roots {
		root[m.ID] = true
		if m.Module != nil {
			modules[m.Module.Path] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.packages)) {
		m := l.packages[id]
		if !root[id] && m.Module != nil && m.Module.Main && modules[m.Module.Path] && !isTestMain(m.Package) {
			l.roots = append(l.roots, m)
		}
	}
	slices.SortFunc(l.roots, func(a, b *meta) int { return strings.Compare(a.ID, b.ID) })
}

// arrange orders the packages after their imports, finds cycles, and computes
// the keys of those that aren't from source.
func (l *listing) arrange(s *Snapshot) {
	begun := map[*meta]bool{}
	n := 0
	var visit func(*meta)
	visit = func(m *meta) {
		begun[m] = true
		for _, path := range sortedKeys(m.imports) {
			dep := m.imports[path]
			dep.imported = dep.imported || m.fromSource
			switch {
			case !begun[dep]:
				visit(dep)
			case dep.order == 0:
				m.closes[path] = true
			}
		}
		n++
		m.order = n
		if !m.fromSource {
			m.key = l.keyOf(s, m)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.packages)) {
		if m := l.packages[id]; !begun[m] {
			visit(m)
		}
	}
}

// keyOf identifies a dependency: its version, and those of what it imports.
func (l *listing) keyOf(s *Snapshot, m *meta) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s %s\n", l.build.identity, m.ID, m.Name)
	if mod := m.Module; mod != nil {
		fmt.Fprintf(h, "module %s %s %s\n", mod.Path, mod.Version, mod.GoVersion)
		if r := mod.Replace; r != nil {
			fmt.Fprintf(h, "replaced by %s %s\n", r.Path, r.Version)
		}
		if s.vendored(m) {
			for _, f := range m.GoFiles {
				s.note(h, f)
			}
		}
	}
	for _, path := range sortedKeys(m.imports) {
		if !m.closes[path] {
			fmt.Fprintf(h, "import %s %s\n", path, m.imports[path].key)
		}
	}
	return sum(h)
}

func sum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// translateC asks for the files that cgo makes of the packages that use it.
// Those import packages that the source doesn't: syscall and runtime/cgo. The go
// command runs cgo in the folder of the package; where that isn't there yet, because
// a package would move, neither that package nor who imports it is translated.
func (s *Snapshot) translateC(ctx context.Context, l *listing, tests bool) error {
	var paths []string
	for _, m := range l.packages {
		if (m.fromSource || slices.Contains(l.roots, m)) && m.ForTest == "" && slices.ContainsFunc(m.GoFiles, func(f string) bool { return s.state(f).cgo }) {
			paths = append(paths, m.PkgPath)
		}
	}
	if len(paths) == 0 {
		return nil
	}
	slices.Sort(paths)
	cfg := s.config(ctx, listMode|packages.NeedCompiledGoFiles)
	cfg.Tests = tests
	got, err := packages.Load(cfg, paths...)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return s.loadError(strings.Join(paths, " "), err)
	}
	untranslated := func(p *packages.Package) bool {
		return slices.ContainsFunc(p.CompiledGoFiles, func(f string) bool { return s.state(f).cgo })
	}
	moved := slices.ContainsFunc(got, func(p *packages.Package) bool {
		_, err := os.Stat(p.Dir)
		return untranslated(p) && errors.Is(err, fs.ErrNotExist)
	})
	for _, p := range got {
		m := l.packages[p.ID]
		switch {
		case m == nil || len(p.CompiledGoFiles) == 0:
		case untranslated(p) && moved:
			m.fakeC = true
		default:
			m.CompiledGoFiles = p.CompiledGoFiles
			m.Errors = append(m.Errors, p.Errors...)
			for path, dep := range p.Imports {
				if m.imports[path] == nil {
					m.imports[path] = l.add(dep)
				}
			}
		}
	}
	l.sources(s)
	return nil
}

// missing is the error of who imports a package that could not be loaded: with the
// cause, where the go command gave one.
func (s *Snapshot) missing(m *meta) error {
	if len(m.Errors) == 0 {
		return fmt.Errorf("package %s could not be loaded", m.PkgPath)
	}
	return errors.New(s.Shorten(strings.TrimSpace(m.Errors[0].Msg)))
}

// compiled lists the Go files of a package as the compiler sees them.
func (m *meta) compiled() []string {
	if len(m.CompiledGoFiles) > 0 {
		return m.CompiledGoFiles
	}
	return m.GoFiles
}

// usesC reports whether cgo has to translate the package.
func (m *meta) usesC() bool { return len(m.CompiledGoFiles) > 0 || m.fakeC }

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
