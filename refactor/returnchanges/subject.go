package returnchanges

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/crossing/argument"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// A subject is a function whose changes are returned, with those that must have the
// same signature.
type subject struct {
	fn      *types.Func
	members []*member
	params  []*param // in order
}

// A member is one function or interface method of a subject.
type member struct {
	fn   *types.Func
	decl *code.Decl // nil: a method of an interface
	file *code.File
	typ  *ast.FuncType
}

// A param is a parameter whose changes are returned.
type param struct {
	index int
	kind  kind
	typ   types.Type // of the parameter as it was
	elem  types.Type // of the memory: what a pointer points to, the elements of a slice
	name  string     // in the subject's function
}

type kind int

const (
	pointer kind = iota
	slice
	mapping
)

// subject works out which parameters of a function are returned. It returns nil
// where it noted a problem.
func (j *job) subject(fn *types.Func, names []string) (*subject, error) {
	s := &subject{fn: fn}
	members, _ := j.world.Class(fn)
	if why := thread.Unchangeable(j.world, fn, func(fn *types.Func, message string) { j.note(fn.Pos(), message) }); why != "" {
		j.refuse(fn.Pos(), "fixed-signature", fn.Name()+" can't have another signature: "+why, "change it by hand, or name another function")
		return nil, nil
	}
	for _, m := range members {
		j.subjects[j.world.Key(m.Origin())] = s
		if d := j.world.Decl(m); d != nil {
			s.members = append(s.members, &member{fn: d.Obj, decl: d, file: d.File, typ: d.Func.Type})
		} else if spec := j.world.Spec(m); spec != nil {
			s.members = append(s.members, &member{fn: m, file: spec.File, typ: spec.Type})
		}
	}
	changed := contract.Arguments(j.world.Snapshot, j.world.Packages)
	sure, further := map[int]bool{}, map[int]argument.Mutation{}
	for _, m := range members {
		for _, x := range changed.Places(argument.Subject(m)) {
			if sure[x.Param] = true; x.Path != "" {
				further[x.Param] = x
			}
		}
	}
	var known []string
	for i := range fn.Signature().Params().Len() {
		v := fn.Signature().Params().At(i)
		p, why := paramOf(fn, i)
		if x, deep := further[i]; deep && why == "" {
			why = j.further(fn, p, x)
		}
		asked := slices.Contains(names, v.Name())
		switch {
		case sure[i] && why == "":
			known = append(known, v.Name())
			if asked || len(names) == 0 {
				s.params = append(s.params, p)
			}
		case sure[i] && (asked || len(names) == 0):
			j.refuse(v.Pos(), "changed-argument-kept", "the changes of "+v.Name()+" can't be returned: "+why, "return what changed by hand, or name the other parameters: --"+paramParams)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(s.params, func(p *param) bool { return p.name == name }) && len(j.problems) == 0 {
			return nil, &component.UsageError{Object: "--" + paramParams, Reason: fmt.Sprintf("%s changes no parameter %s", fn.Name(), name), Hint: hintOf(known)}
		}
	}
	if len(s.params) == 0 {
		if len(j.problems) == 0 {
			j.refuse(fn.Pos(), "nothing-changed", fn.Name()+" changes none of its arguments", "name a function that does: unweld find lists callee-mutates-argument")
		}
		return nil, nil
	}
	return s, nil
}

// further says why what a function changes further away, behind a field or an element
// of the parameter, keeps the changes from being returned; where it doesn't, the
// place is noted.
func (j *job) further(fn *types.Func, p *param, x argument.Mutation) string {
	if p.kind != pointer {
		return "it also changes what the elements refer to (" + x.Here.String() + ")"
	}
	message := fn.Name() + " also changes what " + p.name + "." + x.Path + " refers to, which is not copied: who else refers to it sees that, as before"
	j.notes = append(j.notes, change.Note{Span: x.Here, Message: message})
	return ""
}

func hintOf(known []string) string {
	if len(known) == 0 {
		return "it changes none of its arguments"
	}
	return "it changes " + strings.Join(known, ", ")
}

// paramOf describes a parameter, or says why its changes can't be returned.
func paramOf(fn *types.Func, i int) (*param, string) {
	sig := fn.Signature()
	v := sig.Params().At(i)
	p := &param{index: i, typ: v.Type(), name: v.Name()}
	if sig.Variadic() && i == sig.Params().Len()-1 {
		return nil, "it takes any number of arguments"
	}
	switch t := types.Unalias(v.Type()).Underlying().(type) {
	case *types.Pointer:
		if _, plain := types.Unalias(v.Type()).(*types.Pointer); !plain {
			return nil, "its type is a named pointer"
		}
		p.kind, p.elem = pointer, t.Elem()
		if _, array := t.Elem().Underlying().(*types.Array); array {
			return nil, "it points to an array"
		}
		if why := uncopyable(t.Elem(), nil); why != "" {
			return nil, why
		}
	case *types.Slice:
		p.kind, p.elem = slice, t.Elem()
	case *types.Map:
		p.kind, p.elem = mapping, t
	default:
		return nil, "its type is " + types.TypeString(v.Type(), types.RelativeTo(fn.Pkg()))
	}
	return p, ""
}

// uncopyable says why values of a type must not be copied, or "".
func uncopyable(t types.Type, seen []types.Type) string {
	if slices.Contains(seen, t) {
		return ""
	}
	seen = append(seen, t)
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if pkg := n.Obj().Pkg(); pkg != nil {
			name := pkg.Path() + "." + n.Obj().Name()
			if pkg.Path() == "sync" || pkg.Path() == "sync/atomic" || name == "strings.Builder" || name == "container/list.List" || name == "unsafe.Pointer" {
				return "it has a " + pkg.Name() + "." + n.Obj().Name() + ", which must not be copied"
			}
		}
		lock, unlock := types.NewMethodSet(types.NewPointer(t)).Lookup(nil, "Lock"), types.NewMethodSet(types.NewPointer(t)).Lookup(nil, "Unlock")
		if _, byInterface := t.Underlying().(*types.Interface); lock != nil && unlock != nil && !byInterface {
			return n.Obj().Name() + " is a lock, which must not be copied"
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if why := uncopyable(f.Type(), seen); why != "" {
				return why
			}
		}
	case *types.Array:
		return uncopyable(u.Elem(), seen)
	}
	return ""
}

// typeText is how the returned value's type is written in a member.
func (p *param) typeText(m *member) string {
	src := m.file.Source(m.field(p.index).Type)
	if p.kind == pointer {
		return strings.TrimSpace(strings.TrimPrefix(src, "*"))
	}
	return src
}

// field is the declaration of the i-th parameter, perhaps with others.
func (m *member) field(i int) *ast.Field {
	for _, f := range m.typ.Params.List {
		n := max(1, len(f.Names))
		if i < n {
			return f
		}
		i -= n
	}
	return nil
}

// ident is the name of the i-th parameter in its declaration, or nil.
func (m *member) ident(i int) *ast.Ident {
	for _, f := range m.typ.Params.List {
		n := max(1, len(f.Names))
		if i < n {
			if len(f.Names) == 0 {
				return nil
			}
			return f.Names[i]
		}
		i -= n
	}
	return nil
}

// variable is the parameter's variable in a member with a body.
func (m *member) variable(p *param) *types.Var { return m.fn.Signature().Params().At(p.index) }
