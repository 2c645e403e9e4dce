package code

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
)

// otherBuilds are the builds that have the files which this build leaves out.
type otherBuilds struct {
	of map[string]*otherBuild // by file
}

// An otherBuild is one of these builds, with the folders of such files.
type otherBuild struct {
	source.Build
	dirs []string

	once     sync.Once
	broken   map[string]bool            // packages that don't type-check, by ID: nothing rests on their word
	means    map[string]map[Key]bool    // by file: what it names
	declares map[string]map[string]bool // by file: what it declares, methods and fields included
}

// buildsOfUnbuilt finds, for each file that this build leaves out, a build that has it.
func (w *World) buildsOfUnbuilt() *otherBuilds {
	if w.builds != nil {
		return w.builds
	}
	contents := sha256.New() // the packages don't say what is in these files
	for _, u := range w.leftOut() {
		content, _, _ := w.Snapshot.Content(u.rel)
		fmt.Fprintf(contents, "%s %d\n%s", u.rel, len(content), content)
	}
	w.builds = derive(w, fmt.Sprintf("other builds %x", contents.Sum(nil)), func() *otherBuilds {
		out := &otherBuilds{of: map[string]*otherBuild{}}
		byBuild := map[source.Build]*otherBuild{}
		for _, u := range w.leftOut() {
			content, _, err := w.Snapshot.Content(u.rel)
			if err != nil {
				continue
			}
			b, ok := w.Snapshot.BuildOf(u.rel, content)
			if !ok {
				continue
			}
			o := byBuild[b]
			if o == nil {
				o = &otherBuild{Build: b}
				byBuild[b] = o
			}
			out.of[u.rel] = o
			if dir := path.Dir(u.rel); !slices.Contains(o.dirs, dir) {
				o.dirs = append(o.dirs, dir)
			}
		}
		return out
	})
	return w.builds
}

// meansOther reports whether a file that this build leaves out, and which has the name of an
// object, means something else by it, as a build says that has the file. What comes out is
// checked in that build, then.
func (w *World) meansOther(rel string, obj types.Object) bool {
	o := w.buildsOfUnbuilt().of[rel]
	if o == nil {
		return false
	}
	o.once.Do(func() { o.read(w) })
	means, known := o.means[rel]
	if !known || means[w.Key(origin(obj))] || o.declares[rel][obj.Name()] {
		return false
	}
	if w.relied == nil {
		w.relied = map[*otherBuild]bool{}
	}
	w.relied[o] = true
	return true
}

// origin returns what an object is an instance of, or itself.
func origin(obj types.Object) types.Object {
	switch obj := obj.(type) {
	case *types.Func:
		return obj.Origin()
	case *types.Var:
		return obj.Origin()
	}
	return obj
}

// read finds out what the files mean by their names. Of packages that don't type-check in
// the build nothing is known.
func (o *otherBuild) read(w *World) {
	o.means, o.declares, o.broken = map[string]map[Key]bool{}, map[string]map[string]bool{}, map[string]bool{}
	pkgs, err := w.Snapshot.LoadBuild(context.Background(), o.Build, o.dirs)
	if err != nil {
		return
	}
	for _, p := range pkgs {
		if len(p.Problems) > 0 {
			o.broken[p.ID] = true
			continue
		}
		files := map[string]string{} // by absolute name
		for _, f := range p.Syntax {
			abs := p.Fset.PositionFor(f.FileStart, false).Filename
			if rel := w.Snapshot.Rel(abs); w.buildsOfUnbuilt().of[rel] == o {
				files[abs] = rel
				o.means[rel], o.declares[rel] = map[Key]bool{}, declaredNames(f, p.Info)
			}
		}
		for id, obj := range p.Info.Uses {
			rel, ok := files[p.Fset.PositionFor(id.Pos(), false).Filename]
			if !ok || obj.Pkg() == nil {
				continue
			}
			at := p.Fset.PositionFor(origin(obj).Pos(), false)
			o.means[rel][Key{at.Filename, at.Offset}] = true
		}
	}
}

// declaredNames returns the names that a file declares outside of functions, methods and
// fields included, and those of methods that it asks values for.
func declaredNames(f *ast.File, info *types.Info) map[string]bool {
	out := map[string]bool{}
	asked := func(e ast.Expr) {
		if tv := info.Types[e]; e != nil && tv.IsType() {
			if it, ok := tv.Type.Underlying().(*types.Interface); ok {
				for m := range it.Methods() {
					out[m.Name()] = true
				}
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			out[n.Name.Name] = true
		case *ast.TypeSpec:
			out[n.Name.Name] = true
		case *ast.InterfaceType:
			asked(n)
		case *ast.StructType:
			for _, field := range n.Fields.List {
				for _, id := range field.Names {
					out[id.Name] = true
				}
			}
		case *ast.TypeAssertExpr:
			asked(n.Type)
		case *ast.CaseClause:
			for _, e := range n.List {
				asked(e)
			}
		}
		return true
	})
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			for _, spec := range g.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for _, id := range v.Names {
						out[id.Name] = true
					}
				}
			}
		}
	}
	return out
}

// checkBuilds type-checks what comes out in the builds whose word a decision rests on.
func (w *World) checkBuilds(ctx context.Context, changed *source.Snapshot, what string) error {
	builds := slices.SortedFunc(maps.Keys(w.relied), func(a, b *otherBuild) int {
		return cmp.Or(strings.Compare(a.GOOS, b.GOOS), strings.Compare(a.GOARCH, b.GOARCH), strings.Compare(a.Tags, b.Tags))
	})
	for _, o := range builds {
		problems, err := o.check(ctx, changed)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			return component.Refuse(what, problems...)
		}
	}
	return nil
}

// check type-checks the packages of the build with a change, but for those that didn't
// before it.
func (o *otherBuild) check(ctx context.Context, changed *source.Snapshot) ([]component.Problem, error) {
	pkgs, err := changed.LoadBuild(ctx, o.Build, o.dirs)
	if err != nil {
		return nil, err
	}
	var out []component.Problem
	for _, p := range pkgs {
		if o.broken[p.ID] {
			continue
		}
		for _, found := range p.Problems {
			out = append(out, component.Problem{Code: "other-builds", Severity: component.Error, Span: found.Span,
				Message: "the code that would come out doesn't type-check with " + o.Variables() + ": " + found.Message, Hint: "do it in that build, or by hand"})
		}
	}
	return out, nil
}
