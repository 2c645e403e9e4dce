package extract

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// gains returns what the methods of the contract gain in the step that was asked
// for.
func (j *job) gains() (ctx, err bool) {
	step := j.req.Text(paramStep)
	return step != stepErrors, step != stepContext
}

// changeMethods gives each method of the contract its context and error. One
// that the component itself calls keeps its body in an unexported method with
// the old signature: inside the component nothing can be cancelled or fail that
// could not before.
func (j *job) changeMethods(endpoints []*endpoint) error {
	t := j.threader()
	own := map[code.Key]bool{}
	t.Skip = func(r *code.Ref) bool { return !j.outside(r) && own[j.world.Key(r.Fn.Origin())] }
	gainsCtx, gainsErr := j.gains()
	for _, e := range endpoints {
		ctx, err := gainsCtx && !e.context, gainsErr && !e.fails
		if !ctx && !err {
			continue
		}
		calledInside := j.calledInside(e.fn)
		if calledInside {
			own[j.world.Key(e.fn)] = true
			j.splitMethod(e, ctx, err)
		}
		t.Add(&thread.Change{Fn: e.fn, Ctx: ctx, Err: err, Outside: calledInside})
	}
	return j.thread(t)
}

// calledInside reports a method that the component itself mentions.
func (j *job) calledInside(fn *types.Func) bool {
	return slices.ContainsFunc(j.world.Refs(fn), func(r *code.Ref) bool { return !j.outside(r) })
}

// splitMethod renames a method, for the component itself, and puts the one of
// the contract before it, which calls it. That one gains a context, an error or
// both.
func (j *job) splitMethod(e *endpoint, gainsCtx, gainsErr bool) {
	f, d := e.decl.File, e.decl.Func
	e.impl = j.ownName(e)
	for _, r := range j.world.Refs(e.fn) {
		if !j.outside(r) {
			r.File.Replace(r.ID.Pos(), r.ID.End(), e.impl)
		}
	}
	f.Replace(d.Name.Pos(), d.Name.End(), e.impl)
	recv := d.Recv.List[0]
	name := strings.ToLower(j.target.typ.Obj().Name()[:1])
	if len(recv.Names) > 0 && recv.Names[0].Name != "_" {
		name = recv.Names[0].Name
	}
	t := fileTyper(f)
	ctx := ""
	switch {
	case e.context:
		ctx = "ctx"
	case gainsCtx:
		ctx = "_"
	}
	if ctx != "" {
		f.Import("context", "context")
	}
	fails := e.fails || gainsErr
	f.Insert(d.Type.Func, fmt.Sprintf("func (%s %s) %s(%s)%s {\n\t%s\n}\n\n// %s is %s for the component itself.\n",
		name, f.Source(recv.Type), e.name, e.paramList(t, ctx), e.resultList(t, fails), e.body(name+"."+e.impl, fails), e.impl, e.name))
}

// ownName picks a name for a method that only the component calls: one that is
// neither a field nor a method of the type.
func (j *job) ownName(e *endpoint) string {
	candidates := []string{naming.Unexported(e.name), naming.Unexported(e.name) + "Local", "local" + e.name}
	ptr := types.NewPointer(j.target.typ)
	for _, c := range candidates {
		obj, _, _ := types.LookupFieldOrMethod(ptr, true, j.target.pkg.Types, c)
		if obj == nil && !token.IsKeyword(c) {
			return c
		}
	}
	return "unweld" + e.name
}
