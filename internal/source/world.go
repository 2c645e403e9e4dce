package source

import (
	"crypto/sha256"
	"fmt"
	"go/types"
	"slices"
	"strings"
	"sync"
)

// A world is the packages of one listing as one snapshot sees them: each
// import path means the same types wherever it is imported.
type world struct {
	snap *Snapshot
	list *listing

	mu    sync.Mutex
	units map[*meta]*unit

	large sync.RWMutex // locked while a large package is checked, see runAll
}

// unit is one package of a world from its source.
type unit struct {
	world *world
	meta  *meta

	// Keys are computed from the files on disk and in buffers.
	shapeOnce sync.Once
	sh        *shape
	outerOnce sync.Once
	outerKey  string
	meaning   sync.Once
	meanings  *meanings

	comparing     sync.Once
	edited        *edited
	checkedBefore bool // the store knows of a check; as sinceLastCheck finds out

	mu     sync.Mutex
	parsed []*parsed // as they were read last, until they are checked
	stale  bool      // a file changed under the snapshot

	declaring sync.Once
	declared  *declared
}

// declared is what other packages see of a package from source. It stands as
// long as that stays the same.
type declared struct {
	key   string
	types *types.Package
	err   error
	ext   *externals
	deps  map[string]*declared // what it was made with, by import path
}

func (s *Snapshot) world(l *listing) *world {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.worlds == nil {
		s.worlds = map[*listing]*world{}
	}
	w := s.worlds[l]
	if w == nil {
		w = &world{snap: s, list: l, units: map[*meta]*unit{}}
		s.worlds[l] = w
	}
	return w
}

func (w *world) unit(m *meta) *unit {
	w.mu.Lock()
	defer w.mu.Unlock()
	u := w.units[m]
	if u == nil {
		u = &unit{world: w, meta: m}
		w.units[m] = u
	}
	return u
}

// content identifies the files of a package.
func (u *unit) content() string {
	h := sha256.New()
	m, s := u.meta, u.world.snap
	fmt.Fprintf(h, "%s %s\n", m.ID, m.Name)
	for _, list := range [][]string{m.compiled(), m.OtherFiles, m.IgnoredFiles, m.EmbedFiles} {
		for _, f := range list {
			st := s.state(f)
			fmt.Fprintf(h, "file %s %s %s\n", s.Rel(f), st.hash, st.err)
		}
	}
	return sum(h)
}

// shape returns what the package declares.
func (u *unit) shape() *shape {
	u.shapeOnce.Do(func() {
		work, content := u.world.snap.work, u.content()
		work.mu.Lock()
		last := work.shapes[u.meta.ID]
		work.mu.Unlock()
		if last.content == content {
			u.sh = last.shape
			return
		}
		if u.remembered(content) {
			return
		}
		outlined := ""
		if e := u.sinceLastCheck(); e != nil {
			u.sh = &e.kept.Shape
		} else {
			files := u.files(nil)
			if outlined = outline(u.importNames(), files); outlined != "" && last.outline == outlined {
				u.sh = last.shape
			} else {
				u.sh = shapeOfPackage(files, u.nameOf)
			}
		}
		if u.isStale() {
			return
		}
		if work.store != nil && !u.unsaved() {
			work.store.Write("shape of "+content, u.sh)
		}
		u.keepShape(content, outlined)
	})
	return u.sh
}

// A keptShape is the shape of a package with what it is of.
type keptShape struct {
	*shape
	content string
	outline string // "" if that isn't known
}

func (u *unit) keepShape(content, outline string) {
	work := u.world.snap.work
	work.mu.Lock()
	defer work.mu.Unlock()
	work.shapes[u.meta.ID] = keptShape{u.sh, content, outline}
}

