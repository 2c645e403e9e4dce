package wraptransaction

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// A job is one request under way.
type job struct {
	what   string // for messages: wrap-transaction ./shop.Place
	world  *code.World
	around *code.Decl // begins and commits
	callee *code.Decl // writes in the transaction
	now    bool       // deliver right after the commit

	tx     *types.Var // the transaction
	db     ast.Expr   // what began it
	calls  []*call    // of callee, with the transaction
	commit *ast.CallExpr
	params []param
	name   string // what names are made of: Charge

	problems []component.Problem
	notes    []change.Note
}

// A call is a call of the callee in the transaction.
type call struct {
	expr *ast.CallExpr
	path []ast.Node // down to expr
	recv ast.Expr   // what the method is called on; nil for a function
}

// A param is one of the callee's parameters.
type param struct {
	name string // of the field that keeps it; "" for the context and the transaction
	typ  types.Type
	ctx  bool
	tx   bool
}

// look finds the parts of the transaction, or records why it isn't of the one shape
// that can be wrapped.
func (j *job) look() {
	j.name = naming.Exported(j.callee.Func.Name.Name)
	if j.around.File.Generated() {
		j.problem(j.around.Func.Name, j.around.Func.Name.Name+" can't change: a tool wrote it, and would write it again", "change what writes it")
		return
	}
	if !j.findTransaction() || !j.findCalls() {
		return
	}
	j.signature()
	j.order()
	for _, c := range j.calls {
		j.handled(c)
	}
	j.rejections()
	j.delivered()
	j.free()
}

// free refuses where the package has what would be written already.
func (j *job) free() {
	for _, name := range []string{j.local("record"), "Deliver" + j.name, j.local("deliver"), j.name + "Tables", naming.Unexported(j.name) + "Message"} {
		if j.around.Obj.Pkg().Scope().Lookup(name) != nil {
			j.problem(j.callee.Func.Name, j.around.Obj.Pkg().Path()+" has a declaration "+name+" already: "+j.callee.Func.Name.Name+" may follow a commit there already", "rename one of the two")
		}
	}
	if _, _, err := j.world.Snapshot.Content(j.newFile()); err == nil {
		j.problem(j.callee.Func.Name, "there is a file "+j.newFile()+" already", "rename it")
	}
	if one, _ := j.placeholders(); one == "" {
		j.problem(j.callee.Func.Name, "how the program's SQL names its arguments isn't known here: neither ? nor $1", "write the outbox by hand")
	}
}

// findTransaction finds the one transaction that the function begins and commits.
func (j *job) findTransaction() bool {
	f, name := j.around.File, j.around.Func.Name
	begun := 0
	ast.Inspect(j.around.Func.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if v, db := j.begins(n); v != nil {
				j.tx, j.db = v, db
				begun++
			}
		case *ast.CallExpr:
			if isTx(f, n, "Commit") {
				j.commit = n
			}
		}
		return true
	})
	if begun == 1 && j.commit != nil && j.usesTx(j.commit.Fun) {
		return true
	}
	why := name.Name + " begins no transaction of database/sql, or doesn't commit it"
	if begun > 1 {
		why = name.Name + " begins several transactions"
	}
	j.problem(name, why, "name the function that calls BeginTx and Commit")
	return false
}

// begins returns the variable that a statement begins a transaction in, and on what.
func (j *job) begins(a *ast.AssignStmt) (*types.Var, ast.Expr) {
	if len(a.Rhs) != 1 || len(a.Lhs) != 2 {
		return nil, nil
	}
	c, ok := a.Rhs[0].(*ast.CallExpr)
	if !ok {
		return nil, nil
	}
	fn := j.around.File.Callee(c)
	if fn == nil || fn.FullName() != "(*database/sql.DB).BeginTx" && fn.FullName() != "(*database/sql.DB).Begin" {
		return nil, nil
	}
	id, ok := a.Lhs[0].(*ast.Ident)
	if !ok {
		return nil, nil
	}
	v, _ := j.around.File.Pkg.Info.ObjectOf(id).(*types.Var)
	return v, c.Fun.(*ast.SelectorExpr).X
}

