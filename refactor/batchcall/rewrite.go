package batchcall

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
	"github.com/unweld/unweld/refactor/internal/reorder"
)

// A rewriting is the change of one loop.
type rewriting struct {
	*site
	j       *job
	b       *batch
	used    naming.Names
	many    string   // the arguments
	results []string // what the variant returns
	err     string
	index   string     // the index of the result
	counts  bool       // index is a counter of its own
	first   bool       // the error is handled before the loop
	gone    []ast.Stmt // declarations that the loop needs no more
}

// rewrite changes one loop.
func (j *job) rewrite(b *batch, s *site) {
	fn, _ := s.loop.Func()
	if j.names[fn] == nil {
		j.names[fn] = naming.In(s.file, fn)
		j.names[fn][b.name] = true
	}
	r := &rewriting{site: s, j: j, b: b, used: j.names[fn]}
	r.first = s.check == nil || j.first(s)
	r.name()
	before := r.gather()
	before += r.call()
	if r.over() {
		s.file.InsertFunc(s.loop.Stmt.Pos(), func() string { return before })
		return
	}
	if r.empty() {
		r.replaceLoop(before)
		return
	}
	r.index = r.indexName()
	if r.counts {
		before += r.index + " := 0\n"
	}
	s.file.InsertFunc(s.loop.Stmt.Pos(), func() string { return before })
	r.body()
	r.header()
}

// name chooses the names of what the loop gets.
func (r *rewriting) name() {
	sig := r.ref.Fn.Signature()
	arg := r.ref.Call.Args[r.b.varies]
	p := sig.Params().At(r.b.varies).Name()
	if p == "" || p == "_" || len(p) < 2 {
		p = noun(sig.Params().At(r.b.varies).Type())
		if sel, ok := ast.Unparen(arg).(*ast.SelectorExpr); ok {
			p = naming.Unexported(sel.Sel.Name)
		} else if id, ok := ast.Unparen(arg).(*ast.Ident); ok && len(id.Name) > 1 {
			p = id.Name
		}
	}
	if many, ok := naming.Plural(p); ok {
		p = many
	}
	r.many = p
	n := sig.Results().Len()
	if r.b.fails {
		n--
	}
	for i := range n {
		one := subject(r.j.fn, noun(sig.Results().At(i).Type()))
		if i > 0 {
			one = noun(sig.Results().At(i).Type())
		}
		if r.assign != nil {
			if id, ok := r.assign.Lhs[i].(*ast.Ident); ok && len(id.Name) > 2 {
				one = id.Name
			}
		}
		many, ok := naming.Plural(one)
		if !ok {
			many = "all" + naming.Exported(one)
		}
		r.results = append(r.results, r.used.Take(many, "all"+naming.Exported(many)))
	}
	if r.b.fails && n == 0 {
		r.results = []string{r.used.Take("done", "succeeded")}
	}
}

// call spells the call of the variant, with what handles its error if that comes
// before the loop.
func (r *rewriting) call() string {
	f := r.file
	call := r.ref.Call
	fun := f.Source(call.Fun)
	fun = fun[:len(fun)-len(r.ref.Fn.Name())] + r.b.name
	var args []string
	for i, a := range call.Args {
		if i == r.b.varies {
			args = append(args, r.many)
		} else {
			args = append(args, f.Source(a))
		}
	}
	text := fun + "(" + strings.Join(args, ", ") + ")"
	results := slices.Clone(r.results)
	if !r.b.fails {
		if r.dropped || len(results) == 0 {
			return text + "\n"
		}
		return strings.Join(results, ", ") + " := " + text + "\n"
	}
	if r.first && r.onlyCounts() {
		results[0] = "_"
		r.err = r.errName()
		return "if _, " + r.err + " := " + text + "; " + r.err + " != nil " + r.handler() + "\n"
	}
	r.err = r.errName()
	out := strings.Join(append(results, r.err), ", ") + " := " + text + "\n"
	if r.first {
		out += "if " + r.err + " != nil " + r.handler() + "\n"
	}
	return out
}

// onlyCounts reports a function that returns nothing but an error.
func (r *rewriting) onlyCounts() bool { return r.b.fails && r.ref.Fn.Signature().Results().Len() == 1 }

// handler spells the block that handles the error.
func (r *rewriting) handler() string {
	if r.err != r.site.err.Name() {
		ast.Inspect(r.check.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && r.file.Pkg.Info.Uses[id] == r.site.err {
				r.file.Replace(id.Pos(), id.End(), r.err)
			}
			return true
		})
	}
	return r.file.Render(r.check.Body)
}

