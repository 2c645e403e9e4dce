package source

import (
	"fmt"
	"go/ast"
	"slices"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/pack"
	"github.com/unweld/unweld/internal/text"
)

// keptCheck is what is kept on disk of the last check of a whole package, so that
// after an edit of function bodies another process checks these alone.
type keptCheck struct {
	Key            string // of the package, as Scan.Key has it
	Context, Inner string
	Names          string // see importNames
	Shape          shape
	Files          []keptFile
	Values         string // a packed map[string][]string: see valueUses
}

// keptFile is one file of a kept check.
type keptFile struct {
	Name    string // relative to the root
	Hash    change.Hash
	Outline string
	Imports []string // paths of what declarations may mention
	Holes   []int    // where function bodies begin and end, in turn
	Rest    string   // a packed keptRest, which is of interest when the file changes
}

type keptRest struct {
	Places    []text.Span // of all declarations
	Functions []keptFunction
}

type keptFunction struct {
	Name string // see initName
	Key  string // of its text
	Uses []string
}

// minKeptBodies is how many bytes of function bodies a package has at least of
// which a check is kept: the whole of a smaller one is checked as soon as that
// would be read.
const minKeptBodies = 8 << 10

// checkName is what the last check of the package is found by.
func (u *unit) checkName() string {
	return fmt.Sprintf("check of %s under %s", u.meta.ID, u.world.list.build.identity)
}

// importNames identifies the names of the packages that this one imports.
func (u *unit) importNames() string {
	var lines []string
	for _, path := range sortedKeys(u.meta.imports) {
		lines = append(lines, path+" "+u.meta.imports[path].Name)
	}
	return hashLines(lines)
}

// keepOnDisk keeps a check in which nothing was wrong, if the package is large,
// and reports whether it did.
func (c *checking) keepOnDisk(q *Package) bool {
	u := c.unit
	work := u.world.snap.work
	size := 0
	for _, p := range c.files {
		for _, f := range p.funcs {
			size += f.body.End - f.body.Start
		}
	}
	if work.store == nil || size < minKeptBodies || len(q.Problems) > 0 || q.failed || q.Stale || q.Unsaved || c.outline == "" || u.meta.usesC() {
		return false
	}
	k := &keptCheck{Key: u.world.key(u.meta), Context: c.context, Inner: c.inner, Names: u.importNames(), Shape: *u.shape()}
	for i, p := range c.files {
		f, ok := c.keptFile(p, c.bodies[i])
		if !ok {
			return false
		}
		k.Files = append(k.Files, f)
	}
	values, err := pack.Marshal(valueUses(q))
	if err != nil {
		return false
	}
	k.Values = string(values)
	work.store.Write(u.checkName(), k)
	return true
}

func (c *checking) keptFile(p *parsed, bodies []*Body) (keptFile, bool) {
	rest := keptRest{Places: p.decls}
	f := keptFile{Name: c.unit.world.snap.Rel(p.abs), Hash: p.hash, Outline: p.outline, Imports: p.declImports(c.unit.nameOf)}
	for i, fn := range p.funcs {
		if fn.key == "" {
			return f, false
		}
		rest.Functions = append(rest.Functions, keptFunction{initName(bodies[i].Decl), fn.key, bodies[i].Uses})
		if fn.body.End > fn.body.Start {
			f.Holes = append(f.Holes, fn.body.Start, fn.body.End)
		}
	}
	packed, err := pack.Marshal(rest)
	f.Rest = string(packed)
	return f, err == nil
}

// declImports lists the imports that the declarations of a file may mention, without
// function bodies. named tells the package name of an import path.
func (p *parsed) declImports(named func(path string) string) []string {
	mentioned := map[string]bool{}
	for _, d := range p.tokens.decls {
		for _, name := range d.mentions {
			mentioned[name] = true
		}
	}
	var paths []string
	for _, spec := range p.file.Imports {
		if name := localName(spec, named); name == "." || mentioned[name] {
			paths = append(paths, ImportPath(spec))
		}
	}
	return paths
}

// localName is what a file calls a package that it imports.
func localName(spec *ast.ImportSpec, named func(path string) string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	return named(ImportPath(spec))
}

// mayCycle reports whether, with what the edited functions use now beside what
// they used, the initialization of a variable may lead back to it.
func (e *edited) mayCycle(edit Edit) bool {
	uses := map[string][]string{}
	for _, b := range edit.Bodies {
		if !slices.Equal(b.before, b.Uses) {
			name := initName(b.Decl)
			uses[name] = append(uses[name], b.Uses...)
		}
	}
	if len(uses) == 0 {
		return false
	}
	var values map[string][]string
	if pack.Unmarshal([]byte(e.kept.Values), &values) != nil {
		return true
	}
	for name, used := range values {
		uses[name] = append(uses[name], used...)
	}
	for _, f := range e.kept.Files {
		rest := new(keptRest)
		if pack.Unmarshal([]byte(f.Rest), rest) != nil {
			return true
		}
		for _, fn := range rest.Functions {
			uses[fn.Name] = append(uses[fn.Name], fn.Uses...)
		}
	}
	return cyclic(values, uses)
}