// isTx reports a call of a method of *sql.Tx.
func isTx(f *code.File, c *ast.CallExpr, name string) bool {
	fn := f.Callee(c)
	return fn != nil && fn.FullName() == "(*database/sql.Tx)."+name
}

// usesTx reports whether the transaction is mentioned in a node.
func (j *job) usesTx(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && j.around.File.Pkg.Info.Uses[id] == types.Object(j.tx)
		return !found
	})
	return found
}

// findCalls finds the calls that are to follow the commit.
func (j *job) findCalls() bool {
	for _, r := range j.world.Refs(j.callee.Obj) {
		if r.Call == nil || r.File != j.around.File || !slices.Contains(r.Path, ast.Node(j.around.Func)) || !j.usesTx(r.Call) {
			continue
		}
		c := &call{expr: r.Call}
		for i, n := range r.Path {
			if n == ast.Node(r.Call) {
				c.path = r.Path[:i+1]
			}
		}
		if sel, ok := ast.Unparen(r.Call.Fun).(*ast.SelectorExpr); ok && j.callee.Func.Recv != nil {
			c.recv = sel.X
		}
		j.calls = append(j.calls, c)
	}
	if len(j.calls) == 0 {
		j.problem(j.around.Func.Name, fmt.Sprintf("%s doesn't call %s with its transaction", j.around.Func.Name.Name, j.callee.Func.Name.Name), "name a function that it calls with the transaction: --call")
		return false
	}
	return true
}

// signature checks that a call can be written down and made later.
func (j *job) signature() {
	sig, at := j.callee.Obj.Signature(), j.callee.Func.Name
	name := at.Name
	if sig.Results().Len() != 1 || !crossing.IsError(sig.Results().At(0).Type()) {
		j.problem(at, name+" returns something other than an error: after the commit nobody gets that", "let it return an error only")
	}
	if sig.TypeParams().Len() > 0 || sig.Variadic() || sig.RecvTypeParams().Len() > 0 {
		j.problem(at, name+" has type parameters or variadic ones", "name a function without")
		return
	}
	txs := 0
	taken := map[string]bool{}
	for i := range sig.Params().Len() {
		v := sig.Params().At(i)
		p := param{typ: v.Type()}
		switch {
		case crossing.IsContext(v.Type()):
			p.ctx = true
		case v.Type().String() == "*database/sql.Tx":
			p.tx = true
			txs++
		default:
			p.name = naming.Exported(v.Name())
			if v.Name() == "" || v.Name() == "_" || taken[p.name] {
				p.name = fmt.Sprintf("Arg%d", i+1)
			}
			taken[p.name] = true
			if why := unwritable(v.Type(), j.callee.Obj.Pkg(), 0); why != "" {
				j.problem(at, fmt.Sprintf("%s can't be called later: its parameter %s can't be written down: %s", name, v.Name(), why), "pass plain data")
			} else if j.mutable(v) {
				j.problem(at, fmt.Sprintf("%s can't be called later: it passes its parameter %s on, or changes it", name, v.Name()), "let it copy what it changes")
			}
		}
		j.params = append(j.params, p)
	}
	if txs != 1 {
		j.problem(at, name+" doesn't take one *sql.Tx", "name a function that writes in a transaction that it is given")
	}
}

