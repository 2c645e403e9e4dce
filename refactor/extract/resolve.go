package extract

import (
	"cmp"
	"fmt"
	"go/types"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A target is what to extract: a type, or functions of a package.
type target struct {
	pkg   *source.Package
	typ   *types.Named  // nil for functions
	funcs []*types.Func // of a package of functions, sorted by position
	named bool          // the functions were listed
}

// resolve finds the target. A missing or ambiguous one is a UsageError that
// names candidates.
func resolve(w *code.World, spec string) (*target, error) {
	dir, names, err := splitTarget(spec)
	if err != nil {
		return nil, err
	}
	pkg, rest := findPackage(w, dir)
	if pkg == nil {
		return nil, missingPackage(w, spec, dir)
	}
	if rest != "" {
		names = []string{rest}
	}
	if pkg.Pkg.Name == "main" {
		return nil, &component.UsageError{Object: spec, Reason: "a main package can't be a component", Hint: "move what should be extracted to a package of its own"}
	}
	t := &target{pkg: pkg}
	if len(names) == 0 {
		t.funcs = exportedFuncs(w, pkg)
		if len(t.funcs) == 0 {
			return nil, noFunctions(spec, pkg)
		}
		return t, nil
	}
	return t, t.lookup(w, spec, names)
}

// splitTarget separates ./pkg.{F,G} into its parts. A single name after a dot
// can't be told from a directory without the packages at hand, so it stays.
func splitTarget(spec string) (dir string, names []string, err error) {
	dir, list, ok := strings.Cut(spec, ".{")
	if !ok {
		return spec, nil, nil
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

// findPackage finds the package that spec names, alone or followed by ".Name".
func findPackage(w *code.World, spec string) (*source.Package, string) {
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

func matches(w *code.World, p *source.Package, spec string) bool {
	if spec == p.Pkg.Path {
		return true
	}
	if !strings.HasPrefix(spec, ".") {
		return false
	}
	return path.Join(w.Snapshot.Rel(w.Snapshot.Dir()), spec) == p.Pkg.Dir
}

// lookup finds the type or functions of the given names.
func (t *target) lookup(w *code.World, spec string, names []string) error {
	scope := t.pkg.Types.Scope()
	for _, name := range names {
		switch obj := scope.Lookup(name).(type) {
		case *types.TypeName:
			named, ok := obj.Type().(*types.Named)
			if len(names) > 1 || !ok || obj.IsAlias() {
				return &component.UsageError{Object: spec, Reason: name + " is a type; a list may hold functions only", Hint: "extract one type at a time"}
			}
			if types.IsInterface(named) {
				return &component.UsageError{Object: spec, Reason: name + " is an interface already", Hint: "name the type that implements it, or bind it as it is"}
			}
			t.typ = named
		case *types.Func:
			t.funcs = append(t.funcs, obj)
		case nil:
			return &component.UsageError{Object: spec, Reason: fmt.Sprintf("package %s declares no %s", t.pkg.Pkg.Path, name), Hint: didYouMean(name, scope.Names())}
		default:
			return &component.UsageError{Object: spec, Reason: name + " is neither a type nor a function", Hint: "name a type or a function"}
		}
	}
	t.named = len(t.funcs) > 0
	sortFuncs(t.funcs)
	return nil
}

func sortFuncs(fs []*types.Func) {
	slices.SortFunc(fs, func(a, b *types.Func) int { return cmp.Compare(a.Pos(), b.Pos()) })
}

// exportedFuncs returns the exported functions of p outside test files.
func exportedFuncs(w *code.World, p *source.Package) []*types.Func {
	var out []*types.Func
	for _, name := range p.Types.Scope().Names() {
		if fn, ok := p.Types.Scope().Lookup(name).(*types.Func); ok && fn.Exported() && w.Decl(fn) != nil {
			out = append(out, fn)
		}
	}
	sortFuncs(out)
	return out
}

func noFunctions(spec string, p *source.Package) error {
	var candidates []string
	for _, name := range p.Types.Scope().Names() {
		if tn, ok := p.Types.Scope().Lookup(name).(*types.TypeName); ok && tn.Exported() && !types.IsInterface(tn.Type()) {
			candidates = append(candidates, spec+"."+name)
		}
	}
	hint := "name another package"
	if len(candidates) > 0 {
		hint = "name one of its types: " + strings.Join(candidates[:min(len(candidates), 5)], ", ")
	}
	return &component.UsageError{Object: spec, Reason: "the package has no exported functions", Hint: hint}
}

func missingPackage(w *code.World, spec, dir string) error {
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
	return &component.UsageError{Object: spec, Reason: "no such package in this module", Hint: didYouMean(dir, known)}
}

// didYouMean names the candidates nearest to name.
func didYouMean(name string, candidates []string) string {
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
		return "list what there is with: unweld find"
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
