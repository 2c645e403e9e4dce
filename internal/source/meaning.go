package source

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"go/ast"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/unweld/unweld/internal/scc"
)

// meanings say what identifiers stand for in one package, each by a hash of the
// declarations that it may lead to: those of that name, methods of that name,
// and all that these lead to in turn, here and in the packages that this one can
// see. A function body in which no identifier means anything else than before
// means what it meant before, if the methods that it needs stand: see Need and
// RATIONALE.md.
type meanings struct {
	key  string // what they were made of
	path string
	own  map[string]string // by name
	view []*meanings       // of the packages from source that this one can see, sorted by path

	interfaces []*asking // those that the package declares by name
	names      map[string][]*declNode
	byMethod   map[string][]*declNode // by methodKey

	mu         sync.Mutex
	asks       map[string]string // by name of a method: see askedBy
	memo       map[string]string // of exported names, which others may declare too
	signatures map[string]string // by methodKey
}

// A declNode is one declaration among those of its package.
type declNode struct {
	*declShape
	local string // a hash of its tokens and of the imports that it mentions
	deep  string // of that and of all that it leads to
}

// alwaysOffered are names of methods for which types are searched without an
// interface that the package need know.
var alwaysOffered = []string{"Error", "MarshalText", "MarshalBinary", "MarshalJSON"}

// meanings returns those of the identifiers in m.
func (w *world) meanings(m *meta) *meanings {
	u := w.unit(m)
	u.meaning.Do(func() {
		key := w.inner(m)
		work := w.snap.work
		work.mu.Lock()
		u.meanings = work.meanings[m.ID]
		work.mu.Unlock()
		if u.meanings != nil && u.meanings.key == key {
			return
		}
		u.meanings = &meanings{key: key, path: m.PkgPath, own: map[string]string{}, names: map[string][]*declNode{}, memo: map[string]string{},
			byMethod: map[string][]*declNode{}, asks: map[string]string{}, signatures: map[string]string{}}
		for _, dep := range viewOf(m) {
			u.meanings.view = append(u.meanings.view, w.meanings(dep))
		}
		u.meanings.declare(u.files(nil))
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
	var parts []string
	for _, v := range t.view {
		if h := v.own[name]; h != "" {
			parts = append(parts, v.path+" "+h)
		}
	}
	if len(parts) > 0 {
		got = hashLines(append(parts, got))
	}
	t.memo[name] = got
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
			n := &declNode{declShape: d, local: p.tokens.local(d)}
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
	next := func(n *declNode) iter.Seq[*declNode] { return slices.Values(d.leadsTo(n)) }
	for group := range scc.Groups(slices.Values(all), next) {
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
	var lines []string
	for _, n := range nodes {
		lines = append(lines, n.deep)
	}
	return hashLines(lines)
}

// local hashes a declaration with the imports that it mentions.
func (f *fileShape) local(d *declShape) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s %s", d.kind, d.recv, d.hash)
	for _, path := range sortedKeys(f.names) {
		name := f.names[path]
		if name == "." || name == "" || slices.Contains(d.mentions, name) {
			fmt.Fprintf(&b, " %s=%s", name, path)
		}
	}
	return b.String()
}

// deepening hashes declarations with all that they lead to; those that lead to
// each other together.
type deepening struct {
	t       *meanings
	members map[string][]*declNode
}

// leadsTo lists the declarations that n mentions. The value of a variable may
// call methods.
func (d *deepening) leadsTo(n *declNode) []*declNode {
	var out []*declNode
	for _, name := range n.mentions {
		out = append(out, d.t.names[name]...)
		if n.kind == kindVar || n.kind == kindConst {
			out = append(out, d.members[name]...)
		}
	}
	return out
}

// hash takes declarations that lead to each other, after all that they lead to.
func (d *deepening) hash(group []*declNode) {
	lines := map[string]bool{}
	for _, n := range group {
		lines["local "+n.local] = true
		for _, name := range n.mentions {
			if !ast.IsExported(name) {
				continue
			}
			for _, v := range d.t.view {
				if h := v.own[name]; h != "" {
					lines[v.path+" "+name+" "+h] = true
				}
			}
		}
		for _, to := range d.leadsTo(n) {
			if to.deep != "" {
				lines["to "+to.deep] = true
			}
		}
	}
	sum := hashLines(slices.Sorted(maps.Keys(lines)))
	for _, n := range group {
		n.deep = hashLines([]string{sum, n.local})
	}
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
	if known := f.meant.Load(); known != nil && known.by == t {
		return known.key
	}
	var b strings.Builder
	b.WriteString(f.key)
	if f.method != "" {
		b.WriteString(t.askedBy(f.method))
	}
	for _, name := range f.mentions {
		if h := t.of(name); h != "" {
			b.WriteString(name)
			b.WriteString(h)
		}
	}
	key := hashLines([]string{b.String()})
	f.meant.Store(&meantKey{t, key})
	return key
}

// meantKey is the key of a body under some meanings.
type meantKey struct {
	by  *meanings
	key string
}
