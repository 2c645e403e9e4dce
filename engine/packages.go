package engine

import (
	"context"
	"path"
	"strings"

	"github.com/unweld/unweld/internal/cluster"
	"github.com/unweld/unweld/internal/component"
)

// Packages is what Find would find if each package of the module were a component of its
// own, called as its folder is: who uses whom, and where. It has no hazards.
func (s *Session) Packages(ctx context.Context) (*component.Result, error) {
	summaries, err := s.summaries(ctx, nil)
	if err != nil {
		return nil, err
	}
	own := map[string]string{}
	for _, sum := range summaries {
		name := strings.TrimPrefix(sum.Package.Path, s.Module+"/")
		if sum.Package.Path == s.Module {
			name = path.Base(s.Module)
		}
		own[sum.Package.Path] = name
	}
	found := cluster.Find(summaries, cluster.Options{Module: s.Module, Declared: own})
	for i := range found.Components {
		found.Components[i].Declared, found.Components[i].Stability = false, 0 // nobody said or found so
	}
	return found, nil
}
