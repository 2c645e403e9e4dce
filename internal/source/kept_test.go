package source

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// listed returns what a new process lists, and whether it asked the go command.
func listed(t *testing.T, opts Options) (what string, asked bool) {
	t.Helper()
	s := open(t, opts)
	what = describe(t, s)
	return what, s.Counters().Listed > 0
}

func describe(t *testing.T, s *Snapshot) string {
	t.Helper()
	l, err := s.list(t.Context(), false, nil)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, m := range l.roots {
		fmt.Fprintf(&b, "root %s\n", m.ID)
	}
	for _, id := range slices.Sorted(maps.Keys(l.packages)) {
		m := l.packages[id]
		if m.Module == nil && !m.fromSource {
			continue // of the standard library
		}
		fmt.Fprintf(&b, "%s %s %s %v %q %q %q %q %d %s\n", id, m.Name, goVersion(m), m.fromSource, s.relAll(m.GoFiles), s.relAll(m.OtherFiles), s.relAll(m.IgnoredFiles), s.relAll(m.EmbedFiles), m.order, m.key)
		for _, path := range sortedKeys(m.imports) {
			fmt.Fprintf(&b, "\timports %s %s %v\n", path, m.imports[path].ID, m.closes[path])
		}
		fmt.Fprintf(&b, "\t%+v\n", s.metadata(m.Package))
	}
	return b.String()
}

const manyInputs = `
-- m/go.mod --
module example.com/m

go 1.24

require example.com/r v0.0.0

replace example.com/r => ../r
-- m/main.go --
package main

import (
	_ "embed"

	"example.com/m/price"
	"example.com/r/used"
)

//go:embed static/*.txt
var text string

func main() { println(price.Of(used.Name), text) }
-- m/price/price.go --
package price

func Of(sku string) int { return len(sku) }
-- m/price/price_windows.go --
package price

func other() {}
-- m/price/tagged.go --
//go:build special

package price
-- m/static/a.txt --
a
-- r/go.mod --
module example.com/r

go 1.24
-- r/used/used.go --
package used

const Name = "r"
-- apart/apart.go --
package apart
-- goenv --
`

// TestListingIsKept: a later process asks the go command nothing, wherever the
// module lies by then.
func TestListingIsKept(t *testing.T) {
	store := &MemoryStore{}
	dir := extract(t, manyInputs)
	first, asked := listed(t, Options{Dir: dir + "/m", Store: store})
	if !asked {
		t.Fatal("nobody knew, and nobody was asked")
	}
	second, asked := listed(t, Options{Dir: dir + "/m", Store: store})
	if asked || second != first {
		t.Errorf("asked: %v\n%s\nwant\n%s", asked, second, first)
	}
	t.Setenv("UNRELATED", "1")
	write(t, dir+"/m/main.go", strings.ReplaceAll(read(t, dir+"/m/main.go"), "println(", "println(1, "))
	if _, asked := listed(t, Options{Dir: dir + "/m", Store: store}); asked {
		t.Error("asked after an edit in a function")
	}
	if sub, _ := listed(t, Options{Dir: dir + "/m/price", Store: store}); sub == first {
		t.Error("in a folder below, ./... is said to be the same")
	}

	here, _ := listed(t, Options{Dir: extract(t, twoPackages), Store: store})
	there, asked := listed(t, Options{Dir: extract(t, twoPackages), Store: store})
	if asked || there != here {
		t.Errorf("elsewhere, asked: %v\n%s\nwant\n%s", asked, there, here)
	}
}

