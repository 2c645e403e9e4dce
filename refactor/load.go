package refactor

import (
	"context"

	"github.com/unweld/unweld/internal/source"
)

// LoadModule loads what a refactoring works on: all packages of the module or workspace,
// with their tests. Once says that the snapshot is what a change would lead to, and that
// nobody will ask for it again.
func LoadModule(ctx context.Context, snap *source.Snapshot, once bool) ([]*source.Package, error) {
	return snap.Load(ctx, source.LoadOptions{Tests: true, Once: once, Apart: true}, Everything(snap))
}

// Everything is the pattern of all packages of the module or workspace.
func Everything(snap *source.Snapshot) string {
	if snap.Module == "" {
		return "./..."
	}
	return snap.Module + "/..."
}
