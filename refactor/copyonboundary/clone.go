package copyonboundary

import (
	"go/token"
	"go/types"
	"go/version"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// carries reports whether a value of type t refers to memory that can be changed.
func carries(t types.Type) bool {
	if t == nil || constantMemory(t) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Kind() == types.UnsafePointer
	case *types.Struct:
		for f := range u.Fields() {
			if carries(f.Type()) {
				return true
			}
		}
		return false
	case *types.Array:
		return carries(u.Elem())
	case *types.Tuple:
		for v := range u.Variables() {
			if carries(v.Type()) {
				return true
			}
		}
		return false
	}
	return true
}

// constantMemory reports types whose values refer to memory that nobody changes.
func constantMemory(t types.Type) bool {
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return true
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return false
	}
	switch n.Obj().Pkg().Path() + "." + n.Obj().Name() {
	case "time.Time", "net/netip.Addr", "net/netip.AddrPort", "net/netip.Prefix", "context.Context", "reflect.Type":
		return true
	}
	return n.Obj().Pkg().Path() == "unique"
}

// A cloner spells copies, and the functions that they need.
type cloner struct {
	job     *job
	file    *code.File // of the type
	helpers map[string]*helper
	order   []*helper
	names   map[string]bool
}

type helper struct {
	name string
	text string
}

func newCloner(j *job, f *code.File) *cloner {
	return &cloner{job: j, file: f, helpers: map[string]*helper{}, names: map[string]bool{}}
}

// cant says why there is no copy of a type's values, or "". path leads to t.
func (c *cloner) cant(t types.Type, path string, in []types.Type) string {
	if !carries(t) {
		return lock(t, path)
	}
	if slices.ContainsFunc(in, func(o types.Type) bool { return types.Identical(o, t) }) {
		return path + " refers to its own type, and may lead in a circle"
	}
	if _, named := types.Unalias(t).(*types.Named); named {
		in = append(in, t)
	}
	if why := lock(t, path); why != "" {
		return why
	}
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return c.cant(u.Elem(), path+"[]", in)
	case *types.Map:
		if carries(u.Key()) {
			return path + " has keys that refer to something"
		}
		return c.cant(u.Elem(), path+"[]", in)
	case *types.Pointer:
		return c.cant(u.Elem(), path, in)
	case *types.Struct:
		for f := range u.Fields() {
			if carries(f.Type()) && !f.Exported() && f.Pkg() != c.file.Pkg.Types {
				return path + " has a hidden field that refers to something: " + f.Name()
			}
			if why := c.cant(f.Type(), path+"."+f.Name(), in); why != "" {
				return why
			}
		}
		return ""
	}
	return path + " is " + kindName(t)
}

func kindName(t types.Type) string {
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return "of a type that isn't known"
	}
	switch t.Underlying().(type) {
	case *types.Interface:
		return "an interface, whose value isn't known"
	case *types.Signature:
		return "a function"
	case *types.Chan:
		return "a channel"
	case *types.Array:
		return "an array of references"
	}
	return types.TypeString(t, (*types.Package).Name)
}

// lock says that a type holds a lock by value.
func lock(t types.Type, path string) string {
	n, ok := types.Unalias(t).(*types.Named)
	if ok && n.Obj().Pkg() != nil && (n.Obj().Pkg().Path() == "sync" || n.Obj().Pkg().Path() == "sync/atomic" || n.Obj().Pkg().Path() == "strings" && n.Obj().Name() == "Builder") {
		return path + " is a " + n.Obj().Pkg().Name() + "." + n.Obj().Name() + ", which must not be copied"
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if why := lock(f.Type(), path+"."+f.Name()); why != "" && !carries(f.Type()) {
				return why
			}
		}
	case *types.Array:
		return lock(u.Elem(), path)
	}
	return ""
}

// of spells a copy of an expression in a file of the type's package.
func (c *cloner) of(f *code.File, pos token.Pos, text string, t types.Type) string {
	if p, ok := flat(t); ok && oldGo(f) && p == "slices" {
		return "append(" + text + "[:0:0], " + text + "...)"
	} else if ok && !oldGo(f) {
		return f.ImportAt(pos, p, p) + ".Clone(" + text + ")"
	}
	if !carries(t) {
		return text
	}
	return c.helper(t).name + "(" + text + ")"
}

// flat returns the package whose Clone copies all of a value.
func flat(t types.Type) (pkg string, ok bool) {
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return "slices", !carries(u.Elem())
	case *types.Map:
		return "maps", !carries(u.Elem()) && !carries(u.Key())
	}
	return "", false
}