// TestListingIsNeverStale changes one thing that the go command's answer depends
// on after another. What a process then says must be what one says that knows
// nothing of before.
func TestListingIsNeverStale(t *testing.T) {
	dir := extract(t, manyInputs)
	m := dir + "/m/"
	env := []string{"GOENV=" + dir + "/goenv", "GOFLAGS="} // what the file says isn't hidden
	steps := []struct {
		what   string
		change func()
		same   bool // nothing of the listing changes
	}{
		{"a new file in a listed folder", func() { write(t, m+"price/more.go", "package price\n") }, false},
		{"that file is taken away", func() { remove(t, m+"price/more.go") }, false},
		{"a new folder", func() { write(t, m+"extra/extra.go", "package extra\n") }, false},
		{"a header gets a build constraint", func() { write(t, m+"extra/extra.go", "//go:build ignore\n\npackage extra\n") }, false},
		{"a package clause", func() { write(t, m+"extra/extra.go", "package other\n") }, false},
		{"an import", func() { write(t, m+"extra/extra.go", "package other\n\nimport _ \"example.com/m/price\"\n") }, false},
		{"a file for assembly", func() { write(t, m+"extra/x_amd64.s", "\n") }, false},
		{"a file to embed comes", func() { write(t, m+"static/b.txt", "b") }, false},
		{"a file to embed goes", func() { remove(t, m+"static/a.txt") }, false},
		{"another pattern of files to embed", func() { write(t, m+"main.go", strings.ReplaceAll(read(t, m+"main.go"), "*.txt", "b.txt")) }, true},
		{"a new file in a package of a replaced module", func() { write(t, dir+"/r/used/more.go", "package used\n") }, false},
		{"a header in a replaced module", func() { write(t, dir+"/r/used/more.go", "//go:build ignore\n\npackage used\n") }, false},
		{"go.mod of a replaced module", func() { write(t, dir+"/r/go.mod", "module example.com/r\n\ngo 1.23\n") }, false},
		{"an import that leads nowhere", func() { write(t, m+"extra/extra.go", "package other\n\nimport _ \"example.com/r/late\"\n") }, false},
		{"the package that it leads to", func() { write(t, dir+"/r/late/late.go", "package late\n") }, false},
		{"go.mod", func() { write(t, m+"go.mod", strings.Replace(read(t, m+"go.mod"), "go 1.24", "go 1.25", 1)) }, false},
		{"a folder behind a symbolic link", func() {
			symlink(t, dir+"/apart", m+"apart")
			write(t, m+"extra/extra.go", "package other\n\nimport _ \"example.com/m/apart\"\n")
		}, false},
		{"a new file there", func() { write(t, dir+"/apart/more.go", "package apart\n") }, false},
		{"a header there", func() { write(t, dir+"/apart/more.go", "package apart\n\nimport _ \"strings\"\n") }, false},
		{"the link leads elsewhere", func() {
			write(t, dir+"/away/away.go", "package apart\n")
			remove(t, m+"apart")
			symlink(t, dir+"/away", m+"apart")
		}, false},
		{"a file is a link that leads elsewhere", func() {
			write(t, dir+"/one", "package other\n")
			remove(t, m+"extra/extra.go")
			symlink(t, dir+"/one", m+"extra/extra.go")
		}, false},
		{"what it leads to", func() { write(t, dir+"/one", "package another\n") }, false},
		{"tags by go env -w", func() { write(t, dir+"/goenv", "GOFLAGS=-tags=special\n") }, false},
		{"another system", func() { env = append(env, "GOOS=windows") }, false},
		{"a module of its own below", func() { write(t, m+"price/go.mod", "module example.com/other\n") }, false},
		{"and none again", func() { remove(t, m+"price/go.mod") }, false},
		{"a workspace around", func() { write(t, dir+"/go.work", "go 1.25\n\nuse (\n\t./m\n\t./r\n)\n") }, false}, // paths in it are relative now
		{"a workspace with another module", func() {
			write(t, dir+"/n/go.mod", "module example.com/n\n\ngo 1.25\n")
			write(t, dir+"/n/n.go", "package n\n")
			write(t, dir+"/go.work", "go 1.25\n\nuse (\n\t./m\n\t./n\n)\n")
			write(t, m+"extra/extra.go", "package other\n\nimport _ \"example.com/n\"\n")
		}, false},
		{"a new file in the other module", func() { write(t, dir+"/n/more.go", "package n\n") }, false},
		{"no workspace", func() { env = append(env, "GOWORK=off") }, false},
	}
	store := &MemoryStore{}
	before, _ := listed(t, Options{Dir: m, Env: env, Store: store})
	living := open(t, Options{Dir: m, Env: env})
	for _, step := range steps {
		step.change()
		got, asked := listed(t, Options{Dir: m, Env: env, Store: store})
		want, _ := listed(t, Options{Dir: m, Env: env})
		if got != want {
			t.Fatalf("%s: asked %v, and says\n%s\nwant\n%s", step.what, asked, got, want)
		}
		living = living.Next(nil)
		living.env = safeEnv(env) // an editor's server keeps its environment; this one is told
		if got := describe(t, living); got != want {
			t.Fatalf("%s: what lives through it says\n%s\nwant\n%s", step.what, got, want)
		}
		if (want == before) != step.same {
			t.Fatalf("%s: that makes a difference: %v\n%s", step.what, want != before, want)
		}
		before = want
	}
}