// nameOf returns the name of the package that an import path leads to.
func (u *unit) nameOf(path string) string {
	if dep := u.meta.imports[path]; dep != nil {
		return dep.Name
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}

// remembered takes the shape over that another process has computed.
func (u *unit) remembered(content string) bool {
	work, sh := u.world.snap.work, new(shape)
	if work.store == nil || u.unsaved() || !work.store.Read("shape of "+content, sh) || sh.Inner == "" {
		return false
	}
	u.sh = sh
	u.keepShape(content, "")
	return true
}

// unsaved reports whether a file of the package is laid over the disk.
func (u *unit) unsaved() bool {
	return slices.ContainsFunc(u.meta.compiled(), func(abs string) bool {
		_, laid := u.world.snap.overlay[abs]
		return laid
	})
}

// outer identifies everything that an importer of m can see of it.
func (w *world) outer(m *meta) string {
	if !m.fromSource {
		return m.key
	}
	u := w.unit(m)
	u.outerOnce.Do(func() {
		sh := u.shape()
		h := sha256.New()
		fmt.Fprintf(h, "%s %s %s %s\n", m.ID, m.Name, goVersion(m), sh.Outer)
		for _, path := range sortedKeys(sh.Visible) {
			if dep := m.imports[path]; dep != nil && !m.closes[path] {
				fmt.Fprintf(h, "import %s %s\n", path, w.outer(dep))
			}
		}
		u.outerKey = sum(h)
	})
	return u.outerKey
}

// inner identifies everything that the meaning of a function body of m depends
// on beside its own text.
func (w *world) inner(m *meta) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s %s %s %s\n", w.list.build.identity, m.ID, m.Name, goVersion(m), w.unit(m).shape().Inner)
	for _, path := range sortedKeys(m.imports) {
		if !m.closes[path] {
			fmt.Fprintf(h, "import %s %s\n", path, w.outer(m.imports[path]))
		}
	}
	return sum(h)
}

// key identifies everything that is said of m.
func (w *world) key(m *meta) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n", w.inner(m), w.unit(m).content())
	if mod := m.Module; mod != nil {
		fmt.Fprintf(h, "module %s %s\n", mod.Path, mod.Version)
	}
	for _, e := range m.Errors {
		fmt.Fprintf(h, "error %s %s\n", e.Pos, e.Msg)
	}
	return sum(h)
}

func goVersion(m *meta) string {
	if m.Module != nil && m.Module.GoVersion != "" {
		return "go" + m.Module.GoVersion
	}
	return ""
}

// files returns the syntax of the package. What was kept of an earlier time
// lacks bodies; a file is parsed again where enough says that it needs them.
func (u *unit) files(enough func(*parsed) bool) []*parsed {
	s := u.world.snap
	u.mu.Lock()
	defer u.mu.Unlock()
	last := u.parsed
	u.parsed = nil
	for i, abs := range u.meta.compiled() {
		var p *parsed
		if last != nil {
			p = last[i]
		} else {
			s.work.mu.Lock()
			p = s.work.syntax[abs]
			s.work.mu.Unlock()
		}
		hash := s.state(abs).hash
		if p == nil || last == nil && p.hash != hash || enough != nil && !p.whole && !enough(p) {
			p = s.parse(abs)
		}
		u.stale = u.stale || p.hash != hash
		u.parsed = append(u.parsed, p)
	}
	return u.parsed
}

// withoutBodies returns the syntax of the package without function bodies, but for
// those of generic functions. The unit keeps it in place of the whole, so that who
// called files last may take bodies apart.
func (u *unit) withoutBodies() []*parsed {
	u.mu.Lock()
	defer u.mu.Unlock()
	var bare []*parsed
	for _, p := range u.parsed {
		bare = append(bare, p.only(nil))
	}
	u.parsed = bare
	return bare
}

func (u *unit) isStale() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.stale
}

// types returns what importers of m see, or why they see nothing.
func (w *world) types(m *meta) (*types.Package, error) {
	if m.PkgPath == "unsafe" {
		return types.Unsafe, nil
	}
	if !m.fromSource {
		if t, ok, err := w.list.ext.load(m, w.snap.work.exportOf(m)); ok || err != nil {
			return t, err
		}
	}
	if len(m.GoFiles) == 0 {
		return nil, w.snap.missing(m)
	}
	d := w.declare(m)
	return d.types, d.err
}