// helper returns the function that copies values of a type, and writes it the first
// time.
func (c *cloner) helper(t types.Type) *helper {
	f := c.file
	key := types.TypeString(t, (*types.Package).Path)
	if h := c.helpers[key]; h != nil {
		return h
	}
	h := &helper{name: c.free("clone" + nameOf(t))}
	c.helpers[key] = h
	c.order = append(c.order, h)
	typ := f.Type(t)
	var b strings.Builder
	with := ""
	if carries(elemOf(t)) {
		with = " with all that it refers to"
	}
	b.WriteString("// " + h.name + " copies " + describe(t) + with + "; nil stays nil.\n")
	if _, ok := t.Underlying().(*types.Struct); ok {
		b.Reset()
		b.WriteString("// " + h.name + " copies what a value refers to.\n")
	}
	b.WriteString("func " + h.name + "(v " + typ + ") " + typ + " {\n")
	switch u := t.Underlying().(type) {
	case *types.Struct:
		b.WriteString(c.fields("v", u) + "return v\n")
	case *types.Pointer:
		b.WriteString("if v == nil {\nreturn nil\n}\nc := *v\n")
		if s, ok := u.Elem().Underlying().(*types.Struct); ok {
			b.WriteString(c.fields("c", s))
		} else if carries(u.Elem()) {
			b.WriteString("c = " + c.of(f, f.AST.End(), "c", u.Elem()) + "\n")
		}
		b.WriteString("return &c\n")
	case *types.Slice:
		b.WriteString("if v == nil {\nreturn nil\n}\nout := make(" + typ + ", len(v))\nfor i, e := range v {\nout[i] = " + c.of(f, f.AST.End(), "e", u.Elem()) + "\n}\nreturn out\n")
	case *types.Map:
		b.WriteString("if v == nil {\nreturn nil\n}\nout := make(" + typ + ", len(v))\nfor k, e := range v {\nout[k] = " + c.of(f, f.AST.End(), "e", u.Elem()) + "\n}\nreturn out\n")
	}
	h.text = b.String() + "}\n"
	return h
}

// fields spells the copies of what the fields of a struct refer to.
func (c *cloner) fields(v string, s *types.Struct) string {
	var b strings.Builder
	for f := range s.Fields() {
		if carries(f.Type()) {
			b.WriteString(v + "." + f.Name() + " = " + c.of(c.file, c.file.AST.End(), v+"."+f.Name(), f.Type()) + "\n")
		}
	}
	return b.String()
}

func describe(t types.Type) string {
	switch t.Underlying().(type) {
	case *types.Slice:
		return "a slice"
	case *types.Map:
		return "a map"
	}
	return "a value"
}

// nameOf names a type: Item for *Item, Items for []Item, ItemMap for a map of them.
func nameOf(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return naming.Exported(t.Obj().Name())
	case *types.Basic:
		return naming.Exported(t.Name())
	case *types.Pointer:
		return nameOf(t.Elem())
	case *types.Slice:
		return nameOf(t.Elem()) + "s"
	case *types.Map:
		return nameOf(t.Elem()) + "Map"
	}
	return "Value"
}

func (c *cloner) free(name string) string {
	out := name
	for i := 2; c.names[out] || c.file.Pkg.Types.Scope().Lookup(out) != nil; i++ {
		out = name + strconv.Itoa(i)
	}
	c.names[out] = true
	return out
}

// write puts the functions after the declaration of the type and its methods.
func (c *cloner) write() {
	if len(c.order) == 0 {
		return
	}
	var texts []string
	for _, h := range c.order {
		texts = append(texts, h.text)
	}
	at := c.file.AST.End()
	if n := len(c.file.AST.Decls); n > 0 {
		at = c.file.AST.Decls[n-1].End()
	}
	c.file.Insert(at, "\n\n"+strings.TrimSuffix(strings.Join(texts, "\n"), "\n"))
}

// copy edits an edge, or says why it can't be copied.
func (j *job) copy(e *edge) {
	f := e.decl.File
	t := f.Pkg.Info.TypeOf(e.expr)
	where := "what " + e.decl.Obj.Name() + " returns"
	if e.result < 0 {
		where = e.param.Name()
	}
	if why := j.clones.cant(t, "it", nil); why != "" {
		j.refuse(e.expr.Pos(), "no-copy", where+" can't be copied: "+why, "name the other methods, or give callers what they need of it")
		return
	}
	expr := e.expr
	if r := j.lockedRead(e); r != nil {
		if r.value == nil {
			j.refuse(e.expr.Pos(), "no-copy", where+" is read under a lock, and the copy would be made after its release, while others may change what is copied", "release the lock in a defer statement, or copy it under the lock by hand")
			return
		}
		if j.copied[r.v] {
			return
		}
		j.copied[r.v] = true
		expr = r.value
	}
	if e.param != nil && j.storedAgain(e) {
		if j.copied[e.param] {
			return
		}
		j.copied[e.param] = true
		name := e.param.Name()
		f.Insert(e.decl.Func.Body.Lbrace+1, "\n\t"+name+" = "+j.clones.of(f, e.decl.Func.Body.Lbrace, name, t))
	} else {
		text := j.clones.of(f, expr.Pos(), f.Source(expr), t)
		f.Replace(expr.Pos(), expr.End(), text)
	}
	j.note(expr.Pos(), "each call of "+e.decl.Obj.Name()+" copies "+f.Source(expr))
}

// storedAgain reports a parameter that a method stores in two places, which must hold
// the same copy.
func (j *job) storedAgain(e *edge) bool {
	return slices.ContainsFunc(j.edges, func(o *edge) bool { return o != e && o.param == e.param })
}

// oldGo reports a Go version without packages slices and maps.
func oldGo(f *code.File) bool {
	v := f.Pkg.Types.GoVersion()
	return v != "" && version.Compare(v, "go1.21") < 0
}
