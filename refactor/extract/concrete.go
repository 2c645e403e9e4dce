package extract

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/refactor/internal/boundary"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
	"github.com/unweld/unweld/refactor/internal/retype"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// threadLimit is how many functions may gain a context or an error besides those of the
// contract. Beyond it the reader of the diff would be lost. Of a step that was asked for,
// which does nothing else, more can be read; and where it ends, contexts are made up and
// errors logged that callers further up would have had, which is worse to read.
const (
	threadLimit = 60
	stepLimit   = 400
)

// concrete extracts a type: its methods gain a context and an error, and what
// holds it outside its package holds the contract instead.
func (j *job) concrete() error {
	if j.target.typ.TypeParams().Len() > 0 {
		return j.refuseGeneric()
	}
	endpoints, err := j.methods()
	if err != nil {
		return err
	}
	remote, err := j.endpoints(endpoints)
	if err != nil {
		return err
	}
	own, iface := j.ownInterface(endpoints, remote), ""
	if own != nil {
		iface = own.Name()
		j.note(j.world.SpanAt(own.Pos(), 0), own.Pkg().Name()+"."+iface+" has these very methods, and is used")
		boundary.Mark(j.world, own, j.name())
	} else {
		iface = j.contractName(endpoints, "Service", naming.Exported(j.name())+"Service")
	}
	config := j.flow(endpoints)
	flow := retype.Solve(config)
	if problems := flow.Problems(); len(problems) > 0 {
		return j.refuse(problems...)
	}
	if own == nil || !j.heldAsOwn(own) {
		if err := j.nobody(flow, config, iface); err != nil {
			return err
		}
	}
	to := retype.Interface{Path: j.target.pkg.Pkg.Path, Package: j.target.pkg.Pkg.Name, Name: iface}
	flow.Rewrite(to)
	j.spelled = func(f *code.File, e ast.Expr) string { return flow.Spelled(f, e, to) }
	j.retyped = func(t types.Type) types.Type { return flow.Retyped(t, to) }
	if err := j.changeMethods(remote); err != nil {
		return err
	}
	if own != nil {
		return nil
	}
	n := j.newFile()
	n.writeInterface(iface, endpoints)
	j.created[j.file("service.go")] = n.content()
	return nil
}

func (j *job) refuseGeneric() error {
	return j.refuse(problem("generic-contract", j.world.SpanAt(j.target.typ.Obj().Pos(), 0), j.target.typ.Obj().Name()+" has type parameters, and what crosses a process has none",
		"put an interface there alone: --step "+stepBoundary))
}

// flow says which places are to hold the contract: those outside of the component's
// package.
func (j *job) flow(endpoints []*endpoint) retype.Config {
	c := retype.Config{World: j.world, Type: j.target.typ, Path: j.target.pkg.Pkg.Path, Note: j.note, Role: func(f *code.File) retype.Role {
		if f.Pkg.Pkg.Path == j.target.pkg.Pkg.Path {
			return retype.Fixed
		}
		return retype.User
	}}
	for _, e := range endpoints {
		c.Methods = append(c.Methods, e.fn)
	}
	return c
}

func (j *job) threader() *thread.Threader {
	t := thread.NewThreader(j.world)
	t.Detached = true
	t.Limit, t.Spelled, t.Retyped = threadLimit, j.spelled, j.retyped
	if j.req.Text(paramStep) != "" {
		t.Limit = stepLimit
	}
	t.Choose(j.req)
	return t
}

func (j *job) thread(t *thread.Threader) error {
	t.Rewrite()
	j.notes = append(j.notes, t.Notes...)
	if len(t.Problems) > 0 {
		return j.refuse(t.Problems...)
	}
	return nil
}

// threadFuncs gives the callers of extracted functions a context to pass and
// an error to handle.
func (j *job) threadFuncs(s *service) error {
	t := j.threader()
	t.Skip = func(r *code.Ref) bool {
		return r.File.Pkg.Pkg.Path == j.target.pkg.Pkg.Path && !r.File.Test
	}
	for _, e := range s.endpoints {
		t.Add(&thread.Change{Fn: e.fn, Ctx: !e.context, Err: !e.fails, Outside: true})
	}
	return j.thread(t)
}

// methods picks the methods of the contract: the exported ones that other packages
// use, or those of the interfaces that these hold it as, those that its own tests use if there are none, or all of them
// if none is used, less those that can't cross. Where none of the used ones can, others may
// be used by an interface.
func (j *job) methods() ([]*endpoint, error) {
	var all, used, tested []*code.Decl
	for _, m := range j.allMethods() {
		decl := j.world.Decl(m)
		if decl == nil || decl.File.Pkg.Pkg.Path != j.target.pkg.Pkg.Path {
			continue
		}
		all = append(all, decl)
		switch refs := j.world.Refs(m); {
		case slices.ContainsFunc(refs, j.used):
			used = append(used, decl)
		case slices.ContainsFunc(refs, j.outside):
			tested = append(tested, decl)
		}
	}
	if len(used) == 0 {
		used = j.usedAsHeld(all)
	}
	if len(used) == 0 {
		used = tested
	}
	out, problems, reasons := j.crossing(used)
	if len(out)+len(problems) == 0 {
		others := slices.DeleteFunc(all, func(d *code.Decl) bool { return slices.Contains(used, d) })
		var more []component.Problem
		out, problems, more = j.crossing(others)
		reasons = append(reasons, more...)
	}
	if len(out) > 0 {
		return out, nil
	}
	if len(problems) == 0 {
		hint := "extract another type"
		if len(reasons) > 0 {
			hint += ", or see what is in the way of each"
		}
		problems = append(reasons, problem("no-endpoints", j.world.SpanAt(j.target.typ.Obj().Pos(), 0), j.typeName()+" has no exported method that can cross a process", hint))
	}
	return nil, j.refuse(problems...)
}

