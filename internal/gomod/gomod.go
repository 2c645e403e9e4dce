// Package gomod reads and changes the requirements of a module. It works on the
// content of go.mod and go.sum, and never writes the files of the module.
package gomod

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/scratch"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// Files are the names of the files with a module's requirements.
var Files = []string{"go.mod", "go.sum"}

// Language returns the language version in go.mod, for example "1.21"; "1.16"
// where it has none.
func Language(goMod []byte) string {
	mod, err := modfile.ParseLax("go.mod", goMod, nil)
	if err != nil || mod.Go == nil {
		return "1.16"
	}
	return mod.Go.Version
}

// Unmet returns the requirements, each as MODULE@VERSION, that go.mod doesn't
// satisfy.
func Unmet(mod *modfile.File, requires []string) []string {
	var missing []string
	for _, r := range requires {
		name, version, _ := strings.Cut(r, "@")
		if semver.Compare(required(mod, name), version) < 0 {
			missing = append(missing, r)
		}
	}
	return missing
}

// required is the version of a module that go.mod asks for, or "".
func required(mod *modfile.File, name string) string {
	for _, r := range mod.Require {
		if r.Mod.Path == name {
			return r.Mod.Version
		}
	}
	return ""
}

// Queries returns arguments of go get: the modules, each as MODULE@VERSION, and
// their imported packages, at the newest of these versions and of the one in go.mod.
func Queries(mod *modfile.File, requires, packages []string) []string {
	newest := map[string]string{} // of what is asked for by several
	for _, r := range requires {
		name, version, _ := strings.Cut(r, "@")
		if have := required(mod, name); semver.Compare(have, version) > 0 {
			version = have
		}
		if semver.Compare(version, newest[name]) > 0 {
			newest[name] = version
		}
	}
	var out []string
	for name, version := range newest {
		out = append(out, name+"@"+version)
	}
	for _, pkg := range packages {
		if name := moduleOf(pkg, newest); name != "" && name != pkg {
			out = append(out, pkg+"@"+newest[name])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// moduleOf is the module, of those given, that a package is in: the one with the longest
// path, since a module may lie in the folder of another one.
func moduleOf(pkg string, modules map[string]string) string {
	for name := pkg; name != "."; name = path.Dir(name) {
		if _, ok := modules[name]; ok {
			return name
		}
	}
	return ""
}

// Get runs go get on copies of the given files of the module, in a temporary
// folder, and returns the changed copies; nil content means that a file doesn't
// exist. A go.mod without a go line gets one, with the version that this means,
// or a newer one if a requirement needs it. env is the environment of the go command,
// GOFLAGS included. A query that can't be resolved is a *component.LoadError.
func Get(ctx context.Context, module string, env []string, files map[string][]byte, queries []string) (map[string][]byte, error) {
	dir, remove, err := scratch.Dir("unweld-mod")
	if err != nil {
		return nil, err
	}
	defer remove()
	for name, content := range files {
		if content == nil {
			continue
		}
		if name == "go.mod" {
			if content, err = withLanguage(content); err != nil {
				return nil, err
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return nil, err
		}
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"get", "-modfile=" + filepath.Join(dir, "go.mod")}, queries...)...)
	cmd.Dir, cmd.Env = module, env
	if out, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &component.LoadError{Object: "go get " + queries[0], Reason: lastLine(string(out), err.Error()), Hint: "can the module proxy be reached? see: go env GOPROXY"}
	}
	after := map[string][]byte{}
	for name := range files {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		after[name] = content
	}
	after["go.mod"], err = direct(after["go.mod"], queries)
	return after, err
}

// withLanguage adds the go line that go.mod goes without: the go command would put in
// the version of the toolchain, which nothing asks for.
func withLanguage(goMod []byte) ([]byte, error) {
	mod, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil || mod.Go != nil {
		return goMod, err
	}
	if err := mod.AddGoStmt(Language(goMod)); err != nil {
		return nil, err
	}
	return mod.Format()
}

// direct takes "// indirect" off the modules that are imported now.
func direct(content []byte, queries []string) ([]byte, error) {
	mod, err := modfile.Parse("go.mod", content, nil)
	if err != nil {
		return nil, err
	}
	var reqs []*modfile.Require
	for _, r := range mod.Require {
		c := *r
		if slices.ContainsFunc(queries, func(q string) bool { return strings.HasPrefix(q, r.Mod.Path+"@") }) {
			c.Indirect = false
		}
		reqs = append(reqs, &c)
	}
	mod.SetRequireSeparateIndirect(reqs)
	mod.Cleanup()
	return mod.Format()
}

func lastLine(out, otherwise string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if last := strings.TrimPrefix(lines[len(lines)-1], "go: "); last != "" {
		return last
	}
	return fmt.Sprint(otherwise)
}
