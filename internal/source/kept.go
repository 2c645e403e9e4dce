package source

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// keptPackage is one package of a listing as it is kept on disk.
type keptPackage struct {
	ID, Name, Path, ForTest    string
	Dir                        string
	Go, Other, Ignored, Embeds []string // names of files in Dir, or as locate has them
	Compiled                   []string // of a package that uses cgo, some of them in the go command's cache
	Patterns                   []string
	Imports                    map[string]string // IDs by the path in the source
	OfCgo                      []string          // the paths among these that only what cgo made has
	Module                     *keptModule
}

type keptModule struct {
	Path, Version, GoVersion string
	Main                     bool
	Replace                  *keptReplace
}

type keptReplace struct{ Path, Version string }

// keptListing is a listing on disk. Places below the root are relative to it, so
// that a copy of the module elsewhere has the same.
type keptListing struct {
	Packages []keptPackage
	Roots    []string // IDs
	Beyond   string
}

// listingKey names everything that the answer to a question depends on, but for
// what listing.beyond covers.
func (s *Snapshot) listingKey(b *build, tests bool, patterns []string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%q %v %s\n%s\n", b.identity, patterns, tests, s.Rel(s.dir), s.fingerprint())
	return "listing " + sum(h)
}

// keptListing returns what an earlier process was told, if the go command would
// say the same now; else nil.
func (s *Snapshot) keptListing(b *build, tests bool, patterns []string) *listing {
	k := new(keptListing)
	if s.work.store == nil || !b.lasting || !s.work.store.Read(s.listingKey(b, tests, patterns), k) {
		return nil
	}
	l := &listing{build: b, packages: map[string]*meta{}, local: map[string]bool{}}
	for i := range k.Packages {
		p := s.packageOf(&k.Packages[i])
		l.packages[p.ID] = &meta{Package: p, imports: map[string]*meta{}, closes: map[string]bool{}}
	}
	for _, kept := range k.Packages {
		m := l.packages[kept.ID]
		for path, id := range kept.Imports {
			dep := l.packages[id]
			if dep == nil {
				return nil
			}
			m.imports[path] = dep
			if !slices.Contains(kept.OfCgo, path) {
				m.Imports[path] = dep.Package
			}
		}
	}
	for _, id := range k.Roots {
		if l.packages[id] == nil {
			return nil
		}
		l.roots = append(l.roots, l.packages[id])
		l.local[l.packages[id].PkgPath] = true
	}
	l.sources(s)
	if !l.present() {
		return nil
	}
	if l.beyond = s.beyond(l); l.beyond != k.Beyond {
		return nil
	}
	l.arrange(s)
	return l
}

// present reports whether the folders of dependencies, and the files that cgo made, are
// still there: the module cache and the build cache may have been emptied.
func (l *listing) present() bool {
	seen := map[string]bool{}
	for _, m := range l.packages {
		for _, f := range m.CompiledGoFiles {
			if _, err := os.Stat(f); err != nil {
				return false
			}
		}
		if m.fromSource || m.Module == nil || seen[m.Module.Path] {
			continue
		}
		seen[m.Module.Path] = true
		if _, err := os.Stat(m.Dir); err != nil {
			return false
		}
	}
	return true
}

// keepListing keeps l for later processes, unless something that isn't covered
// decides what the go command says: unsaved buffers, what tells cgo other flags, and
// what it takes to resolve an import that can't be resolved now. What cgo makes of a
// package the go command keeps, too, whatever becomes of headers of the system.
func (s *Snapshot) keepListing(l *listing, tests bool, patterns []string) {
	if s.work.store == nil || !l.build.lasting || len(s.overlay) > 0 {
		return
	}
	k := &keptListing{Beyond: l.beyond}
	for _, id := range sortedKeys(l.packages) {
		m := l.packages[id]
		if len(m.Errors) > 0 || m.usesC() && !s.translatedForGood(m) || m.Module != nil && m.Module.Error != nil {
			return
		}
		k.Packages = append(k.Packages, s.keptOf(m))
	}
	for _, m := range l.roots {
		k.Roots = append(k.Roots, m.ID)
	}
	s.work.store.Write(s.listingKey(l.build, tests, patterns), k)
}