// crossing returns the endpoints that methods make which can cross, and why the
// others can't: because their signature has to stay what it is, or for other reasons.
func (j *job) crossing(methods []*code.Decl) (out []*endpoint, fixed, reasons []component.Problem) {
	slices.SortStableFunc(methods, func(a, b *code.Decl) int { return j.world.Before(a.Obj, b.Obj) })
	stays := func(d *code.Decl, code, why, hint string) {
		span := j.world.Span(d.Func.Name)
		reasons = append(reasons, problem(code, span, d.Obj.Name()+" stays out of the contract: "+why, hint))
		j.note(span, d.Obj.Name()+" stays out of the contract: "+why+"; what calls it keeps "+j.typeName()+", and stays in its process")
	}
	for _, d := range methods {
		span := j.world.Span(d.Func.Name)
		if p, bad := j.fixedSignature(d); bad {
			fixed = append(fixed, p)
			j.note(span, p.Message+"; it stays out of the contract, and what calls it keeps "+j.typeName())
			continue
		}
		if ps := j.refused(d.Obj, component.FormType); len(ps) > 0 {
			stays(d, ps[0].Code, ps[0].Path+": "+ps[0].Message, ps[0].Hint)
			continue
		}
		if why := j.mutates(d.Obj); why != "" {
			stays(d, contract.CodeMutates, why, "")
			continue
		}
		out = append(out, newEndpoint(d))
	}
	return out, fixed, reasons
}

func (j *job) typeName() string {
	return "*" + j.target.pkg.Pkg.Name + "." + j.target.typ.Obj().Name()
}

// used reports a mention by the program's code outside of the package. What tests alone
// call is needed from afar only where they call it of what that code holds.
func (j *job) used(r *code.Ref) bool {
	if r.File.Pkg.Pkg.Path == j.target.pkg.Pkg.Path {
		return false
	}
	if !r.File.Test {
		return true
	}
	sel, ok := r.Path[max(len(r.Path)-2, 0)].(*ast.SelectorExpr)
	if !ok {
		return false
	}
	obj := heldBy(r.File, sel.X)
	if obj == nil {
		return false
	}
	holder := j.world.FileOf(obj)
	return holder != nil && !holder.Test && holder.Pkg.Pkg.Path != j.target.pkg.Pkg.Path
}

// heldBy returns the variable, field or function that an expression has its value from.
func heldBy(f *code.File, e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return f.Pkg.Info.ObjectOf(e)
	case *ast.SelectorExpr:
		return f.Pkg.Info.ObjectOf(e.Sel)
	case *ast.CallExpr:
		return heldBy(f, e.Fun)
	case *ast.IndexExpr:
		return heldBy(f, e.X)
	}
	return nil
}

// outside reports a mention by another package or a test.
func (j *job) outside(r *code.Ref) bool {
	return r.File.Test || r.File.Pkg.Pkg.Path != j.target.pkg.Pkg.Path
}

// fixedSignature reports a method whose signature has to stay what it is.
func (j *job) fixedSignature(d *code.Decl) (component.Problem, bool) {
	if ctx, err := j.gains(); (!ctx || code.TakesContext(d.Obj)) && (!err || code.ReturnsError(d.Obj)) {
		return component.Problem{}, false
	}
	why := ""
	switch {
	case d.Func.Body == nil:
		why = "it has no Go body"
	case d.File.Generated():
		why = "it stands in a generated file"
	case d.File.Constrained():
		why = "its file is left out of some builds"
	default:
		why = cmp.Or(j.world.Frozen(d.Obj), frame(d))
	}
	if rel := j.world.IgnoredUse(d.Obj); why == "" && rel != "" {
		why = rel + ", which this build leaves out, mentions it"
	}
	return problem("fixed-signature", j.world.Span(d.Func.Name), d.Obj.Name()+" can't gain a context and an error: "+why,
		"extract with --keep-signatures, or change it by hand first"), why != ""
}

// isTarget reports whether t is the target's type, in any variant of its
// package.
func (j *job) isTarget(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == j.target.typ.Obj().Name() && n.Obj().Pkg() != nil &&
		j.world.Key(n.Obj()) == j.world.Key(j.target.typ.Obj())
}

// isPointer reports whether t is a pointer to the target's type.
func (j *job) isPointer(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && j.isTarget(p.Elem())
}
