package codegen

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/unweld/unweld/internal/component"
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
