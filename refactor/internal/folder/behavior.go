package folder

import (
	"go/types"
	"path"
	"strings"

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
	sameName := m.Name == m.Pkg.Pkg.Name
	m.notes = append(m.notes, placement.TypeNames(w, func(t types.Type, byPath bool) string {
		named := placement.NamedIn(t)
		if named == nil || named.Obj().Pkg() == nil {
			return ""
		}
		moved := m.moved(named.Obj().Pkg().Path())
		if moved == "" || byPath && moved == named.Obj().Pkg().Path() || !byPath && (sameName || named.Obj().Pkg().Path() != m.oldPath) {
			return ""
		}
		return named.Obj().Name()
	})...)
}
