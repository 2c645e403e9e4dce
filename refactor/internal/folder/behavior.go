package folder

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/placement"
)

// noteBehavior says where the program can tell the package's path or name.
func (m *Move) noteBehavior() {
	w := m.World
	for _, p := range w.Packages {
		if dir := path.Clean(p.Pkg.Dir); p.ForTest == "" && (dir == m.from || strings.HasPrefix(dir, m.from+"/")) {
			m.notes = append(m.notes, placement.Order(w, p, m.moved(p.Pkg.Path))...)
		}
	}
	m.notes = append(m.notes, m.typeNames...)
}

// findTypeNames finds where the program tells the package's path or name with a type.
func (m *Move) findTypeNames() {
	sameName := m.Name == m.Pkg.Pkg.Name
	m.typeNames = placement.TypeNames(m.World, func(t types.Type, byPath bool) string {
		named := placement.NamedIn(t)
		if named == nil || named.Obj().Pkg() == nil {
			return ""
		}
		moved := m.moved(named.Obj().Pkg().Path())
		if moved == "" || byPath && moved == named.Obj().Pkg().Path() || !byPath && (sameName || named.Obj().Pkg().Path() != m.oldPath) {
			return ""
		}
		return named.Obj().Name()
	})
	for _, f := range m.World.Files {
		if sameName || f.Test || f.Pkg.Pkg.Path != m.oldPath {
			continue
		}
		printed := placement.PrintedTypes(m.World, f, m.Pkg.Pkg.Name)
		m.typeNames = append(m.typeNames, printed...)
		m.printsTypes = m.printsTypes || len(printed) > 0 || placement.PrintsType(f)
	}
}

// findWritten finds the types of the package whose name the program writes out with the
// package's, so that a test that expects it doesn't expect what is printed of the type.
func (m *Move) findWritten() {
	m.written = map[string]bool{}
	for _, f := range m.World.Files {
		if f.Test {
			continue
		}
		for _, l := range placement.Literals(f.AST) {
			if l.Pkg == m.Pkg.Pkg.Name {
				m.written[l.Type] = true
			}
		}
	}
}

// editExpected changes the package's name in what the package's tests expect of its types,
// where the package prints types and doesn't write such a name itself.
func (m *Move) editExpected(f *file, add func(pos, end token.Pos, text string)) {
	if !m.printsTypes || path.Dir(f.rel) != m.from || !strings.HasSuffix(f.rel, "_test.go") {
		return
	}
	for _, l := range placement.Literals(f.syntax) {
		if l.Pkg == m.Pkg.Pkg.Name && !m.written[l.Type] && m.declares(l.Type) {
			add(l.Start, l.End, m.Name+"."+l.Type)
			m.typeNames = append(m.typeNames, change.Note{
				Span:    m.World.Snapshot.Span(f.fset, l.Start, l.End),
				Message: "this expects the printed name of type " + l.Type + ", which is " + m.Name + "." + l.Type + " now",
			})
		}
	}
}

// declares reports a type of the package, or of its tests in the package.
func (m *Move) declares(name string) bool {
	return slices.ContainsFunc(m.World.Packages, func(p *source.Package) bool {
		if p.Pkg.Path != m.oldPath {
			return false
		}
		_, is := p.Types.Scope().Lookup(name).(*types.TypeName)
		return is
	})
}

// editOutputs changes the package's name in what examples say that they print, where
// they print it with a type.
func (m *Move) editOutputs(f *file, add func(pos, end token.Pos, text string)) {
	if m.Name == m.Pkg.Pkg.Name || !strings.HasSuffix(f.rel, "_test.go") {
		return
	}
	for _, o := range placement.Outputs(f.syntax, m.typeNames, func(n ast.Node) text.Span { return m.span(f, n) }) {
		if _, is := m.Pkg.Types.Scope().Lookup(o.Type).(*types.TypeName); is && o.Pkg == m.Pkg.Pkg.Name {
			add(o.Start, o.End, m.Name+"."+o.Type)
		}
	}
}
