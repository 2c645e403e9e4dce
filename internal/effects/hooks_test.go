package effects

import (
	"bytes"
	"flag"
	"fmt"
	"go/types"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"
)

var update = flag.Bool("update", false, "write hooks.txt")

// TestHooks makes the table of hooks anew from the source of the standard
// library.
func TestHooks(t *testing.T) {
	version, _, _ := strings.Cut(hookTable, "\n")
	if !*update && version != "# "+runtime.Version() {
		t.Skipf("the table was made with %s, this is %s; write it again with: go test ./internal/effects -run TestHooks -update", version, runtime.Version())
	}
	if testing.Short() && !*update {
		t.Skip("it analyses the standard library")
	}
	got := standardHooks(t)
	if *update {
		if err := os.WriteFile("hooks.txt", got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(got, []byte(hookTable)) {
		t.Error("hooks.txt isn't what the standard library does; write it again with: go test ./internal/effects -run TestHooks -update")
	}
}

// standardHooks lists, for each method that the standard library calls on
// values that it is given, the functions which do so.
func standardHooks(t *testing.T) []byte {
	var paths []string
	for name, m := range models() {
		if m.world || strings.Contains(name, ".**") {
			continue // whatever it is given may be called
		}
		path := name[:strings.LastIndexByte(name, '/')+1]
		rest, _, _ := strings.Cut(name[len(path):], ".")
		if path += rest; path != "" && !strings.Contains(path, ".") {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Env: append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")}, slices.Compact(paths)...)
	if err != nil {
		t.Fatal(err)
	}
	prog, roots := ssautil.AllPackages(pkgs, 0)
	prog.Build()
	s := &scan{prog: prog, seen: map[*ssa.Function]*found{}, behind: map[string][]types.Type{}, pointers: map[*types.Named]types.Type{}}
	hooks := map[string][]string{}
	for _, pkg := range roots {
		if pkg == nil {
			t.Fatal("a package of the table doesn't load")
		}
		for _, fn := range exportedFunctions(prog, pkg) {
			for _, h := range s.hooks(fn) {
				hooks[h] = append(hooks[h], modelKey(fn.Object().(*types.Func)))
			}
		}
	}
	return formatHooks(hooks)
}

func formatHooks(hooks map[string][]string) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, "# %s\n", runtime.Version())
	for _, h := range sortedKeys(hooks) {
		fmt.Fprintf(&out, "%s\n", h)
		byPath := map[string][]string{}
		for _, key := range hooks[h] {
			slash := strings.LastIndexByte(key, '/') + 1
			path, name, _ := strings.Cut(key[slash:], ".")
			byPath[key[:slash]+path] = append(byPath[key[:slash]+path], name)
		}
		for _, path := range sortedKeys(byPath) {
			names := byPath[path]
			slices.Sort(names)
			fmt.Fprintf(&out, "\t%s %s\n", path, strings.Join(slices.Compact(names), " "))
		}
	}
	return out.Bytes()
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// exportedFunctions lists the functions and methods that other code can call by
// name, where they take anything that could lead to its methods or functions.
func exportedFunctions(prog *ssa.Program, pkg *ssa.Package) []*ssa.Function {
	var out []*ssa.Function
	add := func(fn *ssa.Function) {
		if fn == nil || fn.Object() == nil || !fn.Object().Exported() {
			return
		}
		if m := modelOf(fn.Object().(*types.Func)); !m.known || m.world {
			return
		}
		for _, p := range fn.Params {
			if opens(p.Type(), func(string) bool { return false }) {
				out = append(out, fn)
				return
			}
		}
	}
	for _, m := range pkg.Members {
		switch m := m.(type) {
		case *ssa.Function:
			add(m)
		case *ssa.Type:
			if named, ok := types.Unalias(m.Type()).(*types.Named); ok && !types.IsInterface(named) {
				for method := range named.Methods() {
					add(prog.FuncValue(method))
				}
			}
		}
	}
	return out
}

// A scan looks for what functions of the standard library call without knowing
// it.
type scan struct {
	prog *ssa.Program
	seen map[*ssa.Function]*found

	behind   map[string][]types.Type
	pointers map[*types.Named]types.Type
}

// found is what one function does by itself.
type found struct {
	hooks []string        // methods that it calls on values of interfaces, and function values
	names []string        // of those methods, also where no other code can have them
	calls []*ssa.Function // or uses otherwise
	types []types.Type    // that it converts to interfaces
}

// hooks follows fn: what it calls by name, functions that it uses as values, and
// the methods of types that it converts to an interface. Where it returns an
// interface, the methods of what is behind it count as its own.
func (s *scan) hooks(fn *ssa.Function) []string {
	hooks, names := map[string]bool{}, map[string]bool{}
	reached, made := map[*ssa.Function]bool{}, map[types.Type]bool{}
	todo := []*ssa.Function{fn}
	result := types.NewInterfaceType(nil, nil)
	if sig := fn.Signature.Results(); sig.Len() > 0 && types.IsInterface(sig.At(0).Type()) && sig.At(0).Type().String() != "error" {
		result, _ = sig.At(0).Type().Underlying().(*types.Interface)
	}
	method := func(t types.Type, name string) {
		if sel := types.NewMethodSet(t).Lookup(nil, name); sel != nil {
			if m := s.prog.MethodValue(sel); m != nil {
				todo = append(todo, m)
			}
		}
	}
	for len(todo) > 0 {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[next] {
			continue
		}
		reached[next] = true
		f := s.look(next)
		todo = append(todo, f.calls...)
		for _, h := range f.hooks {
			hooks[h] = true
		}
		for _, name := range f.names {
			if !names[name] {
				names[name] = true
				for t := range made {
					method(t, name)
				}
			}
		}
		for _, t := range f.types {
			if !made[t] {
				made[t] = true
				if result.NumMethods() > 0 && types.Implements(t, result) {
					for sel := range types.NewMethodSet(t).Methods() {
						method(t, sel.Obj().Name()) // who gets it calls them
					}
				}
				for name := range names {
					method(t, name)
				}
			}
		}
	}
	return sortedKeys(hooks)
}

func (s *scan) look(fn *ssa.Function) *found {
	if f := s.seen[fn]; f != nil {
		return f
	}
	f := &found{}
	s.seen[fn] = f
	switch fn.String() {
	case "(reflect.Value).Call", "(reflect.Value).CallSlice":
		f.hooks = append(f.hooks, anyMethod)
	}
	if pkg := fn.Pkg; pkg != nil && (pkg.Pkg.Path() == "runtime" || strings.HasPrefix(pkg.Pkg.Path(), "internal/runtime/")) {
		return f // it calls what it was given by the compiler
	}
	for _, block := range fn.Blocks {
		for _, instr := range block.Instrs {
			s.instruction(f, instr)
		}
	}
	return f
}

func (s *scan) instruction(f *found, instr ssa.Instruction) {
	if m, ok := instr.(*ssa.MakeInterface); ok {
		f.types = append(f.types, m.X.Type())
	}
	for _, op := range instr.Operands(nil) {
		if fn, ok := (*op).(*ssa.Function); ok {
			f.calls = append(f.calls, fn)
		}
	}
	call, ok := instr.(ssa.CallInstruction)
	if !ok {
		return
	}
	common := call.Common()
	if common.IsInvoke() {
		m := common.Method
		f.names = append(f.names, m.Name())
		f.types = append(f.types, s.implementers(call.Parent(), common.Value.Type())...)
		if m.Exported() && implementable(common.Value.Type()) {
			f.hooks = append(f.hooks, methodHook(m))
		}
		return
	}
	switch common.Value.(type) {
	case *ssa.Function, *ssa.MakeClosure, *ssa.Builtin, *ssa.FreeVar:
	default:
		if hook := signatureHook(common.Signature()); outsiders.MatchString(hook) {
			f.hooks = append(f.hooks, hook)
		}
	}
}

// outsiders matches signatures that functions of other code can have: without
// type parameters, and without types that their package keeps to itself.
var outsiders = regexp.MustCompile(`^(?:[a-z0-9/]+\.[A-Z]\w*|[a-z0-9]{2,}|[^\w./])*$`)

// implementers lists the types of a function's package that have the methods of
// an interface: a value of one may have been put into a package variable.
func (s *scan) implementers(fn *ssa.Function, t types.Type) []types.Type {
	iface, ok := t.Underlying().(*types.Interface)
	if !ok || fn.Pkg == nil || iface.NumMethods() == 0 {
		return nil
	}
	key := fn.Pkg.Pkg.Path() + " " + types.TypeString(t, nil)
	if out, ok := s.behind[key]; ok {
		return out
	}
	var out []types.Type
	for _, m := range fn.Pkg.Members {
		typ, ok := m.(*ssa.Type)
		if !ok || types.IsInterface(typ.Type()) {
			continue
		}
		if named, ok := typ.Type().(*types.Named); ok && named.TypeParams() == nil && types.Implements(s.pointer(named), iface) {
			out = append(out, s.pointer(named))
		}
	}
	s.behind[key] = out
	return out
}

// pointer makes the pointer to a type once, so that it is one key.
func (s *scan) pointer(named *types.Named) types.Type {
	p := s.pointers[named]
	if p == nil {
		p = types.NewPointer(named)
		s.pointers[named] = p
	}
	return p
}

// implementable reports whether a type of other code can be behind an interface:
// it has no method of another package's own.
func implementable(t types.Type) bool {
	iface, ok := t.Underlying().(*types.Interface)
	if !ok {
		return true
	}
	for m := range iface.Methods() {
		if !m.Exported() {
			return false
		}
	}
	return true
}
