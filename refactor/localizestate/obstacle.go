package localizestate

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/exposure"
)

// obstacles records what keeps fields where they are.
func (j *job) obstacles() {
	s := j.shared
	if s.file.Generated() {
		j.problem(s.spec, s.obj.Name()+" can't change: a tool wrote it, and would write it again", "change what writes it")
	}
	for _, f := range s.fields {
		j.known(f)
		for _, u := range f.uses {
			if u.file.Generated() {
				j.problem(u.sel, f.name.Name+" can't move: generated code uses it here", "change what writes it")
			}
		}
	}
	for _, l := range s.lits {
		if l.file.Generated() && j.gives(l) {
			j.problem(l.lit, s.obj.Name()+" can't change: generated code makes one here", "change what writes it")
		}
	}
	j.encoded()
	j.convertedAndMeasured()
}

// known records where a field is known by its name or its place.
func (j *job) known(f *field) {
	switch {
	case f.decl.Tag != nil:
		j.problem(f.decl, f.name.Name+" can't move: a tag says how it is encoded, and it would be nested then", "take the tag away first, or leave the field")
	case j.world.IgnoredUse(f.obj) != "":
		j.problem(f.name, f.name.Name+" can't move: "+j.world.IgnoredUse(f.obj)+", which this build leaves out, mentions it", "do it where that file is built, or change it by hand")
	case j.world.FieldByName(f.name.Name) != "":
		j.problem(f.name, f.name.Name+" can't move: "+j.world.FieldByName(f.name.Name), "change that by hand first")
	}
}

// encoded refuses exported fields of a struct that goes where any value can, by itself
// or in another: an encoder would see another shape. What is only printed is noted.
func (j *job) encoded() {
	encoded, shown := exposure.Of(j.world, j.shared.obj)
	visible := ast.IsExported(j.holder)
	for _, f := range j.shared.fields {
		visible = visible || f.obj.Exported()
	}
	name := j.shared.obj.Name()
	switch {
	case j.world.Decoded(j.shared.obj) && visible:
		j.problem(j.shared.fields[0].name, j.shared.fields[0].name.Name+" can't move: "+name+" is filled from data by the names of its fields", "leave exported fields, or fill a struct of their own")
	case encoded != nil && visible:
		j.problem(j.shared.fields[0].name, j.shared.fields[0].name.Name+" can't move: "+name+" goes where any value can at "+j.world.Span(encoded).String()+", and an encoder would see another shape", "leave exported fields, or encode a struct of their own")
	case shown != nil:
		j.notes = append(j.notes, change.Note{Span: j.world.Span(shown), Message: name + " may be printed here: %v shows " + j.into + " in braces of its own now"})
	}
}

// convertedAndMeasured refuses conversions between the struct and others, and unsafe.
func (j *job) convertedAndMeasured() {
	for _, f := range j.world.Files {
		f.Walk(func(n ast.Node, stack []ast.Node) {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return
			}
			info := f.Pkg.Info
			to, from := info.Types[ast.Unparen(call.Fun)], info.TypeOf(call.Args[0])
			switch {
			case to.IsType() && j.isShared(to.Type) != j.isShared(from) && !types.IsInterface(to.Type):
				j.problem(call, j.shared.obj.Name()+" can't change: it is converted from or to another struct here", "copy field by field first")
			case isUnsafe(f, call) && (j.isShared(from) || j.measures(f, call.Args[0])):
				j.problem(call, j.shared.obj.Name()+" can't change: its layout is measured here", "change that by hand first")
			case byReflection(f, call, j.shared.names()):
				j.problem(call, "a field can't move: it is found by its name here", "change that by hand first")
			}
		})
	}
	j.misaligned()
	for _, fl := range j.shared.fields {
		for _, u := range fl.uses {
			if atomic64(u) {
				j.notes = append(j.notes, change.Note{Span: j.world.Span(u.sel), Message: fl.name.Name + " is used atomically as 64 bits here: on 32-bit platforms it has to be at a multiple of 8 bytes in " + j.into + ", and that in " + j.shared.obj.Name()})
			}
		}
	}
}

// misaligned refuses what would move a field that stays, and is used atomically as 64
// bits, away from a multiple of 8 bytes on 32-bit platforms.
func (j *job) misaligned() {
	s := j.shared
	named, ok := s.obj.Type().(*types.Named)
	if !ok || named.TypeParams().Len() > 0 {
		return
	}
	st := named.Underlying().(*types.Struct)
	var old, now, moved []*types.Var
	for f := range st.Fields() {
		old = append(old, f)
		if s.moves(j.world, f) {
			moved = append(moved, f)
		}
	}
	held := types.NewField(token.NoPos, s.obj.Pkg(), j.holder, types.NewStruct(moved, nil), false)
	for _, f := range old {
		switch {
		case !s.moves(j.world, f):
			now = append(now, f)
		case f == moved[0]:
			now = append(now, held)
		}
	}
	sizes := types.SizesFor("gc", "386")
	before, after := sizes.Offsetsof(old), sizes.Offsetsof(now)
	away := func(obj types.Object) bool {
		for i, f := range old {
			if j.world.Key(f) != j.world.Key(obj) || before[i]%8 != 0 {
				continue
			}
			k := slices.Index(now, f)
			return k >= 0 && after[k]%8 != 0
		}
		return false
	}
	for _, file := range j.world.Files {
		file.Walk(func(n ast.Node, stack []ast.Node) {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || !atomic64(use{file, sel, stack}) {
				return
			}
			if v, ok := file.Pkg.Info.Uses[sel.Sel].(*types.Var); ok && v.IsField() && away(v.Origin()) {
				j.problem(sel, sel.Sel.Name+" is used atomically as 64 bits here, and would no longer be at a multiple of 8 bytes on 32-bit platforms, where that panics", "move "+sel.Sel.Name+" to the beginning of "+s.obj.Name()+" first, or make it an atomic.Int64 or an atomic.Uint64")
			}
		})
	}
}

func isUnsafe(f *code.File, call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	p, ok := f.Pkg.Info.Uses[x].(*types.PkgName)
	return ok && p.Imported().Path() == "unsafe"
}

// measures reports a selection of a field that moves.
func (j *job) measures(f *code.File, e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && j.shared.moves(j.world, f.Pkg.Info.Uses[sel.Sel])
}

// byReflection reports FieldByName with one of some names.
func byReflection(f *code.File, call *ast.CallExpr, names []string) bool {
	fn := f.Callee(call)
	if fn == nil || fn.Pkg() == nil || fn.Pkg().Path() != "reflect" || fn.Name() != "FieldByName" {
		return false
	}
	v := f.Pkg.Info.Types[call.Args[0]].Value
	if v == nil || v.Kind() != constant.String {
		return false
	}
	for _, n := range names {
		if n == constant.StringVal(v) {
			return true
		}
	}
	return false
}

// atomic64 reports atomic.AddInt64(&x.f, 1) and its like.
func atomic64(u use) bool {
	if len(u.path) < 3 {
		return false
	}
	call, ok := u.path[len(u.path)-3].(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := u.file.Callee(call)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" && strings.HasSuffix(fn.Name(), "64") && fn.Signature().Recv() == nil
}

func (j *job) problem(n ast.Node, message, hint string) {
	j.problems = append(j.problems, component.Problem{Code: codeBound, Severity: component.Error, Span: j.world.Span(n), Message: message, Hint: hint})
}