// declare checks the declarations of m for those that import it, unless they
// are known.
func (w *world) declare(m *meta) *declared {
	u := w.unit(m)
	u.declaring.Do(func() {
		deps := map[string]*declared{}
		for _, path := range sortedKeys(m.imports) {
			dep := m.imports[path]
			if m.closes[path] || dep.PkgPath == "unsafe" {
				continue
			}
			if _, err := w.types(dep); err == nil && w.unit(dep).declared != nil {
				deps[path] = w.unit(dep).declared
			}
		}
		work := w.snap.work
		key := w.outer(m)
		work.mu.Lock()
		last := work.types[m.ID]
		work.mu.Unlock()
		if last != nil && last.key == key && last.ext == w.list.ext && u.sameDeps(last, deps) {
			u.declared = last
			return
		}
		work.count.declared.Add(1)
		u.declared = &declared{key: key, ext: w.list.ext, deps: deps}
		u.declared.types, u.declared.err = u.declarations()
		work.mu.Lock()
		defer work.mu.Unlock()
		work.types[m.ID] = u.declared
	})
	return u.declared
}

// sameDeps reports whether everything visible that last rests on is still in
// this world.
func (u *unit) sameDeps(last *declared, deps map[string]*declared) bool {
	for path := range u.shape().Visible {
		if last.deps[path] != deps[path] {
			return false
		}
	}
	return true
}

func (u *unit) declarations() (*types.Package, error) {
	m, w := u.meta, u.world
	conf := &types.Config{
		Importer:         w.importer(m),
		Sizes:            w.list.build.sizes,
		GoVersion:        goVersion(m),
		FakeImportC:      m.fakeC,
		IgnoreFuncBodies: true,
		Error:            func(error) {}, // reported where the package itself is checked
	}
	t := types.NewPackage(m.PkgPath, m.Name)
	_ = types.NewChecker(conf, w.snap.work.fset, t, nil).Files(u.bare())
	t.MarkComplete()
	return t, nil
}

func (w *world) importer(m *meta) types.Importer {
	return importerFunc(func(path string) (*types.Package, error) {
		if path == "unsafe" {
			return types.Unsafe, nil
		}
		dep := m.imports[path]
		switch {
		case dep == nil:
			return nil, fmt.Errorf("no such package: %s", path)
		case m.closes[path]:
			return nil, fmt.Errorf("import cycle through %s", dep.PkgPath)
		}
		return w.types(dep)
	})
}

type importerFunc func(string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

// keptPackages is how many packages stay known by their declarations' syntax:
// those that were checked last, because they are edited.
const keptPackages = 8

// release gives the syntax of a package back. The workspace keeps what isn't
// function bodies, so that the next edit parses one file.
func (u *unit) release() {
	if u.meta.imported {
		u.world.declare(u.meta)
	}
	work := u.world.snap.work
	var kept []*parsed
	u.mu.Lock()
	for _, p := range u.parsed {
		kept = append(kept, p.only(nil))
	}
	u.parsed = nil
	u.mu.Unlock()
	if work.brief {
		return
	}
	work.mu.Lock()
	defer work.mu.Unlock()
	work.recent = append(slices.DeleteFunc(work.recent, func(id string) bool { return id == u.meta.ID }), u.meta.ID)
	for _, p := range kept {
		work.syntax[p.abs] = p
	}
	work.owned[u.meta.ID] = u.meta.compiled()
	if len(work.recent) > keptPackages {
		for _, abs := range work.owned[work.recent[0]] {
			delete(work.syntax, abs)
		}
		delete(work.owned, work.recent[0])
		work.recent = work.recent[1:]
	}
}

// release forgets the syntax that no check has given back.
func (w *world) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, u := range w.units {
		u.mu.Lock()
		u.parsed = nil
		u.mu.Unlock()
	}
}