// unwritable returns why a value of a type isn't the same after it was JSON, or "".
func unwritable(t types.Type, from *types.Package, depth int) string {
	if depth > 10 {
		return "its type is recursive"
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil {
		if n.Obj().Pkg().Path() == "time" && (n.Obj().Name() == "Time" || n.Obj().Name() == "Duration") {
			return ""
		}
		if !n.Obj().Exported() {
			return n.Obj().Name() + " isn't exported"
		}
		if n.NumMethods() > 0 {
			ms := types.NewMethodSet(types.NewPointer(n))
			for _, m := range []string{"MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText"} {
				if ms.Lookup(nil, m) != nil {
					return n.Obj().Name() + " has a method " + m + " of its own"
				}
			}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&(types.IsBoolean|types.IsInteger|types.IsString) != 0 && u.Kind() != types.Uintptr {
			return ""
		}
		return "it is of type " + u.Name()
	case *types.Slice:
		return unwritable(u.Elem(), from, depth+1)
	case *types.Array:
		return unwritable(u.Elem(), from, depth+1)
	case *types.Map:
		if b, ok := u.Key().Underlying().(*types.Basic); !ok || b.Info()&types.IsString == 0 {
			return "a key of its map is no string"
		}
		return unwritable(u.Elem(), from, depth+1)
	case *types.Struct:
		for i := range u.NumFields() {
			v := u.Field(i)
			if !v.Exported() {
				return "its field " + v.Name() + " isn't exported"
			}
			if u.Tag(i) != "" {
				return "a tag says how its field " + v.Name() + " is encoded"
			}
			if v.Embedded() {
				return v.Name() + " is embedded"
			}
			if why := unwritable(v.Type(), from, depth+1); why != "" {
				return why
			}
		}
		return ""
	}
	return "it is no plain data"
}

// mutable reports a parameter whose memory the caller shares and that the callee may
// change or keep: a slice or map that it does more with than read.
func (j *job) mutable(v *types.Var) bool {
	if !shares(v.Type()) {
		return false
	}
	found := false
	f := j.callee.File
	f.Walk(func(n ast.Node, stack []ast.Node) {
		id, ok := n.(*ast.Ident)
		if !ok || f.Pkg.Info.Uses[id] != types.Object(v) {
			return
		}
		switch p := stack[len(stack)-2].(type) {
		case *ast.RangeStmt:
			return
		case *ast.IndexExpr:
			a, assigned := stack[len(stack)-3].(*ast.AssignStmt)
			found = found || assigned && slices.Contains(a.Lhs, ast.Expr(p))
			return
		case *ast.CallExpr:
			if f.Pkg.Info.Types[ast.Unparen(p.Fun)].IsBuiltin() && f.Source(p.Fun) == "len" {
				return
			}
		}
		found = true
	})
	return found
}

// shares reports a type with a slice or a map in it.
func shares(t types.Type) bool {
	if t.String() == "time.Time" {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Slice, *types.Map, *types.Pointer:
		return true
	case *types.Array:
		return shares(u.Elem())
	case *types.Struct:
		for v := range u.Fields() {
			if shares(v.Type()) {
				return true
			}
		}
	}
	return false
}

// order refuses where the transaction does something after a call that is to follow
// it: it could see what the call wrote.
func (j *job) order() {
	first := j.calls[0].expr
	for _, c := range j.calls {
		if c.expr.Pos() < first.Pos() {
			first = c.expr
		}
		for _, n := range c.path {
			switch n.(type) {
			case *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt, *ast.LabeledStmt, *ast.SelectStmt:
				j.problem(c.expr, "the call stands in a function literal, a goroutine, a deferred call or behind a label, so when it runs isn't known", "call it in the function itself")
				return
			}
		}
	}
	from := first.Pos()
	for _, c := range j.calls {
		for _, n := range c.path {
			switch n := n.(type) {
			case *ast.ForStmt:
				from = min(from, n.Pos())
			case *ast.RangeStmt:
				from = min(from, n.Pos())
			}
		}
	}
	f := j.around.File
	ast.Inspect(j.around.Func.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.DeferStmt:
			return false
		case *ast.CallExpr:
			if slices.ContainsFunc(j.calls, func(c *call) bool { return c.expr == n }) || isTx(f, n, "Commit") || isTx(f, n, "Rollback") {
				return false
			}
			if n.Pos() > from && j.usesTx(n) {
				j.problem(n, "the transaction goes on after "+j.callee.Func.Name.Name+", and could see what that wrote", "let the call be the last of the transaction first")
				return false
			}
		}
		return true
	})
	if j.commit.Pos() < first.Pos() {
		j.problem(j.commit, "the transaction is committed before the call", "call before the commit")
	}
}