// first reports whether the error can be handled before the loop: what the loop would
// have done for the elements before the one that fails can't be seen by anyone.
func (j *job) first(s *site) bool {
	if _, ok := s.check.Body.List[len(s.check.Body.List)-1].(*ast.ReturnStmt); !ok {
		return false
	}
	if s.loop.Mentions(s.check.Body, func(v *types.Var) bool { return v != s.err && v.Pos() < s.check.Body.Pos() }) {
		return false
	}
	rest := j.order.Code(reorder.Part{File: s.file, Within: s.loop.Stmt, Nodes: []ast.Node{s.loop.Stmt}, Skip: s.isCall})
	vars, all := rest.Locals()
	if !all || rest.Outside() != nil || rest.Prints() != nil {
		return false
	}
	r := &rewriting{site: s}
	for _, v := range vars {
		if r.result(v) || r.captured(v) || s.loop.Exit(s.loop.Body, s.isCall) != nil {
			return false
		}
		mentioned := false
		ast.Inspect(s.check.Body, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			mentioned = mentioned || ok && s.file.Pkg.Info.Uses[id] == v
			return !mentioned
		})
		if mentioned {
			return false
		}
	}
	return true
}

// rest returns the statements of the loop's body that stay.
func (r *rewriting) rest() []ast.Node {
	var out []ast.Node
	ast.Inspect(r.loop.Body, func(n ast.Node) bool {
		stmt, ok := n.(ast.Stmt)
		if !ok || n == ast.Node(r.loop.Body) {
			return n == ast.Node(r.loop.Body)
		}
		if stmt == r.stmt && !r.inline || r.check != nil && stmt == ast.Stmt(r.check) {
			return false
		}
		if stmt.Pos() <= r.stmt.Pos() && r.stmt.End() <= stmt.End() {
			if cond, ok := stmt.(*ast.IfStmt); ok && stmt != r.stmt {
				out = append(out, cond.Cond)
				if cond.Init != nil {
					out = append(out, cond.Init)
				}
				return true
			}
		}
		if stmt == r.stmt {
			out = append(out, r.besides(stmt)...)
		} else {
			out = append(out, stmt)
		}
		return false
	})
	return out
}

// empty reports whether nothing of the loop is left but what gathers the arguments.
func (r *rewriting) empty() bool {
	if r.inline || len(r.frames) > 1 {
		return false
	}
	for _, n := range r.rest() {
		stmt, ok := n.(ast.Stmt)
		if !ok || stmt.Pos() > r.stmt.Pos() {
			return false
		}
		if cond, guard := stmt.(*ast.IfStmt); guard && r.isGuard(cond) {
			if len(cond.Body.List) > 1 {
				return false
			}
			if b, ok := cond.Body.List[0].(*ast.BranchStmt); !ok || b.Label != nil {
				return false
			}
			continue
		}
		if !r.needed(stmt) {
			return false
		}
	}
	return r.first
}

// replaceLoop replaces the whole loop.
func (r *rewriting) replaceLoop(text string) {
	r.file.ReplaceFunc(r.loop.Stmt.Pos(), r.loop.Stmt.End(), func() string { return strings.TrimSuffix(text, "\n") })
}

// over makes the loop one over the results, where it needs nothing else.
func (r *rewriting) over() bool {
	if !r.first || r.inline || r.assign == nil || len(r.frames) > 1 || len(r.assign.Lhs) > 2 || r.onlyCounts() || len(r.results) != 1 {
		return false
	}
	id, ok := r.assign.Lhs[0].(*ast.Ident)
	loop := r.loop.Range()
	if !ok || id.Name == "_" || r.frames[0].at > 0 {
		return false
	}
	for _, n := range r.rest() {
		if r.loop.Mentions(n, func(v *types.Var) bool { return v.Pos() < r.loop.Body.Pos() }) {
			return false
		}
	}
	r.file.Replace(loop.For, r.loop.Body.Lbrace, "for _, "+id.Name+" := range "+r.results[0]+" ")
	r.drop(r.stmt)
	if r.check != nil && r.check != r.stmt {
		r.drop(r.check)
	}
	return true
}

// drop removes a statement with its line.
func (r *rewriting) drop(stmt ast.Stmt) {
	start, end := r.file.Lines(stmt)
	r.file.ReplaceRange(start, end, "")
}

// indexName chooses what counts the calls: the loop's own index, or a counter.
func (r *rewriting) indexName() string {
	loop := r.loop.Range()
	r.counts = len(r.frames) > 1 || slices.ContainsFunc(r.frames[0].list[:r.frames[0].at], func(s ast.Stmt) bool {
		cond, ok := s.(*ast.IfStmt)
		if !ok || !r.isGuard(cond) {
			return r.leaves(s)
		}
		b, ok := cond.Body.List[len(cond.Body.List)-1].(*ast.BranchStmt)
		return ok && b.Tok == token.CONTINUE
	})
	if r.counts {
		return r.used.Take("next", "n")
	}
	if key, ok := loop.Key.(*ast.Ident); ok && key.Name != "_" {
		if b, ok := code.Under(r.file.Pkg.Info.TypeOf(key)).(*types.Basic); ok && b.Info()&types.IsInteger != 0 && !r.shadowed(key.Name) {
			return key.Name
		}
	}
	if !code.Mentions(r.loop.Stmt, "i") {
		return "i"
	}
	return r.used.Take("k", "index")
}

