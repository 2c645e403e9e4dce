package engine

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/unweld/unweld/bindings"
	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/scratch"
	"github.com/unweld/unweld/internal/subprocess"
)

// PackOptions say which packages Pack makes.
type PackOptions struct {
	Component string   // by name
	For       []string // names of bindings with packages; empty: all of the component's
	Dir       string   // where the packages go; it is made if it isn't there
	Version   string   // of the packages
}

// Packed is a package that was made.
type Packed struct {
	For  string `json:"for"`
	Path string `json:"path"` // below the folder that was asked for
	Size int    `json:"size"` // in bytes
}

// Packagings are the names of the bindings that make packages for other languages.
func Packagings() []string {
	var names []string
	for _, b := range allbindings.Bindings {
		if b.Packaging != nil {
			names = append(names, b.Name)
		}
	}
	return names
}

// Pack builds a bound component as a library, and makes the packages of it that other
// languages install. No code of the module is run, but the go command runs the C compiler.
// What was generated must be up to date. It tells progress what it is doing.
func (s *Session) Pack(ctx context.Context, o PackOptions, progress func(string)) ([]Packed, error) {
	c, chosen, err := s.packable(ctx, o)
	if err != nil {
		return nil, err
	}
	files, err := s.generatedFor(c)
	if err != nil {
		return nil, err
	}
	tmp, remove, err := scratch.Dir("unweld-pack-")
	if err != nil {
		return nil, err
	}
	defer remove()
	var out []Packed
	built := map[string][]byte{}
	for _, b := range chosen {
		addon, err := s.buildAddon(ctx, b, tmp)
		if err != nil {
			return nil, err
		}
		build := b.Packaging.Build
		key := fmt.Sprint(build)
		if built[key] == nil {
			progress(fmt.Sprintf("building %s (-buildmode=%s)", c.Component, build.Mode))
			if built[key], err = s.buildLibrary(ctx, codegen.Target(c).Dir, build, filepath.Join(tmp, fmt.Sprint(len(built)))); err != nil {
				return nil, err
			}
		}
		progress("making " + b.Packaging.Makes)
		made, err := b.Packaging.Pack(&bindings.PackRequest{
			Component: c.Component, Version: cmp.Or(o.Version, "0.0.0"), Summary: summaryOf(c), OS: runtime.GOOS, Arch: runtime.GOARCH,
			Files: files, Library: built[key], Addon: addon,
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name, err)
		}
		for _, f := range made {
			if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
				return nil, fmt.Errorf("%s: file %s would lie outside of %s", b.Name, f.Path, o.Dir)
			}
			if err := replaceFile(filepath.Join(o.Dir, filepath.FromSlash(f.Path)), f.Content); err != nil {
				return nil, err
			}
			out = append(out, Packed{For: b.Name, Path: f.Path, Size: len(f.Content)})
		}
	}
	return out, nil
}

// packable finds the component and the bindings of it that are asked for.
func (s *Session) packable(ctx context.Context, o PackOptions) (*component.Contract, []*bindings.Binding, error) {
	known, _, err := lock.Read(s.Root)
	if err != nil {
		return nil, nil, err
	}
	part := known.Components[o.Component]
	all := strings.Join(Packagings(), ",")
	if part == nil {
		return nil, nil, &component.UsageError{Object: o.Component, Reason: "isn't a bound component", Hint: "bind it first: unweld bind " + o.Component + " --to " + all + " --write"}
	}
	var chosen []*bindings.Binding
	for _, b := range allbindings.Bindings {
		if b.Packaging != nil && slices.Contains(part.Bindings, b.Name) && (len(o.For) == 0 || slices.Contains(o.For, b.Name)) {
			chosen = append(chosen, b)
		}
	}
	for _, name := range o.For {
		switch {
		case !slices.Contains(Packagings(), name):
			return nil, nil, &component.UsageError{Object: "--for", Reason: fmt.Sprintf("there are no packages for %q", name), Hint: "there are: " + all}
		case !slices.Contains(part.Bindings, name):
			to := strings.Join(append(slices.Clone(part.Bindings), name), ",")
			return nil, nil, &component.UsageError{Object: o.Component, Reason: "isn't bound to " + name, Hint: "bind it: unweld bind " + o.Component + " --to " + to + " --write"}
		}
	}
	if len(chosen) == 0 {
		return nil, nil, &component.UsageError{Object: o.Component, Reason: "is bound to nothing that makes packages", Hint: "bind it: unweld bind " + o.Component + " --to " + all + " --write"}
	}
	set, err := s.Bind(ctx, BindOptions{Component: o.Component})
	if err != nil {
		return nil, nil, err
	}
	if len(set.Files) > 0 {
		return nil, nil, &component.UsageError{Object: o.Component, Reason: fmt.Sprintf("has changed since it was bound: what was generated would be another %s", strings.Join(pathsOf(set), ", ")),
			Hint: "bind it again: unweld bind " + o.Component + " --write"}
	}
	c, err := s.Contract(ctx, o.Component)
	return c, chosen, err
}

