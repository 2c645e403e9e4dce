package conformance

import (
	"bytes"
	"context"
	"go/types"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/bindings"
	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/bindings/rt"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/contract/comments"
	"github.com/unweld/unweld/internal/crossing/argument"
	"github.com/unweld/unweld/internal/crossing/behind"
	"github.com/unweld/unweld/internal/crossing/typeref"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/schema"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/splittest"
)

const module = "example.com/conform"

// A scratch is the module of one case, bound and compiled.
type scratch struct {
	t         *testing.T
	dir       string
	settings  map[string]string
	want      string
	component string
	target    component.Package
	lock      *schema.Lock
	request   *generate.Request
	generated map[string][]byte // by path

	bindings []*bindings.Binding // that code is generated for
	options  map[string]map[string]string
	carriers component.Carriers
	modes    string // the file of that name
}

// bind writes the case's module with the code of every binding.
func bind(t *testing.T, file string) *scratch {
	t.Helper()
	s := open(t, file)
	s.generate()
	return s
}

// built are the programs of cases, which several tests run and none changes.
var built struct {
	sync.Mutex
	dir      string
	programs map[string]builtProgram // by case
}

type builtProgram struct {
	scratch scratch
	path    string
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// program returns the program of a case, bound by every binding, which is built once.
func program(t *testing.T, file string) (*scratch, string) {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	if _, ok := built.programs[file]; !ok {
		if built.dir == "" {
			dir, err := os.MkdirTemp("", "conform")
			if err != nil {
				t.Fatal(err)
			}
			built.dir, built.programs = dir, map[string]builtProgram{}
		}
		s := openIn(t, file, filepath.Join(built.dir, strings.TrimSuffix(filepath.Base(file), ".txtar")))
		s.generate()
		path := s.build("program")
		built.programs[file] = builtProgram{*s, path}
	}
	found := built.programs[file]
	found.scratch.t = t
	return &found.scratch, found.path
}

// open writes the case's module.
func open(t *testing.T, file string) *scratch {
	t.Helper()
	return openIn(t, file, t.TempDir())
}

func openIn(t *testing.T, file, dir string) *scratch {
	t.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	s := &scratch{t: t, dir: dir, settings: map[string]string{}, bindings: allbindings.Bindings}
	for line := range strings.Lines(string(ar.Comment)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			s.settings[key] = value
		}
	}
	for _, f := range ar.Files {
		switch f.Name {
		case "want":
			s.want = string(f.Data)
		case "modes":
			s.modes = string(f.Data)
		default:
			s.write(f.Name, f.Data)
		}
	}
	s.goMod()
	s.carried(strings.TrimSuffix(filepath.Base(file), ".txtar"))
	return s
}

// carried leaves the bindings that carry the mode that a case is named after, if it
// is.
func (s *scratch) carried(name string) {
	mode, _, _ := strings.Cut(name, "-")
	if !slices.Contains(component.Carried, component.Mode(mode)) {
		return
	}
	var chosen []string
	s.bindings = slices.DeleteFunc(slices.Clone(s.bindings), func(b *bindings.Binding) bool {
		drop := !slices.Contains(b.Traits.Modes(), component.Mode(mode))
		if !drop {
			chosen = append(chosen, b.Name)
		}
		return drop
	})
	s.carriers = bindings.Carriers(allbindings.Bindings, chosen)
}

// reached lists the schemes of the case's bindings that lead to another process.
func (s *scratch) reached(t *testing.T) []string {
	return slices.DeleteFunc(remote(t), func(name string) bool {
		return !slices.ContainsFunc(s.bindings, func(b *bindings.Binding) bool {
			return slices.ContainsFunc(b.Schemes, func(x split.Scheme) bool { return x.Name == name })
		})
	})
}

