package returnchanges

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/refactor/internal/alias"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// signature edits the parameters and results of a member.
func (j *job) signature(s *subject, m *member) {
	f := m.file
	if m.decl != nil && m.ident(s.params[0].index) == nil {
		j.name(s, m)
	}
	var types []string
	done := map[*ast.Field]bool{}
	for _, p := range s.params {
		types = append(types, p.typeText(m))
		if field := m.field(p.index); p.kind == pointer && !done[field] {
			done[field] = true
			j.parameter(s, m, field)
		}
		if id := m.ident(p.index); id != nil && id.Name == "_" && m.decl != nil {
			f.Replace(id.Pos(), id.End(), p.name)
		}
	}
	results := m.typ.Results
	text := strings.Join(types, ", ")
	switch {
	case results == nil || len(results.List) == 0:
		if len(types) > 1 {
			text = "(" + text + ")"
		}
		if results == nil {
			f.Insert(m.typ.Params.End(), " "+text)
			return
		}
		f.Replace(results.Pos(), results.End(), text)
	case len(results.List[0].Names) > 0:
		f.Insert(results.Opening+1, "_ "+strings.Join(types, ", _ ")+", ")
	case results.Opening.IsValid():
		f.Insert(results.Opening+1, text+", ")
	default:
		f.Insert(results.Pos(), "("+text+", ")
		f.Insert(results.End(), ")")
	}
}

// name gives the parameters of a member names, which it needs for those that it
// returns.
func (j *job) name(s *subject, m *member) {
	for i, field := range m.typ.Params.List {
		name := "_"
		for _, p := range s.params {
			if p.index == i {
				name = p.name
			}
		}
		m.file.Insert(field.Pos(), name+" ")
	}
}

// parameter edits a field of pointers, of which some become values.
func (j *job) parameter(s *subject, m *member, field *ast.Field) {
	f := m.file
	star := ast.Unparen(field.Type).(*ast.StarExpr)
	first, returned := 0, 0
	for _, other := range m.typ.Params.List {
		if other == field {
			break
		}
		first += max(1, len(other.Names))
	}
	var parts []string
	for k, name := range field.Names {
		typ := f.Source(field.Type)
		if slices.ContainsFunc(s.params, func(p *param) bool { return p.index == first+k }) {
			typ = f.Source(star.X)
			returned++
		}
		parts = append(parts, name.Name+" "+typ)
	}
	if returned == len(field.Names) || len(field.Names) == 0 {
		f.Replace(star.Pos(), star.X.Pos(), "")
		return
	}
	f.Replace(field.Pos(), field.End(), strings.Join(parts, ", "))
}

// body edits the body of a member: what it does to a parameter, it does to a value of
// its own, which it returns.
func (j *job) body(s *subject, m *member) {
	if m.decl == nil {
		return
	}
	f, body := m.file, m.decl.Func.Body
	var copies []string
	for _, p := range s.params {
		name := p.nameIn(m)
		switch p.kind {
		case pointer:
			for _, u := range j.program.Uses(f, m.decl.Func, m.variable(p)) {
				j.use(m, u)
			}
		case slice:
			if oldGo(f) {
				copies = append(copies, name+" = append("+name+"[:0:0], "+name+"...)")
				continue
			}
			copies = append(copies, name+" = "+f.ImportAt(body.Lbrace, "slices", "slices")+".Clone("+name+")")
		case mapping:
			copies = append(copies, name+" = "+f.ImportAt(body.Lbrace, "maps", "maps")+".Clone("+name+")")
		}
	}
	if len(copies) > 0 && len(body.List) > 0 {
		f.InsertFunc(body.Lbrace+1, func() string {
			text := "\n" + strings.Join(copies, "\n")
			if rest, _, _ := strings.Cut(string(f.Before[f.Offset(body.Lbrace)+1:]), "\n"); strings.TrimSpace(rest) != "" {
				text += "\n"
			}
			return text
		})
	}
	for _, ret := range returnsOf(body) {
		j.returns(s, m, ret)
	}
	if r := m.typ.Results; (r == nil || len(r.List) == 0) && !thread.Terminates(body) {
		f.InsertFunc(body.Rbrace, func() string { return lineBreak(f, body.Rbrace) + "\treturn " + strings.Join(s.names(m), ", ") + "\n" })
	}
	j.size(s, m)
}

