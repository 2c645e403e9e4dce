package boundary

import (
	"go/token"
	"go/types"
	"strconv"
	"strings"
	"unicode"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/retype"
)

// choose picks the interface: one that is there and fits exactly, or a new one.
func (m *maker) choose() {
	if m.Name == "" && m.Component == "" {
		if tn := m.existing(); tn != nil {
			m.out.Interface, m.out.Existing = retype.Interface{Path: tn.Pkg().Path(), Package: tn.Pkg().Name(), Name: tn.Name()}, true
			m.note(m.World.SpanAt(tn.Pos(), 0), tn.Pkg().Name()+"."+tn.Name()+" has these very methods, and is used")
			return
		}
	}
	name := m.Name
	if name == "" {
		name = m.freeName()
	}
	m.out.Interface = retype.Interface{Path: m.Home.Pkg.Path, Package: m.Home.Pkg.Name, Name: name}
}

// existing finds an interface with exactly the methods that are needed: in the
// package of the new one or, for a consumer, in the type's.
func (m *maker) existing() *types.TypeName {
	if len(m.fields)+len(m.friends) > 0 {
		return nil
	}
	for _, p := range []*source.Package{m.Home, m.Package} {
		if p == m.Package && m.Home.Pkg.Path != p.Pkg.Path && !m.importable(p) {
			continue
		}
		for _, name := range p.Types.Scope().Names() {
			tn, ok := p.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || tn.IsAlias() || p != m.Home && !tn.Exported() || m.World.FileOf(tn) == nil || m.World.FileOf(tn).Test {
				continue
			}
			if n, ok := tn.Type().(*types.Named); ok && n.TypeParams().Len() == 0 && m.fits(n) && (tn.Exported() || m.Home.Pkg.Path != m.Package.Pkg.Path) {
				return tn
			}
		}
	}
	return nil
}

// importable reports whether the files that hold the interface can name one of
// another package.
func (m *maker) importable(p *source.Package) bool {
	return p.Pkg.Name != "main" && !code.Imports(p.Types, m.Home.Pkg.Path) && code.Visible(p.Pkg.Path, m.Home.Pkg.Path)
}

// fits reports whether an interface has the methods that are needed and no others.
func (m *maker) fits(n *types.Named) bool {
	it, ok := n.Underlying().(*types.Interface)
	if !ok || !it.IsMethodSet() || it.NumMethods() != len(m.methods) || it.NumMethods() == 0 {
		return false
	}
	for _, fn := range m.methods {
		obj, _, _ := types.LookupFieldOrMethod(n, false, fn.Pkg(), fn.Name())
		have, ok := obj.(*types.Func)
		if !ok || !types.Identical(have.Signature(), m.flow.Retyped(fn.Signature(), retype.Interface{Path: m.Home.Pkg.Path, Package: m.Home.Pkg.Name, Name: n.Obj().Name()})) {
			return false
		}
	}
	return true
}

// freeName picks a name that says what the interface is.
func (m *maker) freeName() string {
	typ := m.Type.Obj().Name()
	candidates := []string{typ}
	if len(m.methods) == 1 && len(m.fields)+len(m.friends) == 0 {
		candidates = append(candidates, agent(m.methods[0].Name()))
	}
	switch {
	case m.all(reading):
		candidates = append(candidates, typ+"Reader")
	case m.all(writing):
		candidates = append(candidates, typ+"Writer")
	}
	if strings.EqualFold(typ, m.Home.Pkg.Name) {
		candidates = append(candidates, "Contract")
	}
	candidates = append(candidates, typ+"Contract", typ+"Methods")
	for _, c := range candidates {
		if !m.taken(c) {
			return c
		}
	}
	for i := 2; ; i++ {
		if c := typ + "Contract" + strconv.Itoa(i); !m.taken(c) {
			return c
		}
	}
}

// agent names who does what a method does, as Go's interfaces of one method are
// named; empty where that would be no word.
func agent(method string) string {
	for i, r := range method {
		if i > 0 && unicode.IsUpper(r) {
			return ""
		}
	}
	switch {
	case len(method) < 3, method == "Len", method == "Size", method == "Length", method == "Name", method == "Path", method == "Text":
		return ""
	case strings.HasSuffix(method, "e"):
		return method + "r"
	case strings.HasSuffix(method, "er"), strings.HasSuffix(method, "or"), strings.HasSuffix(method, "s"), strings.HasSuffix(method, "y"):
		return ""
	case method == "Get" || method == "Put" || method == "Set" || method == "Run" || method == "Log" || method == "Stop" || method == "Begin":
		return method + method[len(method)-1:] + "er"
	}
	return method + "er"
}

var (
	reading = []string{"Get", "List", "Find", "Load", "Read", "Has", "Is", "Count", "Len", "Lookup", "Query", "Search", "Fetch", "Exists", "All", "By", "String"}
	writing = []string{"Set", "Put", "Add", "Write", "Save", "Store", "Delete", "Remove", "Create", "Update", "Insert", "Append", "Reset", "Clear"}
)

// all reports whether the name of each method begins with one of the words.
func (m *maker) all(words []string) bool {
	for _, fn := range m.methods {
		if !begins(fn.Name(), words) {
			return false
		}
	}
	if len(m.friends) > 0 {
		return false
	}
	for _, a := range m.fields {
		if a.Ptr != "" || a.Set != "" && words[0] == reading[0] || a.Get != "" && words[0] != reading[0] {
			return false
		}
	}
	return true
}

func begins(name string, words []string) bool {
	for _, w := range words {
		rest, ok := strings.CutPrefix(name, w)
		if ok && (rest == "" || unicode.IsUpper(rune(rest[0]))) {
			return true
		}
	}
	return false
}

// taken reports whether a name has a meaning in the package of the interface, or
// inside of one of its functions.
func (m *maker) taken(name string) bool {
	if name == "" || token.IsKeyword(name) || types.Universe.Lookup(name) != nil {
		return true
	}
	for _, p := range m.World.Packages {
		if p.Pkg.Path != m.Home.Pkg.Path {
			continue
		}
		if p.Types.Scope().Lookup(name) != nil || m.World.IgnoredName(p.Types, name) != "" {
			return true
		}
		for id, obj := range p.Info.Defs {
			if v, ok := obj.(*types.Var); id.Name == name && obj != nil && (!ok || !v.IsField()) {
				if fn, ok := obj.(*types.Func); ok && fn.Signature().Recv() != nil {
					continue
				}
				return true
			}
		}
		for _, f := range p.Syntax {
			for _, spec := range f.Imports {
				if pn := p.Info.PkgNameOf(spec); pn != nil && pn.Name() == name {
					return true
				}
			}
		}
	}
	return false
}
