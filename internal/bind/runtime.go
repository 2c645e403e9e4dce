package bind

import (
	"bytes"
	"errors"
	"go/scanner"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/bindings/rt"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/gomod"
	"github.com/unweld/unweld/internal/lock"
)

// runtimePackages are the run-time packages that the components of a lock use,
// sorted. One that no plug-in of this release has is refused.
func (m *Module) runtimePackages(l *lock.File) ([]generate.Package, error) {
	known := map[string]generate.Package{}
	add := func(ps []generate.Package) {
		for _, p := range ps {
			known[p.Name] = p
		}
	}
	add(rt.Packages)
	add(rt.ForTransports)
	add([]generate.Package{rt.Handles, rt.Telemetry, rt.Messages})
	for _, b := range m.Bindings {
		add(b.Runtime)
	}
	for _, s := range m.Stores {
		add(s.Runtime)
	}
	used := map[string]generate.Package{}
	for _, bound := range l.Names() {
		for _, name := range l.Components[bound].Runtime {
			p, ok := known[name]
			if !ok {
				return nil, &component.UsageError{Object: bound, Reason: "uses the run-time package " + name + ", which this release of unweld doesn't have",
					Hint: "use the release that bound it, or eject it: unweld eject " + bound}
			}
			used[name] = p
		}
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		imports, err := codegen.RuntimeImports(used[name])
		if err != nil {
			return nil, err
		}
		for _, p := range rt.ForTransports {
			if slices.Contains(imports, p.Name) {
				used[p.Name] = p
			}
		}
	}
	var packages []generate.Package
	for _, name := range slices.Sorted(maps.Keys(used)) {
		packages = append(packages, used[name])
	}
	return packages, nil
}

// runtimeRequest is what generators must know to copy the run-time.
func (m *Module) runtimeRequest() *generate.Request {
	return &generate.Request{Module: m.Path, Runtime: m.Path + "/" + lock.RuntimeFolder}
}

// copyRuntime returns the files of the run-time that a module needs which has
// the components of a lock, and notes them there. now returns a file as it will
// be.
func (m *Module) copyRuntime(l *lock.File, now func(file string) ([]byte, error)) (map[string][]byte, error) {
	packages, err := m.runtimePackages(l)
	if err != nil {
		return nil, err
	}
	users, err := m.runtimeUsers(l, now)
	if err != nil {
		return nil, err
	}
	files, err := codegen.Runtime(m.runtimeRequest(), packages, users)
	if list, ok := errors.AsType[scanner.ErrorList](err); ok {
		return nil, &component.LoadError{Object: list[0].Pos.String(), Reason: list[0].Msg, Hint: "the file imports the run-time; what it uses can't be told before it is Go"}
	}
	if err != nil {
		return nil, err
	}
	goMod, err := now("go.mod")
	if err != nil {
		return nil, err
	}
	codegen.Raise(files, gomod.Language(goMod))
	out := map[string][]byte{}
	for _, f := range files {
		out[f.Path] = f.Content
	}
	source, err := codegen.RuntimeHash(packages)
	if err == nil {
		l.SetRuntime(out, source)
	}
	return out, err
}

// wantedRuntime returns the whole run-time, if code that people wrote imports it.
// What doesn't work here is told of when the run-time is copied.
func (m *Module) wantedRuntime(l *lock.File) []generate.File {
	generated := map[string]bool{}
	for _, p := range l.Components {
		for file := range p.Generated {
			generated[file] = true
		}
	}
	users, err := m.runtimeUsers(l, func(file string) ([]byte, error) {
		content, _, err := m.read(file)
		return content, err
	})
	maps.DeleteFunc(users, func(file string, _ []byte) bool { return generated[file] })
	if err != nil || len(users) == 0 {
		return nil
	}
	packages, err := m.runtimePackages(l)
	if err != nil {
		return nil
	}
	files, err := codegen.WholeRuntime(m.runtimeRequest(), packages)
	if err != nil {
		return nil
	}
	return files
}

// runtimeUsers are the Go files of the module that import the run-time: generated
// ones, and any that people wrote.
func (m *Module) runtimeUsers(l *lock.File, now func(file string) ([]byte, error)) (map[string][]byte, error) {
	names := map[string]bool{}
	for _, p := range l.Components {
		for file := range p.Generated {
			names[file] = strings.HasSuffix(file, ".go")
		}
	}
	written, err := m.goFiles()
	if err != nil {
		return nil, err
	}
	for _, file := range written {
		names[file] = true
	}
	mark := []byte(`"` + m.Path + "/" + lock.RuntimeFolder + "/")
	users := map[string][]byte{}
	for _, file := range slices.Sorted(maps.Keys(names)) {
		content, err := now(file)
		if err != nil {
			return nil, err
		}
		if names[file] && bytes.Contains(content, mark) {
			users[file] = content
		}
	}
	return users, nil
}

// goFiles lists the Go files of the module, but for the copied run-time, relative
// to its root. What the go command passes over isn't among them.
func (m *Module) goFiles() ([]string, error) {
	var files []string
	err := filepath.WalkDir(m.Root, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(m.Root, name)
		rel = filepath.ToSlash(rel)
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			if strings.HasSuffix(rel, ".go") && d.Type().IsRegular() {
				files = append(files, rel)
			}
			return nil
		case rel == ".":
			return nil
		}
		base := path.Base(rel)
		_, nested := os.Stat(filepath.Join(name, "go.mod"))
		if rel == lock.RuntimeFolder || base == "vendor" || base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_' || nested == nil {
			return filepath.SkipDir
		}
		return nil
	})
	return files, err
}

// runtimeIsCurrent reports whether the copied run-time is the one of this release.
func (m *Module) runtimeIsCurrent(l *lock.File) bool {
	packages, err := m.runtimePackages(l)
	if err != nil {
		return false
	}
	source, err := codegen.RuntimeHash(packages)
	return err == nil && l.RuntimeSource == source
}

// Overlay is what files of the module are, by absolute path, while unweld builds a
// program of the given kind from it; no content stands for no file. It is nil where
// nothing is bound. A run-time that another release copied is a *component.UsageError.
func (m *Module) Overlay(build codegen.Build) (map[string][]byte, error) {
	l, _, err := lock.Read(m.Root)
	if err != nil || len(l.Components) == 0 {
		return nil, err
	}
	if !m.runtimeIsCurrent(l) {
		return nil, &component.UsageError{Object: lock.RuntimeFolder, Reason: "was copied by another release of unweld, whose other parts this one doesn't have",
			Hint: "renew the run-time: unweld bind " + l.Names()[0] + " --write"}
	}
	packages, err := m.runtimePackages(l)
	if err != nil {
		return nil, err
	}
	generated := map[string][]byte{}
	for _, name := range l.Names() {
		for file := range l.Components[name].Generated {
			if generated[file], _, err = m.read(file); err != nil {
				return nil, err
			}
		}
	}
	files, err := codegen.Overlay(m.runtimeRequest(), packages, generated, build)
	if err != nil {
		return nil, err
	}
	goMod, _, err := m.read("go.mod")
	if err != nil {
		return nil, err
	}
	codegen.Raise(files, gomod.Language(goMod))
	overlay := map[string][]byte{}
	for _, f := range files {
		overlay[m.Snapshot.Abs(f.Path)] = f.Content
	}
	return overlay, nil
}
