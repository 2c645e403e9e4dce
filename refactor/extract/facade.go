package extract

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// renameType gives the type and its constructors their unexported names everywhere
// in the package but in its tests, and there too if they look inside it.
func (j *job) renameType(h *handled) {
	h.impl = j.typeImplName(h)
	for _, f := range j.files() {
		if j.facing(h, f) {
			continue
		}
		f.Walk(func(n ast.Node, stack []ast.Node) {
			id, ok := n.(*ast.Ident)
			if !ok {
				return
			}
			obj := f.Pkg.Info.Uses[id]
			if obj == nil {
				obj = f.Pkg.Info.Defs[id]
			}
			if tn, ok := obj.(*types.TypeName); ok && j.isTarget(tn.Type()) && !j.facadeHeld(h, f, stack) {
				f.Replace(id.Pos(), id.End(), h.impl)
			}
		})
	}
	j.renameDoc(typeDoc(j.world.FileOf(j.target.typ.Obj()), j.target.typ.Obj()), h.typ, h.impl)
	if h.tests {
		j.note(j.world.SpanAt(j.target.typ.Obj().Pos(), token.NoPos), "the tests of the package "+h.testsDo+" "+h.typ+": they use "+h.impl+" itself")
	}
	for _, e := range slices.Concat(h.makers, h.locals, h.friends) {
		if e.decl == nil {
			continue
		}
		j.renameInside(e)
		if h.tests {
			j.renameInTests(e)
		}
		j.renameDoc(e.decl.Func.Doc, e.name, e.impl)
	}
}

// renameInTests makes the package's own tests call what does the work.
func (j *job) renameInTests(e *endpoint) {
	for _, r := range j.world.Refs(e.fn) {
		if r.File.Test && r.File.Pkg.Pkg.Path == j.target.pkg.Pkg.Path {
			r.File.Replace(r.ID.Pos(), r.ID.End(), e.impl)
		}
	}
}

// renameDoc makes a comment begin with the new name of what it describes.
func (j *job) renameDoc(doc *ast.CommentGroup, from, to string) {
	if doc == nil || !strings.HasPrefix(doc.List[0].Text, "// "+from+" ") {
		return
	}
	start := doc.Pos() + token.Pos(len("// "))
	f := j.world.FileAt(doc.Pos())
	f.Replace(start, start+token.Pos(len(from)), to)
}

// typeImplName picks a name for the type that no function of the package gives
// another meaning where the type is mentioned.
func (j *job) typeImplName(h *handled) string {
	var candidates []string
	for _, c := range []string{naming.Unexported(h.typ), naming.Unexported(h.typ) + "Impl", "local" + h.typ} {
		if !j.declaredAnywhere(c) {
			candidates = append(candidates, c)
		}
	}
	return j.freeName(append(candidates, "unweld"+h.typ)...)
}

// declaredAnywhere reports whether some scope inside the package declares name.
func (j *job) declaredAnywhere(name string) bool {
	for _, f := range j.files() {
		for id, obj := range f.Pkg.Info.Defs {
			if v, ok := obj.(*types.Var); id.Name == name && obj != nil && (!ok || !v.IsField()) {
				return true
			}
		}
	}
	return false
}

// A mapper tells how parameters and results cross: pointers to the type as
// handles, all else as it is.
type mapper struct {
	job *job
	h   *handled
}

// wire returns e as the contract has it.
func (m mapper) wire(e *endpoint, method bool) *endpoint {
	w := *e
	w.params, w.results = nil, nil
	if method {
		w.params = append(w.params, param{"handle", types.Typ[types.Uint64]})
	}
	for _, name := range m.kept(e) {
		if name != "" {
			w.params = append(w.params, param{name, types.Typ[types.Uint64]})
		}
	}
	if method {
		w.params = append(w.params, m.h.lentParams(e)...)
	}
	for _, p := range e.params {
		if m.job.isPointer(p.typ) {
			p.typ = types.Typ[types.Uint64]
		}
		w.params = append(w.params, p)
	}
	for _, r := range e.results {
		if m.job.isPointer(r) {
			r = types.Typ[types.Uint64]
		}
		w.results = append(w.results, r)
	}
	return &w
}

