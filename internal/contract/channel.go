package contract

import (
	"go/types"

	"github.com/unweld/unweld/internal/crossing"
)

// A channel is one that a method returns.
type channel struct {
	elem types.Type
	by   *types.Func
}

// givenOut notes the channels that the methods of a contract return.
func (b *builder) givenOut(methods []*types.Func) {
	for _, fn := range methods {
		for r := range fn.Signature().Results().Variables() {
			if c, ok := r.Type().Underlying().(*types.Chan); ok {
				b.channels = append(b.channels, channel{c.Elem(), fn})
			}
		}
	}
}

// comesBack says why a method can't cross that takes a channel such as another one
// returned, to tell by which it is, or "". The elements of a channel cross, and not
// the channel: what arrives is another one, and equal to none.
func (b *builder) comesBack(fn *types.Func) string {
	for p := range fn.Signature().Params().Variables() {
		c, ok := p.Type().Underlying().(*types.Chan)
		if !ok {
			continue
		}
		for _, out := range b.channels {
			if out.by != fn && types.Identical(out.elem, c.Elem()) {
				r := crossing.Reason{Code: "chan-in-contract", Path: fn.Name() + "(" + p.Name() + ")", Type: p.Type(), Object: p,
					What: "(" + types.TypeString(p.Type(), (*types.Package).Name) + ") may be a channel that " + out.by.Name() + " returned, and would arrive as another one",
					Hint: "end what " + out.by.Name() + " began by its context, or return something with a name beside the channel and take that"}
				b.refuse(r, fn)
				return r.String()
			}
		}
	}
	return ""
}
