package injectglobal

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A holder is a struct type that keeps the value in a field.
type holder struct {
	obj   *types.TypeName
	file  *code.File
	spec  *ast.StructType
	field string // "" if it can't be a holder
	made  bool   // its values are made by constructors and entry points
	used  bool   // it is one
	away  bool   // other packages make values of it
	lits  []typeMention
}

// A typeMention is a mention of a struct type, or a literal of it.
type typeMention struct {
	file *code.File
	path []ast.Node // down to the name, or to the literal
	lit  *ast.CompositeLit
}

// fieldOf returns the field of its receiver that a method finds the value in, or "".
func (j *job) fieldOf(d *code.Decl, pos token.Pos) string {
	recv := d.Obj.Signature().Recv()
	if recv == nil || recv.Name() == "" || recv.Name() == "_" || j.req.Text(paramAs) == asParam {
		return ""
	}
	t := recv.Type()
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.TypeParams().Len() > 0 {
		return ""
	}
	if scope := d.File.Pkg.Types.Scope().Innermost(pos); scope == nil {
		return ""
	} else if _, obj := scope.LookupParent(recv.Name(), pos); obj != types.Object(recv) {
		return ""
	}
	h := j.holder(n)
	if h.field == "" || !h.used && !j.prefersField(h, d) {
		return ""
	}
	j.hold(h)
	return recv.Name() + "." + h.field
}

// prefersField reports whether a method had better find the value in its receiver
// than get it as a parameter.
func (j *job) prefersField(h *holder, d *code.Decl) bool {
	if j.req.Text(paramAs) == asField || h.made {
		return true
	}
	_, frozen := j.world.Class(d.Obj)
	return frozen != ""
}

// hold makes a type one that keeps the value: each literal of it needs that.
func (j *job) hold(h *holder) {
	if h.used {
		return
	}
	h.used = true
	for _, l := range h.lits {
		j.thread.Carry(l.file, &ast.Ident{NamePos: l.lit.Lbrace, Name: "_"}, l.path)
	}
}

// holder returns what is known about a type as one that keeps the value.
func (j *job) holder(n *types.Named) *holder {
	k := j.world.Key(n.Obj())
	if h := j.holders[k]; h != nil {
		return h
	}
	h := &holder{obj: n.Obj(), file: j.world.FileOf(n.Obj())}
	j.holders[k] = h
	if h.file == nil || h.file.Generated() || !h.declare(j.world) || !j.keeps(h, k) {
		return h
	}
	h.field = j.fieldName(n, h.away)
	return h
}

// declare finds the struct type, and reports whether there is one.
func (h *holder) declare(w *code.World) bool {
	for _, d := range h.file.AST.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.TypeSpec)
			if w.KeyAt(spec.Name.Pos()) == w.Key(h.obj) {
				h.spec, ok = spec.Type.(*ast.StructType)
				return ok && !spec.Assign.IsValid() && spec.TypeParams == nil
			}
		}
	}
	return false
}

// keeps reports whether each value of a type is made by a literal in a function, so
// that it can be given what it keeps.
func (j *job) keeps(h *holder, k code.Key) bool {
	if j.mentions == nil {
		j.findMentions()
	}
	h.made = true
	for _, m := range j.mentions[k] {
		if m.lit == nil {
			if !harmlessMention(m.path) {
				return false
			}
			continue
		}
		d := funcAround(m.path)
		if d == nil || m.file.Generated() || !j.shape.plain && types.Comparable(h.obj.Type()) && !addressTaken(m.path) {
			return false
		}
		if d.Recv == nil && d.Name.Name == "init" {
			return false
		}
		h.away = h.away || m.file.Pkg.Types.Path() != h.obj.Pkg().Path()
		h.made = h.made && (m.file.Test || constructs(m.file, d, h.obj))
		h.lits = append(h.lits, m)
	}
	return len(h.lits) > 0
}

func funcAround(path []ast.Node) *ast.FuncDecl {
	for _, n := range path {
		if d, ok := n.(*ast.FuncDecl); ok {
			return d
		}
	}
	return nil
}

// addressTaken reports &T{...}.
func addressTaken(path []ast.Node) bool {
	u, ok := path[len(path)-2].(*ast.UnaryExpr)
	return ok && u.Op == token.AND
}

// constructs reports an entry point, or a function that returns the type or a
// pointer to it.
func constructs(f *code.File, d *ast.FuncDecl, tn *types.TypeName) bool {
	fn, ok := f.Pkg.Info.Defs[d.Name].(*types.Func)
	if !ok {
		return false
	}
	if code.IsEntry(&code.Decl{File: f, Func: d, Obj: fn}) {
		return true
	}
	for v := range fn.Signature().Results().Variables() {
		t := v.Type()
		if p, ok := types.Unalias(t).(*types.Pointer); ok {
			t = p.Elem()
		}
		if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj() == tn {
			return d.Recv == nil
		}
		if types.IsInterface(t) && d.Recv == nil && strings.HasPrefix(strings.ToLower(d.Name.Name), "new") {
			return true
		}
	}
	return false
}

