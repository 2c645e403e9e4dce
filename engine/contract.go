package engine

import (
	"context"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
)

// Contract returns all that is known of a component's contract, given by the
// component's name or as ./pkg.Interface: what generators are given, the endpoints
// that can't cross with their reasons included.
func (s *Session) Contract(ctx context.Context, name string) (*component.Contract, error) {
	before, _, err := lock.Read(s.Root)
	if err != nil {
		return nil, err
	}
	target, err := (&generator{s: s, before: before}).lookUp(ctx, generation{component: name})
	if err != nil {
		return nil, err
	}
	return target.Contract, nil
}