// pathsOf lists the first files of a change.
func pathsOf(set change.Set) []string {
	var paths []string
	for _, f := range set.Files[:min(len(set.Files), 3)] {
		paths = append(paths, f.Path)
	}
	return paths
}

// generatedFor reads the files that were generated for other languages.
func (s *Session) generatedFor(c *component.Contract) ([]generate.File, error) {
	known, _, err := lock.Read(s.Root)
	if err != nil {
		return nil, err
	}
	dir := codegen.Target(c).Dir
	var files []generate.File
	for name := range known.Components[c.Component].Generated {
		rel, ok := strings.CutPrefix(name, path.Clean(dir)+"/")
		if !ok {
			continue
		}
		content, err := os.ReadFile(filepath.Join(s.Root, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		files = append(files, generate.File{Path: rel, Content: content})
	}
	slices.SortFunc(files, func(a, b generate.File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// buildLibrary has the go command build a package main of the module, and returns what it
// made.
func (s *Session) buildLibrary(ctx context.Context, dir string, build bindings.Build, into string) ([]byte, error) {
	args := []string{"build", "-o", into, "-buildmode=" + build.Mode, "-trimpath", "-ldflags=-s -w", "-tags=" + strings.Join(slices.Concat(s.snap.Tags(), build.Tags), ",")}
	cmd := exec.CommandContext(ctx, "go", append(args, "./"+path.Join(dir, build.Package))...)
	cmd.Dir, cmd.Env = s.Root, append(s.snap.Env(), "CGO_ENABLED=1")
	subprocess.EndsWithAll(cmd)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, &component.LoadError{Object: "the library in " + path.Join(dir, build.Package), Reason: s.snap.Shorten(strings.TrimSpace(said.String())), Hint: "it takes a C compiler: unweld doctor says whether there is one"}
	}
	return os.ReadFile(into)
}

// buildAddon compiles what a binding has between the library and the programs that load it,
// with the C compiler that the go command takes, too.
func (s *Session) buildAddon(ctx context.Context, b *bindings.Binding, tmp string) ([]byte, error) {
	addon := b.Packaging.Addon
	if addon == nil {
		return nil, nil
	}
	flags := addon.Flags[runtime.GOOS]
	if flags == nil {
		return nil, &component.UsageError{Object: "--for", Reason: fmt.Sprintf("there are no packages for %s on %s", b.Name, runtime.GOOS), Hint: "make them on one of: " + strings.Join(slices.Sorted(maps.Keys(addon.Flags)), ", ")}
	}
	ask := exec.CommandContext(ctx, "go", "env", "CC")
	ask.Dir, ask.Env = s.Root, s.snap.Env()
	compiler, err := ask.Output()
	if err != nil {
		return nil, fmt.Errorf("go env CC: %w", err)
	}
	source, into := filepath.Join(tmp, b.Name+".c"), filepath.Join(tmp, b.Name+".addon")
	if err := os.WriteFile(source, addon.Source, 0o600); err != nil {
		return nil, err
	}
	args := append(strings.Fields(string(compiler)), "-o", filepath.Base(into), filepath.Base(source))
	cmd := exec.CommandContext(ctx, args[0], append(args[1:], flags...)...)
	cmd.Dir, cmd.Env = tmp, s.snap.Env()
	subprocess.EndsWithAll(cmd)
	if said, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, &component.LoadError{Object: "the addon for " + b.Name, Reason: cmp.Or(strings.TrimSpace(string(said)), err.Error()), Hint: "it takes a C compiler: unweld doctor says whether there is one"}
	}
	return os.ReadFile(into)
}

// summaryOf is the first sentence of a component's comment.
func summaryOf(c *component.Contract) string {
	first, _, _ := strings.Cut(cmp.Or(c.Doc, c.Component), "\n\n")
	return strings.Join(strings.Fields(first), " ")
}
