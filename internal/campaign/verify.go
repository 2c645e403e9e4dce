package campaign

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/verify"
)

// A verifier holds changes of one module to what it did before them.
type verifier struct {
	root   string
	module *verify.Module
	before map[string]string // the files of the module: path -> hash
}

// newVerifier looks at the module as it is. It must not change but by verify.
func newVerifier(root string) (*verifier, error) {
	before, err := tree(root)
	return &verifier{root, verify.Open(root, []string{"GOWORK=off"}), before}, err
}

// verify returns what is wrong with a change of the session's module, or "".
func (v *verifier) verify(ctx context.Context, s *engine.Session, set change.Set) (wrong string, err error) {
	report, err := s.VerifyIn(ctx, v.module, set, engine.VerifyOptions{})
	if err != nil {
		return "", err
	}
	after, err := tree(v.root)
	if err != nil {
		return "", err
	}
	v.wroteTests(set, after)
	if file := different(v.before, after); file != "" {
		return "undo leaves " + file + " as it wasn't", nil
	}
	if len(report.Differences) > 0 {
		return report.Differences[0].String(), nil
	}
	return "", nil
}

// wroteTests takes what the module's own tests wrote, beside the files of a change, for
// what was there before: new files, and what is below a folder testdata.
func (v *verifier) wroteTests(set change.Set, after map[string]string) {
	for name := range after {
		if _, was := v.before[name]; !was && !named(set, name) {
			delete(after, name)
		}
	}
	for name := range v.before {
		now, is := after[name]
		switch {
		case named(set, name) || now == v.before[name] || !strings.Contains("/"+name, "/testdata/"):
		case is:
			v.before[name] = now
		default:
			delete(v.before, name)
		}
	}
}

// named reports whether a change makes or renames the file or folder.
func named(set change.Set, name string) bool {
	return slices.ContainsFunc(set.Files, func(f change.File) bool {
		return f.Path == name || f.To == name || strings.HasPrefix(f.Path, name+"/") || strings.HasPrefix(f.To, name+"/")
	})
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
	lines := strings.SplitN(s, "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "\n")
}