// kept names, for each result that is a value of the type, the parameter with the
// handle that it gets; empty for others.
func (m mapper) kept(e *endpoint) []string {
	names := make([]string, len(e.results))
	taken := map[string]bool{"handle": true, "ctx": true, "err": true}
	for _, p := range e.params {
		taken[p.name] = true
	}
	for i, r := range e.results {
		if !m.job.isPointer(r) {
			continue
		}
		name := "as"
		for n := 2; taken[name]; n++ {
			name = "as" + strconv.Itoa(n)
		}
		names[i], taken[name] = name, true
	}
	return names
}

// writeHandles writes the contract, its implementation over a table of values,
// and the façade.
func (j *job) writeHandles(h *handled) {
	m := mapper{j, h}
	n := j.newFile()
	n.use("fmt", "fmt")
	n.use("sync", "sync")
	var all []*endpoint
	for _, e := range h.makers {
		all = append(all, m.wire(e, false))
	}
	for _, e := range h.methods {
		all = append(all, m.wire(e, true))
	}
	release := &endpoint{name: "Release" + h.typ, params: []param{{"handle", types.Typ[types.Uint64]}}, fails: true}
	n.writeInterface(h.iface, append(all, release))
	m.writeTable(n)
	m.writeLoans(n)
	for i, e := range h.makers {
		m.writeMaker(n, e, all[i])
	}
	for i, e := range h.methods {
		m.writeMethod(n, e, all[len(h.makers)+i])
	}
	j.created[j.file("service.go")] = n.content()
	m.writeFacade()
}

// writeTable writes the implementation: the values by handle.
func (m mapper) writeTable(n *newFile) {
	h := m.h
	value := fmt.Sprintf("&%s{values: map[uint64]*%s{}}", h.service.impl, h.impl)
	var loans, keeps, kept, forget string
	if len(h.lent) > 0 {
		value = fmt.Sprintf("&%s{values: map[uint64]*%s{}, loans: map[uint64]*%s{}}", h.service.impl, h.impl, h.loans())
		loans, keeps = "\n\tloans map[uint64]*"+h.loans(), ", loans *"+h.loans()
		kept, forget = "\n\tl.loans[as] = loans", "\n\tdelete(l.loans, handle)"
	}
	if len(h.resident)+len(h.locals)+len(h.friends) > 0 {
		n.printf("\n// resident holds the values that are hosted in this process.\nvar resident = %s\n", value)
		value = "resident"
	}
	n.printf(`
// %[1]s answers every call. Everything that uses the package goes through it.
var %[1]s %[2]s = %[7]s

// %[3]s is the %[2]s of this process. A handle stands for one %[5]s;
// zero is nil.
type %[3]s struct {
	mu     sync.Mutex
	values map[uint64]*%[4]s%[8]s
}

// keep holds v for the handle that its caller chose, and returns it.
func (l *%[3]s) keep(as uint64, v *%[4]s%[9]s) uint64 {
	if v == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.values[as] = v%[10]s
	return as
}

func (l *%[3]s) value(handle uint64) (*%[4]s, error) {
	if handle == 0 {
		return nil, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	v, ok := l.values[handle]
	if !ok {
		return nil, fmt.Errorf("%[6]s: no %[5]s with handle %%d in this process", handle)
	}
	return v, nil
}

// Release%[5]s forgets a value that nobody can reach any more.
func (l *%[3]s) Release%[5]s(_ context.Context, handle uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.values, handle)%[11]s
	return nil
}
`, h.variable, h.iface, h.service.impl, h.impl, h.typ, m.job.target.pkg.Pkg.Name, value, loans, keeps, kept, forget)
}

// zeros spells the zero results of w and the error.
func (m mapper) zeros(n *newFile, w *endpoint) string {
	var parts []string
	for _, r := range w.results {
		parts = append(parts, code.Zero(r, n.typer()))
	}
	return strings.Join(append(parts, "err"), ", ")
}

// resolve writes the look-up of the handles among the parameters, and returns
// the endpoint with the values in their place.
func (m mapper) resolve(n *newFile, e, w *endpoint) *endpoint {
	real := *e
	real.params = append([]param(nil), e.params...)
	for i, p := range real.params {
		if m.job.isPointer(p.typ) {
			n.printf("\t%sValue, err := l.value(%s)\n\tif err != nil {\n\t\treturn %s\n\t}\n", p.name, p.name, m.zeros(n, w))
			real.declared = append(real.declared, p.name)
			real.params[i].name = p.name + "Value"
		}
	}
	return &real
}