func lineBreak(f *code.File, pos token.Pos) string {
	before := strings.TrimRight(string(f.Before[:f.Offset(pos)]), " \t")
	if strings.HasSuffix(before, "\n") {
		return ""
	}
	return "\n"
}

// nameIn is the parameter's name in a member.
func (p *param) nameIn(m *member) string {
	if id := m.ident(p.index); id != nil && id.Name != "_" {
		return id.Name
	}
	return p.name
}

// names are those of the changed parameters in a member.
func (s *subject) names(m *member) []string {
	var out []string
	for _, p := range s.params {
		out = append(out, p.nameIn(m))
	}
	return out
}

// use edits a mention of a pointer that is a value now.
func (j *job) use(m *member, u alias.Use) {
	f := m.file
	var e ast.Node = u.ID
	for i := len(u.Path) - 2; i >= 0; i-- {
		switch parent := u.Path[i].(type) {
		case *ast.ParenExpr:
			e = parent
			continue
		case *ast.StarExpr:
			if around, ok := u.Path[i-1].(*ast.ParenExpr); ok {
				f.Replace(around.Pos(), around.End(), u.ID.Name)
				return
			}
			f.Replace(parent.Pos(), parent.End(), u.ID.Name)
			return
		case *ast.SelectorExpr:
			return // of a value it is written in the same way
		case *ast.CallExpr:
			if s := j.called(f, parent); s != nil && s.returned(parent, e) {
				return // the call is rewritten
			}
		}
		break
	}
	f.Insert(u.ID.Pos(), "&")
}

// called returns the subject whose function a call names, or nil.
func (j *job) called(f *code.File, call *ast.CallExpr) *subject {
	fn := f.Callee(call)
	if fn == nil {
		return nil
	}
	return j.subjects[j.world.Key(fn.Origin())]
}

// returned reports whether e is an argument whose changes the call returns.
func (s *subject) returned(call *ast.CallExpr, e ast.Node) bool {
	return slices.ContainsFunc(s.params, func(p *param) bool { return p.index < len(call.Args) && call.Args[p.index] == e })
}

// returns adds the changed values to a return statement.
func (j *job) returns(s *subject, m *member, ret *ast.ReturnStmt) {
	f, names := m.file, strings.Join(s.names(m), ", ")
	if len(ret.Results) == 0 {
		for _, field := range fieldsOf(m.typ.Results) {
			for _, n := range field.Names {
				names += ", " + n.Name
			}
		}
		f.Insert(ret.End(), " "+names)
		return
	}
	if len(ret.Results) == 1 {
		if call, ok := ast.Unparen(ret.Results[0]).(*ast.CallExpr); ok && j.called(f, call) != nil {
			if j.called(f, call) == s && j.passesOn(s, m, call) {
				j.edited[ret] = true
				return
			}
			j.refuse(ret.Pos(), "call-in-expression", "the changes that this call returns, and those of "+m.fn.Name()+", would be returned at once", "assign the results to variables first")
			j.edited[ret] = true
			return
		}
	}
	if !j.hoists(s, m, ret) {
		f.Insert(ret.Results[0].Pos(), names+", ")
		return
	}
	vars := j.resultNames(m, ret)
	f.ReplaceFunc(ret.Pos(), ret.End(), func() string {
		var values []string
		for _, r := range ret.Results {
			values = append(values, f.RenderWhole(r))
		}
		return strings.Join(vars, ", ") + " := " + strings.Join(values, ", ") + "\nreturn " + names + ", " + strings.Join(vars, ", ")
	})
}

