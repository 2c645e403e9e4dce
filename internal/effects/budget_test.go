package effects

import (
	"context"
	"errors"
	"go/types"
	"reflect"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

const chain = `-- p/p.go --
package p

type Engine struct{ n int }

func (e *Engine) Get() int { return e.a() }
func (e *Engine) a() int   { return e.b() }
func (e *Engine) b() int   { return e.c() }
func (e *Engine) c() int   { return e.n + e.self(map[string]*int{}, []*int{}, 3) }

func (e *Engine) self(m map[string]*int, l []*int, n int) int {
	if n > 0 {
		*l[0], *m["x"] = *m["x"], *l[0]
		l[0] = m["x"]
		return e.self(map[string]*int{"x": l[0]}, append(l, m["x"]), n-1)
	}
	return e.n
}
`

func TestBudgetEnds(t *testing.T) {
	p, pkgs := program(t, chain)
	p.most = 5
	got, err := p.Named(t.Context(), pkgs[0].Types, "Engine")
	if err != nil {
		t.Fatal(err)
	}
	m := got["Get"]
	if m.Effect != component.EffectUnknown || !m.TouchesState || m.Because == nil || !strings.Contains(m.Because.What, "steps") {
		t.Errorf("got %+v because %v", m, m.Because)
	}
	if len(m.Problems) == 0 || !strings.Contains(m.Problems[0].Message, "steps") {
		t.Errorf("problems %v don't name the budget", m.Problems)
	}
}

func TestStepsAreTheSameEveryTime(t *testing.T) {
	steps := map[int]bool{}
	for range 5 {
		p, pkgs := program(t, chain)
		if _, err := p.Named(t.Context(), pkgs[0].Types, "Engine"); err != nil {
			t.Fatal(err)
		}
		steps[p.steps] = true
	}
	if len(steps) != 1 {
		t.Errorf("the same code took %v steps", steps)
	}
}

func TestCancelled(t *testing.T) {
	p, pkgs := program(t, chain)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Named(ctx, pkgs[0].Types, "Engine"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// TestAnswersDontDependOnQuestions: what was asked before, a question that was
// given up among it, changes no answer, wherever the budget ends.
func TestAnswersDontDependOnQuestions(t *testing.T) {
	for most := 1; most < 200; most += 7 {
		fresh, pkgs := program(t, chain)
		fresh.most = most
		want, err := fresh.Named(t.Context(), pkgs[0].Types, "Engine")
		if err != nil {
			t.Fatal(err)
		}
		p, pkgs := program(t, chain)
		p.most = most
		scope := pkgs[0].Types.Scope()
		engine := scope.Lookup("Engine").Type().(*types.Named)
		for i := range engine.NumMethods() {
			ctx, cancel := context.WithCancel(t.Context())
			if i%2 == 0 {
				p.interrupt = cancel // once it is at work
			}
			_, err := p.Func(ctx, engine.Method(engine.NumMethods()-1-i))
			if (err != nil) != (i%2 == 0) {
				t.Fatalf("question %d: %v", i, err)
			}
			p.interrupt = nil
			cancel()
		}
		got, err := p.Named(t.Context(), pkgs[0].Types, "Engine")
		if err != nil {
			t.Fatal(err)
		}
		for name, m := range want {
			if g := got[name]; g.Effect != m.Effect || g.TouchesState != m.TouchesState || len(g.Problems) != len(m.Problems) || !reflect.DeepEqual(g.Because, m.Because) {
				t.Errorf("with %d steps, %s: %+v because %v, but asked alone %+v because %v", most, name, g, g.Because, m, m.Because)
			}
		}
	}
}
