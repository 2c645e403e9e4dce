// Package holder keeps a value that code is to be given in a field of a struct type,
// so that methods find it in their receiver. Whoever makes a value of the type passes
// it on.
package holder

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
	"github.com/unweld/unweld/refactor/internal/thread"
)

// Choice says when a method finds the value in its receiver.
type Choice int

const (
	Auto   Choice = iota // where it is clear who makes the receiver, and where the method can't change
	Never                // it is a parameter
	Always               // wherever each value of the type is made by a literal
)

// Types are the struct types of a module that may keep the value.
type Types struct {
	World  *code.World
	Thread *thread.Threader
	Choice Choice
	Plain  bool                    // values of a struct with the value in it can be compared
	Field  string                  // the name of the field, where it is free
	Type   func(*code.File) string // spells the type of the value

	all      map[code.Key]*Holder
	mentions map[code.Key][]typeMention // of the module's struct types
}

// A Holder is a struct type that keeps the value in a field.
type Holder struct {
	Obj   *types.TypeName
	File  *code.File
	Field string // "" if it can't be a holder
	Away  bool   // other packages make values of it
	spec  *ast.StructType
	made  bool // its values are made by constructors and entry points
	used  bool // it is one
	lits  []typeMention
}

// A typeMention is a mention of a struct type, or a literal of it.
type typeMention struct {
	file *code.File
	path []ast.Node // down to the name, or to the literal
	lit  *ast.CompositeLit
}

// Of returns the field of its receiver that a method finds the value in, or "".
func (ts *Types) Of(d *code.Decl, pos token.Pos) string {
	recv := d.Obj.Signature().Recv()
	if recv == nil || recv.Name() == "" || recv.Name() == "_" || ts.Choice == Never {
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
	h := ts.holder(n)
	if h.Field == "" || !h.used && !ts.prefersField(h, d) {
		return ""
	}
	ts.hold(h)
	return recv.Name() + "." + h.Field
}

// prefersField reports whether a method had better find the value in its receiver
// than get it as a parameter.
func (ts *Types) prefersField(h *Holder, d *code.Decl) bool {
	if ts.Choice == Always || h.made {
		return true
	}
	_, frozen := ts.World.Class(d.Obj)
	return frozen != ""
}

// hold makes a type one that keeps the value: each literal of it needs that.
func (ts *Types) hold(h *Holder) {
	if h.used {
		return
	}
	h.used = true
	for _, l := range h.lits {
		ts.Thread.Carry(l.file, &ast.Ident{NamePos: l.lit.Lbrace, Name: "_"}, l.path)
	}
}

// holder returns what is known about a type as one that keeps the value.
func (ts *Types) holder(n *types.Named) *Holder {
	k := ts.World.Key(n.Obj())
	if ts.all == nil {
		ts.all = map[code.Key]*Holder{}
	}
	if h := ts.all[k]; h != nil {
		return h
	}
	h := &Holder{Obj: n.Obj(), File: ts.World.FileOf(n.Obj())}
	ts.all[k] = h
	if h.File == nil || h.File.Generated() || !h.declare(ts.World) || !ts.keeps(h, k) {
		return h
	}
	h.Field = ts.fieldName(n, h.Away)
	return h
}

// declare finds the struct type, and reports whether there is one.
func (h *Holder) declare(w *code.World) bool {
	for _, d := range h.File.AST.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.TypeSpec)
			if w.KeyAt(spec.Name.Pos()) == w.Key(h.Obj) {
				h.spec, ok = spec.Type.(*ast.StructType)
				return ok && !spec.Assign.IsValid() && spec.TypeParams == nil
			}
		}
	}
	return false
}

// keeps reports whether each value of a type is made by a literal in a function, so
// that it can be given what it keeps.
func (ts *Types) keeps(h *Holder, k code.Key) bool {
	if ts.mentions == nil {
		ts.findMentions()
	}
	h.made = true
	var makers []*ast.FuncDecl
	for _, m := range ts.mentions[k] {
		if m.lit == nil {
			if !harmlessMention(m.path) {
				return false
			}
			continue
		}
		d := code.FuncAround(m.path)
		if d == nil || m.file.Generated() || !ts.Plain && types.Comparable(h.Obj.Type()) && !addressTaken(m.path) {
			return false
		}
		if d.Recv == nil && d.Name.Name == "init" {
			return false
		}
		h.Away = h.Away || m.file.Pkg.Types.Path() != h.Obj.Pkg().Path()
		if !m.file.Test {
			makers = append(makers, d)
			h.made = h.made && constructs(m.file, d, h.Obj)
		}
		h.lits = append(h.lits, m)
	}
	if len(makers) == 1 && makers[0].Recv == nil && !h.Away {
		h.made = true // one place makes it, whatever it does else
	}
	return len(h.lits) > 0
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
func (ts *Types) findMentions() {
	ts.mentions = map[code.Key][]typeMention{}
	for _, f := range ts.World.Files {
		f.Walk(func(n ast.Node, stack []ast.Node) {
			switch n := n.(type) {
			case *ast.Ident:
				if tn, ok := f.Pkg.Info.Uses[n].(*types.TypeName); ok && ts.World.FileOf(tn) != nil {
					k := ts.World.Key(tn)
					ts.mentions[k] = append(ts.mentions[k], typeMention{file: f, path: slices.Clone(stack)})
				}
			case *ast.CompositeLit:
				t := f.Pkg.Info.TypeOf(n)
				if p, ok := types.Unalias(t).(*types.Pointer); ok {
					t = p.Elem()
				}
				if named, ok := types.Unalias(t).(*types.Named); ok {
					k := ts.World.Key(named.Obj())
					ts.mentions[k] = append(ts.mentions[k], typeMention{file: f, path: slices.Clone(stack), lit: n})
				}
			}
		})
	}
}

// fieldName returns a name that no field or method of a type has, exported where
// other packages make values of the type.
func (ts *Types) fieldName(n *types.Named, exported bool) string {
	name := ts.Field
	if exported {
		name = naming.Exported(name)
	}
	for {
		if obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(n), true, n.Obj().Pkg(), name); obj == nil {
			return name
		}
		name += "Value"
	}
}

// Rewrite adds the field, and its value to every literal.
func (ts *Types) Rewrite() {
	for _, h := range ts.Used() {
		f, fields := h.File, h.spec.Fields
		field := h.Field + " " + ts.Type(f)
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
			value := ts.Thread.Carried(l.file, &ast.Ident{NamePos: l.lit.Lbrace, Name: "_"}, l.path)
			if value == "nil" && !positional(l.lit) {
				continue
			}
			addElement(l.file, l.lit, h.Field, value)
		}
	}
}

// Used returns the types that keep the value, in the order of their declarations.
func (ts *Types) Used() []*Holder {
	var out []*Holder
	for _, h := range ts.all {
		if h.used {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b *Holder) int { return int(a.Obj.Pos()) - int(b.Obj.Pos()) })
	return out
}

// positional reports a literal that gives all fields by their place.
func positional(lit *ast.CompositeLit) bool {
	if len(lit.Elts) == 0 {
		return false
	}
	_, keyed := lit.Elts[0].(*ast.KeyValueExpr)
	return !keyed
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