func fieldsOf(l *ast.FieldList) []*ast.Field {
	if l == nil {
		return nil
	}
	return l.List
}

// passesOn reports a call of the subject itself with its own parameters, whose
// results are those to return.
func (j *job) passesOn(s *subject, m *member, call *ast.CallExpr) bool {
	for _, p := range s.params {
		id, ok := ast.Unparen(call.Args[p.index]).(*ast.Ident)
		if !ok || m.file.Pkg.Info.Uses[id] != m.variable(p) {
			return false
		}
	}
	return true
}

// hoists reports whether the results must be worked out before the changed values
// are read: one call gives several, or it changes them.
func (j *job) hoists(s *subject, m *member, ret *ast.ReturnStmt) bool {
	if _, many := m.file.Pkg.Info.TypeOf(ret.Results[0]).(*types.Tuple); many {
		return true
	}
	calls := false
	for _, r := range ret.Results {
		calls = calls || callIn(m.file, r) != nil
	}
	if !calls {
		return false
	}
	for _, p := range s.params {
		if p.kind != pointer {
			continue
		}
		for _, u := range j.program.Uses(m.file, m.decl.Func, m.variable(p)) {
			if u.Kind == alias.Same || u.Literal != nil || ret.Pos() <= u.ID.Pos() && u.ID.Pos() < ret.End() && u.Kind == alias.Passed {
				return true
			}
		}
	}
	return false
}

// callIn returns a call in n that runs code of someone, or nil: conversions and
// builtins don't.
func callIn(f *code.File, n ast.Node) (found ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				found = n
			}
		case *ast.CallExpr:
			if tv := f.Pkg.Info.Types[n.Fun]; !tv.IsType() && !tv.IsBuiltin() {
				found = n
			}
		}
		return found == nil
	})
	return found
}

// resultNames are new names for what a return statement returns.
func (j *job) resultNames(m *member, ret *ast.ReturnStmt) []string {
	rs := m.fn.Signature().Results()
	used := map[string]bool{}
	var out []string
	for i := range rs.Len() {
		name := rs.At(i).Name()
		if name == "" || name == "_" {
			name = nounOf(rs.At(i).Type())
		}
		out = append(out, fresh(m.decl.Func, used, name))
	}
	return out
}

// fresh returns a name that stands nowhere in n and isn't used yet.
func fresh(n ast.Node, used map[string]bool, name string) string {
	free := name
	for i := 2; used[free] || code.Mentions(n, free); i++ {
		free = name + strconv.Itoa(i)
	}
	used[free] = true
	return free
}

// nounOf names a variable after its type.
func nounOf(t types.Type) string {
	switch {
	case types.Identical(t, types.Universe.Lookup("error").Type()):
		return "err"
	case types.Identical(t.Underlying(), types.Typ[types.Bool]):
		return "ok"
	case types.Identical(t.Underlying(), types.Typ[types.Int]):
		return "n"
	}
	return "result"
}

// largeValue is the number of bytes from which a copy is worth a note.
const largeValue = 256

func (j *job) size(s *subject, m *member) {
	sizes := types.SizesFor("gc", "amd64")
	for _, p := range s.params {
		switch p.kind {
		case pointer:
			if isGeneric(p.elem) {
				continue
			}
			if n := sizes.Sizeof(p.elem); n >= largeValue {
				j.note(m.fn.Pos(), "each call of "+m.fn.Name()+" copies "+p.name+" twice, "+strconv.FormatInt(n, 10)+" bytes")
			}
		default:
			j.note(m.fn.Pos(), "each call of "+m.fn.Name()+" copies "+p.name)
		}
	}
}

func isGeneric(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return true
	case *types.Named:
		return t.TypeArgs().Len() > 0
	}
	return false
}
