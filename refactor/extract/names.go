package extract

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// generatedImports are the names of the packages that the files which are written import,
// whatever the types in them: no declaration of the package can have one.
var generatedImports = []string{"context", "fmt", "rand", "runtime", "sync"}

// taken reports whether a name is in use in the target's package, its test
// files included.
func (j *job) taken(name string) bool {
	if j.named[name] {
		return true
	}
	for _, p := range j.world.Packages {
		if p.Pkg.Path == j.target.pkg.Pkg.Path && p.Types.Scope().Lookup(name) != nil {
			return true
		}
	}
	for _, f := range j.files() {
		for _, s := range f.AST.Imports {
			if s.Name != nil && s.Name.Name == name || s.Name == nil && importBase(s) == name {
				return true
			}
		}
	}
	if slices.ContainsFunc(j.target.pkg.Types.Imports(), func(p *types.Package) bool { return p.Name() == name }) || slices.Contains(generatedImports, name) {
		return true
	}
	return token.IsKeyword(name) || types.Universe.Lookup(name) != nil || j.world.IgnoredName(j.target.pkg.Types, name) != ""
}

func importBase(s *ast.ImportSpec) string {
	p, _ := strconv.Unquote(s.Path.Value)
	return path.Base(p)
}

// files returns the files of the target's package, in-package tests included.
func (j *job) files() []*code.File {
	var out []*code.File
	for _, f := range j.world.Files {
		if f.Pkg.Pkg.Path == j.target.pkg.Pkg.Path {
			out = append(out, f)
		}
	}
	return out
}

// freeName returns the first of the candidates that is free, or one with a number.
func (j *job) freeName(candidates ...string) string {
	for _, c := range candidates {
		if !j.taken(c) {
			return c
		}
	}
	last := candidates[len(candidates)-1]
	for i := 2; ; i++ {
		if c := last + strconv.Itoa(i); !j.taken(c) {
			return c
		}
	}
}

// checkContract refuses a name of the interface that the package has for something
// else, and one where no interface is written.
func (j *job) checkContract() error {
	name := j.req.Text(paramContract)
	if name == "" {
		return nil
	}
	if step := j.req.Text(paramStep); step != "" && step != stepBoundary {
		return &component.UsageError{Object: "--" + paramContract, Reason: "with --step " + step + " no interface is written", Hint: "leave it out: the contract that is there changes"}
	}
	if !token.IsExported(name) {
		return &component.UsageError{Object: "--" + paramContract, Reason: name + " isn't exported, so no other package could hold it", Hint: "for example: --contract " + naming.Exported(name)}
	}
	if j.taken(name) {
		problem := problem("name-taken", j.world.SpanAt(j.target.pkg.Syntax[0].Name.Pos(), token.NoPos), j.target.pkg.Pkg.Name+" has another meaning for "+name, "give the interface another name")
		if obj := j.target.pkg.Types.Scope().Lookup(name); obj != nil {
			problem.Span = j.world.SpanAt(obj.Pos(), 0)
		}
		return j.refuse(problem)
	}
	return nil
}

// contractName is the name of a new interface: the one that was asked for, one that
// says what the type is, or the first of some others that is free.
func (j *job) contractName(endpoints []*endpoint, others ...string) string {
	if name := j.req.Text(paramContract); name != "" {
		return name
	}
	s := naming.Subject{Type: j.target.typ.Obj().Name(), Package: j.target.pkg.Pkg.Name, Fallback: others}
	for _, e := range endpoints {
		s.Methods = append(s.Methods, e.name)
	}
	return j.freeName(naming.Contract(s)...)
}

// serviceName is the name of the interface of functions, or of a table of values: one
// that says what its methods do, where they all do the like.
func (j *job) serviceName(endpoints []*endpoint) string {
	if name := j.req.Text(paramContract); name != "" {
		return name
	}
	if len(endpoints) == 0 {
		return j.freeName("Service", naming.Exported(j.name())+"Service")
	}
	s := naming.Subject{Package: j.target.pkg.Pkg.Name, Fallback: []string{"Service", naming.Exported(j.name()) + "Service"}}
	for _, e := range endpoints {
		s.Methods = append(s.Methods, e.name)
	}
	return j.freeName(naming.Contract(s)...)
}

// file returns the path of a new file in the target's package.
func (j *job) file(base string) string {
	dir := j.target.pkg.Pkg.Dir
	for _, name := range []string{base, j.target.pkg.Pkg.Name + "_" + base, j.target.pkg.Pkg.Name + "_" + j.name() + "_" + base} {
		rel := path.Join(dir, name)
		if _, _, err := j.world.Snapshot.Content(rel); err != nil && j.created[rel] == nil {
			return rel
		}
	}
	return path.Join(dir, "unweld_"+base)
}
