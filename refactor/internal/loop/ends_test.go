package loop_test

import (
	"go/ast"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/loop"
)

// program has functions whose bodies end in what Ends is asked about; of those that
// are called goesOn it must say no.
const program = `
-- go.mod --
module example.com/m

go 1.26
-- m/m.go --
package m

import (
	"encoding/xml"
	"log"
	"os"
	"runtime"
	"testing"
)

type logger struct{}

func (logger) Fatal(...any) {}
func (logger) Skip()        {}

func die(m string) {
	println(m)
	os.Exit(1)
}

func usage() { die("usage") }

func early(ok bool) {
	if ok {
		return
	}
	os.Exit(1)
}

func recovers() {
	defer func() { _ = recover() }()
	panic("never seen")
}

func waits() { panic := func(string) {}; panic("") }

func endsPanic()                        { panic("") }
func endsExit()                         { os.Exit(1) }
func endsGoexit()                       { runtime.Goexit() }
func endsLog()                          { log.Fatalf("") }
func endsLogger(l *log.Logger)          { l.Panicln() }
func endsTest(t *testing.T)             { t.FailNow() }
func endsSkip(t testing.TB)             { t.Skipf("") }
func endsBench(b *testing.B)            { b.SkipNow() }
func endsOwn()                          { usage() }
func endsBlock()                        { { panic("") } }
func goesOnDecoder(d *xml.Decoder)      { d.Skip() }
func goesOnError(t *testing.T)          { t.Error() }
func goesOnOwnLogger(l logger)          { l.Fatal() }
func goesOnOwnSkip(l logger)            { l.Skip() }
func goesOnEarly()                      { early(true) }
func goesOnRecovered()                  { recovers() }
func goesOnShadowed()                   { waits() }
func goesOnLog()                        { log.Print() }
`

func TestEnds(t *testing.T) {
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(program)).Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	snap, err := source.Open(t.Context(), source.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	w, err := code.Load(t.Context(), refactor.Input{Snapshot: snap}, "test")
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, f := range w.Files {
		for _, d := range f.AST.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(fn.Name.Name, "ends") && !strings.HasPrefix(fn.Name.Name, "goesOn") {
				continue
			}
			asked[fn.Name.Name] = loop.Terminates(f, fn.Body.List)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if want := strings.HasPrefix(name, "ends"); asked[name] != want {
			t.Errorf("%s: %v, want %v", name, asked[name], want)
		}
	}
	if len(asked) < 18 {
		t.Errorf("%d functions were asked about", len(asked))
	}
}
