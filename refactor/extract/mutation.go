package extract

import (
	"context"
	"fmt"
	"go/types"

	"github.com/unweld/unweld/internal/effects"
)

// mutates returns the parameter through which a function hands something back to
// its caller, and where: across a process the caller would not see it. It is ""
// where there is none. Pointers to the target's type, which cross as handles,
// don't count.
func (j *job) mutates(ctx context.Context, fn *types.Func) (string, error) {
	params := fn.Signature().Params()
	refers := false
	for p := range params.Variables() {
		_, basic := p.Type().Underlying().(*types.Basic)
		refers = refers || !basic && !j.handled(p.Type())
	}
	if !refers {
		return "", nil
	}
	m, err := j.effectsOf(ctx, fn)
	if err != nil {
		return "", err
	}
	for _, x := range m.Mutates {
		p := params.At(x.Param)
		if j.handled(p.Type()) {
			continue
		}
		name := p.Name()
		if name == "" {
			name = fmt.Sprintf("parameter %d", x.Param+1)
		}
		return fmt.Sprintf("it changes what %s leads to (%s), and the caller would not see that from another process", name, x.At), nil
	}
	return "", nil
}

func (j *job) handled(t types.Type) bool { return j.target.typ != nil && j.isPointer(t) }

// effectsOf analyses one function.
func (j *job) effectsOf(ctx context.Context, fn *types.Func) (effects.Method, error) {
	if j.effects == nil {
		j.effects = j.in.Effects(j.world.Packages)
	}
	return j.effects.Func(ctx, fn)
}
