package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/unweld/unweld/internal/subprocess"
)

// command is the go command, or a program that it built, in a folder of the
// module. It ends, with all that it started, when ctx does.
func (m *Module) command(ctx context.Context, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = filepath.Join(m.root, filepath.FromSlash(dir))
	cmd.Env = append(os.Environ(), m.env...)
	cmd.WaitDelay = 10 * time.Second
	subprocess.EndsWithAll(cmd)
	return cmd
}

// listedPackage is what the go command lists of a package.
type listedPackage struct {
	ImportPath, Name, Dir              string
	GoFiles, CgoFiles                  []string
	TestGoFiles, XTestGoFiles          []string
	Imports, TestImports, XTestImports []string
	Module                             *struct{ Path, Dir, GoVersion string }
	Error                              *struct{ Err string }

	rel string // of the folder, from the module's root: pricing, or "."
}

func (p *listedPackage) hasTests() bool { return len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 }

// list asks for the packages of the module, or of all modules of the workspace.
func (m *Module) list(ctx context.Context) error {
	if m.modules == nil {
		out, err := m.command(ctx, ".", "go", "list", "-m", "-f", "{{.Dir}}").Output()
		if err != nil {
			return failure(ctx, "go list -m", err)
		}
		for dir := range strings.FieldsFuncSeq(string(out), func(r rune) bool { return r == '\n' || r == '\r' }) {
			if rel, err := filepath.Rel(m.root, dir); err == nil && filepath.IsLocal(rel) {
				m.modules = append(m.modules, filepath.ToSlash(rel))
			}
		}
	}
	m.listed = nil
	for _, dir := range m.modules {
		out, err := m.command(ctx, dir, "go", "list", "-e", "-json=ImportPath,Name,Dir,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,Imports,TestImports,XTestImports,Module,Error", "./...").Output()
		if err != nil {
			return failure(ctx, "go list ./...", err)
		}
		for dec := json.NewDecoder(bytes.NewReader(out)); ; {
			p := &listedPackage{}
			if err := dec.Decode(p); err == io.EOF {
				break
			} else if err != nil {
				return err
			}
			if rel, err := filepath.Rel(m.root, p.Dir); err == nil {
				p.rel = filepath.ToSlash(rel)
				m.listed = append(m.listed, p)
			}
		}
	}
	return nil
}

func (m *Module) at(rel string) *listedPackage {
	for _, p := range m.listed {
		if p.rel == rel {
			return p
		}
	}
	return nil
}

// failure is the error of a command that said why on standard error.
func failure(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if e, ok := errors.AsType[*exec.ExitError](err); ok && len(e.Stderr) > 0 {
		return fmt.Errorf("%s: %s", what, firstLines(string(e.Stderr), 5))
	}
	return fmt.Errorf("%s: %w", what, err)
}

// firstLines returns the first lines of a text, without blank space around it.
func firstLines(s string, n int) string {
	lines := strings.SplitN(strings.TrimSpace(s), "\n", n+1)
	return strings.Join(lines[:min(n, len(lines))], "\n")
}
