package generators

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/revision"
	"github.com/unweld/unweld/internal/subprocess"
	"github.com/unweld/unweld/internal/text"
)

// limit is how long one program may take, with what the go command does for it.
const limit = 5 * time.Minute

// codeFailed is the code of a program that can't be run, or that fails.
const codeFailed = "generator-failed"

// A Job is which programs are to run, on what.
type Job struct {
	What       string // for messages: thread-context ./store.Load
	Repository revision.Repository
	Overlay    map[string][]byte // unsaved files by absolute path
	Set        change.Set        // the change, applied first
	// Directives are those to carry out, as they stand after the change. All are
	// those of the changed module.
	Directives, All []*Directive
	// At is where a directive stands in the module as it is, for messages.
	At map[*Directive]text.Span
	// Stale are the files that they write anew, with the names of their packages.
	Stale map[string]string
}

// Run carries the directives out in a copy of the module that has the change applied,
// and returns the files that differ afterwards: nil for one that went. A program that
// can't be had, or that fails, is a *component.Refusal at its directive.
func Run(ctx context.Context, j Job) (map[string][]byte, error) {
	c, err := j.Repository.Disk(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Remove()
	r := &run{Job: j, copied: c}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	done := map[string]bool{}
	for _, d := range j.Directives {
		by := d.carrier(j.All)
		if by == nil {
			by = d
		}
		if _, known := j.At[by]; !known && j.At != nil {
			j.At[by] = j.At[d]
		}
		if id := by.Span.File + "\x00" + by.Line; done[id] {
			continue
		} else {
			done[id] = true
		}
		if err := r.carryOut(ctx, by); err != nil {
			return nil, err
		}
	}
	return r.written()
}

// A run is one Job under way.
type run struct {
	Job
	copied *revision.Copy
	before map[string]stamp // the files before anything ran
}

// A stamp tells whether a file was written.
type stamp struct {
	size int64
	when time.Time
}

// prepare makes the copy what the change makes of the module.
func (r *run) prepare() error {
	for abs, content := range r.Overlay {
		rel, err := filepath.Rel(r.Repository.Root, abs)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		name := filepath.Join(r.copied.Root, rel)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(name, content, 0o666); err != nil {
			return err
		}
	}
	if err := change.Apply(r.copied.Root, r.Set); err != nil {
		return err
	}
	var err error
	r.before, err = r.stamps()
	return err
}

// carryOut runs the program of a directive. Programs that type-check packages may stop
// at the files that they are to write anew, so they get a second try without those.
func (r *run) carryOut(ctx context.Context, d *Directive) error {
	out, err := r.start(ctx, d)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	kept := map[string][]byte{}
	for rel, pkg := range r.Stale {
		name := filepath.Join(r.copied.Root, filepath.FromSlash(rel))
		content, failed := os.ReadFile(name)
		if failed != nil {
			continue
		}
		kept[name] = content
		if failed := os.WriteFile(name, []byte("package "+pkg+"\n"), 0o666); failed != nil {
			return failed
		}
	}
	if len(kept) == 0 {
		return r.failure(d, out, err)
	}
	_, again := r.start(ctx, d)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for name, content := range kept {
		now, failed := os.ReadFile(name)
		if failed == nil && strings.HasPrefix(string(now), "package ") && bytes.Count(now, []byte("\n")) == 1 {
			if failed := os.WriteFile(name, content, 0o666); failed != nil { // another directive's
				return failed
			}
		}
	}
	if again != nil {
		return r.failure(d, out, err)
	}
	return nil
}

// start runs the program once and returns what it printed.
func (r *run) start(ctx context.Context, d *Directive) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	args := []string{"go", "generate", "-run", `^(` + goGenerate + `\s+` + commandPrefix + `\s.*|` + regexp.QuoteMeta(d.Line) + `)$`, path.Base(d.Span.File)}
	if d.config != nil {
		args = []string{Mockery}
		if r.hasTool(Mockery) {
			args = []string{"go", "tool", Mockery}
		}
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = filepath.Join(r.copied.Root, filepath.FromSlash(d.Dir()))
	cmd.Env = append(os.Environ(), r.copied.Env...)
	cmd.Env = append(cmd.Env, "PWD="+cmd.Dir)
	cmd.WaitDelay = 10 * time.Second
	subprocess.EndsWithAll(cmd)
	out, err := cmd.CombinedOutput()
	if ctx.Err() == context.DeadlineExceeded {
		err = fmt.Errorf("it doesn't end in %s", limit)
	}
	return string(out), err
}

// hasTool reports whether go.mod lists a program of that name.
func (r *run) hasTool(name string) bool {
	content, err := os.ReadFile(filepath.Join(r.copied.Root, "go.mod"))
	if err != nil {
		return false
	}
	mod, err := modfile.ParseLax("go.mod", content, nil)
	return err == nil && slices.ContainsFunc(mod.Tool, func(t *modfile.Tool) bool {
		base, _ := program([]string{t.Path})
		return base == name
	})
}

// failure is the refusal for a program that failed.
func (r *run) failure(d *Directive, out string, err error) error {
	const most = 8
	out = strings.ReplaceAll(out, r.copied.Root+string(filepath.Separator), "")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "go: downloading ") })
	if len(lines) > most {
		lines = append(lines[:most], fmt.Sprintf("and %d more lines", len(lines)-most))
	}
	said := strings.TrimSpace(strings.Join(lines, "\n"))
	p := component.Problem{Code: codeFailed, Severity: component.Error, Span: r.At[d]}
	switch missing := strings.Contains(said, "executable file not found") || errors.Is(err, exec.ErrNotFound); {
	case missing:
		p.Message = d.Command() + " can't be run: the program isn't installed"
		p.Hint = "install it"
		if how := d.Install(); how != "" {
			p.Hint += ": " + how + ", with GOBIN on PATH"
		}
	case said == "":
		p.Message = fmt.Sprintf("%s fails on the changed module: %v", d.Command(), err)
		p.Hint = "run it by hand; without --run-generators nothing is run"
	default:
		p.Message = d.Command() + " fails on the changed module:\n" + said
		p.Hint = "mend what it says; without --run-generators nothing is run"
	}
	return component.Refuse(r.What, p)
}

// stamps returns the files of the copy.
func (r *run) stamps() (map[string]stamp, error) {
	out := map[string]stamp{}
	err := filepath.WalkDir(r.copied.Root, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			switch e.Name() {
			case ".git", ".unweld", "node_modules":
				return filepath.SkipDir
			}
			return nil
		}
		if !e.Type().IsRegular() {
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(r.copied.Root, name)
		if err != nil {
			return err
		}
		out[filepath.ToSlash(rel)] = stamp{info.Size(), info.ModTime()}
		return nil
	})
	return out, err
}

// written returns the files that were written, made or removed since prepare. What
// names the copy names the module.
func (r *run) written() (map[string][]byte, error) {
	now, err := r.stamps()
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for rel, s := range now {
		_, stale := r.Stale[rel]
		if !stale && r.before[rel] == s {
			continue
		}
		content, err := os.ReadFile(filepath.Join(r.copied.Root, filepath.FromSlash(rel)))
		if err != nil {
			return nil, err
		}
		out[rel] = bytes.ReplaceAll(content, []byte(r.copied.Root), []byte(r.Repository.Root))
	}
	for _, rel := range []string{"go.mod", "go.sum", "go.work", "go.work.sum"} {
		delete(out, rel) // the copy has its own
	}
	for rel := range r.before {
		if _, still := now[rel]; !still {
			out[rel] = nil
		}
	}
	return out, nil
}
