package returnchanges

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"go/version"
	"slices"

	"github.com/unweld/unweld/refactor/internal/alias"
	"github.com/unweld/unweld/refactor/internal/code"
)

// eligible refuses a member whose body can't work on a value of its own.
func (j *job) eligible(s *subject, m *member) {
	for _, p := range s.params {
		if _, star := ast.Unparen(m.field(p.index).Type).(*ast.StarExpr); p.kind == pointer && !star {
			j.refuse(m.field(p.index).Pos(), "changed-argument-kept", "the type of "+p.name+" is another name of a pointer", "write the pointer out: *T")
			return
		}
	}
	if m.decl == nil {
		return
	}
	for _, p := range s.params {
		id := m.ident(p.index)
		switch {
		case (id == nil || id.Name == "_") && (p.name == "" || p.name == "_" || code.Mentions(m.decl.Func, p.name)):
			j.refuse(m.field(p.index).Pos(), "changed-argument-kept", "the parameter has no name that the change could be returned by", "give it a name first")
			return
		}
		if why := j.program.Keeps(m.fn, p.index); why != "" {
			j.refuse(j.keptAt(m, p), "changed-argument-kept", p.name+" "+why+": the caller's memory would no longer be what that means", "copy what is kept, or return the new value by hand")
			continue
		}
		j.eligibleUses(m, p)
	}
	if pos := recovers(j, m); pos != nil {
		j.refuse(pos.Pos(), "changed-argument-kept", m.fn.Name()+" recovers from a panic, after which it returns nothing of what it changed", "name the results, or take the recover out")
	}
	if f := m.typ.Results; f != nil {
		j.blankResults(m, f)
	}
	if m.kindOf(s, mapping) && oldGo(m.file) {
		j.refuse(m.decl.Func.Pos(), "go-version", "go.mod asks for "+m.file.Pkg.Types.GoVersion()+", where no function copies a map", "raise it to go1.21")
	}
}

// oldGo reports a Go version without packages slices and maps.
func oldGo(f *code.File) bool {
	v := f.Pkg.Types.GoVersion()
	return v != "" && version.Compare(v, "go1.21") < 0
}

func (m *member) kindOf(s *subject, k kind) bool {
	return slices.ContainsFunc(s.params, func(p *param) bool { return p.kind == k })
}

// keptAt is the position of the first use that keeps the parameter.
func (j *job) keptAt(m *member, p *param) token.Pos {
	for _, u := range j.program.Uses(m.file, m.decl.Func, m.variable(p)) {
		if u.Kind == alias.Kept || u.Kind == alias.Returned {
			return u.ID.Pos()
		}
	}
	return m.decl.Func.Pos()
}

// eligibleUses looks at each use of a parameter that nothing keeps.
func (j *job) eligibleUses(m *member, p *param) {
	for _, u := range j.program.Uses(m.file, m.decl.Func, m.variable(p)) {
		pos := u.ID.Pos()
		switch {
		case u.Kind == alias.Assigned:
			j.refuse(pos, "changed-argument-kept", p.name+" gets another value here, whose changes the caller doesn't see today", "use another variable for that")
		case u.Kind == alias.Compared:
			j.refuse(pos, "changed-argument-kept", "the pointer "+p.name+" itself is compared here, and a value has no identity", "compare a key instead")
		case u.Kind == alias.Nil && p.kind == pointer:
			j.refuse(pos, "changed-argument-nil", p.name+" may be nil, and a value can't be", "let the callers look at that, and take this comparison out")
		case p.kind == slice:
			j.beyond(m, p, u)
		}
	}
}

// beyond refuses what reaches memory of a slice behind its length: a copy has none.
func (j *job) beyond(m *member, p *param, u alias.Use) {
	for i := len(u.Path) - 1; i > 0; i-- {
		e := u.Path[i]
		switch parent := u.Path[i-1].(type) {
		case *ast.SliceExpr:
			if parent.X == e && parent.High != nil && !within(m.file, parent.High) || parent.Slice3 {
				j.refuse(parent.Pos(), "changed-argument-kept", m.file.Source(parent)+" may reach memory behind the length of "+p.name+", which a copy doesn't have", "slice up to len("+p.name+") at most, so that it shows")
				return
			}
		case *ast.CallExpr:
			if id, ok := ast.Unparen(parent.Fun).(*ast.Ident); ok && id.Name == "cap" && m.file.Pkg.Info.Uses[id] == types.Universe.Lookup("cap") {
				j.refuse(parent.Pos(), "changed-argument-kept", "the capacity of "+p.name+" is used here, and a copy has another", "use its length")
			}
			return
		case *ast.ParenExpr:
		default:
			return
		}
	}
}

// within reports an upper bound that is never larger than the length: 0, or one
// that is written with len.
func within(f *code.File, high ast.Expr) bool {
	if v := f.Pkg.Info.Types[high].Value; v != nil {
		return constant.Sign(v) == 0
	}
	if b, ok := ast.Unparen(high).(*ast.BinaryExpr); ok {
		if v := f.Pkg.Info.Types[b.Y].Value; v == nil || b.Op.String() != "-" || constant.Sign(v) < 0 {
			return false
		}
		high = b.X
	}
	call, ok := ast.Unparen(high).(*ast.CallExpr)
	if !ok {
		return false
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	return ok && f.Pkg.Info.Uses[id] == types.Universe.Lookup("len")
}

// blankResults refuses a bare return where a result has no name to return it by.
func (j *job) blankResults(m *member, results *ast.FieldList) {
	blank := false
	for _, f := range results.List {
		for _, n := range f.Names {
			blank = blank || n.Name == "_"
		}
	}
	for _, ret := range returnsOf(m.decl.Func.Body) {
		if blank && len(ret.Results) == 0 {
			j.refuse(ret.Pos(), "changed-argument-kept", "a bare return gives results that have no names", "write the results out")
		}
	}
}

// returnsOf are the return statements of a body; those of function literals are
// their own.
func returnsOf(body *ast.BlockStmt) []*ast.ReturnStmt {
	var out []*ast.ReturnStmt
	ast.Inspect(body, func(n ast.Node) bool {
		if ret, ok := n.(*ast.ReturnStmt); ok {
			out = append(out, ret)
		}
		_, lit := n.(*ast.FuncLit)
		return !lit
	})
	return out
}

// recovers returns a deferred call of a member that may recover from a panic, or nil.
func recovers(j *job, m *member) (found ast.Node) {
	ast.Inspect(m.decl.Func.Body, func(n ast.Node) bool {
		d, ok := n.(*ast.DeferStmt)
		if !ok || found != nil {
			return found == nil
		}
		if lit, ok := ast.Unparen(d.Call.Fun).(*ast.FuncLit); ok {
			if callsRecover(m.file, lit.Body) {
				found = d
			}
			return found == nil
		}
		fn := m.file.Callee(d.Call)
		if fn == nil {
			found = d
			return false
		}
		if decl := j.world.Decl(fn); decl != nil && decl.Func.Body != nil && callsRecover(decl.File, decl.Func.Body) {
			found = d
		}
		return found == nil
	})
	return found
}

func callsRecover(f *code.File, body ast.Node) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && f.Pkg.Info.Uses[id] == types.Universe.Lookup("recover")
		return !found
	})
	return found
}
