// Package engine is the one set of operations that every front end offers: the
// command line, the language server and the terminal explorer call Session's
// methods and show what they return. Plain values go in and come out.
//
// It never writes into the user's module except through change.Apply, prints
// nothing, and knows no terminal and no editor protocol.
package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
)

// Options say where a Session works.
type Options struct {
	Dir string // any folder of the module; empty is the current one
	// Overlay holds unsaved buffers by absolute path.
	Overlay map[string][]byte
	// Progress is told what is being done, in a few words, where it takes long.
	// It may be nil.
	Progress func(string)
	// Checking is told before packages are type-checked how many bytes of source
	// they are. It may be nil.
	Checking func(source int64)
	// NoCache keeps the session from using summaries of earlier runs.
	NoCache bool

	env []string // KEY=VALUE, laid over the environment of this process

	lasting bool // snapshots follow one another, as in an editor
}

// A Session works on one module, or on a workspace of several.
type Session struct {
	Root   string // absolute path of the module or workspace
	Module string // module path; empty for a workspace

	options Options
	snap    *source.Snapshot
	living  *living
	config  *split.Config // counts instead of unweld.yaml, if not nil
}

// Open takes a snapshot of the module that options.Dir lies in. A change that a
// crash left half done is taken back first.
func Open(ctx context.Context, options Options) (*Session, error) {
	if info, err := os.Stat(options.Dir); options.Dir != "" && (err != nil || !info.IsDir()) {
		return nil, &component.UsageError{Object: options.Dir, Reason: "is not a folder", Hint: "name a folder of a Go module"}
	}
	snap, err := source.Open(ctx, source.Options{Dir: options.Dir, Overlay: options.Overlay, Env: options.env, Store: openCache(options.NoCache), Brief: !options.lasting})
	if err != nil {
		return nil, err
	}
	s := &Session{Root: snap.Root, Module: snap.Module, options: options, snap: snap, living: newLiving()}
	title, err := change.Recover(s.Root)
	if err != nil {
		return nil, err
	}
	if title != "" { // what was read so far may have been half-way
		return Open(ctx, options)
	}
	return s, nil
}

// Refresh takes a new snapshot, after files changed.
func (s *Session) Refresh(ctx context.Context) error {
	again, err := Open(ctx, s.options)
	if err == nil {
		*s = *again
	}
	return err
}

// Current reports whether all files that the session has read are still the same,
// by their times and sizes, and no others came or went.
func (s *Session) Current() bool { return s.snap.Current() }

// Config reads unweld.yaml, from an unsaved buffer where there is one. A module without one has the zero Config, and ok
// is false. Mistakes in it are a *component.UsageError with line and column.
func (s *Session) Config() (cfg *split.Config, ok bool, err error) {
	if s.config != nil {
		return s.config, true, nil
	}
	c, err := s.configuration()
	if err != nil {
		return nil, false, err
	}
	return c.config, c.there, split.Usage(c.problems)
}

// Diff returns set as a unified diff.
func (s *Session) Diff(set change.Set) (string, error) { return change.Diff(s.Root, set) }

// Apply carries set out: all of it or nothing. The session then sees the files
// as they are now.
func (s *Session) Apply(ctx context.Context, set change.Set) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := change.Apply(s.Root, set); err != nil {
		return err
	}
	return s.Refresh(context.WithoutCancel(ctx))
}

// Record puts a change on the record that an editor carries out in its buffers, so that
// Undo takes it back once it is saved. The session is the one that computed it.
func (s *Session) Record(set change.Set) error {
	return change.Record(s.Root, set, func(name string) ([]byte, error) {
		content, _, err := s.snap.Content(name)
		return content, err
	})
}

// Undo takes the last applied change set back and returns its title.
// The session then sees the files as they are now.
func (s *Session) Undo() (string, error) {
	title, err := change.Undo(s.Root)
	if errors.Is(err, change.ErrNothingToUndo) {
		return "", &component.UsageError{Object: "undo", Reason: err.Error(), Hint: "only changes that unweld applied to this module can be taken back"}
	}
	if err == nil {
		err = s.Refresh(context.Background())
	}
	return title, err
}

// WithProgress returns the session with another function that is told what is being
// done. Both share what they find out.
func (s *Session) WithProgress(say func(string)) *Session {
	t := *s
	t.options.Progress = say
	return &t
}

func (s *Session) progress(what string) {
	if s.options.Progress != nil {
		s.options.Progress(what)
	}
}

// telling returns a context under which progress is told while the go command compiles
// packages of others, and again of what then goes on.
func (s *Session) telling(ctx context.Context, then string) context.Context {
	return source.WithCompiling(ctx, func(packages int) {
		if packages == 0 {
			s.progress(then)
			return
		}
		s.progress(fmt.Sprintf("waiting for the go command, which compiles those of %d dependencies that are new", packages))
	})
}

// wholeModule is the pattern of all packages of the module or workspace.
func (s *Session) wholeModule() []string {
	rel, err := filepath.Rel(s.snap.Dir(), s.Root)
	if err != nil || rel == "." {
		return nil
	}
	return []string{"./" + filepath.ToSlash(rel) + "/..."}
}
