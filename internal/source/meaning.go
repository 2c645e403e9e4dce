package source

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/ast"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/unweld/unweld/internal/scc"
)

// meanings say what identifiers stand for in one package, each by a hash of the
// declarations that it may lead to: those of that name, methods of that name,
// and all that these lead to in turn, here and in the packages that this one can
// see. A function body in which no identifier means anything else than before
// means what it meant before, if the methods that it needs stand: see Need and
// RATIONALE.md.
type meanings struct {
	id   uint64 // unique in this process
	key  string // what they were made of
	path string

	since   uint64            // id of the meanings that the package had before; 0 if that can't be compared
	changed map[string]bool   // names that may mean something else than in those
	own     map[string]string // by name
	view    []*meanings       // of the packages from source that this one can see, sorted by path

	interfaces []*asking // those that the package declares by name
	names      map[string][]*declNode
	byMethod   map[string][]*declNode // by methodKey

	mu         sync.Mutex
	asks       map[string]string // by name of a method: see askedBy
	memo       map[string]string // of exported names, which others may declare too
	others     map[string]string // what exported names mean in view
	signatures map[string]string // by methodKey
}

var lastMeanings atomic.Uint64

// A declNode is one declaration among those of its package.
type declNode struct {
	*declShape
	local string // a hash of its tokens and of the imports that it mentions
	deep  string // of that and of all that it leads to
}

// implicitMethods are names of methods for which types are searched without an
// interface that the package need know.
var implicitMethods = []string{"Error", "MarshalText", "MarshalBinary", "MarshalJSON"}

// meanings returns those of the identifiers in m.
func (w *world) meanings(m *meta) *meanings {
	u := w.unit(m)
	u.meaning.Do(func() {
		key := w.inner(m)
		work := w.snap.work
		work.mu.Lock()
		old := work.meanings[m.ID]
		work.mu.Unlock()
		if old != nil && old.key == key {
			u.meanings = old
			return
		}
		u.meanings = &meanings{id: lastMeanings.Add(1), key: key, path: m.PkgPath, own: map[string]string{}, names: map[string][]*declNode{}, memo: map[string]string{}, others: map[string]string{},
			byMethod: map[string][]*declNode{}, asks: map[string]string{}, signatures: map[string]string{}}
		for _, dep := range viewOf(m) {
			u.meanings.view = append(u.meanings.view, w.meanings(dep))
		}
		u.meanings.declare(u.files(nil))
		u.meanings.compare(old)
		work.mu.Lock()
		defer work.mu.Unlock()
		work.meanings[m.ID] = u.meanings
	})
	return u.meanings
}

// viewOf lists the packages from source that m leads to.
func viewOf(m *meta) []*meta {
	seen := map[*meta]bool{m: true}
	var out []*meta
	var visit func(*meta)
	visit = func(m *meta) {
		for _, path := range sortedKeys(m.imports) {
			if dep := m.imports[path]; dep.fromSource && !m.closes[path] && !seen[dep] {
				seen[dep] = true
				out = append(out, dep)
				visit(dep)
			}
		}
	}
	visit(m)
	slices.SortFunc(out, func(a, b *meta) int { return cmp.Compare(a.PkgPath, b.PkgPath) })
	return out
}

