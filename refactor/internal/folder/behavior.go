package folder

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strings"

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
		if !sameName && !f.Test && f.Pkg.Pkg.Path == m.oldPath {
			m.typeNames = append(m.typeNames, placement.PrintedTypes(m.World, f, m.Pkg.Pkg.Name)...)
		}
	}
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
