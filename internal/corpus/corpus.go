// Package corpus copies code that nobody here wrote into scratch modules, for
// tests and campaigns of refactorings: packages of the standard library, modules
// that this one requires, and checkouts.
package corpus

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Std copies a package of GOROOT/src into a new module example.com/m in dir,
// under its base name, and changes nothing but import paths of the package
// itself.
func Std(dir, pkg string) error {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	src := filepath.Join(strings.TrimSpace(string(out)), "src", filepath.FromSlash(pkg))
	base := filepath.Base(pkg)
	if err := write(dir, "go.mod", "module example.com/m\n\ngo 1.26\n"); err != nil {
		return err
	}
	return filepath.WalkDir(src, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(src, path)
		if err != nil || d.IsDir() && rel != "." && d.Name() != "testdata" && !strings.HasPrefix(rel, "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		content := string(data)
		if strings.HasSuffix(path, ".go") {
			content = strings.ReplaceAll(content, `"`+pkg+`"`, `"example.com/m/`+base+`"`)
		}
		return write(dir, filepath.Join(base, rel), content)
	})
}

// Module copies a module, PATH@VERSION, into dir: all its files, since Go embeds
// some and tests read others. Modules in its folders aren't part of it.
func Module(dir, mod string) error {
	out, err := exec.Command("go", "mod", "download", "-json", mod).CombinedOutput()
	if err != nil {
		return fmt.Errorf("go mod download %s: %w\n%s", mod, err, out)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return err
	}
	return filepath.WalkDir(module.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(module.Dir, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel != "." && nested(path) {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return write(dir, rel, string(data))
	})
}

// Checkout copies the module at root into dir, all files but those of version
// control and of programs that fetch packages.
func Checkout(dir, root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return write(dir, rel, string(data))
	})
}

// nested reports a directory that holds a module of its own.
func nested(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func write(dir, name, content string) error {
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}
