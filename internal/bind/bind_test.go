package bind

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/stores"
)

const shop = `
-- go.mod --
module example.com/shop

go 1.26
-- unweld.yaml --
# written by hand
version: 1
-- pricing/pricing.go --
package pricing

import "context"

type Service interface {
	Price(ctx context.Context, sku string) (int, error)
}

func New() Service { return prices{"tea": 3} }

type prices map[string]int

func (p prices) Price(_ context.Context, sku string) (int, error) { return p[sku], nil }
-- cmd/shop/main.go --
package main

import (
	"context"

	"example.com/shop/pricing"
)

func main() {
	ctx := context.Background()
	prices := pricing.New()
	if _, err := prices.Price(ctx, "tea"); err != nil {
		panic(err)
	}
}
`

// pipe is a binding and vault a store that no table of the product has.
var (
	pipe = &bindings.Binding{Name: "pipe", Traits: bindings.Traits{Unary: true},
		Options: []generate.Option{{Name: "width", Default: "1"}},
		Schemes: []split.Scheme{{Name: "pipe", CrossesUnits: true}},
		Check:   bindings.CheckCrossing("pipe"),
		Generate: func(_ context.Context, r *generate.Request) (*generate.Output, error) {
			name := r.Package.Dir + "/pipe.go"
			return &generate.Output{Files: []generate.File{{Path: name, Content: []byte("package " + r.Package.Name + "\n\nconst pipeWidth = " + r.Options["width"] + "\n")}}}, nil
		}}
	vault = &stores.Store{Name: "vault", Check: func(*component.Contract) []component.Problem { return nil },
		Generate: func(_ context.Context, r *generate.Request) (*generate.Output, error) {
			text := "package " + r.Package.Name + `

import (
	"context"

	"example.com/shop/pricing"
)

func openStore(_ context.Context, _ string, impl pricing.Service) (pricing.Service, error) { return impl, nil }
`
			return &generate.Output{Files: []generate.File{{Path: r.Package.Dir + "/vault.go", Content: []byte(text)}}}, nil
		}}
)

