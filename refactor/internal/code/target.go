package code

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
)

// FindFuncs returns the functions and methods that spec names, by position:
// ./pkg.F, ./pkg.{F,G} or ./pkg.Type.Method. A missing one is a
// *component.UsageError that names candidates.
func FindFuncs(w *World, spec string) ([]*types.Func, error) {
	dir, names, err := SplitTarget(spec)
	if err != nil {
		return nil, err
	}
	if names == nil {
		if i := strings.LastIndexByte(dir, '.'); i > strings.LastIndexByte(dir, '/') {
			dir, names = dir[:i], []string{dir[i+1:]}
		}
	}
	dir = strings.NewReplacer("(*", "", ")", "").Replace(dir)
	pkg, typ := FindPackage(w, dir)
	if pkg == nil {
		return nil, MissingPackage(w, spec, dir)
	}
	if len(names) == 0 {
		return nil, &component.UsageError{Object: spec, Reason: "names no function", Hint: "write " + spec + ".Func or " + spec + ".Type.Method"}
	}
	var out []*types.Func
	for _, name := range names {
		fn, err := findFunc(w, pkg, spec, typ, name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, fn) {
			out = append(out, fn)
		}
	}
	slices.SortFunc(out, func(a, b *types.Func) int { return cmp.Compare(a.Pos(), b.Pos()) })
	return out, nil
}

// findFunc looks a function up, or a method of the type of the given name.
func findFunc(w *World, pkg *source.Package, spec, typ, name string) (*types.Func, error) {
	scope := pkg.Types.Scope()
	if typ == "" {
		switch obj := scope.Lookup(name).(type) {
		case *types.Func:
			return obj, nil
		case *types.TypeName:
			return nil, &component.UsageError{Object: spec, Reason: name + " is a type", Hint: "name one of its methods: " + spec + ".Method"}
		case nil:
			return nil, NotDeclared(w, pkg, spec, "", name, scope.Names())
		}
		return nil, &component.UsageError{Object: spec, Reason: name + " is no function", Hint: "name a function or a method"}
	}
	tn, ok := scope.Lookup(typ).(*types.TypeName)
	if !ok {
		return nil, NotDeclared(w, pkg, spec, "type", typ, scope.Names())
	}
	obj, _, _ := types.LookupFieldOrMethod(tn.Type(), true, pkg.Types, name)
	fn, ok := obj.(*types.Func)
	if !ok {
		if file := declaredElsewhere(w, pkg, typ, name); file != "" {
			return nil, leftOut(spec, typ+"."+name, file)
		}
		return nil, &component.UsageError{Object: spec, Reason: typ + " has no method " + name, Hint: DidYouMean(name, methodNames(tn.Type()))}
	}
	if w.FileOf(fn.Origin()) == nil {
		return nil, &component.UsageError{Object: spec, Reason: name + " of " + typ + " is declared in another module", Hint: "name a method that this module declares"}
	}
	return fn.Origin(), nil
}

func methodNames(t types.Type) []string {
	if !types.IsInterface(t) {
		t = types.NewPointer(t)
	}
	var out []string
	set := types.NewMethodSet(t)
	for m := range set.Methods() {
		out = append(out, m.Obj().Name())
	}
	return out
}

