package wrapdependency

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/relocate"
	"github.com/unweld/unweld/refactor/internal/reorder"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "wrap-dependency",
	Kind:  "refactor.rewrite.wrap-dependency",
	Title: "Wrap the dependency",
	Doc: `put a package of your own between the module and a package that it imports

The new package has the name of the one that it wraps and all that it offers: each
function calls the original, types are aliases, constants and error values are the
original's. The module's files import it instead, tests included; nothing else of
them changes. Then the functions can be extracted and bound like those of any other
package, which unweld bind does in one go: unweld bind PATH --name NAME.

The methods of an alias are the original's, and run where they are called. A type that
is named with --types is one of the module's own instead, around a pointer to the
original, with its methods, and with methods for those of its fields that the module
reads or sets. Values of it that are copied, compared or asserted are reasons to refuse, and so
is a field whose address is taken or a part of which is set. One that is a number or a text is another type of
the same, and its methods call functions of a second package, below the first, which
can be extracted; so are all such types of a package without functions. Variables
aren't wrapped, apart from errors,
since a copy of one would be another variable. A file that uses one is a reason to
refuse. Packages of other modules go on to import the original.`,
	Examples: []string{
		"golang.org/x/mod/semver",
		"golang.org/x/mod/semver --to ./internal/versions --write",
		"index/suffixarray --types Index",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "golang.org/x/mod/semver", Doc: "the import path of a package that the module imports"},
	Params: []refactor.Param{
		{Name: paramTypes, Type: refactor.List, Elem: refactor.Identifier, Example: "Decoder", Doc: "types of the package that aren't to be aliases but types of the module's own around a pointer, with all methods: they can be extracted, which aliases can't"},
		{Name: paramTo, Type: refactor.Text, Example: "./internal/semver", Doc: "the folder of the new package, which there isn't yet; ./internal/ and the name of the package unless given"},
	},
	Run: run,
}

const (
	paramTo    = "to"
	paramTypes = "types"
)

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	what := "wrap-dependency " + req.Target
	world, err := code.Load(ctx, in, what)
	if err != nil {
		return change.Set{}, err
	}
	dep, users, err := find(world, req.Target)
	if err != nil {
		return change.Set{}, err
	}
	folder := req.Text(paramTo)
	if folder == "" {
		folder = "./internal/" + dep.Name()
	}
	to, err := relocate.FolderAt(world, "--"+paramTo, folder)
	if err != nil {
		return change.Set{}, err
	}
	if to.Pkg != nil {
		return change.Set{}, &component.UsageError{Object: "--" + paramTo, Reason: to.Path + " is a package already", Hint: "name a folder that there isn't: --to ./internal/" + dep.Name() + "calls"}
	}
	w := newWrapper(dep, to.Path, languageOf(users))
	for _, name := range refactor.SplitList(req.Text(paramTypes)) {
		if err := w.hold(name); err != nil {
			return change.Set{}, err
		}
	}
	if len(w.held) == 0 && !declaresFunctions(dep) {
		w.holdData()
	}
	if len(w.held) > 0 {
		orders := reorder.New(world)
		for _, f := range users {
			w.fields(f, orders)
		}
	}
	created, err := w.files(to.Dir)
	if err != nil {
		return change.Set{}, err
	}
	var problems []component.Problem
	for _, f := range users {
		if !code.Visible(to.Path, f.Pkg.Pkg.Path) {
			problems = append(problems, component.Problem{Code: "internal-folder", Severity: component.Error, Span: world.Span(f.AST.Name),
				Message: "this package can't import " + to.Path + ", which is internal to another folder", Hint: "choose a folder that all users of the dependency can import: --to"})
		}
		problems = append(problems, redirect(world, f, w, to.Path)...)
		problems = append(problems, w.heldMisuse(world, f)...)
	}
	if len(problems) > 0 {
		return change.Set{}, component.Refuse(what, component.SortProblems(problems)...)
	}
	return world.Result(ctx, what, "wrap "+dep.Path()+" in "+to.Path, created, leftOut(world, dep.Path()))
}

