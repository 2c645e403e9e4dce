package retype

import (
	"go/ast"
	"go/types"
)

// An elsewhere is a slot that files see which this build leaves out.
type elsewhere struct {
	slot   *slot
	obj    types.Object // what they mention
	files  []string     // they
	why    string       // it keeps the type where it does
	result bool         // they get its value
}

// calledElsewhere handles a slot in the signature of a function that files mention which this
// build leaves out. A parameter takes what they have, and a result that is never nil is to
// them what it was, if they still type-check.
func (f *Flow) calledElsewhere(s *slot, fn *types.Func, file string) {
	e := elsewhere{slot: s, obj: fn, why: file + ", which this build leaves out, mentions " + fn.Name()}
	d := f.World.Decl(fn)
	param := d != nil && directly(d.Func.Type.Params, s.star)
	e.result = d != nil && directly(d.Func.Type.Results, s.star)
	if !param && !e.result || param && f.World.IgnoredNil(fn) {
		s.keep(e.why, s.span)
		return
	}
	f.leave(e)
}

// mentionedElsewhere handles a slot by which such files may reach a member of T.
func (f *Flow) mentionedElsewhere(s *slot, obj types.Object, why string) {
	f.leave(elsewhere{slot: s, obj: obj, why: why})
}

// leave leaves a slot to what those builds say in the end. What they call of T the interface
// has.
func (f *Flow) leave(e elsewhere) {
	f.hasUnbuilt = true
	ok := f.Unbuilt && f.Local && f.Grow
	if ok {
		e.files, ok = f.World.HeldToBuilds(e.obj)
	}
	if !ok {
		e.slot.keep(e.why, e.slot.span)
		return
	}
	f.elsewhere = append(f.elsewhere, e)
	for m := range types.NewMethodSet(types.NewPointer(f.Type)).Methods() {
		if fn, ok := m.Obj().(*types.Func); ok && fn.Exported() && f.World.IgnoredUse(fn) != "" {
			f.need(e.slot, fn, e.slot.span)
		}
	}
	if !e.result { // what they give may be nil
		e.slot.nilFrom = append(e.slot.nilFrom, &slot{name: "value", span: e.slot.span, file: e.slot.file, value: true, why: concrete, nilable: true})
	}
}

// directly reports whether a type is that of a parameter, or of a result, itself.
func directly(list *ast.FieldList, star *ast.StarExpr) bool {
	if list == nil {
		return false
	}
	for _, field := range list.List {
		if ast.Unparen(field.Type) == ast.Expr(star) {
			return true
		}
	}
	return false
}

// none returns the place by which the value that those files get may be nil; nil where it
// never is, and for other slots.
func (e *elsewhere) none(s *slot) *slot {
	if e.slot != s || !e.result {
		return nil
	}
	if none := s.typedNil(map[*slot]bool{}); none != nil {
		return none
	}
	return s.noValue(map[*slot]bool{})
}

// WantsUnbuilt reports whether places keep the type for files that this build leaves out.
func (f *Flow) WantsUnbuilt() bool { return f.hasUnbuilt && !f.Unbuilt }

// Elsewhere calls a function for each object that such files mention and whose type changes,
// with the files.
func (f *Flow) Elsewhere(each func(obj types.Object, files []string)) {
	seen := map[types.Object]bool{}
	for _, e := range f.elsewhere {
		if e.slot.reached && !seen[e.obj] {
			seen[e.obj] = true
			each(e.obj, e.files)
		}
	}
}