// translatedForGood reports whether what cgo made of a package depends on nothing but
// files that the fingerprint covers, the C compilers that it names, and what the go command
// doesn't look at again either.
func (s *Snapshot) translatedForGood(m *meta) bool {
	for _, name := range []string{"CC", "CXX"} {
		if value, _ := lookup(s.env, name); value != "" || s.configured(name) != "" {
			return false // a program that isn't among those
		}
	}
	return !m.fakeC && !slices.ContainsFunc(m.GoFiles, func(f string) bool {
		asks := true
		_ = View(f, func(data []byte) { asks = bytes.Contains(data, []byte("pkg-config")) }) // what can't be read may ask
		return asks
	})
}

func (s *Snapshot) keptOf(m *meta) keptPackage {
	files := func(names []string) []string {
		var out []string
		for _, f := range names {
			if dir, base := filepath.Split(f); filepath.Clean(dir) == m.Dir {
				out = append(out, base)
			} else {
				out = append(out, s.locate(f))
			}
		}
		return out
	}
	k := keptPackage{ID: m.ID, Name: m.Name, Path: m.PkgPath, ForTest: m.ForTest, Dir: s.locate(m.Dir), Patterns: files(m.EmbedPatterns),
		Go: files(m.GoFiles), Other: files(m.OtherFiles), Ignored: files(m.IgnoredFiles), Embeds: files(m.EmbedFiles), Compiled: files(m.CompiledGoFiles), Imports: map[string]string{}}
	for _, path := range sortedKeys(m.imports) {
		k.Imports[path] = m.imports[path].ID
		if m.Imports[path] == nil {
			k.OfCgo = append(k.OfCgo, path)
		}
	}
	if mod := m.Module; mod != nil {
		k.Module = &keptModule{Path: mod.Path, Version: mod.Version, GoVersion: mod.GoVersion, Main: mod.Main}
		if r := mod.Replace; r != nil {
			k.Module.Replace = &keptReplace{r.Path, r.Version}
		}
	}
	return k
}

func (s *Snapshot) packageOf(k *keptPackage) *packages.Package {
	dir := s.located(k.Dir)
	files := func(names []string) []string {
		var out []string
		for _, f := range names {
			if !strings.ContainsAny(f, `/\`) {
				out = append(out, filepath.Join(dir, f))
			} else {
				out = append(out, s.located(f))
			}
		}
		return out
	}
	p := &packages.Package{ID: k.ID, Name: k.Name, PkgPath: k.Path, ForTest: k.ForTest, Dir: dir, EmbedPatterns: files(k.Patterns),
		GoFiles: files(k.Go), OtherFiles: files(k.Other), IgnoredFiles: files(k.Ignored), EmbedFiles: files(k.Embeds), CompiledGoFiles: files(k.Compiled), Imports: map[string]*packages.Package{}}
	if mod := k.Module; mod != nil {
		p.Module = &packages.Module{Path: mod.Path, Version: mod.Version, GoVersion: mod.GoVersion, Main: mod.Main}
		if r := mod.Replace; r != nil {
			p.Module.Replace = &packages.Module{Path: r.Path, Version: r.Version}
		}
	}
	return p
}

// locate spells a place relative to the root, if it lies there. located is the
// inverse.
func (s *Snapshot) locate(abs string) string {
	if rel := s.Rel(abs); !filepath.IsAbs(filepath.FromSlash(rel)) {
		return "./" + rel
	}
	return abs
}

func (s *Snapshot) located(at string) string {
	if rel, ok := strings.CutPrefix(at, "./"); ok {
		return filepath.Join(s.Root, filepath.FromSlash(rel))
	}
	return at
}