// handled refuses a call whose error is more than returned.
func (j *job) handled(c *call) {
	if j.returned(c) {
		return
	}
	j.problem(c.expr, "the error of "+j.callee.Func.Name.Name+" is looked at here: after the commit it can't be", "return the error as it is first: if err := "+j.callee.Func.Name.Name+"(...); err != nil { return err }")
}

// returned reports if err := call; err != nil { return err }, and the same in two
// statements.
func (j *job) returned(c *call) bool {
	n := len(c.path)
	a, ok := c.path[n-2].(*ast.AssignStmt)
	if !ok || len(a.Lhs) != 1 {
		return false
	}
	id, ok := a.Lhs[0].(*ast.Ident)
	if !ok {
		return false
	}
	errVar := j.around.File.Pkg.Info.ObjectOf(id)
	switch p := c.path[n-3].(type) {
	case *ast.IfStmt:
		return p.Init == ast.Stmt(a) && j.onlyReturns(p, errVar)
	case *ast.BlockStmt:
		i := slices.Index(p.List, ast.Stmt(a))
		if i+1 >= len(p.List) {
			return false
		}
		next, ok := p.List[i+1].(*ast.IfStmt)
		return ok && next.Init == nil && j.onlyReturns(next, errVar)
	}
	return false
}

// onlyReturns reports if err != nil { return ..., err }, with the error maybe wrapped,
// and a rollback before.
func (j *job) onlyReturns(s *ast.IfStmt, errVar types.Object) bool {
	b, ok := s.Cond.(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ || s.Else != nil {
		return false
	}
	x, ok := b.X.(*ast.Ident)
	if !ok || j.around.File.Pkg.Info.Uses[x] != errVar {
		return false
	}
	for i, stmt := range s.Body.List {
		switch stmt := stmt.(type) {
		case *ast.ReturnStmt:
			return i == len(s.Body.List)-1
		case *ast.ExprStmt:
			c, ok := stmt.X.(*ast.CallExpr)
			if !ok || !isTx(j.around.File, c, "Rollback") {
				return false
			}
		case *ast.AssignStmt:
			c, ok := stmt.Rhs[0].(*ast.CallExpr)
			if !ok || !isTx(j.around.File, c, "Rollback") {
				return false
			}
		default:
			return false
		}
	}
	return false
}

// delivered finds out whether the function can deliver after its commit.
func (j *job) delivered() {
	if !plainExpr(j.db) {
		j.problem(j.db, "what begins the transaction is more than a name", "keep the *sql.DB in a variable or a field")
	}
	for _, c := range j.calls {
		if c.recv != nil && !plainExpr(c.recv) {
			j.problem(c.recv, "what "+j.callee.Func.Name.Name+" is called on is more than a name", "keep it in a variable or a field")
		}
		if c.recv != nil && j.around.File.Source(c.recv) != j.around.File.Source(j.calls[0].recv) {
			j.problem(c.recv, j.callee.Func.Name.Name+" is called on different values", "wrap them one after another")
		}
	}
}

// plainExpr reports a name, or fields selected from one.
func plainExpr(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return plainExpr(e.X)
	}
	return false
}

func (j *job) problem(n ast.Node, message, hint string) {
	j.problems = append(j.problems, component.Problem{Code: codeShape, Severity: component.Error, Span: j.world.Span(n), Message: message, Hint: hint})
}

func (j *job) note(n ast.Node, message string) {
	j.notes = append(j.notes, change.Note{Span: j.world.Span(n), Message: message})
}