// harmlessMention reports a mention of a type that makes no value of it: a pointer
// to it, a receiver, a method expression.
func harmlessMention(path []ast.Node) bool {
	i := len(path) - 1
	if sel, ok := path[i-1].(*ast.SelectorExpr); ok && sel.Sel == path[i] {
		i--
	}
	switch p := path[i-1].(type) {
	case *ast.StarExpr:
		field, ok := path[i-2].(*ast.Field)
		return !ok || len(field.Names) > 0 || !inStruct(path[:i-2]) // embedded
	case *ast.CompositeLit:
		return p.Type == path[i]
	case *ast.SelectorExpr:
		return true
	case *ast.Field:
		d, ok := path[i-3].(*ast.FuncDecl)
		return ok && d.Recv != nil && d.Recv == path[i-2]
	}
	return false
}

// inStruct reports whether the field list at the end of a path is a struct's.
func inStruct(path []ast.Node) bool {
	_, ok := path[len(path)-2].(*ast.StructType)
	return ok
}

// findMentions collects the mentions of the module's types, and their literals.
func (j *job) findMentions() {
	j.mentions = map[code.Key][]typeMention{}
	for _, f := range j.world.Files {
		f.Walk(func(n ast.Node, stack []ast.Node) {
			switch n := n.(type) {
			case *ast.Ident:
				if tn, ok := f.Pkg.Info.Uses[n].(*types.TypeName); ok && j.world.FileOf(tn) != nil {
					k := j.world.Key(tn)
					j.mentions[k] = append(j.mentions[k], typeMention{file: f, path: slices.Clone(stack)})
				}
			case *ast.CompositeLit:
				t := f.Pkg.Info.TypeOf(n)
				if p, ok := types.Unalias(t).(*types.Pointer); ok {
					t = p.Elem()
				}
				if named, ok := types.Unalias(t).(*types.Named); ok {
					k := j.world.Key(named.Obj())
					j.mentions[k] = append(j.mentions[k], typeMention{file: f, path: slices.Clone(stack), lit: n})
				}
			}
		})
	}
}

// fieldName returns a name that no field or method of a type has, exported where
// other packages make values of the type.
func (j *job) fieldName(n *types.Named, exported bool) string {
	name := j.shape.field
	if exported {
		name = upper(name)
	}
	for {
		if obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(n), true, n.Obj().Pkg(), name); obj == nil {
			return name
		}
		name += "Value"
	}
}

// rewriteHolders adds the field, and its value to every literal.
func (j *job) rewriteHolders() {
	for _, h := range j.sortedHolders() {
		f, fields := h.file, h.spec.Fields
		field := h.field + " " + j.typeIn(f)
		last := len(fields.List) - 1
		switch {
		case f.Before[f.Offset(fields.Closing)-1] == '\n' || strings.Contains(string(f.Before[f.Offset(fields.Opening):f.Offset(fields.Closing)]), "\n"):
			f.Insert(fields.Closing, field+"\n")
		case last < 0:
			f.Insert(fields.Closing, " "+field+" ")
		default:
			f.Insert(fields.List[last].End(), "; "+field)
		}
		for _, l := range h.lits {
			value := j.thread.Carried(l.file, &ast.Ident{NamePos: l.lit.Lbrace, Name: "_"}, l.path)
			addElement(l.file, l.lit, h.field, value)
		}
	}
}

func (j *job) sortedHolders() []*holder {
	var out []*holder
	for _, h := range j.holders {
		if h.used {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b *holder) int { return int(a.obj.Pos()) - int(b.obj.Pos()) })
	return out
}

// addElement adds the value of a field to a struct literal, as its other elements
// are written.
func addElement(f *code.File, lit *ast.CompositeLit, field, value string) {
	if len(lit.Elts) == 0 {
		f.Insert(lit.Rbrace, field+": "+value)
		return
	}
	last := lit.Elts[len(lit.Elts)-1]
	element := value
	if _, keyed := last.(*ast.KeyValueExpr); keyed {
		element = field + ": " + value
	}
	between := string(f.Before[f.Offset(last.End()):f.Offset(lit.Rbrace)])
	if strings.Contains(between, "\n") {
		f.Insert(last.End(), ",\n"+element)
		return
	}
	f.Insert(last.End(), ", "+element)
}
