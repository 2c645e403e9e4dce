package thread

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A mocked is a method of a mock that its generator writes anew.
type mocked struct {
	*Change
	file *code.File
	typ  string // the mock's
}

// mocked returns the methods that change in files that are written anew.
func (t *Threader) mocked() []mocked {
	var out []mocked
	for _, c := range t.order {
		if c.Decl != nil && t.World.IsStale(c.Decl.File) {
			if recv := source.Receiver(c.Decl.Func); recv != "" {
				out = append(out, mocked{c, c.Decl.File, recv})
			}
		}
	}
	return out
}

// writtenAnew reports a declaration that a generator writes when all else is done.
func (t *Threader) writtenAnew(c *Change) bool {
	return c.Decl != nil && t.World.Regenerates(c.Decl.File)
}

// A stub is a place that says what a mock does, or what it was called with.
type stub struct {
	*mocked
	file  *code.File
	stack []ast.Node // from the file down to the call, or to the field
}

// rewriteMocks follows the methods of mocks where tests say what they return and
// what they are called with. That is often checked only while a test runs.
func (t *Threader) rewriteMocks() {
	all := t.mocked()
	if len(all) == 0 {
		return
	}
	for _, f := range t.World.Files {
		if t.World.IsStale(f) {
			continue
		}
		f.Walk(func(n ast.Node, stack []ast.Node) {
			switch n := n.(type) {
			case *ast.CallExpr:
				t.mockCall(all, f, n, stack)
			case *ast.Ident:
				t.mockMember(all, f, n, stack)
			}
		})
	}
}

// find returns the method of a mock by the names of its type and its own.
func find(all []mocked, file *code.File, typ, method string) *mocked {
	for i := range all {
		if all[i].file == file && all[i].typ == typ && all[i].Fn.Name() == method {
			return &all[i]
		}
	}
	return nil
}

// mockMember looks at a mention of something that a mock's file declares.
func (t *Threader) mockMember(all []mocked, f *code.File, id *ast.Ident, stack []ast.Node) {
	switch obj := f.Pkg.Info.Uses[id].(type) {
	case *types.Func:
		in := t.World.FileOf(obj.Origin())
		recv := obj.Signature().Recv()
		if recv == nil || !t.World.IsStale(in) {
			return
		}
		named := receiverType(recv.Type())
		if m := recorded(all, in, named, obj.Name()); m != nil {
			t.expectation(stub{m, f, callAround(stack)}, id)
			return
		}
		for _, suffix := range []string{"Returns", "ReturnsOnCall", "ArgsForCall", "Calls"} {
			name, ok := strings.CutSuffix(obj.Name(), suffix)
			if m := find(all, in, named, name); ok && m != nil {
				t.fakeCall(stub{m, f, callAround(stack)}, suffix, id)
			}
		}
	case *types.Var:
		if !obj.IsField() || !t.World.IsStale(t.World.FileOf(obj.Origin())) {
			return
		}
		for i := range all {
			m := &all[i]
			if m.file == t.World.FileOf(obj.Origin()) && (obj.Name() == m.Fn.Name()+"Func" || obj.Name() == m.Fn.Name()+"Stub") && t.fieldOf(m, obj) {
				t.replacement(stub{m, f, slices.Clone(stack)}, id)
			}
		}
	}
}

// fieldOf reports whether a field is one of the mock's type.
func (t *Threader) fieldOf(m *mocked, v *types.Var) bool {
	obj, _ := m.Fn.Pkg().Scope().Lookup(m.typ).(*types.TypeName)
	if obj == nil {
		return false
	}
	s, ok := obj.Type().Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range s.Fields() {
		if t.World.Key(f) == t.World.Key(v.Origin()) {
			return true
		}
	}
	return false
}