// SplitTarget separates ./pkg.{F,G} into its parts. A single name after a dot
// can't be told from a directory without the packages loaded, so it stays.
func SplitTarget(spec string) (dir string, names []string, err error) {
	dir, list, ok := strings.Cut(rooted(spec), ".{")
	if !ok {
		return dir, nil, nil
	}
	if !strings.HasSuffix(list, "}") {
		return "", nil, &component.UsageError{Object: spec, Reason: "the list of functions has no closing brace", Hint: "write ./pkg.{F,G}, in quotes for the shell"}
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(list, "}"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "", nil, &component.UsageError{Object: spec, Reason: "the list of functions is empty", Hint: "write ./pkg.{F,G}"}
	}
	return dir, names, nil
}

// rooted spells the package of the working folder as a path: . is ./, .F is ./.F.
func rooted(spec string) string {
	switch after, ok := strings.CutPrefix(spec, "."); {
	case !ok || strings.HasPrefix(after, "/") || strings.HasPrefix(after, "."):
		return spec
	case after == "":
		return "./"
	}
	return "./" + spec
}

// FindPackage finds the package that spec names, alone or followed by ".Name".
func FindPackage(w *World, spec string) (*source.Package, string) {
	spec = rooted(spec)
	for _, p := range w.Packages {
		if p.ForTest == "" && matches(w, p, spec) {
			return p, ""
		}
	}
	i := strings.LastIndexByte(spec, '.')
	if i <= 0 || strings.Contains(spec[i:], "/") {
		return nil, ""
	}
	for _, p := range w.Packages {
		if p.ForTest == "" && matches(w, p, spec[:i]) {
			return p, spec[i+1:]
		}
	}
	return nil, ""
}

func matches(w *World, p *source.Package, spec string) bool {
	if spec == p.Pkg.Path {
		return true
	}
	if !strings.HasPrefix(spec, ".") {
		return false
	}
	return path.Join(w.Snapshot.Rel(w.Snapshot.Dir()), spec) == p.Pkg.Dir
}

// MissingPackage is the error for a target whose package the module doesn't
// have: it names the nearest ones.
func MissingPackage(w *World, spec, dir string) error {
	var known []string
	base := dir[strings.LastIndexByte(dir, '/')+1:]
	base, _, _ = strings.Cut(base, ".")
	for _, p := range w.Packages {
		if p.ForTest == "" {
			known = append(known, "./"+p.Pkg.Dir)
			if path.Base(p.Pkg.Dir) == base && base != "" {
				return &component.UsageError{Object: spec, Reason: "no such package in this module", Hint: "did you mean ./" + p.Pkg.Dir + "?"}
			}
		}
	}
	return &component.UsageError{Object: spec, Reason: "no such package in this module", Hint: DidYouMean(dir, known)}
}

// NotDeclared is the error for a target that names what its package doesn't declare: it
// names the file where another build or a test does, or else the nearest of the known
// names. kind is what it should be, such as "type"; empty is anything.
func NotDeclared(w *World, pkg *source.Package, spec, kind, name string, known []string) error {
	if file := declaredElsewhere(w, pkg, "", name); file != "" {
		return leftOut(spec, name, file)
	}
	for _, p := range w.Packages {
		if p.Pkg.Dir != pkg.Pkg.Dir || p.ForTest == "" {
			continue
		}
		if obj := p.Types.Scope().Lookup(name); obj != nil {
			return &component.UsageError{Object: spec, Reason: name + " is declared by a test", Hint: "name what the package itself declares"}
		}
	}
	if kind != "" {
		name = kind + " " + name
	}
	return &component.UsageError{Object: spec, Reason: fmt.Sprintf("package %s declares no %s", pkg.Pkg.Path, name), Hint: DidYouMean(strings.TrimPrefix(name, kind+" "), known)}
}

func leftOut(spec, name, file string) error {
	return &component.UsageError{Object: spec, Reason: name + " is declared in a file that this build leaves out: " + file, Hint: "do it where the file is built (GOOS, GOFLAGS=-tags=...)"}
}

// declaredElsewhere returns the file of the package that this build leaves out and that
// declares the name, as a method of typ where that isn't empty; "" if none does.
func declaredElsewhere(w *World, pkg *source.Package, typ, name string) string {
	for _, file := range pkg.IgnoredFiles {
		_, f := w.Snapshot.Syntax(file, 0)
		if f != nil && slices.ContainsFunc(f.Decls, func(d ast.Decl) bool { return declares(d, typ, name) }) {
			return file
		}
	}
	return ""
}

// declares reports whether a declaration declares the name, as a method of typ where that
// isn't empty.
func declares(d ast.Decl, typ, name string) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Name.Name == name && source.Receiver(d) == typ
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if typ == "" && spec.Name.Name == name {
					return true
				}
			case *ast.ValueSpec:
				if typ == "" && slices.ContainsFunc(spec.Names, func(id *ast.Ident) bool { return id.Name == name }) {
					return true
				}
			}
		}
	}
	return false
}

// DidYouMean names the candidates nearest to name.
func DidYouMean(name string, candidates []string) string {
	best, distance := []string{}, len(name)/2+1
	for _, c := range candidates {
		d := levenshtein(strings.ToLower(name), strings.ToLower(c))
		if d < distance {
			best, distance = best[:0], d
		}
		if d == distance {
			best = append(best, c)
		}
	}
	if len(best) == 0 {
		return "list the components with: unweld find"
	}
	slices.Sort(best)
	return "did you mean " + strings.Join(slices.Compact(best), " or ") + "?"
}

func levenshtein(a, b string) int {
	row := make([]int, len(b)+1)
	for i := range row {
		row[i] = i
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost = 1 + min(last, row[j], row[j+1])
			}
			last, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