func extract(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := txtar.Write(txtar.Parse([]byte(shop)), dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// module is the module at dir as it is now, with the two plug-ins above.
func module(t *testing.T, dir string) *Module {
	t.Helper()
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	m := &Module{Root: snap.Root, Path: snap.Module, Snapshot: snap, Bindings: []*bindings.Binding{pipe}, Stores: []*stores.Store{vault}, Progress: func(string) {}}
	m.Config = func() (*split.Config, error) {
		content, err := os.ReadFile(filepath.Join(dir, split.FileName))
		cfg, problems := split.Parse(split.FileName, content)
		return cfg, errors.Join(err, split.Usage(problems))
	}
	m.Effects = func(ctx context.Context) (*effects.Program, error) {
		pkgs, err := snap.Load(ctx, source.LoadOptions{}, "./...")
		if err != nil {
			return nil, err
		}
		return effects.Of(ctx, snap, pkgs)
	}
	return m
}

// apply carries out what a verb wants, which must not fail.
func apply(t *testing.T, m *Module, set change.Set, err error) change.Set {
	t.Helper()
	if err == nil {
		err = change.Apply(m.Root, set)
	}
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// tree is every file below dir, without what change keeps to undo.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == ".unweld" {
				return filepath.SkipDir
			}
			return err
		}
		content, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestThereAndBack: what bind makes with plug-ins that only this test knows fits
// what is there, says so when asked again, and goes to the byte.
func TestThereAndBack(t *testing.T) {
	dir := extract(t)
	before := tree(t, dir)
	options := Options{Component: "./pricing.Service", To: []string{"pipe"}, Options: []string{"pipe.width=7"}}

	m := module(t, dir)
	set, err := Bind(t.Context(), m, options)
	apply(t, m, set, err)
	bound := tree(t, dir)
	if !strings.Contains(bound["cmd/shop/main.go"], "Open(") || !strings.Contains(bound[split.FileName], "pricing:") || bound[lock.Name] == "" {
		t.Errorf("after bind, main is\n%s\nand %s is\n%s", bound["cmd/shop/main.go"], split.FileName, bound[split.FileName])
	}
	ours := 0
	for name, content := range bound {
		if strings.HasSuffix(name, "/pipe.go") && strings.Contains(content, "pipeWidth = 7") {
			ours++
		}
	}
	if ours != 1 {
		t.Errorf("%d files of the binding with the option that was given, want 1", ours)
	}

	set, err = Bind(t.Context(), module(t, dir), Options{Component: "pricing"})
	if err != nil || len(set.Files) > 0 {
		t.Errorf("bound again, it changes %+v, error %v", set.Files, err)
	}
	m = module(t, dir)
	set, err = State(t.Context(), m, StateOptions{Component: "pricing", To: []string{"vault"}})
	apply(t, m, set, err)
	if l, _, err := lock.Read(dir); err != nil || !reflect.DeepEqual(l.Components["pricing"].Stores, []string{"vault"}) {
		t.Errorf("after state, the lock has %+v, error %v", l.Components["pricing"], err)
	}

	m = module(t, dir)
	set, err = Eject(t.Context(), m, "pricing")
	apply(t, m, set, err)
	if after := tree(t, dir); !reflect.DeepEqual(after, before) {
		t.Errorf("after eject there is\n%v\nwant\n%v", after, before)
	}
}

// TestEditedByHand: neither verb touches a generated file that people changed.
func TestEditedByHand(t *testing.T) {
	dir := extract(t)
	m := module(t, dir)
	set, err := Bind(t.Context(), m, Options{Component: "./pricing.Service", To: []string{"pipe"}})
	apply(t, m, set, err)
	l, _, err := lock.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	var edited string
	for name := range l.Components["pricing"].Generated {
		if strings.HasSuffix(name, "/pipe.go") {
			edited = name
		}
	}
	if err := os.WriteFile(filepath.Join(dir, edited), []byte("package pricingunweld\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, bindErr := Bind(t.Context(), module(t, dir), Options{Component: "pricing", Options: []string{"pipe.width=9"}})
	_, ejectErr := Eject(t.Context(), module(t, dir), "")
	for verb, err := range map[string]error{"bind": bindErr, "eject": ejectErr} {
		var refused *component.Refusal
		if !errors.As(err, &refused) || len(refused.Problems) != 1 || refused.Problems[0].Code != "generated-edited" || refused.Problems[0].Span.File != edited {
			t.Errorf("%s: error %v, want a refusal at %s", verb, err, edited)
		}
	}
}

func TestUnknown(t *testing.T) {
	dir := extract(t)
	m := module(t, dir)
	for want, do := range map[string]func() error{
		`"pip" is unknown`: func() error {
			_, err := Bind(t.Context(), m, Options{Component: "pricing", To: []string{"pip"}})
			return err
		},
		"no binding is named": func() error { _, err := Bind(t.Context(), m, Options{Component: "./pricing.Service"}); return err },
		"nothing is bound":    func() error { _, err := Eject(t.Context(), m, ""); return err },
		"is not bound": func() error {
			_, err := State(t.Context(), m, StateOptions{Component: "./pricing.Service", To: []string{"vault"}})
			return err
		},
		"several modules":             func() error { w := *m; w.Path = ""; _, err := Contract(t.Context(), &w, "pricing"); return err },
		`not BINDING.OPTION=VALUE`:    func() error { return setOptions(&lock.Part{Bindings: []string{"pipe"}}, []string{"width"}) },
		`component is not bound to "`: func() error { return setOptions(&lock.Part{Bindings: []string{"pipe"}}, []string{"tube.width=1"}) },
	} {
		if err := do(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if after := tree(t, dir); after[lock.Name] != "" {
		t.Error("a refusal wrote something")
	}
}

func TestSetOptions(t *testing.T) {
	p := &lock.Part{Bindings: []string{"pipe"}, Options: map[string]map[string]string{"gone": {"a": "1"}, "pipe": {"width": "2"}}}
	if err := setOptions(p, []string{"pipe.depth=3=4", "pipe.width="}); err != nil {
		t.Fatal(err)
	}
	if want := map[string]map[string]string{"pipe": {"depth": "3=4"}}; !reflect.DeepEqual(p.Options, want) {
		t.Errorf("options %v, want %v", p.Options, want)
	}
}