func (m mapper) head(n *newFile, e, w *endpoint) {
	ctx := "_"
	if e.context {
		ctx = "ctx"
	}
	n.printf("\nfunc (l *%s) %s(%s)%s {\n", m.h.service.impl, w.name, w.paramList(n.typer(), ctx), w.resultList(n.typer(), true))
}

func (m mapper) writeMaker(n *newFile, e, w *endpoint) {
	m.head(n, e, w)
	if len(m.h.lent) > 0 {
		n.printf("\tloans := &%s{}\n\tdefer loans.lend(%s)()\n", m.h.loans(), m.brought(e, false))
	}
	real := m.resolve(n, m.standIns(n, e, "loans"), w)
	n.printf("\t%s\n}\n", m.answer(real, e.impl))
}

func (m mapper) writeMethod(n *newFile, e, w *endpoint) {
	m.head(n, e, w)
	n.printf("\tv, err := l.value(handle)\n\tif err != nil {\n\t\treturn %s\n\t}\n", m.zeros(n, w))
	if len(m.h.lent) > 0 && !m.h.quiet[e] {
		n.printf("\tdefer l.lend(handle, %s)()\n", m.brought(e, true))
	}
	if len(m.h.keeps[e]) > 0 {
		n.printf("\tloans := l.loansOf(handle)\n")
	}
	real := m.resolve(n, m.standIns(n, e, "loans"), w)
	n.printf("\t%s\n}\n", m.answer(real, "v."+e.impl))
}

// answer is the call of the original and the return of what it gives, with
// handles for values of the type.
func (m mapper) answer(e *endpoint, callee string) string {
	kept := false
	vars, handles := e.vars(), m.kept(e)
	out := make([]string, len(vars))
	for i := range e.results {
		out[i] = vars[i]
		if handles[i] != "" {
			kept, out[i] = true, "l.keep("+handles[i]+", "+vars[i]+m.ifLent(", loans")+")"
		}
	}
	if !kept {
		return e.body(callee, true)
	}
	ctx, last := "", "nil"
	if e.context {
		ctx = "ctx"
	}
	lhs := strings.Join(vars, ", ")
	if e.fails {
		lhs, last = lhs+", err", "err"
	}
	return lhs + " := " + callee + "(" + e.args(ctx) + ")\n\treturn " + strings.Join(append(out, last), ", ")
}

// writeFacade writes the type of the old name.
func (m mapper) writeFacade() {
	j, h := m.job, m.h
	n := j.newFile()
	n.use("runtime", "runtime")
	var streams, given, set string
	if len(h.lent) > 0 {
		streams, given, set = "\n\tlent "+h.loan()+" // the streams that it was given", ", lent "+h.loan(), ", lent"
	}
	n.printf(`%[1]stype %[2]s struct {
	handle uint64 // of the value, where the component is hosted%[6]s
}

// %[3]s returns the %[2]s with a handle, and lets go of it when nobody can
// reach the %[2]s any more.
func %[3]s(handle uint64%[7]s) *%[2]s {
	if handle == 0 {
		return nil
	}
	f := &%[2]s{handle%[8]s}
	%[5]s
	return f
}

// handleOf returns the handle of f; that of nil is zero.
func (f *%[2]s) handleOf() uint64 {
	if f == nil {
		return 0
	}
	return f.handle
}
`, m.doc(h), h.typ, "open"+h.typ, h.variable, m.cleanup(), streams, given, set)
	if len(h.lent) > 0 {
		n.printf("\n// loan returns the streams of f; nil has none.\nfunc (f *%s) loan() %s {\n\tif f == nil {\n\t\treturn %[2]s{}\n\t}\n\treturn f.lent\n}\n", h.typ, h.loan())
	}
	for _, e := range h.makers {
		n.printf("\n%sfunc %s(%s)%s {\n%s}\n", docText(e), e.name, e.paramList(n.typer(), ctxName(e)), e.resultList(n.typer(), e.fails), m.through(n, e, false))
	}
	for _, e := range h.locals {
		n.printf("\n%sfunc %s(%s)%s {\n", docText(e), e.name, e.paramList(n.typer(), ctxName(e)), e.resultList(n.typer(), e.fails))
		m.writeLocal(n, e, e.impl)
	}
	for _, e := range h.friends {
		n.printf("\n%sfunc (f %s) %s(%s)%s {\n", docText(e), n.typer()(e.fn.Signature().Recv().Type()), e.name, e.paramList(n.typer(), ctxName(e)), e.resultList(n.typer(), e.fails))
		m.writeLocal(n, e, "f."+e.impl)
	}
	for _, e := range h.methods {
		n.printf("\n%sfunc (f *%s) %s(%s)%s {\n%s}\n", docText(e), h.typ, e.impl, e.paramList(n.typer(), ctxName(e)), e.resultList(n.typer(), e.fails), m.through(n, e, true))
	}
	for _, e := range h.resident {
		m.writeResident(n, e)
	}
	m.writeNewHandle(n)
	j.created[j.file(strings.ToLower(h.typ)+"_handle.go")] = n.content()
}

