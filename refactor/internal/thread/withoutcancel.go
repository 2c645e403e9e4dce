package thread

import (
	"go/ast"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A detacher is the function of a package that does what context.WithoutCancel
// does, for packages that are written for a Go which hasn't that.
type detacher struct {
	name string
	home *code.File // that declares it, or will; nil: no file can
}

// withoutCancel is the source that gives expr without its cancellation.
func (t *Threader) withoutCancel(r mention, expr string) contextSource {
	if before(r.File.Pkg.Types, "go1.21") {
		return contextSource{expr: expr, detached: true}
	}
	return contextSource{expr: "context.WithoutCancel(" + expr + ")", lone: true}
}

// canDetach reports whether code at r can have a context without its cancellation. A
// test needs none for that: what it starts has the background as well.
func (t *Threader) canDetach(r mention) bool {
	return !before(r.File.Pkg.Types, "go1.21") || !r.File.Test && t.detacherOf(r.File).home != nil
}

// detachedContext spells expr without its cancellation at r, by the function of its
// package, which it declares where there is none yet.
func (t *Threader) detachedContext(r mention, expr string) func() string {
	d := t.detacherOf(r.File)
	if d.home != nil && !t.opened[d] {
		t.opened[d] = true
		d.home.InsertFunc(d.home.AST.FileEnd, func() string { return d.declaration() })
	}
	return func() string { return d.name + "(" + expr + ")" }
}

// declaration spells the function, and the type that it needs.
func (d *detacher) declaration() string {
	line := ""
	if n := len(d.home.Before); n > 0 && d.home.Before[n-1] != '\n' {
		line = "\n"
	}
	return line + strings.NewReplacer("NAME", d.name, "TYPE", d.name+"Ctx",
		"context.", d.home.Import("context", "context")+".", "time.", d.home.Import("time", "time")+".").Replace(`
// NAME returns a context with the values of ctx that isn't cancelled when ctx is.
func NAME(ctx context.Context) context.Context { return TYPE{ctx} }

type TYPE struct{ context.Context }

func (TYPE) Deadline() (deadline time.Time, ok bool) { return time.Time{}, false }

func (TYPE) Done() <-chan struct{} { return nil }

func (TYPE) Err() error { return nil }
`)
}

// detacherOf returns the function for the package of a file.
func (t *Threader) detacherOf(f *code.File) *detacher {
	key := path.Dir(f.Rel) + " " + f.AST.Name.Name
	if d := t.detachers[key]; d != nil {
		return d
	}
	d := &detacher{name: "withoutCancel"}
	t.detachers[key] = d
	files := t.siblingsBuilt(f)
	if declared := declaredDetacher(files, d.name); declared != nil {
		d.home, t.opened[d] = declared, true
		return d
	}
	used := map[string]bool{}
	for _, f := range files {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				used[id.Name] = true
			}
			return true
		})
	}
	for i := 2; used[d.name] || used[d.name+"Ctx"] || f.Pkg.Types.Scope().Lookup(d.name) != nil; i++ {
		d.name = "withoutCancel" + strconv.Itoa(i)
	}
	everywhere := func(f *code.File) bool { return !f.Test && !f.Generated() && !f.Constrained() }
	if everywhere(f) {
		d.home = f
	} else if i := slices.IndexFunc(files, everywhere); i >= 0 {
		d.home = files[i]
	}
	return d
}

// declaredDetacher returns the file that declares a function of that name which gives
// a context for a context, or nil.
func declaredDetacher(files []*code.File, name string) *code.File {
	for _, f := range files {
		for _, decl := range f.AST.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || fn.Name.Name != name || f.Test {
				continue
			}
			obj, ok := f.Pkg.Info.Defs[fn.Name].(*types.Func)
			if !ok {
				continue
			}
			ps, rs := obj.Signature().Params(), obj.Signature().Results()
			if ps.Len() == 1 && rs.Len() == 1 && crossing.IsContext(ps.At(0).Type()) && crossing.IsContext(rs.At(0).Type()) {
				return f
			}
		}
	}
	return nil
}

// siblingsBuilt returns the files of a file's package that the build has, tests
// included.
func (t *Threader) siblingsBuilt(f *code.File) []*code.File {
	var out []*code.File
	for _, g := range t.World.Files {
		if !g.Unbuilt && path.Dir(g.Rel) == path.Dir(f.Rel) && g.AST.Name.Name == f.AST.Name.Name {
			out = append(out, g)
		}
	}
	return out
}