func receiverType(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

// recorded returns the method that a recorder's method of the same name expects calls
// of: MockStoreMockRecorder, MockStore_Expecter.
func recorded(all []mocked, in *code.File, recorder, method string) *mocked {
	var best *mocked
	for i := range all {
		m := &all[i]
		if m.file == in && m.Fn.Name() == method && m.typ != recorder && strings.HasPrefix(recorder, m.typ) && (best == nil || len(m.typ) > len(best.typ)) {
			best = m
		}
	}
	return best
}

// callAround returns the path to the call of what the last node of a path names, or
// nil where it isn't called.
func callAround(stack []ast.Node) []ast.Node {
	for i := len(stack) - 2; i > 0; i-- {
		switch n := stack[i].(type) {
		case *ast.SelectorExpr, *ast.ParenExpr, *ast.IndexExpr:
		case *ast.CallExpr:
			if n.Fun == stack[i+1] {
				return slices.Clone(stack[:i+1])
			}
			return nil
		default:
			return nil
		}
	}
	return nil
}

func (s stub) call() *ast.CallExpr {
	if len(s.stack) == 0 {
		return nil
	}
	c, _ := s.stack[len(s.stack)-1].(*ast.CallExpr)
	return c
}

// at is which parameter the context, or the value, becomes.
func (t *Threader) at(m *mocked) int {
	if t.afterContext(m.Fn) {
		return 1
	}
	return 0
}

func (t *Threader) mockProblem(f *code.File, n ast.Node, message, hint string) {
	t.Problems = append(t.Problems, component.Problem{Code: "mock-use", Severity: component.Error, Span: t.World.Span(n), Message: message, Hint: hint})
}

// anything spells what stands for any argument in the library of a mock.
func (s stub) anything() string {
	for _, spec := range s.mocked.file.AST.Imports {
		path := source.ImportPath(spec)
		switch {
		case strings.HasSuffix(path, "/mock/gomock"):
			return s.file.Import(path, "gomock") + ".Any()"
		case strings.HasSuffix(path, "/testify/mock"):
			return s.file.Import(path, "mock") + ".Anything"
		}
	}
	return ""
}

// expectation rewrites a call of a recorder: m.EXPECT().Get("a").Return("b").
func (t *Threader) expectation(s stub, id *ast.Ident) {
	call := s.call()
	any := s.anything()
	if call == nil || any == "" {
		t.mockProblem(s.file, id, "this expects calls of "+s.typ+"."+id.Name+", which get and return something else, in a way that isn't known", "change it by hand first, or leave the method as it is")
		return
	}
	if s.Ctx {
		insertArgument(s.file, call, t.at(s.mocked), any)
	}
	t.chain(s, strings.HasSuffix(any, "Anything"))
}

// mockCall rewrites a call of testify that names the method in a string:
// m.On("Get", "a").Return("b").
func (t *Threader) mockCall(all []mocked, f *code.File, call *ast.CallExpr, stack []ast.Node) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return
	}
	first := 0
	switch sel.Sel.Name {
	case "On", "MethodCalled":
	case "AssertCalled", "AssertNotCalled":
		first = 1
	default:
		return
	}
	m := mockOf(all, t.World, f, sel.X, func(name string) bool { return len(call.Args) > first && methodName(f, call.Args[first]) == name })
	if m == nil {
		return
	}
	s := stub{m, f, slices.Clone(stack)}
	any := s.anything()
	if !strings.HasSuffix(any, ".Anything") {
		return
	}
	if m.Ctx {
		insertArgument(f, call, first+1+t.at(m), any)
	}
	if sel.Sel.Name == "On" {
		t.chain(s, true)
	}
}

// mockOf returns the method, of a name that is right, of the mock that an expression is.
func mockOf(all []mocked, w *code.World, f *code.File, x ast.Expr, right func(string) bool) *mocked {
	typ := f.Pkg.Info.TypeOf(x)
	if typ == nil {
		return nil
	}
	for i := range all {
		m := &all[i]
		if !right(m.Fn.Name()) {
			continue
		}
		// The type itself, one that embeds it, or its embedded mock.Mock.
		obj, _, _ := types.LookupFieldOrMethod(typ, true, m.Fn.Pkg(), m.Fn.Name())
		if fn, ok := obj.(*types.Func); ok && w.Key(fn.Origin()) == w.Key(m.Fn.Origin()) {
			return m
		}
		if inner, ok := ast.Unparen(x).(*ast.SelectorExpr); ok && inner.Sel.Name == "Mock" {
			if found := mockOf(all[i:i+1], w, f, inner.X, right); found != nil {
				return found
			}
		}
	}
	return nil
}

// methodName returns the constant that an expression is, or "".
func methodName(f *code.File, e ast.Expr) string {
	tv := f.Pkg.Info.Types[e]
	if tv.Value == nil {
		return ""
	}
	name, err := strconv.Unquote(tv.Value.ExactString())
	if err != nil {
		return ""
	}
	return name
}

// insertArgument makes text the i-th argument of a call.
func insertArgument(f *code.File, call *ast.CallExpr, i int, text string) {
	switch {
	case len(call.Args) == 0:
		f.Insert(call.Lparen+1, text)
	case i < len(call.Args):
		f.Insert(call.Args[i].Pos(), text+", ")
	default:
		f.Insert(call.Args[len(call.Args)-1].End(), ", "+text)
	}
}