func (s *scratch) write(name string, content []byte) {
	s.t.Helper()
	name = filepath.Join(s.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o666); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scratch) read(name string) []byte {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, filepath.FromSlash(name)))
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// goMod gives the module what this repository requires, so that nothing has
// to be downloaded.
func (s *scratch) goMod() {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		s.t.Fatal(err)
	}
	sum, err := os.ReadFile("../../go.sum")
	if err != nil {
		s.t.Fatal(err)
	}
	s.write("go.mod", bytes.Replace(mod, []byte("module github.com/unweld/unweld"), []byte("module "+module), 1))
	s.write("go.sum", sum)
}

// generate binds the contract, with the numbers of the last time if it was bound before.
func (s *scratch) generate() {
	s.t.Helper()
	pkg, name, _ := strings.Cut(s.settings["contract"], ".")
	s.component = path.Base(pkg)
	req := &generate.Request{Module: module, Runtime: module + "/internal/unweld"}
	// The component may use the run-time's metadata, so that is there first.
	s.request = req
	s.runtime(req, rt.Packages)
	req.Contract = s.contract(pkg, name)
	req.Package = codegen.Target(req.Contract)
	req.Store = s.settings["store"] != ""
	s.target = req.Package
	problems := codegen.Prepare(req, s.bindings, s.lock)
	if req.Schema == nil {
		s.t.Fatalf("generate: %v", problems)
	}
	out, err := codegen.Generate(context.Background(), req, s.bindings, s.options)
	if err != nil {
		s.t.Fatal(err)
	}
	s.lock = req.Schema.Lock
	s.generated = map[string][]byte{}
	for _, f := range out.Files {
		s.write(f.Path, f.Content)
		s.generated[f.Path] = f.Content
	}
	s.runtime(req, runtimePackages())
	if v := s.settings["var"]; v != "" {
		root := pkg + "/" + s.component + ".go"
		before, after := "var "+v+" Service = local{}", "var "+v+" Service = "+codegen.OpenName(req.Contract)+"(local{})"
		s.write(root, bytes.Replace(s.read(root), []byte(before), []byte(after), 1))
	}
}

func runtimePackages() []generate.Package {
	packages := append(slices.Concat(rt.Packages, rt.ForTransports), rt.Handles, rt.Telemetry, rt.Messages)
	for _, b := range allbindings.Bindings {
		packages = append(packages, b.Runtime...)
	}
	return packages
}

// runtime copies what the module's files use of the run-time.
func (s *scratch) runtime(req *generate.Request, packages []generate.Package) {
	s.t.Helper()
	users := map[string][]byte{}
	if err := os.RemoveAll(filepath.Join(s.dir, "internal", "unweld")); err != nil {
		s.t.Fatal(err)
	}
	for _, pattern := range []string{"*.go", "*/*.go", "*/*/*.go"} {
		names, err := filepath.Glob(filepath.Join(s.dir, pattern))
		if err != nil {
			s.t.Fatal(err)
		}
		for _, name := range names {
			content, err := os.ReadFile(name)
			if err != nil {
				s.t.Fatal(err)
			}
			users[name] = content
		}
	}
	files, err := codegen.Runtime(req, packages, users)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range files {
		s.write(f.Path, f.Content)
	}
}

