package campaign

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
)

// A verifier holds changes of one module to what go vet and the tests said
// before them. It writes each change into the module, and takes it back.
type verifier struct {
	root   string
	before map[string]string // the files of the module: path -> hash
	vetted map[string]bool   // what vet said, without places
	passed map[string]bool   // packages whose tests pass; asked for as needed
}

// newVerifier looks at the module as it is. It must not change but by verify.
func newVerifier(ctx context.Context, root string) (*verifier, error) {
	v := &verifier{root: root, vetted: map[string]bool{}, passed: map[string]bool{}}
	var err error
	if v.before, err = tree(root); err != nil {
		return nil, err
	}
	for _, line := range v.vet(ctx) {
		v.vetted[line] = true
	}
	return v, ctx.Err()
}

// verify applies a change, asks vet and the tests, and takes the change back. It
// returns what is wrong, or "".
func (v *verifier) verify(ctx context.Context, set change.Set) (wrong string, err error) {
	packages := folders(set)
	before := v.testsBefore(ctx, packages)
	if err := change.Apply(v.root, set); err != nil {
		return "", err
	}
	wrong = v.whatIsWorse(ctx, before)
	if _, err := change.Undo(v.root); err != nil {
		return "", err
	}
	after, err := tree(v.root)
	if err != nil {
		return "", err
	}
	if file := different(v.before, after); file != "" && wrong == "" {
		wrong = "undo leaves " + file + " as it wasn't"
	}
	return wrong, ctx.Err()
}

// whatIsWorse compares vet and tests of a changed module with those before.
func (v *verifier) whatIsWorse(ctx context.Context, packages []string) string {
	for _, line := range v.vet(ctx) {
		if !v.vetted[line] {
			return "vet says: " + line
		}
	}
	for _, p := range packages {
		out, ok := v.test(ctx, p)
		if !ok && ctx.Err() == nil {
			return "the tests of " + p + " fail: " + firstLines(out, 20)
		}
	}
	return ""
}

// testsBefore returns those of the packages whose tests pass as the module is.
func (v *verifier) testsBefore(ctx context.Context, packages []string) []string {
	var passing []string
	for _, p := range packages {
		ok, known := v.passed[p]
		if !known {
			_, ok = v.test(ctx, p)
			v.passed[p] = ok
		}
		if ok {
			passing = append(passing, p)
		}
	}
	return passing
}

// test runs the tests of a package. One that fails is run again: what fails once
// only says nothing of the change.
func (v *verifier) test(ctx context.Context, pkg string) (out string, ok bool) {
	for range 2 {
		if out, ok = v.run(ctx, "test", "-timeout", "3m", pkg); ok {
			return out, true
		}
	}
	return out, false
}

var position = regexp.MustCompile(`^\S+\.go:\d+(:\d+)?: `)

// vet returns what go vet says of the module, each line without its place.
func (v *verifier) vet(ctx context.Context) []string {
	out, ok := v.run(ctx, "vet", "./...")
	if ok {
		return nil
	}
	var lines []string
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(strings.TrimPrefix(line, "vet: "))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		lines = append(lines, position.ReplaceAllString(line, ""))
	}
	return lines
}

func (v *verifier) run(ctx context.Context, args ...string) (string, bool) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = v.root
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// folders returns the folders with Go files that a change edits, as the go
// command names them.
func folders(set change.Set) []string {
	var out []string
	for _, f := range set.Files {
		dir := "./" + path.Dir(f.Path)
		if path.Ext(f.Path) == ".go" && f.Op == change.Edit && !slices.Contains(out, dir) {
			out = append(out, dir)
		}
	}
	return out
}

// tree returns the files and folders of a module, with the hashes of the files.
// The applier's own folder isn't part of the module.
func tree(root string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && rel == ".unweld":
			return filepath.SkipDir
		case d.IsDir():
			files[rel] = "folder"
			return nil
		case !d.Type().IsRegular():
			files[rel] = "no regular file"
			return nil
		}
		content, err := os.ReadFile(path)
		files[rel] = string(change.HashOf(content))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", root, err)
	}
	return files, nil
}

// different returns the first file by name in which two trees differ, or "".
func different(a, b map[string]string) string {
	var names []string
	for name := range a {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return slices.Min(names)
}

func firstLines(s string, n int) string {
	lines := bytes.SplitN([]byte(s), []byte("\n"), n+1)
	return string(bytes.Join(lines[:min(n, len(lines))], []byte("\n")))
}
