package thread_test

import (
	"context"
	"flag"
	"math"
	"slices"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/archive"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/thread"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// threads is a refactoring that is nothing but a Threader. Its parameter gain says
// what the target gains: ctx, err or both.
var threads = &refactor.Refactoring{
	Name:   "thread",
	Target: refactor.Param{Type: refactor.Declaration, Required: true},
	Params: []refactor.Param{
		{Name: "gain", Type: refactor.List, Elem: refactor.Text, Required: true},
		thread.ContextParam, thread.ErrorsParam,
	},
	Run: func(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
		world, err := code.Load(ctx, in, "thread")
		if err != nil {
			return change.Set{}, err
		}
		fns, err := code.FindFuncs(world, req.Target)
		if err != nil {
			return change.Set{}, err
		}
		t := thread.NewThreader(world)
		t.Limit, t.Detached = math.MaxInt, true
		t.Choose(req)
		for _, fn := range fns {
			t.Add(&thread.Change{Fn: fn, Ctx: slices.Contains(req.List("gain"), "ctx"), Err: slices.Contains(req.List("gain"), "err")})
		}
		t.Rewrite()
		if len(t.Problems) > 0 {
			return change.Set{}, component.Refuse("thread", t.Problems...)
		}
		return world.Result(ctx, "thread", "thread", nil, t.Notes)
	},
}

// TestThreader runs the archives of testdata through a Threader.
func TestThreader(t *testing.T) {
	archive.Suite{Refactoring: threads, Update: *update}.Run(t)
}