// chain rewrites what is called on an expectation: Return, Do, Run and their like.
// must says that an expectation without results ends the test.
func (t *Threader) chain(s stub, must bool) {
	returns := false
	i := len(s.stack) - 1
	for i >= 2 {
		sel, ok := s.stack[i-1].(*ast.SelectorExpr)
		if !ok || sel.X != s.stack[i] {
			break
		}
		call, ok := s.stack[i-2].(*ast.CallExpr)
		if !ok || call.Fun != sel {
			break
		}
		switch sel.Sel.Name {
		case "Return", "Returns":
			returns = true
			if s.Err {
				t.oneMore(s, call)
			}
		case "Do", "DoAndReturn", "Run", "RunAndReturn":
			if len(call.Args) != 1 {
				break
			}
			returns = returns || strings.HasSuffix(sel.Sel.Name, "AndReturn")
			if must && sel.Sel.Name == "Run" && t.argumentsOf(s, call.Args[0]) {
				break
			}
			t.literalOf(s, call.Args[0], strings.HasSuffix(sel.Sel.Name, "AndReturn"))
		}
		i -= 2
	}
	if s.Err && must && !returns && s.Fn.Signature().Results().Len() == 0 {
		s.file.Insert(s.call().End(), ".Return(nil)")
		return
	}
	if i == 0 {
		return
	}
	switch s.stack[i-1].(type) {
	case *ast.AssignStmt, *ast.ValueSpec:
		if s.Err && !returns && s.Fn.Signature().Results().Len() > 0 {
			t.mockProblem(s.file, s.call(), "what "+s.Fn.Name()+" returns here may be said elsewhere, by way of a variable, and it returns an error, too, now", "call Return on the expectation itself first")
		}
	}
}

// oneMore gives a call that lists results a nil error.
func (t *Threader) oneMore(s stub, call *ast.CallExpr) {
	if call.Ellipsis.IsValid() || len(call.Args) == 1 && isTuple(s.file, call.Args[0]) {
		t.mockProblem(s.file, call, "these are the results of "+s.Fn.Name()+", which returns an error, too, now", "list them one by one first")
		return
	}
	if n := len(call.Args); n > 0 {
		s.file.Insert(call.Args[n-1].End(), ", nil")
		return
	}
	s.file.Insert(call.Lparen+1, "nil")
}

func isTuple(f *code.File, e ast.Expr) bool {
	_, ok := f.Pkg.Info.TypeOf(e).(*types.Tuple)
	return ok
}

// literalOf gives a function that stands for the method its new parameter and, if it is
// one whose results count, its new result.
func (t *Threader) literalOf(s stub, e ast.Expr, results bool) {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok && id.Name == "nil" {
		return
	}
	lit, ok := ast.Unparen(e).(*ast.FuncLit)
	if !ok {
		t.mockProblem(s.file, e, "this stands for "+s.typ+"."+s.Fn.Name()+", which gets or returns something else now", "write a function literal here first, or change it by hand")
		return
	}
	if s.Ctx {
		t.literalParam(s, lit)
	}
	if s.Err && results {
		t.literalError(s, lit)
	}
}

// literalParam gives a literal the parameter that the method gains.
func (t *Threader) literalParam(s stub, lit *ast.FuncLit) {
	f, list := s.file, lit.Type.Params.List
	param := "_ "
	if len(list) > 0 && len(list[0].Names) == 0 {
		param = ""
	}
	if len(list) > 0 && t.at(s.mocked) > 0 {
		f.InsertFunc(list[0].End(), func() string { return ", " + param + t.paramType(f) })
		return
	}
	comma := ""
	if len(list) > 0 {
		comma = ", "
	}
	f.InsertFirstFunc(lit.Type.Params.Opening+1, func() string { return param + t.paramType(f) + comma })
}

// literalError gives a literal an error result, which is nil wherever it returns.
func (t *Threader) literalError(s stub, lit *ast.FuncLit) {
	f, results := s.file, lit.Type.Results
	named := results != nil && len(results.List) > 0 && len(results.List[0].Names) > 0
	c := &Change{spec: &code.Spec{File: f, Type: lit.Type}}
	addError(c.syntax())
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if _, inner := n.(*ast.FuncLit); inner {
			return false
		}
		ret, ok := n.(*ast.ReturnStmt)
		switch {
		case !ok:
		case len(ret.Results) == 0 && !named:
			f.Insert(ret.End(), " nil")
		case len(ret.Results) == 0:
		case len(ret.Results) == 1 && isTuple(f, ret.Results[0]):
			t.mockProblem(f, ret, "these are the results of "+s.Fn.Name()+", which returns an error, too, now", "return them one by one first")
		default:
			f.Insert(ret.End(), ", nil")
		}
		return true
	})
	if (results == nil || len(results.List) == 0) && !Terminates(lit.Body) {
		f.Insert(lit.Body.Rbrace, lineBreak(f, lit.Body.Rbrace)+"return nil\n")
	}
}

