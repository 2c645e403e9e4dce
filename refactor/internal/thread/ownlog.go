package thread

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"slices"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// An ownLog is a function of the program that logs a format, as a package gives it
// errors: n.logf(LOG_ERROR, "failed to load - %s", err).
type ownLog struct {
	fn    *types.Func
	level string   // what is given before the format, with a comma after it
	tail  string   // how the format ends: " - %s"
	texts []string // all formats that the package gives it
}

// logs are the names of functions that log a format.
var logs = regexp.MustCompile(`^(?i:log)(f|F|Err|Error|Errf|Errorf|Warn|Warnf)?$`)

// tails are how formats end that say the error last.
var tails = regexp.MustCompile(`(: | - | )%\+?[svq]$`)

// own finds a function of the program that logs for the code around r: one that its
// package gives errors to, reached as a function of the package, or as a method of a
// parameter, of the receiver or of one of the receiver's fields.
func (t *Threader) own(r mention) (logger, bool) {
	d := t.declOf(r)
	if d == nil {
		return logger{}, false
	}
	for _, l := range t.ownLogsOf(r.File) {
		if t.changes[t.World.Key(l.fn.Origin())] != nil {
			continue // it can fail itself
		}
		if expr := t.reach(r, d, l.fn); expr != "" && !t.callsInTurn(l.fn, d.Obj) {
			return logger{expr: expr, own: l}, true
		}
	}
	return logger{}, false
}

// report spells the call that gives it an error.
func (l *ownLog) report(callee string, msg message, err string) string {
	return callee + "(" + l.level + quote(msg.in(l.texts).text+l.tail) + ", " + err + ")"
}

// ownLogsOf returns what the package of a file gives errors to, the most frequent
// first.
func (t *Threader) ownLogsOf(f *code.File) []*ownLog {
	key := f.Pkg.Pkg.Path
	if known, ok := t.ownLogs[key]; ok {
		return known
	}
	var all []*ownLog
	counts := map[*ownLog]int{}
	ends := map[*ownLog][]string{}
	for _, g := range t.siblings(f) {
		if g.Test {
			continue
		}
		ast.Inspect(g.AST, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			fn, level, format, ok := t.ownLogCall(g, call)
			if !ok {
				return true
			}
			i := slices.IndexFunc(all, func(l *ownLog) bool {
				return l.level == level && t.World.Key(l.fn) == t.World.Key(fn)
			})
			if i < 0 {
				i, all = len(all), append(all, &ownLog{fn: fn, level: level})
			}
			counts[all[i]]++
			all[i].texts = append(all[i].texts, format)
			if tail := tails.FindString(format); tail != "" {
				ends[all[i]] = append(ends[all[i]], tail)
			}
			return true
		})
	}
	all = slices.DeleteFunc(all, func(l *ownLog) bool { return len(ends[l]) == 0 })
	for _, l := range all {
		l.tail = mostOf(ends[l])
	}
	slices.SortStableFunc(all, func(a, b *ownLog) int { return counts[b] - counts[a] })
	t.ownLogs[key] = all
	return all
}

// ownLogCall takes a call apart that gives an error to a function of the program
// which logs: what stands before the format, a constant, and the format.
func (t *Threader) ownLogCall(f *code.File, call *ast.CallExpr) (fn *types.Func, level, format string, ok bool) {
	fn = f.Callee(call)
	if fn == nil || !logs.MatchString(fn.Name()) || t.World.Decl(fn) == nil || !formatting(fn) {
		return nil, "", "", false
	}
	at := fn.Signature().Params().Len() - 2
	if at >= len(call.Args) || call.Ellipsis.IsValid() {
		return nil, "", "", false
	}
	info := f.Pkg.Info
	for _, a := range call.Args[:at] {
		id, isName := ast.Unparen(a).(*ast.Ident)
		if !isName {
			return nil, "", "", false
		}
		if c, isConst := info.Uses[id].(*types.Const); !isConst || c.Parent() != f.Pkg.Types.Scope() {
			return nil, "", "", false
		}
		level += id.Name + ", "
	}
	text := info.Types[call.Args[at]].Value
	if text == nil || text.Kind() != constant.String {
		return nil, "", "", false
	}
	says := slices.ContainsFunc(call.Args[at+1:], func(a ast.Expr) bool {
		typ := info.TypeOf(a)
		return typ != nil && crossing.IsError(typ)
	})
	return fn, level, constant.StringVal(text), says
}