// shadowed reports whether the body declares a variable of that name.
func (r *rewriting) shadowed(name string) bool {
	found := false
	ast.Inspect(r.loop.Body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name && r.file.Pkg.Info.Defs[id] != nil
		return !found
	})
	return found
}

// body puts the results where the calls were.
func (r *rewriting) body() {
	var text strings.Builder
	if r.check != nil && !r.first {
		bound := "len(" + r.results[0] + ")"
		if r.onlyCounts() {
			bound = r.results[0]
		}
		text.WriteString("if " + r.index + " == " + bound + " " + r.handler() + "\n")
	}
	step := ""
	if r.counts {
		step = r.index + "++\n"
	}
	if r.inline {
		r.replaceInline()
		r.unneeded()
		return
	}
	if r.assign != nil && !r.onlyCounts() {
		var lhs, rhs []string
		for i, res := range r.results {
			if id := r.assign.Lhs[i].(*ast.Ident); id.Name != "_" {
				lhs, rhs = append(lhs, id.Name), append(rhs, res+"["+r.index+"]")
			}
		}
		if len(lhs) > 0 {
			text.WriteString(strings.Join(lhs, ", ") + " := " + strings.Join(rhs, ", ") + "\n")
		}
	}
	text.WriteString(step)
	out := strings.TrimSuffix(text.String(), "\n")
	end := r.stmt.End()
	if r.check != nil {
		end = r.check.End()
	}
	if out == "" {
		r.drop(r.stmt)
		if r.check != nil && ast.Stmt(r.check) != r.stmt {
			r.drop(r.check)
		}
	} else {
		r.file.ReplaceFunc(r.stmt.Pos(), end, func() string { return out })
	}
	r.unneeded()
}

// replaceInline puts a result into the statement that has the call in it, and counts
// after that; before it where the statement has others in it, which may end the round.
func (r *rewriting) replaceInline() {
	at := r.index
	switch r.stmt.(type) {
	case *ast.AssignStmt, *ast.ExprStmt, *ast.DeclStmt, *ast.ReturnStmt, *ast.IncDecStmt, *ast.SendStmt:
		if r.counts {
			r.file.Insert(r.stmt.End(), "\n"+r.index+"++")
		}
	default:
		if r.counts {
			at += "-1"
			r.file.Insert(r.stmt.Pos(), r.index+"++\n")
		}
	}
	r.file.Replace(r.ref.Call.Pos(), r.ref.Call.End(), r.results[0]+"["+at+"]")
}

// unneeded drops declarations that only the arguments needed.
func (r *rewriting) unneeded() {
	for _, f := range r.frames {
		for i, stmt := range f.list[:f.at] {
			a, ok := stmt.(*ast.AssignStmt)
			if !ok || a.Tok != token.DEFINE || !r.needed(stmt) {
				continue
			}
			declared := r.declared(stmt)
			used := false
			for _, n := range r.rest() {
				if n != ast.Node(f.list[i]) && r.loop.Mentions(n, func(v *types.Var) bool { return slices.Contains(declared, v) }) {
					used = true
				}
			}
			if r.check != nil && !r.first && r.loop.Mentions(r.check.Body, func(v *types.Var) bool { return slices.Contains(declared, v) }) {
				used = true
			}
			if !used {
				r.drop(stmt)
				r.gone = append(r.gone, stmt)
			}
		}
	}
}

// header gives the loop the variables that its body needs now.
func (r *rewriting) header() {
	loop := r.loop.Range()
	nodes := slices.DeleteFunc(r.rest(), func(n ast.Node) bool {
		stmt, ok := n.(ast.Stmt)
		return ok && slices.Contains(r.gone, stmt)
	})
	if r.check != nil && !r.first {
		nodes = append(nodes, r.check.Body)
	}
	x := r.file.Render(loop.X)
	if i := r.file.Take(loop.X); i != nil {
		x = i()
	}
	head := r.vars(loop, x, nodes)
	if !r.counts && (!r.first || r.inline || r.assign != nil && !r.onlyCounts()) {
		switch key, rest, ok := strings.Cut(head, ", "); {
		case strings.HasPrefix(head, "range "):
			head = r.index + " := " + head
		case ok && key == "_" && strings.Contains(rest, ":= range"):
			head = r.index + ", " + rest
		}
	}
	r.file.Replace(loop.For, r.loop.Body.Lbrace, "for "+head+" ")
}

// besides returns the parts of a statement that the call isn't in.
func (r *rewriting) besides(n ast.Node) []ast.Node {
	var out []ast.Node
	ast.Inspect(n, func(m ast.Node) bool {
		if m == nil || m == ast.Node(r.ref.Call) {
			return false
		}
		if m.Pos() <= r.ref.Call.Pos() && r.ref.Call.End() <= m.End() {
			return true
		}
		out = append(out, m)
		return false
	})
	return out
}
