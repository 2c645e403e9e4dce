package extract

import (
	"context"
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// service holds the names that the extraction of functions declares.
type service struct {
	iface, impl, variable string
	endpoints             []*endpoint
}

// funcs extracts functions: each gets an unexported function that does the work,
// and goes through a package variable that holds the contract.
func (j *job) funcs(ctx context.Context) error {
	s := &service{
		impl:     j.freeName("local", "localService"),
		variable: j.freeName("service", naming.Unexported(j.name())+"Service"),
	}
	if err := j.sortFunctions(ctx, s); err != nil {
		return err
	}
	s.iface = j.serviceName(s.endpoints)
	for _, e := range s.endpoints {
		e.impl = j.implName(e)
	}
	for _, e := range s.endpoints {
		j.renameInside(e)
		j.facade(s, e)
	}
	j.writeService(s)
	j.settings()
	if !j.keep {
		return j.threadFuncs(s)
	}
	return nil
}

// sortFunctions divides the functions into endpoints and those that stay local.
func (j *job) sortFunctions(ctx context.Context, s *service) error {
	type local struct {
		fn   *types.Func
		span text.Span
		why  string
	}
	var locals []local
	for _, fn := range j.target.funcs {
		decl := j.world.Decl(fn)
		why := j.staysLocal(decl)
		if why == "" {
			why = j.mutates(fn)
		}
		if why == "" {
			s.endpoints = append(s.endpoints, newEndpoint(decl, s.variable))
			continue
		}
		locals = append(locals, local{fn, j.world.Span(decl.Func.Name), fn.Name() + " stays local: " + why})
	}
	if len(s.endpoints) == 0 {
		var reasons []component.Problem
		for _, l := range locals {
			reasons = append(reasons, problem("stays-local", l.span, l.why, ""))
		}
		reasons = append(reasons, problem("no-endpoints", j.world.SpanAt(j.target.pkg.Syntax[0].Name.Pos(), token.NoPos), "no function can cross a process", "extract a type, or functions that exchange data"))
		return j.refuse(reasons...)
	}
	for _, l := range locals {
		touches, maybe, err := j.touches(ctx, l.fn)
		if err != nil {
			return err
		}
		if touches {
			l.why += "; it touches the component's state" + maybe + ", so bind keeps all of it in the process that calls it if one of the two changes that state"
		}
		j.note(l.span, l.why)
	}
	return j.noteOmitted(ctx)
}

// touches reports whether fn touches the component's state, or may; why says so
// where it could not be found out.
func (j *job) touches(ctx context.Context, fn *types.Func) (touches bool, why string, err error) {
	m, err := j.effectsOf(ctx, fn)
	if err != nil {
		return false, "", err
	}
	if m.Effect == component.EffectUnknown && m.Because != nil {
		why = ", as far as is known (" + m.Because.What + ")"
	}
	return m.TouchesState, why, nil
}

// noteOmitted notes the exported functions that weren't asked for and touch the
// same state.
func (j *job) noteOmitted(ctx context.Context) error {
	if !j.target.named {
		return nil
	}
	for _, fn := range exportedFuncs(j.world, j.target.pkg) {
		if slices.Contains(j.target.funcs, fn) {
			continue
		}
		touches, why, err := j.touches(ctx, fn)
		if err != nil {
			return err
		}
		if touches {
			j.note(j.world.Span(j.world.Decl(fn).Func.Name), fn.Name()+" was not asked for and touches the component's state"+why+", so bind keeps the component in the process that calls it if one of the two changes that state; add it to the list")
		}
	}
	return nil
}

// staysLocal returns why a function can't be an endpoint, or "".
func (j *job) staysLocal(decl *code.Decl) string {
	fn := decl.Obj
	switch {
	case decl.Func.Body == nil:
		return "it has no Go body"
	case code.Directive(decl.Func):
		return "a directive ties it to its name"
	case decl.File.Generated():
		return "it stands in a generated file"
	case decl.File.Constrained():
		return "its file is left out of some builds"
	}
	if why := frame(decl); why != "" {
		return why
	}
	if rel := j.world.IgnoredUse(fn); rel != "" && j.declaredIn(rel, fn.Name()) {
		return rel + ", which this build leaves out, declares it too"
	}
	problems := j.refused(fn, component.FormFuncs)
	if len(problems) > 0 {
		return problems[0].Path + ": " + problems[0].Message
	}
	return ""
}

func (j *job) span(pos, end token.Pos) text.Span { return j.world.SpanAt(pos, end) }

func (j *job) declaredIn(rel, name string) bool {
	content, _, err := j.world.Snapshot.Content(rel)
	return err == nil && strings.Contains(string(content), "func "+name+"(")
}

// implName picks the name of the function that does the work: one that no scope at
// any of its uses gives another meaning.
func (j *job) implName(e *endpoint) string {
	name := e.fn.Name()
	candidates := []string{naming.Unexported(name), naming.Unexported(name) + "Local", "local" + naming.Exported(name)}
	if !e.fn.Exported() {
		candidates = candidates[1:]
	}
	if name == "New" && j.target.typ != nil {
		candidates = append([]string{"new" + j.target.typ.Obj().Name()}, candidates...)
	}
	candidates = slices.DeleteFunc(candidates, func(c string) bool { return j.shadowed(e, c) })
	pick := j.freeName(append(candidates, "unweld"+naming.Exported(name))...)
	j.named[pick] = true
	return pick
}

// shadowed reports whether name means something else where e is mentioned.
func (j *job) shadowed(e *endpoint, name string) bool {
	for _, p := range e.params {
		if p.name == name {
			return true
		}
	}
	for _, r := range j.inside(e) {
		if inner := r.File.Pkg.Types.Scope().Innermost(r.ID.Pos()); inner != nil {
			if _, obj := inner.LookupParent(name, token.NoPos); obj != nil {
				return true
			}
		}
	}
	return false
}

// inside returns the mentions in the component's own package, tests left out:
// those go on to call the function itself.
func (j *job) inside(e *endpoint) []*code.Ref {
	var out []*code.Ref
	for _, r := range j.world.Refs(e.fn) {
		if r.File.Pkg.Pkg.Path == j.target.pkg.Pkg.Path && !r.File.Test {
			out = append(out, r)
		}
	}
	return out
}

func (j *job) renameInside(e *endpoint) {
	for _, r := range j.inside(e) {
		r.File.Replace(r.ID.Pos(), r.ID.End(), e.impl)
	}
	name := e.decl.Func.Name
	e.decl.File.Replace(name.Pos(), name.End(), e.impl)
}

// facade puts the function that goes through the contract before the original,
// so that the documentation stays where it was.
func (j *job) facade(s *service, e *endpoint) {
	f := e.decl.File
	t := fileTyper(f)
	callee := s.variable + "." + e.name
	f.Import("context", "context")
	var b strings.Builder
	switch {
	case j.keep && e.context:
		fmt.Fprintf(&b, "func %s(%s)%s {\n\t%s\n}", e.name, e.paramList(t, "ctx"), e.resultList(t, e.fails), e.panicking(callee, "ctx"))
	case j.keep:
		fmt.Fprintf(&b, "func %s(%s)%s {\n\t%s\n}", e.name, e.paramList(t, ""), e.resultList(t, e.fails), e.panicking(callee, "context.Background()"))
	default:
		fmt.Fprintf(&b, "func %s(%s)%s {\n\treturn %s(%s)\n}", e.name, e.paramList(t, "ctx"), e.resultList(t, true), callee, e.args("ctx"))
	}
	fmt.Fprintf(&b, "\n\n// %s does the work of %s in the process that hosts the component.\n", e.impl, e.name)
	f.Insert(e.decl.Func.Type.Func, b.String())
}