// formatting reports a function without results whose last parameters are a format and
// what it is about.
func formatting(fn *types.Func) bool {
	sig := fn.Signature()
	n := sig.Params().Len()
	if !sig.Variadic() || sig.Results().Len() > 0 || sig.TypeParams().Len() > 0 || n < 2 || n > 3 || !isString(sig.Params().At(n-2).Type()) {
		return false
	}
	list, ok := sig.Params().At(n - 1).Type().(*types.Slice)
	return ok && types.IsInterface(list.Elem())
}

// reach spells a function or method of the program as it can be called at r; "" where
// it can't be.
func (t *Threader) reach(r mention, d *code.Decl, fn *types.Func) string {
	if fn.Signature().Recv() == nil {
		if fn.Pkg().Path() == r.File.Pkg.Types.Path() && r.sees(r.File.Pkg.Types.Scope().Lookup(fn.Name())) {
			return fn.Name()
		}
		return ""
	}
	has := func(typ types.Type) bool {
		obj, _, _ := types.LookupFieldOrMethod(typ, true, r.File.Pkg.Types, fn.Name())
		m, ok := obj.(*types.Func)
		return ok && t.World.Key(m.Origin()) == t.World.Key(fn.Origin())
	}
	if v := r.lookup(func(v *types.Var) bool { return isParameter(v) && has(v.Type()) }); v != nil {
		return v.Name() + "." + fn.Name()
	}
	recv := d.Obj.Signature().Recv()
	if recv == nil || recv.Name() == "" || recv.Name() == "_" || !r.sees(recv) {
		return ""
	}
	typ := recv.Type()
	if p, ok := typ.Underlying().(*types.Pointer); ok {
		typ = p.Elem()
	}
	s, ok := typ.Underlying().(*types.Struct)
	if !ok {
		return ""
	}
	for f := range s.Fields() {
		if has(f.Type()) && (f.Exported() || f.Pkg() == r.File.Pkg.Types) {
			return recv.Name() + "." + f.Name() + "." + fn.Name()
		}
	}
	return ""
}

// callsInTurn reports whether a function is another, or may call it: what the other
// logs by it would never end.
func (t *Threader) callsInTurn(fn, other *types.Func) bool {
	seen := map[code.Key]bool{}
	queue := []*types.Func{fn}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		members, _ := t.World.Class(at)
		for _, m := range members {
			k := t.World.Key(m.Origin())
			if k == t.World.Key(other.Origin()) || len(seen) > 300 {
				return true
			}
			d := t.World.Decl(m)
			if seen[k] || d == nil || d.Func.Body == nil {
				continue
			}
			seen[k] = true
			ast.Inspect(d.Func.Body, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if callee := d.File.Callee(call); callee != nil {
						queue = append(queue, callee)
					}
				}
				return true
			})
		}
	}
	return false
}

// goesOn reports whether the loop that r stands in reports errors of other calls and
// goes on, so that this is what becomes of one more.
func (t *Threader) goesOn(r mention) bool {
	body, at := r.body()
	if body == nil {
		return false
	}
	var loop ast.Node
	for _, n := range r.Path[at:] {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			loop = n
		}
		if loop != nil {
			break
		}
	}
	if loop == nil {
		return false
	}
	found := false
	ast.Inspect(loop, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok || found {
			return false
		}
		s, ok := n.(*ast.IfStmt)
		if !ok || testedError(r.File, s.Cond) == nil || len(s.Body.List) == 0 {
			return true
		}
		last := s.Body.List[len(s.Body.List)-1]
		if b, jumps := last.(*ast.BranchStmt); leaves(r.File, last) || jumps && b.Tok != token.CONTINUE {
			return true
		}
		found = slices.ContainsFunc(s.Body.List, func(s ast.Stmt) bool {
			e, ok := s.(*ast.ExprStmt)
			if !ok {
				return false
			}
			call, ok := e.X.(*ast.CallExpr)
			return ok && t.logsAt(r.File, call)
		})
		return true
	})
	return found
}

// logsAt reports a call that logs.
func (t *Threader) logsAt(f *code.File, call *ast.CallExpr) bool {
	if _, _, ok := loggerOf(f, call); ok {
		return true
	}
	fn := f.Callee(call)
	return fn != nil && logs.MatchString(fn.Name()) && t.World.Decl(fn) != nil && formatting(fn)
}
