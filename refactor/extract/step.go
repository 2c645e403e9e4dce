package extract

import (
	"cmp"
	"go/ast"
	"go/types"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/boundary"
	"github.com/unweld/unweld/refactor/internal/code"
)

// checkStep refuses a step that the target can't take, or has taken.
func (j *job) checkStep() error {
	step := j.req.Text(paramStep)
	switch {
	case step == "":
	case j.target.typ == nil:
		return &component.UsageError{Object: "--" + paramStep, Reason: "functions are extracted in one step", Hint: "leave --step out, or name a type"}
	case j.keep:
		return &component.UsageError{Object: "--" + paramStep, Reason: "with --keep-signatures there are no steps", Hint: "leave one of the two out"}
	case step != stepBoundary:
		return nil
	}
	if err := j.refuseExtracted(); err != nil {
		return err
	}
	return j.nameTaken()
}

// boundary gives the callers of a type its contract, with the signatures that its
// methods have.
func (j *job) boundary() error {
	req := boundary.Request{
		What: j.what, World: j.world, Type: j.target.typ, Package: j.target.pkg, Home: j.target.pkg,
		Accessors: true, Component: j.name(), Local: j.local, Name: j.req.Text(paramContract), Unbuilt: !j.strict,
	}
	req.Instance = boundary.OneInstance(req)
	out, err := boundary.Make(req)
	if err != nil {
		return err
	}
	j.unbuilt = out.Unbuilt
	j.notes = append(j.notes, out.Notes...)
	j.summary = append(j.summary, out.Summary...)
	return nil
}

// local returns why a method will stay in its caller's process, whatever its
// context and error, or "".
func (j *job) local(fn *types.Func) string {
	if ps := j.refused(fn, component.FormType); len(ps) > 0 {
		return ps[0].Path + ": " + ps[0].Message
	}
	if j.world.Decl(fn) == nil {
		return ""
	}
	return j.mutates(fn)
}

// elsewhere returns why a method can't keep its old signature for the component itself, which
// calls it: the type has it from one of another package.
func (j *job) elsewhere(d *code.Decl) string {
	if d.File.Pkg.Pkg.Path == j.target.pkg.Pkg.Path || !j.calledInside(d.Obj) {
		return ""
	}
	return "it is a method of " + types.TypeString(d.Obj.Signature().Recv().Type(), (*types.Package).Name) + ", and the component calls it by embedding that"
}

// remote gives the methods of a contract that a boundary made a context and an
// error, those that can't cross left out.
func (j *job) remote() error {
	named, ts := j.ownContract()
	if named == nil {
		return j.refuse(problem("no-contract", j.world.SpanAt(j.target.typ.Obj().Pos(), 0), j.typeName()+" has no contract of a component "+j.name(),
			"make one first: unweld extract "+j.req.Target+" --name "+j.name()+" --step "+stepBoundary+" --write"))
	}
	var endpoints []*endpoint
	var local []component.Problem
	stays := func(span text.Span, method, why string) {
		message := method + " stays in its caller's process: " + why
		j.note(span, message)
		local = append(local, problem("stays-local", span, message, ""))
	}
	signatures := j.localMethods(named)
	for m := range named.Underlying().(*types.Interface).Methods() {
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(j.target.typ), true, j.target.pkg.Types, m.Name())
		fn, _ := obj.(*types.Func)
		if fn == nil || j.world.Decl(fn) == nil {
			const why = "the module doesn't declare it"
			stays(j.world.Span(ts.Name), m.Name(), why)
			j.mark(ts, m.Name(), why, true)
			continue
		}
		d := j.world.Decl(fn)
		if !j.chosen(m.Name()) || !m.Exported() {
			j.keepLocal(ts, m.Name())
			continue
		}
		p, bad := j.fixedSignature(d)
		why, known, fixed := signatures[m.Name()], true, ""
		if why == "" {
			why, known = j.changedArgument(fn)
		}
		why = cmp.Or(why, j.elsewhere(d))
		if bad {
			fixed = strings.Replace(p.Message, d.Obj.Name(), "it", 1)
			why = cmp.Or(why, fixed)
		}
		if why != "" && len(j.req.List(paramEndpoints)) > 0 {
			return j.refuse(problem("no-endpoints", j.world.Span(d.Func.Name), m.Name()+" can't be an endpoint: "+why, "leave it out of --endpoints"))
		}
		if why != "" {
			stays(j.world.Span(d.Func.Name), m.Name(), why)
			j.mark(ts, m.Name(), why, why == fixed || !known)
			continue
		}
		endpoints = append(endpoints, newEndpoint(d))
	}
	if len(endpoints) == 0 {
		none := problem("no-endpoints", j.world.Span(ts.Name), "no method of "+ts.Name.Name+" can cross a process", "change the signature of one, or extract another type")
		return j.refuse(append(local, none)...)
	}
	return j.changeMethods(endpoints)
}

// mark says in the contract that a method stays in its caller's process, and why,
// unless that is said; also for bindings where its types don't say it.
func (j *job) mark(ts *ast.TypeSpec, method, why string, directive bool) {
	const stays = "stays in its caller's process"
	it, ok := ts.Type.(*ast.InterfaceType)
	if !ok {
		return
	}
	for _, m := range it.Methods.List {
		if len(m.Names) != 1 || m.Names[0].Name != method {
			continue
		}
		var lines []string
		said := strings.Contains(m.Doc.Text(), stays)
		if !said {
			lines = append(lines, "// "+method+" "+stays+": "+why)
		}
		if directive && !keptLocal(m.Doc) {
			lines = append(lines, "//", component.Directive(component.LocalDirective))
		}
		if m.Doc != nil && len(lines) > 0 && !said {
			lines = append([]string{"//"}, lines...)
		}
		if len(lines) > 0 {
			j.world.FileAt(m.Pos()).Insert(m.Names[0].Pos(), strings.Join(lines, "\n\t")+"\n\t")
		}
	}
}

// ownContract returns the contract of the component that is extracted, which a
// boundary made of the target.
func (j *job) ownContract() (*types.Named, *ast.TypeSpec) {
	var iface *types.Named
	var spec *ast.TypeSpec
	j.contracts(func(f *code.File, name string, ts *ast.TypeSpec) {
		if name == j.name() && iface == nil && j.contractOf(f, ts) {
			if named, ok := types.Unalias(f.Pkg.Info.Defs[ts.Name].Type()).(*types.Named); ok && types.IsInterface(named) {
				iface = named
			}
			spec = ts
		}
	})
	return iface, spec
}