// writeNewHandle writes where handles come from, if any are made.
func (m mapper) writeNewHandle(n *newFile) {
	if !bytes.Contains(n.body.Bytes(), []byte("new"+m.h.typ+"Handle()")) {
		return
	}
	name := "rand"
	if m.job.declaredAnywhere(name) {
		name = "mathrand"
	}
	n.printf(`
// new%[1]sHandle returns a handle that no other %[1]s has, nor had before the
// component was started again.
func new%[1]sHandle() uint64 { return 1 + %[2]s.Uint64N(1<<63) }
`, m.h.typ, n.use("math/rand/v2", name))
}

// cleanup lets go of the handle in f. AddCleanup needs go 1.24.
func (m mapper) cleanup() string {
	release := m.h.variable + ".Release" + m.h.typ + "(context.Background(), "
	if v := m.job.target.pkg.Types.GoVersion(); v != "" && version.Compare(v, "go1.24") < 0 {
		return "runtime.SetFinalizer(f, func(f *" + m.h.typ + ") {\n\t\t_ = " + release + "f.handle)\n\t})"
	}
	return "runtime.AddCleanup(f, func(handle uint64) {\n\t\t_ = " + release + "handle)\n\t}, handle)"
}

func ctxName(e *endpoint) string {
	if e.context {
		return "ctx"
	}
	return ""
}

// through is the body of a façade's function.
func (m mapper) through(n *newFile, e *endpoint, method bool) string {
	w := m.wire(e, method)
	ctx := "context.Background()"
	if e.context {
		ctx = "ctx"
	}
	args := []string{ctx}
	if method {
		args = append(args, "f.handleOf()")
	}
	for _, name := range m.kept(e) {
		if name != "" {
			args = append(args, "new"+m.h.typ+"Handle()")
		}
	}
	keep, replace := "", ""
	if method {
		for _, p := range m.h.lentParams(e) {
			args = append(args, "f.loan()."+p.name)
		}
		replace = m.replace(e)
	}
	for i, p := range e.params {
		a := p.name
		if m.job.isPointer(p.typ) {
			a += ".handleOf()"
			keep += "\truntime.KeepAlive(" + p.name + ")\n"
		} else if e.variadic && i == len(e.params)-1 {
			a += "..."
		}
		args = append(args, a)
	}
	if method {
		keep += "\truntime.KeepAlive(f)\n"
	}
	call := m.h.variable + "." + w.name + "(" + strings.Join(args, ", ") + ")\n"
	vars := e.vars()
	out := make([]string, len(vars))
	for i, r := range e.results {
		out[i] = vars[i]
		if m.job.isPointer(r) {
			out[i] = "open" + m.h.typ + "(" + vars[i] + m.ifLent(", "+m.brought(e, false)) + ")"
		}
	}
	body := replace + "\t" + strings.Join(append(vars, "err"), ", ") + " := " + call + keep
	if e.fails {
		return body + "\treturn " + strings.Join(append(out, "err"), ", ") + "\n"
	}
	body += "\tif err != nil {\n\t\tpanic(err)\n\t}\n"
	if len(out) > 0 {
		body += "\treturn " + strings.Join(out, ", ") + "\n"
	}
	return body
}

// writeResident writes a method that needs the value itself.
func (m mapper) writeResident(n *newFile, e *endpoint) {
	n.printf("\n%sfunc (f *%s) %s(%s)%s {\n", docText(e), m.h.typ, e.name, e.paramList(n.typer(), ctxName(e)), e.resultList(n.typer(), e.fails))
	n.printf("\tdefer runtime.KeepAlive(f)\n\tv, err := resident.value(f.handleOf())\n\tif err != nil {\n\t\tpanic(err)\n\t}\n")
	if len(m.h.lent) > 0 {
		n.printf("%s\tdefer resident.lend(f.handleOf(), f.loan())()\n", m.replace(e))
	}
	if len(m.h.keeps[e]) > 0 {
		e = m.standIns(n, e, "resident.loansOf(f.handleOf())")
	}
	m.writeLocal(n, e, "v."+e.impl)
}