// of returns what name means in the package: "" if nothing that is declared in
// a package from source.
func (t *meanings) of(name string) string {
	if !ast.IsExported(name) {
		return t.own[name]
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if got, ok := t.memo[name]; ok {
		return got
	}
	got := t.own[name]
	if h := t.viewed(name); h != "" {
		got = hashLines([]string{h, got})
	}
	t.memo[name] = got
	return got
}

// viewed returns what name means in the packages that this one can see: "" if
// nothing. Mu is held, or nobody else knows t yet.
func (t *meanings) viewed(name string) string {
	if !ast.IsExported(name) {
		return ""
	}
	got, ok := t.others[name]
	if ok {
		return got
	}
	var parts []string
	for _, v := range t.view {
		if h := v.own[name]; h != "" {
			parts = append(parts, v.path+" "+h)
		}
	}
	if len(parts) > 0 {
		got = hashLines(parts)
	}
	t.others[name] = got
	return got
}

// declare works out what the declarations of files mean.
func (t *meanings) declare(files []*parsed) {
	var all []*declNode
	members := map[string][]*declNode{}
	methodNames := map[string][]string{}
	for _, p := range files {
		for i := range p.tokens.decls {
			d := &p.tokens.decls[i]
			n := &declNode{declShape: d, local: d.local}
			all = append(all, n)
			for _, name := range d.names {
				t.names[name] = append(t.names[name], n)
			}
			if d.method != "" {
				members[d.method] = append(members[d.method], n)
				key := t.path + " " + d.recv + "." + d.method
				t.byMethod[key] = append(t.byMethod[key], n)
				methodNames[d.recv] = append(methodNames[d.recv], d.method)
			}
			if d.kind == kindInterface {
				t.interfaces = append(t.interfaces, &asking{declNode: n})
			}
		}
	}
	for _, n := range all {
		for _, name := range n.names { // what methods a type has says something of it
			slices.Sort(methodNames[name])
			n.local += " " + strings.Join(methodNames[name], " ")
		}
	}
	d := deepening{t: t, members: members}
	for group := range scc.Groups(slices.Values(all), d.leadsTo) {
		d.hash(group)
	}
	for name, nodes := range t.names {
		t.own[name] = deepOf(nodes)
	}
	for name, nodes := range members {
		t.own[name] = hashLines([]string{t.own[name], deepOf(nodes)})
	}
}

func deepOf(nodes []*declNode) string {
	if len(nodes) == 1 {
		return nodes[0].deep
	}
	var lines []string
	for _, n := range nodes {
		lines = append(lines, n.deep)
	}
	return hashLines(lines)
}

// local hashes a declaration with the imports that it mentions, of those at paths.
func (f *fileShape) local(d *declShape, paths []string) string {
	b := fmt.Appendf(nil, "%d %s %s", d.kind, d.recv, d.hash)
	for _, path := range paths {
		name := f.names[path]
		if _, mentioned := slices.BinarySearch(d.mentions, name); name == "." || name == "" || mentioned {
			b = fmt.Appendf(b, " %s=%s", name, path)
		}
	}
	return digest(b)
}

// digest is a hash as it is, without being spelled.
func digest(b []byte) string {
	h := sha256.Sum256(b)
	return string(h[:])
}

// deepening hashes declarations with all that they lead to; those that lead to
// each other together.
type deepening struct {
	t       *meanings
	members map[string][]*declNode

	buf   []byte
	lines []string
}

// leadsTo goes through the declarations that n mentions. The value of a variable
// may call methods.
func (d *deepening) leadsTo(n *declNode) iter.Seq[*declNode] {
	return func(yield func(*declNode) bool) {
		for _, name := range n.mentions {
			for _, to := range d.t.names[name] {
				if !yield(to) {
					return
				}
			}
			if n.kind != kindVar && n.kind != kindConst {
				continue
			}
			for _, to := range d.members[name] {
				if !yield(to) {
					return
				}
			}
		}
	}
}

// hash takes declarations that lead to each other, after all that they lead to.
func (d *deepening) hash(group []*declNode) {
	d.buf = d.buf[:0]
	for _, n := range group {
		d.lines = append(d.lines, n.local)
	}
	d.write()
	for _, n := range group {
		for _, name := range n.mentions {
			if h := d.t.viewed(name); h != "" {
				d.lines = append(d.lines, name+" "+h)
			}
		}
	}
	d.write()
	for _, n := range group {
		for to := range d.leadsTo(n) {
			if to.deep != "" {
				d.lines = append(d.lines, to.deep)
			}
		}
	}
	d.write()
	sum := digest(d.buf)
	for _, n := range group {
		n.deep = digest(append(append(d.buf[:0], sum...), n.local...))
	}
}

// write adds a list to what is hashed, sorted and each once.
func (d *deepening) write() {
	slices.Sort(d.lines)
	d.lines = slices.Compact(d.lines)
	d.buf = fmt.Appendf(d.buf, "%d\n", len(d.lines))
	for _, line := range d.lines {
		d.buf = append(append(d.buf, line...), '\n')
	}
	clear(d.lines)
	d.lines = d.lines[:0]
}

// identity hashes what decides whether two types are the same as far as n spells
// them: its tokens, and those of the aliases, constants and interfaces that it
// leads to. Other declared types are the same if they are the same declaration.
func (t *meanings) identity(n *declNode) string {
	type at struct {
		in *meanings
		n  *declNode
	}
	seen := map[at]bool{}
	lines := map[string]bool{}
	queue := []at{{t, n}}
	for len(queue) > 0 {
		x := queue[0]
		queue = queue[1:]
		if seen[x] {
			continue
		}
		seen[x] = true
		lines[x.in.path+" "+x.n.local] = true
		if x.n.constraint {
			lines[x.n.deep] = true
		}
		for _, name := range x.n.mentions {
			for _, v := range append([]*meanings{x.in}, x.in.view...) {
				if v != x.in && !ast.IsExported(name) {
					continue
				}
				for _, to := range v.names[name] {
					lines[fmt.Sprint(v.path, " ", name, " ", to.kind)] = true
					if to.kind == kindAlias || to.kind == kindConst || to.kind == kindInterface {
						queue = append(queue, at{v, to})
					}
				}
			}
		}
	}
	return hashLines(slices.Sorted(maps.Keys(lines)))
}

// mentioned lists the identifiers in a node.
func mentioned(n ast.Node) []string {
	names := map[string]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			names[id.Name] = true
		}
		return true
	})
	return slices.Sorted(maps.Keys(names))
}