// argumentsOf rewrites func(args mock.Arguments) { args.String(0) } and reports
// whether e is such a function.
func (t *Threader) argumentsOf(s stub, e ast.Expr) bool {
	sig, ok := code.Under(s.file.Pkg.Info.TypeOf(e)).(*types.Signature)
	if !ok || sig.Params().Len() != 1 || receiverType(sig.Params().At(0).Type()) != "Arguments" {
		return false
	}
	if !s.Ctx {
		return true
	}
	lit, ok := ast.Unparen(e).(*ast.FuncLit)
	if !ok {
		t.mockProblem(s.file, e, "this gets the arguments of "+s.Fn.Name()+", which has one more before them now", "write a function literal here first")
		return true
	}
	if len(lit.Type.Params.List[0].Names) == 0 {
		return true
	}
	args := s.file.Pkg.Info.Defs[lit.Type.Params.List[0].Names[0]]
	s.file.Walk(func(n ast.Node, stack []ast.Node) {
		id, ok := n.(*ast.Ident)
		if !ok || args == nil || s.file.Pkg.Info.Uses[id] != args {
			return
		}
		if lit := indexIn(stack); lit != nil {
			if i, err := strconv.Atoi(lit.Value); err == nil {
				if i >= t.at(s.mocked) {
					s.file.Replace(lit.Pos(), lit.End(), strconv.Itoa(i+1))
				}
				return
			}
		}
		t.mockProblem(s.file, id, "these are the arguments of "+s.Fn.Name()+", which has one more before them now", "take them one by one first: "+id.Name+".Get(0)")
	})
	return true
}

// indexIn returns the literal that an argument is taken by: args[0], args.String(0).
func indexIn(stack []ast.Node) *ast.BasicLit {
	if len(stack) < 3 {
		return nil
	}
	var e ast.Expr
	switch n := stack[len(stack)-2].(type) {
	case *ast.IndexExpr:
		e = n.Index
	case *ast.SelectorExpr:
		if call, ok := stack[len(stack)-3].(*ast.CallExpr); ok && call.Fun == n && len(call.Args) == 1 {
			e = call.Args[0]
		}
	}
	if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.INT {
		return lit
	}
	return nil
}

// replacement rewrites what a field holds that stands for the method: moq's GetFunc,
// counterfeiter's GetStub.
func (t *Threader) replacement(s stub, id *ast.Ident) {
	at := s.stack
	i := len(at) - 2
	if sel, ok := at[i].(*ast.SelectorExpr); ok && sel.Sel == id && i > 0 {
		i--
	}
	switch n := at[i].(type) {
	case *ast.KeyValueExpr:
		if n.Key == at[i+1] {
			t.literalOf(s, n.Value, true)
			return
		}
	case *ast.AssignStmt:
		for k, l := range n.Lhs {
			if l == at[i+1] && len(n.Rhs) == len(n.Lhs) {
				t.literalOf(s, n.Rhs[k], true)
				return
			}
		}
	case *ast.BinaryExpr: // with nil
		return
	}
	t.mockProblem(s.file, id, "this stands for "+s.typ+"."+s.Fn.Name()+", which gets or returns something else now", "change it by hand first")
}

// fakeCall rewrites a call of what counterfeiter gives its fakes.
func (t *Threader) fakeCall(s stub, suffix string, id *ast.Ident) {
	call := s.call()
	if call == nil {
		t.mockProblem(s.file, id, "this is about "+s.typ+"."+s.Fn.Name()+", which gets or returns something else now", "call it here first")
		return
	}
	switch suffix {
	case "Returns", "ReturnsOnCall":
		if s.Err {
			t.oneMore(s, call)
		}
	case "Calls":
		if len(call.Args) == 1 {
			t.literalOf(s, call.Args[0], true)
		}
	case "ArgsForCall":
		if !s.Ctx {
			return
		}
		i := len(s.stack) - 2
		switch n := s.stack[i].(type) {
		case *ast.AssignStmt:
			if len(n.Rhs) == 1 && t.at(s.mocked) < len(n.Lhs)+1 {
				insertBlank(s.file, len(n.Lhs), t.at(s.mocked), func(k int) ast.Node { return n.Lhs[k] })
				return
			}
		case *ast.ValueSpec:
			if len(n.Values) == 1 && n.Type == nil {
				insertBlank(s.file, len(n.Names), t.at(s.mocked), func(k int) ast.Node { return n.Names[k] })
				return
			}
		case *ast.ExprStmt:
			return
		}
		t.mockProblem(s.file, call, cmp.Or(s.Fn.Name(), "it")+" has one more argument now, and these are used in place", "assign them to variables first")
	}
}

// insertBlank puts a blank before the at-th of n names.
func insertBlank(f *code.File, n, at int, name func(int) ast.Node) {
	if at < n {
		f.Insert(name(at).Pos(), "_, ")
		return
	}
	f.Insert(name(n-1).End(), ", _")
}