// writeLocal writes the body of a function that makes or takes the value itself, or of a
// method that needs it: a call of what does the work.
func (m mapper) writeLocal(n *newFile, e *endpoint, callee string) {
	real := *e
	real.params = slices.Clone(e.params)
	for i, p := range real.params {
		switch sig, isFunc := p.typ.Underlying().(*types.Signature); {
		case m.job.isPointer(p.typ):
			n.printf("\tdefer runtime.KeepAlive(%[1]s)\n\t%[1]sValue, err := resident.value(%[1]s.handleOf())\n\tif err != nil {\n\t\tpanic(err)\n\t}\n", p.name)
		case isFunc && m.job.holds(p.typ):
			m.writeCallback(n, p.name, sig)
		default:
			continue
		}
		real.declared = append(real.declared, p.name)
		real.params[i].name = p.name + "Value"
	}
	call := callee + "(" + real.args(ctxName(e)) + ")"
	vars := real.vars()
	out := slices.Clone(vars)
	for i, r := range e.results {
		if m.job.isPointer(r) {
			out[i] = "open" + m.h.typ + "(resident.keep(new" + m.h.typ + "Handle(), " + vars[i] + m.resident()
		}
	}
	if e.fails {
		vars, out = append(vars, "err"), append(out, "err")
	}
	switch {
	case len(vars) == 0:
		n.printf("\t%s\n}\n", call)
	case slices.Equal(vars, out):
		n.printf("\treturn %s\n}\n", call)
	default:
		n.printf("\t%s := %s\n\treturn %s\n}\n", strings.Join(vars, ", "), call, strings.Join(out, ", "))
	}
}

// writeCallback writes the function that gives façades to a function which takes them.
func (m mapper) writeCallback(n *newFile, name string, sig *types.Signature) {
	var takes, params, args, results []string
	for i := range sig.Params().Len() {
		t, arg := sig.Params().At(i).Type(), fmt.Sprintf("a%d", i)
		spelled := n.typer()(t)
		args = append(args, arg)
		if m.job.isPointer(t) {
			spelled, args[i] = "*"+m.h.impl, "open"+m.h.typ+"(resident.keep(new"+m.h.typ+"Handle(), "+arg+m.resident()
		}
		takes = append(takes, spelled)
		params = append(params, arg+" "+spelled)
	}
	for r := range sig.Results().Variables() {
		results = append(results, n.typer()(r.Type()))
	}
	result, ret := "", ""
	switch len(results) {
	case 0:
	case 1:
		result, ret = " "+results[0], "return "
	default:
		result, ret = " ("+strings.Join(results, ", ")+")", "return "
	}
	n.printf("\tvar %[1]sValue func(%[2]s)%[3]s\n\tif %[1]s != nil {\n\t\t%[1]sValue = func(%[4]s)%[3]s {\n\t\t\t%[5]s%[1]s(%[6]s)\n\t\t}\n\t}\n",
		name, strings.Join(takes, ", "), result, strings.Join(params, ", "), ret, strings.Join(args, ", "))
}

// docText returns the comment of a declaration with its line break.
func docText(e *endpoint) string {
	switch {
	case e.decl != nil && e.decl.Func.Doc != nil:
		return e.decl.File.Source(e.decl.Func.Doc) + "\n"
	case e.decl == nil && e.doc != "":
		return e.doc + "\n"
	}
	return ""
}

// doc returns the comment of the type.
func (m mapper) doc(h *handled) string {
	obj := m.job.target.typ.Obj()
	f := m.job.world.FileOf(obj)
	if doc := typeDoc(f, obj); doc != nil {
		return f.Source(doc) + "\n"
	}
	return fmt.Sprintf("// %s is reached through %s.\n", h.typ, h.iface)
}

// typeDoc returns the comment of a type declaration, or nil.
func typeDoc(f *code.File, obj types.Object) *ast.CommentGroup {
	for _, d := range f.AST.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE || obj.Pos() < g.Pos() || obj.Pos() > g.End() {
			continue
		}
		for _, s := range g.Specs {
			if ts := s.(*ast.TypeSpec); ts.Name.Pos() == obj.Pos() && ts.Doc != nil {
				return ts.Doc
			}
		}
		if len(g.Specs) == 1 {
			return g.Doc
		}
	}
	return nil
}