// ground identifies what the meaning of the bodies of m rests on beside the
// declarations of packages from source.
func (w *world) ground(m *meta) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s %s %s\n", w.list.build.identity, m.ID, m.Name, goVersion(m))
	for _, p := range append([]*meta{m}, viewOf(m)...) {
		fmt.Fprintf(h, "package %s %s %s\n", p.ID, p.Name, goVersion(p))
		for _, path := range sortedKeys(p.imports) {
			dep := p.imports[path]
			fmt.Fprintf(h, "import %s %s %s %v\n", path, dep.ID, dep.key, p.closes[path])
		}
	}
	return sum(h)
}

// bodyKey identifies a function body by its text and by what that means.
func (t *meanings) bodyKey(f *fn) string {
	if f.key == "" {
		return ""
	}
	known := f.meant.Load()
	if known != nil && known.by == t.id {
		return known.key
	}
	asked := ""
	if f.method != "" {
		asked = t.askedBy(f.method)
	}
	if known != nil && known.by == t.since && known.asked == asked && !slices.ContainsFunc(f.mentions, func(name string) bool { return t.changed[name] }) {
		f.meant.Store(&meantKey{t.id, asked, known.key})
		return known.key
	}
	b := append(append(make([]byte, 0, 2048), f.key...), asked...)
	for _, name := range f.mentions {
		if h := t.of(name); h != "" {
			b = append(append(b, name...), h...)
		}
	}
	h := sha256.Sum256(b)
	key := hex.EncodeToString(h[:16])
	f.meant.Store(&meantKey{t.id, asked, key})
	return key
}

// meantKey is the key of a body under some meanings.
type meantKey struct {
	by    uint64 // id of the meanings
	asked string // see askedBy
	key   string
}

// compare finds out which names may mean something else than in old, the last that
// the package had.
func (t *meanings) compare(old *meanings) {
	if old == nil || len(old.view) != len(t.view) {
		return
	}
	changed := map[string]bool{}
	differences(changed, old.own, t.own)
	for i, v := range t.view {
		was := old.view[i]
		if was.path != v.path {
			return
		}
		if was != v {
			differences(changed, was.own, v.own)
		}
	}
	t.since, t.changed = old.id, changed
}

func differences(into map[string]bool, a, b map[string]string) {
	for name, h := range a {
		if b[name] != h {
			into[name] = true
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			into[name] = true
		}
	}
}
