// Package engine is the one set of operations that every front end offers: the
// command line, the language server and the terminal explorer call Session's
// methods and show what they return. Plain values go in and come out.
//
// It never writes into the user's module except through change.Apply, prints
// nothing, and knows no terminal and no editor protocol.
package engine

import (
	"os"
	"path/filepath"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
)

// Options say where a Session works.
type Options struct {
	Dir string // any folder of the module; empty is the current one
	// Progress is told what is being done, in a few words, where it takes long.
	// It may be nil.
	Progress func(string)
	// Offline keeps modules that aren't in the cache from being downloaded.
	Offline bool
}

// A Session works on one module.
type Session struct {
	Root string // absolute path of the module's folder
	Dir  string // absolute path of the folder the user works in; targets like ./pkg are relative to it

	options Options
}

// Open finds the module that dir lies in. A change that a crash left half done
// is taken back first.
func Open(options Options) (*Session, error) {
	dir, err := filepath.Abs(options.Dir)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, &component.UsageError{Object: options.Dir, Reason: "is not a folder", Hint: "name a folder of a Go module"}
	}
	root, ok := moduleRoot(dir)
	if !ok {
		return nil, &component.LoadError{Object: dir, Reason: "no go.mod here or in a folder above",
			Hint: "run unweld inside a Go module, or make one: go mod init example.com/name"}
	}
	if _, err := change.Recover(root); err != nil {
		return nil, err
	}
	return &Session{Root: root, Dir: dir, options: options}, nil
}

func moduleRoot(dir string) (string, bool) {
	for {
		if info, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && info.Mode().IsRegular() {
			return dir, true
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", false
		}
		dir = up
	}
}

func (s *Session) progress(what string) {
	if s.options.Progress != nil {
		s.options.Progress(what)
	}
}
