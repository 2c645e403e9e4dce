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
		named := namedIn(t)
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

// namedIn returns the named type that t is, points to or is a list of, or nil.
func namedIn(t types.Type) *types.Named {
	for range 4 {
		if t == nil {
			return nil
		}
		switch u := types.Unalias(t).(type) {
		case *types.Pointer:
			t = u.Elem()
		case *types.Slice:
			t = u.Elem()
		case *types.Array:
			t = u.Elem()
		case *types.Named:
			return u.Origin()
		default:
			return nil
		}
	}
	return nil
}
