package retype

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// An inner use is one of what T's package alone can see, in that package: an
// unexported field or method, or a copy of the value. Where the interface is held it
// reaches the value by an unexported method or, where only tests do, by asserting the
// type.
type inner struct {
	slot *slot
	file *code.File
	expr ast.Expr
}

// reachesIn records such a use, and reports whether the method can stand for it.
func (f *Flow) reachesIn(file *code.File, src *slot, e ast.Expr, why string, at text.Span) bool {
	own := f.Type.Obj().Pkg().Path()
	if file.Pkg.Pkg.Path != own && f.assertsIn(file, src, e) {
		return true
	}
	if !f.Local || !f.Grow || !f.Accessors || f.Path != own || file.Pkg.Pkg.Path != own || file.Generated() || src.value || !selectable(e) || !file.Test && f.innerName() == "" {
		return false
	}
	f.inners = append(f.inners, inner{src, file, e})
	if !file.Test && src.innerWhy == "" {
		src.innerWhy, src.innerAt = why, at
	}
	return true
}

// assertsIn records such a use in a test of another package, and reports whether it can
// assert the type: the interface holds nothing else, and with nothing the test ends there
// as it does with a nil pointer.
func (f *Flow) assertsIn(file *code.File, src *slot, e ast.Expr) bool {
	if !file.Test || !f.Local || !f.Grow || file.Generated() || f.Role(file) == Fixed || src.value || !selectable(e) || f.Type.TypeParams().Len() > 0 || !f.Type.Obj().Exported() {
		return false
	}
	f.assertions = append(f.assertions, inner{src, file, e})
	return true
}

// seals reports whether the interface can have an unexported method itself that T's
// package calls: then no other package can implement it, as with the method that
// returns the value, and the calls stay what they are.
func (f *Flow) seals(file *code.File, src *slot, fn *types.Func) bool {
	own := f.Type.Obj().Pkg().Path()
	return f.Inner && f.Local && f.Grow && f.Accessors && f.Path == own && file.Pkg.Pkg.Path == own && !src.value && f.hidden(fn) == "" && f.method(fn.Name(), fn.Pkg()) != nil
}

// SealedBy returns the unexported methods of T that the interface must have.
func (f *Flow) SealedBy() []*types.Func {
	return slices.DeleteFunc(f.Needed(), func(m *types.Func) bool {
		return m.Exported() || types.IsInterface(m.Signature().Recv().Type())
	})
}

// selectable reports an expression that a selector can follow.
func selectable(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.CallExpr, *ast.IndexExpr, *ast.TypeAssertExpr, *ast.ParenExpr:
		return true
	}
	return false
}

// innerName is the name of the method; empty where it is taken.
func (f *Flow) innerName() string {
	if f.innerMethod == nil {
		name := "as" + naming.Exported(f.Type.Obj().Name())
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(f.Type), true, f.Type.Obj().Pkg(), name)
		file := f.World.FileOf(f.Type.Obj())
		if obj != nil || file == nil || file.Generated() || f.World.IgnoredName(f.Type.Obj().Pkg(), name) != "" || f.wouldFit(name) {
			name = ""
		}
		f.innerMethod = &name
	}
	return *f.innerMethod
}

// decideInner keeps the type where it is used so, unless such a method is wanted. A
// function that callers can reach by a method of the interface needs none.
func (f *Flow) decideInner() {
	befriended := map[*slot]bool{}
	for _, fr := range f.friends {
		for _, c := range fr.calls {
			befriended[c.dst] = !slices.ContainsFunc(c.dst.from, (*slot).users)
		}
	}
	for _, u := range f.inners {
		if s := u.slot; !u.file.Test && (!f.Inner || befriended[s]) {
			f.hasInner = s.keep(s.innerWhy, s.innerAt) || f.hasInner
		}
	}
}

// users reports a place that is to hold the interface.
func (s *slot) users() bool { return s.role == User && s.file != nil && !s.file.Test || s.wanted }

// WantsInner reports whether places keep the type that an unexported method could
// reach it by.
func (f *Flow) WantsInner() bool { return f.hasInner }

// InnerNeeded returns the name of the unexported method by which T's package gets
// from the interface to the value, or that tells T from other types; empty where
// nothing needs it.
func (f *Flow) InnerNeeded() string {
	if f.ReachesIn() || slices.ContainsFunc(f.Told(), func(t Told) bool { return t.Inner }) {
		return f.innerName()
	}
	return ""
}

// ReachesIn reports whether T's package gets from the interface to the value, but for
// its tests.
func (f *Flow) ReachesIn() bool {
	return slices.ContainsFunc(f.inners, func(u inner) bool { return u.slot.reached && !u.file.Test })
}

// reachIn rewrites the uses.
func (f *Flow) reachIn() {
	for _, u := range f.assertions {
		if u.slot.reached {
			u.file.Insert(u.expr.End(), ".(*"+f.spellType(u.file)+")")
		}
	}
	for _, u := range f.inners {
		switch {
		case !u.slot.reached:
		case u.file.Test && !f.ReachesIn():
			u.file.Insert(u.expr.End(), ".("+u.file.Type(u.file.Pkg.Info.TypeOf(u.expr))+")")
		default:
			u.file.Insert(u.expr.End(), "."+f.innerName()+"()")
		}
	}
}
