package codegen

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/bindings/schema"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
)

const codecArchive = "../../testdata/contracts/codec.txtar"

// TestCodec compiles the codec of a contract with every kind of value and runs
// the tests in the archive, once in a package of its own and once in the
// component's.
func TestCodec(t *testing.T) {
	t.Parallel()
	for _, form := range []component.Form{component.FormType, component.FormFuncs} {
		t.Run(string(form), func(t *testing.T) {
			t.Parallel()
			src := readSources(t, codecArchive)
			dir := src.scratch(codecFiles(t, src.contract(form)))
			if form == component.FormFuncs { // the tests name what the other form declares
				if err := os.RemoveAll(filepath.Join(dir, "pricing", "pricingunweld")); err != nil {
					t.Fatal(err)
				}
				run(t, dir, "vet", "./...")
				return
			}
			run(t, dir, "test", "./...")
		})
	}
}

var update = flag.Bool("update", false, "rewrite the generated code in bench")

// TestBench keeps the codec that is measured in bench the one that is generated.
func TestBench(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("bench/quotes/quotes.go")
	if err != nil {
		t.Fatal(err)
	}
	s := newSources(t, &txtar.Archive{Files: []txtar.File{{Name: "pricing/quotes.go", Data: src}}})
	c := s.contract(component.FormType)
	const home = "github.com/unweld/unweld/bindings"
	own := component.Package{Path: home + "/codegen/bench/quotes", Name: "quotes", Dir: "bench/quotes"}
	c.Package, c.Types = own, slices.Clone(c.Types)
	for i := range c.Types {
		c.Types[i] = moved(c.Types[i], own)
	}
	for i, m := range c.Methods {
		for j := range m.Params {
			c.Methods[i].Params[j].Type = movedID(m.Params[j].Type, own)
		}
	}
	sch, problems := schema.Build(c, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	files, err := newGenerator(&generate.Request{Contract: c, Runtime: home,
		Package: component.Package{Path: home + "/codegen/bench", Name: "bench", Dir: "bench"}}, sch).codec()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(files[0].Path, files[0].Content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(files[0].Path)
	if err != nil || !bytes.Equal(got, files[0].Content) {
		t.Errorf("%s isn't what is generated now (%v); run the test with -update", files[0].Path, err)
	}
}

// moved is a type of the archive's package as one of another package.
func moved(t component.Type, to component.Package) component.Type {
	if t.Package.Path != "" {
		t.Package = to
	}
	t.ID, t.Elem, t.Key = movedID(t.ID, to), movedID(t.Elem, to), movedID(t.Key, to)
	return t
}

func movedID(id component.TypeID, to component.Package) component.TypeID {
	return component.TypeID(strings.ReplaceAll(string(id), testModule+"/pricing.", to.Path+"."))
}
