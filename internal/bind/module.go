package bind

import (
	"context"
	"errors"
	"io/fs"

	"github.com/unweld/unweld/bindings"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/stores"
)

// A Module is what bind, state and eject work on, and with. They change nothing of
// it; it may be used by several goroutines where its functions may be.
type Module struct {
	Root     string // absolute path
	Path     string // module path; empty for a workspace, in which nothing can be bound
	Snapshot *source.Snapshot

	Bindings []*bindings.Binding // all there are
	Stores   []*stores.Store     // all there are

	// Config reads unweld.yaml; eject does without.
	Config func() (*split.Config, error)
	// Effects analyses what the module's functions do to state. It is asked for
	// where a contract has a method that may change some.
	Effects func(context.Context) (*effects.Program, error)
	// Progress is told what is being done, in a few words.
	Progress func(string)
}

// read returns a file's content; nil where there is none.
func (m *Module) read(file string) ([]byte, change.Hash, error) {
	content, hash, err := m.Snapshot.Content(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	return content, hash, err
}

// carriers are the bindings by which components can be reached, or are to be:
// those with the given names, if any.
func (m *Module) carriers(chosen ...string) component.Carriers {
	return bindings.Carriers(m.Bindings, chosen)
}

// WithoutGenerated returns a snapshot in which generated packages are as small as they can
// be for the rest to type-check: they may not fit the code any more. Where people's
// code imports the run-time that is there as a whole: what they write may need more
// of it than was copied before.
func (m *Module) WithoutGenerated(l *lock.File) *source.Snapshot {
	overlay := map[string][]byte{}
	read := func(file string) []byte {
		content, _, err := m.read(file)
		if err != nil {
			return nil // the loader will say what is wrong with it
		}
		return content
	}
	for _, name := range l.Names() {
		for file, content := range l.Components[name].Stubs(m.Path, read) {
			overlay[m.Snapshot.Abs(file)] = content
		}
	}
	for _, f := range m.wantedRuntime(l) {
		overlay[m.Snapshot.Abs(f.Path)] = f.Content
	}
	if len(overlay) == 0 {
		return m.Snapshot
	}
	return m.Snapshot.WithOverlay(overlay)
}