// TestVendoredListing: files that are vendored are covered, and what says which.
func TestVendoredListing(t *testing.T) {
	dir := extract(t, `
-- go.mod --
module example.com/m

go 1.24

require example.com/d v1.0.0
-- main.go --
package main

import _ "example.com/d"

func main() {}
-- vendor/modules.txt --
# example.com/d v1.0.0
## explicit; go 1.24
example.com/d
-- vendor/example.com/d/d.go --
package d
`)
	store := &MemoryStore{}
	before, _ := listed(t, Options{Dir: dir, Store: store})
	if again, asked := listed(t, Options{Dir: dir, Store: store}); asked || again != before {
		t.Fatalf("asked: %v\n%s", asked, again)
	}
	for what, change := range map[string]func(){
		"a new file":  func() { write(t, dir+"/vendor/example.com/d/more.go", "package d\n") },
		"modules.txt": func() { write(t, dir+"/vendor/modules.txt", "# example.com/d v1.0.0\n## explicit\nexample.com/d\n") },
	} {
		change()
		got, asked := listed(t, Options{Dir: dir, Store: store})
		if want, _ := listed(t, Options{Dir: dir}); !asked || got != want {
			t.Errorf("%s: asked %v, and says\n%s\nwant\n%s", what, asked, got, want)
		}
	}
}

// TestListingIsNotKept where it depends on more than can be seen.
func TestListingIsNotKept(t *testing.T) {
	goName, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	const module = "-- go.mod --\nmodule example.com/m\n\ngo 1.24\n-- main.go --\npackage main\n\nfunc main() {}\n"
	for name, test := range map[string]struct {
		archive string
		change  func(t *testing.T, dir string) Options
	}{
		"a wrapper of the go command": {module, func(t *testing.T, dir string) Options {
			if runtime.GOOS == "windows" { // which runs no shell scripts; the other cases don't need one
				t.Skip("a wrapper is a shell script")
			}
			write(t, dir+"/bin/go", "#!/bin/sh\nexec "+goName+" \"$@\"\n")
			if err := os.Chmod(dir+"/bin/go", 0o777); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", dir+"/bin"+string(filepath.ListSeparator)+os.Getenv("PATH"))
			return Options{}
		}},
		"flags that lead to other files": {module + "-- o.json --\n{}\n", func(t *testing.T, dir string) Options {
			return Options{Env: []string{"GOFLAGS=-overlay=" + dir + "/o.json"}}
		}},
		"an import that can't be resolved": {module + "-- a/a.go --\npackage a\n\nimport _ \"example.com/m/nowhere\"\n", func(*testing.T, string) Options { return Options{} }},
		"an unsaved buffer": {module, func(_ *testing.T, dir string) Options {
			return Options{Overlay: map[string][]byte{filepath.Join(dir, "main.go"): []byte("package main\n\nfunc main() {}\n")}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := extract(t, test.archive)
			opts := test.change(t, dir)
			opts.Dir, opts.Store = dir, &MemoryStore{}
			for range 2 {
				if what, asked := listed(t, opts); !asked {
					t.Errorf("wasn't asked:\n%s", what)
				}
			}
		})
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

func symlink(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		// Windows lets only some users make them, and what is tested is what they lead to.
		if runtime.GOOS == "windows" {
			t.Skip("needs symbolic links: ", err)
		}
		t.Fatal(err)
	}
}
