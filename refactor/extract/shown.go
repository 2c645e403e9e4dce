package extract

import (
	"go/types"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A lookout finds façades in values. Code that will only know the façade holds façades
// where it held pointers to the type, except in fields that the component declares: these
// hold what does the work, as the component's own code does. It is the other way round
// with fields of the component that only others use: they hold façades, whoever looks.
type lookout struct {
	job  *job
	h    *handled
	deep bool // also behind pointers, and in slices and maps, as reflection sees them; comparisons don't
	seen map[seenType]bool
}

// A seenType is a type that a lookout has looked into, with who holds the values.
type seenType struct {
	named  *types.Named
	inside bool
}

// compared reports whether comparing values of t compares façades. Inside are values that
// the component's own code holds.
func (j *job) compared(h *handled, t types.Type, inside bool) bool {
	return (&lookout{job: j, h: h, seen: map[seenType]bool{}}).finds(t, inside)
}

// shown reports whether reflection sees façades in values of t. Inside are values that the
// component's own code holds.
func (j *job) shown(h *handled, t types.Type, inside bool) bool {
	return (&lookout{job: j, h: h, deep: true, seen: map[seenType]bool{}}).finds(t, inside)
}

// finds reports whether values of t hold façades.
func (l *lookout) finds(t types.Type, inside bool) bool {
	if t == nil {
		return false
	}
	if l.job.isPointer(t) {
		return !inside
	}
	if named, ok := types.Unalias(t).(*types.Named); ok {
		key := seenType{named, inside}
		if l.seen[key] {
			return false
		}
		l.seen[key] = true
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for v := range u.Fields() {
			if l.field(v, inside) {
				return true
			}
		}
	case *types.Array:
		return l.finds(u.Elem(), inside)
	case *types.Pointer:
		return l.deep && l.finds(u.Elem(), inside)
	case *types.Slice:
		return l.deep && l.finds(u.Elem(), inside)
	case *types.Map:
		return l.deep && (l.finds(u.Key(), inside) || l.finds(u.Elem(), inside))
	}
	return false
}

// field reports whether a field holds façades, in a value of somebody's. That of a generic
// type holds what it is instantiated with.
func (l *lookout) field(v *types.Var, inside bool) bool {
	if l.h.facades[l.job.world.Key(v.Origin())] {
		return true
	}
	if declared := l.job.world.FileOf(v.Origin()); declared != nil && types.Identical(v.Type(), v.Origin().Type()) {
		inside = l.inside(declared)
	}
	return l.finds(v.Type(), inside)
}

// inside reports a file whose code holds what does the work.
func (l *lookout) inside(f *code.File) bool { return !l.job.facing(l.h, f) }
