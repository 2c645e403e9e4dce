package boundary

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
	"github.com/unweld/unweld/refactor/internal/retype"
)

// choose picks the interface: one that is there and fits exactly, or a new one.
func (m *maker) choose() {
	if m.Name == "" {
		if tn := m.existing(); tn != nil {
			m.out.Interface, m.out.Existing = retype.Interface{Path: tn.Pkg().Path(), Package: tn.Pkg().Name(), Name: tn.Name()}, true
			m.note(m.World.SpanAt(tn.Pos(), 0), tn.Pkg().Name()+"."+tn.Name()+" has "+m.compared(tn)+", and is used")
			if m.Component != "" {
				Mark(m.World, tn, m.Component)
			}
			return
		}
	}
	name := m.Name
	if name == "" {
		name = m.freeName()
	}
	m.out.Interface = retype.Interface{Path: m.Home.Pkg.Path, Package: m.Home.Pkg.Name, Name: name}
}

// compared says how the methods of an interface that is there compare to those that
// are needed.
func (m *maker) compared(tn *types.TypeName) string {
	if it, ok := tn.Type().Underlying().(*types.Interface); ok && it.NumMethods() > len(m.methods) {
		return "these methods and " + number(it.NumMethods()-len(m.methods), "other")
	}
	return "these very methods"
}

// Mark makes an interface that is there the contract of the component of that name.
func Mark(w *code.World, tn *types.TypeName, name string) {
	file := w.FileOf(tn)
	g, ok := declOf(file, tn.Pos()).(*ast.GenDecl)
	if !ok {
		return
	}
	directive := component.Directive(component.ContractDirective, name) + "\n"
	at, doc := g.Pos(), g.Doc
	if g.Lparen.IsValid() {
		for _, s := range g.Specs {
			if ts, ok := s.(*ast.TypeSpec); ok && ts.Name.Pos() == tn.Pos() {
				at, doc, directive = ts.Pos(), ts.Doc, directive+"\t"
			}
		}
	}
	if doc != nil {
		directive = "//\n" + directive
	}
	file.Insert(at, directive)
}

// existing finds an interface with the methods that are needed: in the package of the
// new one or, for a consumer, in the type's. Beside the type it may have others that
// the type has, too.
func (m *maker) existing() *types.TypeName {
	if len(m.fields)+len(m.friends) > 0 || m.inner != "" {
		return nil
	}
	if tn := m.existingIn(m.fits); tn != nil || m.Home.Pkg.Path != m.Package.Pkg.Path {
		return tn
	}
	return m.existingIn(m.fitsAlso)
}

// existingIn finds one that a function accepts.
func (m *maker) existingIn(fits func(*types.Named) bool) *types.TypeName {
	for _, p := range []*source.Package{m.Home, m.Package} {
		if p == m.Package && m.Home.Pkg.Path != p.Pkg.Path && !m.importable(p) {
			continue
		}
		for _, name := range p.Types.Scope().Names() {
			tn, ok := p.Types.Scope().Lookup(name).(*types.TypeName)
			if !ok || tn.IsAlias() || p != m.Home && !tn.Exported() || m.World.FileOf(tn) == nil || m.World.FileOf(tn).Test {
				continue
			}
			if n, ok := tn.Type().(*types.Named); ok && m.free(n) && !m.flow.NameTaken(tn.Name()) && m.likeParams(n) && fits(m.applied(n)) && (tn.Exported() || m.Home.Pkg.Path != m.Package.Pkg.Path) {
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

// free reports whether an interface can become the contract: it isn't that of another
// component.
func (m *maker) free(n *types.Named) bool {
	return m.Component == "" || Free(m.World, n.Obj())
}

// Free reports whether an interface is no component's contract.
func Free(w *code.World, tn *types.TypeName) bool {
	g, ok := declOf(w.FileOf(tn), tn.Pos()).(*ast.GenDecl)
	if !ok {
		return true
	}
	for _, s := range g.Specs {
		if ts, ok := s.(*ast.TypeSpec); ok && ts.Name.Pos() == tn.Pos() {
			name, err := contract.ComponentOf(g, ts)
			return name == "" && err == nil
		}
	}
	return true
}

// fits reports whether an interface has the methods that are needed and no others.
func (m *maker) fits(n *types.Named) bool {
	it, ok := n.Underlying().(*types.Interface)
	return ok && it.NumMethods() == len(m.methods) && m.hasNeeded(n, it)
}

// fitsAlso reports whether an interface of the type's role has the methods that are
// needed, and others that the type has: no more of them than are needed.
func (m *maker) fitsAlso(n *types.Named) bool {
	it, ok := n.Underlying().(*types.Interface)
	return ok && it.NumMethods() > len(m.methods) && it.NumMethods() <= 2*len(m.methods) && m.hasNeeded(n, it) && types.Implements(types.NewPointer(m.applied(m.Type)), it)
}

// hasNeeded reports whether an interface has the methods that are needed.
func (m *maker) hasNeeded(n *types.Named, it *types.Interface) bool {
	if !it.IsMethodSet() || len(m.methods) == 0 {
		return false
	}
	for _, fn := range m.methods {
		obj, _, _ := types.LookupFieldOrMethod(n, false, fn.Pkg(), fn.Name())
		have, ok := obj.(*types.Func)
		if !ok || !types.Identical(have.Signature(), m.flow.Retyped(m.flow.Signature(fn), retype.Interface{Path: m.Home.Pkg.Path, Package: m.Home.Pkg.Name, Name: n.Obj().Name()})) {
			return false
		}
	}
	return true
}

// freeName picks a name that says what the interface is.
func (m *maker) freeName() string {
	candidates := naming.Contract(m.subject())
	if i := slices.IndexFunc(candidates, func(c string) bool { return !m.taken(c) }); i >= 0 {
		return candidates[i]
	}
	for i := 2; ; i++ {
		if c := candidates[len(candidates)-1] + strconv.Itoa(i); !m.taken(c) {
			return c
		}
	}
}

// subject is what the interface is called after.
func (m *maker) subject() naming.Subject {
	s := naming.Subject{Type: m.Type.Obj().Name(), Package: m.Home.Pkg.Name, Consumer: m.Home.Pkg.Path != m.Package.Pkg.Path, Fields: len(m.fields)+len(m.friends) > 0 || m.inner != "" || len(m.flow.SealedBy()) > 0}
	for _, fn := range m.methods {
		if fn.Exported() {
			s.Methods = append(s.Methods, fn.Name())
		}
	}
	for _, a := range m.fields {
		s.Changes = s.Changes || a.Set != "" || a.Ptr != ""
		s.Reads = s.Reads || a.Get != "" || a.Ptr != ""
	}
	s.Changes, s.Reads = s.Changes || len(m.friends) > 0, s.Reads || len(m.friends) > 0
	return s
}

// taken reports whether a name has a meaning in the package of the interface, or
// inside of one of its functions.
func (m *maker) taken(name string) bool {
	if name == "" || token.IsKeyword(name) || types.Universe.Lookup(name) != nil || m.flow.NameTaken(name) {
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