func (s *scratch) contract(pkg, name string) *component.Contract {
	s.t.Helper()
	snap, err := source.Open(s.t.Context(), source.Options{Dir: s.dir})
	if err != nil {
		s.t.Fatal(err)
	}
	pkgs, err := snap.Load(s.t.Context(), source.LoadOptions{}, "./"+pkg)
	if err != nil || len(pkgs) != 1 || pkgs[0].IllTyped() {
		s.t.Fatalf("load %s: %v %v", pkg, err, pkgs)
	}
	flow, resolver := s.flow(snap, pkgs[0])
	asked := func(fn *types.Func, i int) bool {
		return slices.Contains(strings.Fields(s.settings["inout"]), fn.Name()+"."+argument.ParameterName(fn, i))
	}
	docs := comments.New(comments.Source{Fset: pkgs[0].Fset, Syntax: pkgs[0].Syntax})
	named := pkgs[0].Types.Scope().Lookup(name).Type().(*types.Named)
	return contract.Build(named, contract.Options{
		Module: module, Errors: s.errors(pkgs[0].Types), Component: s.component, Form: component.Form(s.settings["form"]), Var: s.settings["var"], Carriers: s.carriers, Flow: flow, Resolver: resolver,
		Dir:   func(p string) string { return strings.TrimPrefix(strings.TrimPrefix(p, module), "/") },
		InOut: func(fn *types.Func, i int, _ bool) bool { return asked(fn, i) },
		Changed: func(fn *types.Func) (changed []argument.Mutation) {
			for i := range fn.Signature().Params().Len() {
				if asked(fn, i) {
					changed = append(changed, argument.Mutation{Place: argument.Place{Param: i}, Name: argument.ParameterName(fn, i), Certain: true})
				}
			}
			return changed
		},
		Comments:   docs,
		Directives: func(fn *types.Func) []string { return contract.Directives(docs.Comment(fn)) },
		Effect: func(method string) (component.Effect, bool) {
			if slices.Contains(strings.Fields(s.settings["reads"]), method) {
				return component.EffectReads, true
			}
			return component.EffectWrites, !slices.Contains(strings.Fields(s.settings["local"]), method)
		},
	})
}

// errors are those that the program checks for and that other packages than the
// component's declare; its imports are where they are found.
func (s *scratch) errors(home *types.Package) (found []types.Object) {
	for _, name := range strings.Fields(s.settings["errors"]) {
		dot := strings.LastIndexByte(name, '.')
		i := slices.IndexFunc(home.Imports(), func(p *types.Package) bool { return p.Path() == name[:dot] })
		if i < 0 {
			s.t.Fatalf("the component doesn't import the package of %s", name)
		}
		found = append(found, home.Imports()[i].Scope().Lookup(name[dot+1:]))
	}
	return found
}

// flow follows the values of the whole program, in cases about modes and those that
// ask for it.
func (s *scratch) flow(snap *source.Snapshot, home *source.Package) (func() *behind.Flow, *typeref.Resolver) {
	if s.modes == "" && s.settings["flow"] == "" {
		return nil, nil
	}
	return func() *behind.Flow {
		whole, err := snap.Load(s.t.Context(), source.LoadOptions{}, "./...") // as far as it type-checks without generated code
		if err != nil {
			s.t.Fatal(err)
		}
		flow, err := behind.Of(s.t.Context(), whole, behind.Options{Module: module, Span: snap.Span, Fset: home.Fset})
		if err != nil {
			s.t.Fatal(err)
		}
		return flow
	}, typeref.NewResolver([]*types.Package{home.Types})
}

// live compiles the program as one that can be commanded while it runs.
func (s *scratch) live(name string) string {
	s.t.Helper()
	files, err := codegen.Overlay(s.request, runtimePackages(), s.generated, codegen.LiveBuild)
	if err != nil {
		s.t.Fatal(err)
	}
	overlay := splittest.Overlay{Dir: s.dir, Folder: s.t.TempDir(), Files: map[string][]byte{}}
	for _, f := range files {
		overlay.Files[filepath.Join(s.dir, filepath.FromSlash(f.Path))] = f.Content
	}
	flags, err := overlay.Flags(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.build(name, flags...)
}

// build compiles the program, as the go command does alone if there are no flags, but
// for what debuggers read.
func (s *scratch) build(name string, flags ...string) string {
	s.t.Helper()
	out := filepath.Join(s.dir, name)
	cmd := exec.Command("go", slices.Concat([]string{"build", "-mod=mod", "-ldflags=-w", "-o", out}, flags, []string{"."})...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if text, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("go build: %v\n%s", err, text)
	}
	return out
}

var fingerprint = regexp.MustCompile(`(?m)^\tFingerprint: .*$`)

// openFile is the generated file with the contract.
func (s *scratch) openFile() string {
	if s.settings["form"] == "funcs" {
		return s.target.Dir + "/zz_unweld_open.go"
	}
	return s.target.Dir + "/open.go"
}
