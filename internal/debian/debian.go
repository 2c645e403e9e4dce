// Package debian gets programs of other Debian releases than the machine's, for tests of
// editors that its own release lacks or has in an old version only.
//
// A program and all that it needs, down to the C library, is unpacked into the user's cache
// folder, and runs there; nothing is installed. apt fetches it, with lists and a
// configuration of its own, from the mirror that the machine uses, and checks its signature.
// The version is the one that the release has on that day.
package debian

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A Program is one program of a release.
type Program struct {
	Name    string // as it is started
	Package string
	Suite   string // the release, by its code name

	file string            // the program in its package
	env  map[string]string // what it finds its own files by: a folder of the package, by variable
}

// The programs that tests use.
var (
	Neovim = Program{"nvim", "neovim", "forky", "usr/bin/nvim", map[string]string{"VIMRUNTIME": "usr/share/nvim/runtime"}}
	Helix  = Program{"hx", "hx", "trixie", "usr/bin/hx", map[string]string{"HELIX_RUNTIME": "usr/lib/hx/runtime"}}
)

// Programs are all of them.
var Programs = []Program{Neovim, Helix}

// ErrMissing: a program hasn't been fetched.
var ErrMissing = errors.New("it hasn't been fetched; make tools does so where there is apt")

// Path returns the absolute path of a program that was fetched, or ErrMissing.
func (p Program) Path() (string, error) {
	dir, err := p.dir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "bin", p.Name)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("%s of Debian %s: %w", p.Name, p.Suite, ErrMissing)
	} else if err != nil {
		return "", err
	}
	return path, nil
}

// dir is the folder of the program and of all that it needs.
func (p Program) dir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "unweld", "debian", p.Suite+"-"+p.Package), nil
}

// Fetch gets a program, unless it is there already. Two processes that do so at once
// don't disturb each other.
func (p Program) Fetch(ctx context.Context) (err error) {
	if _, err := p.Path(); !errors.Is(err, ErrMissing) {
		return err
	}
	dir, err := p.dir()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), "new-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	files, err := download(ctx, filepath.Join(work, "apt"), p.Suite, p.Package)
	if err != nil {
		return err
	}
	root := filepath.Join(work, "root")
	for _, file := range files {
		if _, err := run(ctx, "dpkg-deb", "--extract", file, root); err != nil {
			return err
		}
	}
	if err := p.writeStarter(root, dir); err != nil {
		return err
	}
	if err := os.Rename(root, dir); err != nil {
		if _, there := p.Path(); there == nil {
			return nil // another process was faster
		}
		return err
	}
	return nil
}

// writeStarter writes the script that runs the program below root with the libraries
// that came with it, once root has become dir.
func (p Program) writeStarter(root, dir string) error {
	if _, err := os.Stat(filepath.Join(root, p.file)); err != nil {
		return fmt.Errorf("the package %s has changed: %w", p.Package, err)
	}
	loaders, err := filepath.Glob(filepath.Join(root, "usr", "lib", "*", "ld-linux*.so.*"))
	if err != nil {
		return err
	}
	if len(loaders) != 1 {
		return fmt.Errorf("%d dynamic loaders came with %s, not one: %q", len(loaders), p.Package, loaders)
	}
	loader, err := filepath.Rel(root, loaders[0])
	if err != nil {
		return err
	}
	var script strings.Builder
	script.WriteString("#!/bin/sh\n")
	for name, folder := range p.env {
		fmt.Fprintf(&script, "export %s='%s'\n", name, filepath.Join(dir, folder))
	}
	fmt.Fprintf(&script, "exec '%s' --library-path '%s' --argv0 %s '%s' \"$@\"\n",
		filepath.Join(dir, loader), filepath.Join(dir, filepath.Dir(loader)), p.Name, filepath.Join(dir, p.file))
	if err := os.MkdirAll(filepath.Join(root, "bin"), 0o777); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "bin", p.Name), []byte(script.String()), 0o777)
}

// keyring holds the keys of Debian's releases.
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// download has apt fetch a package of a suite and all that it depends on, as if nothing
// were installed, and returns the files. dir is for its lists, and for the files.
func download(ctx context.Context, dir, suite, name string) ([]string, error) {
	mirror, err := mirror(ctx)
	if err != nil {
		return nil, err
	}
	for _, folder := range []string{"state/lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o777); err != nil {
			return nil, err
		}
	}
	for file, content := range map[string]string{
		"sources.list": fmt.Sprintf("deb [signed-by=%s] %s %s main\n", keyring, mirror, suite), "state/status": "",
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o666); err != nil {
			return nil, err
		}
	}
	options := []string{"--quiet", "--yes"}
	for _, option := range []string{
		"Dir::Etc::sourcelist=" + filepath.Join(dir, "sources.list"), "Dir::Etc::sourceparts=-",
		"Dir::State=" + filepath.Join(dir, "state"), "Dir::State::status=" + filepath.Join(dir, "state", "status"), "Dir::Cache=" + filepath.Join(dir, "cache"),
		"Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false", "Acquire::Languages=none", "APT::Install-Recommends=false", "APT::Update::Error-Mode=any",
	} {
		options = append(options, "--option", option)
	}
	for _, command := range [][]string{{"update"}, {"install", "--download-only", name}} {
		if _, err := run(ctx, "apt-get", append(options, command...)...); err != nil {
			return nil, err
		}
	}
	return filepath.Glob(filepath.Join(dir, "cache", "archives", "*.deb"))
}

// mirror is where this machine gets Debian's packages from. A new machine has no lists,
// and gets them where that is possible without asking.
func mirror(ctx context.Context) (string, error) {
	uri, err := listed(ctx)
	if uri == "" && err == nil {
		if _, err = run(ctx, "apt-get", "--quiet", "update"); err == nil {
			uri, err = listed(ctx)
		}
	}
	if uri == "" && err == nil {
		err = errors.New("apt gets nothing from Debian")
	}
	return uri, err
}

// listed is where apt got a list of Debian's packages from, or "".
func listed(ctx context.Context) (string, error) {
	out, err := run(ctx, "apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(out) {
		if uri, ok := strings.CutPrefix(strings.TrimSpace(line), "Debian "); ok {
			return uri, nil
		}
	}
	return "", nil
}

// run runs a program, and returns what it printed. An error ends with what the program
// complained about.
func run(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var out, complaints strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(complaints.String()))
	}
	return out.String(), nil
}
