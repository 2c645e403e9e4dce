//go:build !unweldplain

package linktest

import (
	"context"

	"github.com/unweld/unweld/bindings/rt/link"
)

func (*service) UnweldGuard(g *link.Guard) any { return guarded{g} }

func (*service) UnweldCalls() [][2]any {
	return [][2]any{
		{(*service).Add, guarded.Add}, {(*service).Echo, guarded.Echo},
		{(*service).Act, guarded.Act}, {(*service).Wait, guarded.Wait},
	}
}

// guarded counts calls, and parks them while a route is being replaced.
type guarded struct{ *link.Guard }

func (g guarded) Add(ctx context.Context, a, b int64) (sum int64, err error) {
	t, err := g.Enter(ctx)
	if err != nil {
		return sum, err
	}
	defer t.Leave()
	return t.To.(Service).Add(t.Context, a, b)
}

func (g guarded) Echo(ctx context.Context, text string) (out string, err error) {
	t, err := g.Enter(ctx)
	if err != nil {
		return out, err
	}
	defer t.Leave()
	return t.To.(Service).Echo(t.Context, text)
}

func (g guarded) Act(ctx context.Context, what string) (out string, err error) {
	t, err := g.Enter(ctx)
	if err != nil {
		return out, err
	}
	defer t.Leave()
	return t.To.(Service).Act(t.Context, what)
}

func (g guarded) Wait(ctx context.Context, what string) (out string, err error) {
	t, err := g.Enter(ctx)
	if err != nil {
		return out, err
	}
	defer t.Leave()
	return t.To.(Service).Wait(t.Context, what)
}