// find returns a package that the module imports and doesn't declare, and the
// module's files that import it.
func find(world *code.World, target string) (dep *types.Package, users []*code.File, err error) {
	for _, p := range world.Packages {
		if p.Pkg.Path == target {
			return nil, nil, &component.UsageError{Object: target, Reason: "is a package of this module", Hint: "extract it: unweld extract ./" + p.Pkg.Dir}
		}
		for _, q := range p.Types.Imports() {
			if q.Path() == target && dep == nil {
				dep = q
			}
		}
	}
	for _, f := range world.Files {
		if slices.ContainsFunc(f.AST.Imports, func(s *ast.ImportSpec) bool { return pathOf(s) == target }) {
			users = append(users, f)
		}
	}
	if dep == nil || len(users) == 0 {
		return nil, nil, &component.UsageError{Object: target, Reason: "no file of the module imports it", Hint: "write the import path of a package that one imports"}
	}
	return dep, users, nil
}

// files returns the files of the wrapper, and of its inner package if it has one.
func (w *wrapper) files(dir string) (map[string][]byte, error) {
	var pointers, data *held
	for _, h := range w.heldNames() {
		if h.data {
			data = h
		} else {
			pointers = h
		}
	}
	switch {
	case data != nil && pointers != nil:
		return nil, &component.UsageError{Object: "--" + paramTypes, Reason: data.obj.Name() + " is data, and " + pointers.obj.Name() + " isn't", Hint: "name types of one kind: only those that aren't data are extracted themselves"}
	case data != nil:
		w.addInner()
	}
	content, err := w.write()
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{path.Join(dir, w.name+".go"): content}
	if w.inner != nil {
		if files[path.Join(dir, w.inner.name, w.inner.name+".go")], err = w.inner.file(); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// declaresFunctions reports whether a package has functions to call.
func declaresFunctions(dep *types.Package) bool {
	return slices.ContainsFunc(dep.Scope().Names(), func(name string) bool {
		fn, ok := dep.Scope().Lookup(name).(*types.Func)
		return ok && fn.Exported()
	})
}

// leftOut notes the files that this build leaves out and that import the dependency:
// they still fit, but call the original.
func leftOut(world *code.World, dep string) (notes []change.Note) {
	seen := map[string]bool{}
	for _, p := range world.Packages {
		for _, rel := range p.IgnoredFiles {
			content, _, err := world.Snapshot.Content(rel)
			if seen[rel] || err != nil {
				continue
			}
			seen[rel] = true
			file, err := parser.ParseFile(token.NewFileSet(), rel, content, parser.ImportsOnly)
			if err == nil && slices.ContainsFunc(file.Imports, func(s *ast.ImportSpec) bool { return pathOf(s) == dep }) {
				notes = append(notes, change.Note{Span: text.Span{File: rel, Line: 1, Col: 1}, Message: "this file, which this build leaves out, goes on to import " + dep})
			}
		}
	}
	return notes
}

func pathOf(s *ast.ImportSpec) string {
	p, err := strconv.Unquote(s.Path.Value)
	if err != nil {
		return ""
	}
	return p
}

// languageOf is the version of Go that the files are written in.
func languageOf(users []*code.File) string { return users[0].Pkg.Types.GoVersion() }

// redirect makes a file import the wrapper, and returns what it uses that the
// wrapper doesn't have.
func redirect(world *code.World, f *code.File, w *wrapper, to string) (problems []component.Problem) {
	seen := map[types.Object]bool{}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		obj := f.Pkg.Info.Uses[id]
		if obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != w.dep.Path() || obj.Parent() != obj.Pkg().Scope() || seen[obj] {
			return true
		}
		seen[obj] = true
		if why := w.missing[obj.Name()]; why != "" {
			problems = append(problems, component.Problem{Code: "not-in-wrapper", Severity: component.Error, Span: world.Span(id), Path: w.dep.Path() + "." + obj.Name(),
				Message: w.dep.Name() + "." + obj.Name() + " " + why, Hint: "move what uses it into a package that goes on to import " + w.dep.Path() + ", or into a function of one"})
		}
		return true
	})
	for _, s := range f.AST.Imports {
		if pathOf(s) == w.dep.Path() {
			f.Redirect(s, to)
		}
	}
	return problems
}
