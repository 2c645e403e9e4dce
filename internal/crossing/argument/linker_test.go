package argument

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// program makes up functions that call each other, in circles too.
type program struct {
	rand     *rand.Rand
	packages [][]component.FactsOf
}

func (p *program) subject(i int) component.Subject {
	if i%3 == 0 {
		return component.Subject{Decl: component.DeclID{Pkg: "m/p", Name: "T"}, Member: fmt.Sprint("M", i)}
	}
	return component.Subject{Decl: component.DeclID{Pkg: "m/p", Name: fmt.Sprint("f", i)}}
}

func (p *program) any() component.Subject { return p.subject(p.rand.IntN(40)) }

func (p *program) path() string { return []string{"", "[]", "a", "b"}[p.rand.IntN(4)] }

// function makes the facts of one function.
func (p *program) function() []component.Fact {
	out := []component.Fact{Fact{Kind: Body}.Plain()}
	for line := range p.rand.IntN(6) {
		f := Fact{Kind: []string{Writes, May, Passes, Passes, Passes, Returns}[p.rand.IntN(6)], Place: Place{p.rand.IntN(3), p.path()}, Name: "p",
			What: fmt.Sprint("w", p.rand.IntN(3)), Span: text.Span{Line: line + 1, Col: 1 + p.rand.IntN(3)}}
		if f.Kind == Passes {
			f.Callee, f.Arg = p.any(), p.rand.IntN(3)
		}
		if p.rand.IntN(4) == 0 {
			f.Result = &Result{Callee: p.any(), Arg: p.rand.IntN(3), Path: p.path()}
		}
		out = append(out, f.Plain())
	}
	if p.rand.IntN(5) == 0 {
		out = append(out, component.Fact{Kind: Implements, To: p.subject(100 + p.rand.IntN(3))})
	}
	return out
}

func (p *program) all() iter.Seq[[]component.FactsOf] {
	return func(yield func([]component.FactsOf) bool) {
		for _, list := range p.packages {
			if len(list) > 0 && !yield(list) {
				return
			}
		}
	}
}

func factsOf(of component.Subject, line int, facts []component.Fact) component.FactsOf {
	return component.FactsOf{In: &component.FunctionFacts{Of: of, At: text.Span{File: "p.go", Line: line}}, Facts: facts}
}

// step changes one package of the program a little, and says how.
func (p *program) step() string {
	k := p.rand.IntN(len(p.packages))
	list := slices.Clone(p.packages[k])
	p.packages[k] = list
	if len(list) == 0 {
		return "nothing"
	}
	i := p.rand.IntN(len(list))
	of := list[i].In.Of
	switch p.rand.IntN(7) {
	case 0:
		list[i] = factsOf(of, list[i].In.At.Line, p.function())
		return "other facts of " + of.String()
	case 1:
		for j := range list {
			list[j] = factsOf(list[j].In.Of, list[j].In.At.Line+3, list[j].Facts)
		}
		return "a package's functions moved"
	case 2:
		p.packages[k] = slices.Delete(list, i, i+1)
		return "without a function"
	case 3:
		of := p.any() // it may be there already, as an init function may
		p.packages[k] = slices.Insert(list, i, factsOf(of, 1000+i, p.function()))
		return "one more of " + of.String()
	case 4:
		j := p.rand.IntN(len(p.packages))
		p.packages[k], p.packages[j] = p.packages[j], p.packages[k]
		return "packages in another order"
	case 5:
		j := p.rand.IntN(len(list))
		list[i], list[j] = list[j], list[i]
		return "functions in another order"
	}
	facts := slices.Clone(list[i].Facts)
	for j := range facts {
		if facts[j].Span.Line > 0 {
			facts[j].Span.Line++
		}
	}
	list[i] = factsOf(of, list[i].In.At.Line, facts)
	return "a line in " + of.String()
}

// TestLinkerLikeFresh links a program again and again while it changes: the
// linker says what one that never saw the earlier programs says.
func TestLinkerLikeFresh(t *testing.T) {
	for seed := range uint64(20) {
		p := &program{rand: rand.New(rand.NewPCG(seed, 1)), packages: make([][]component.FactsOf, 3)}
		for i := range 40 {
			of := p.subject(i)
			p.packages[i%3] = append(p.packages[i%3], factsOf(of, 10*(i+1), p.function()))
		}
		var lived Linker
		lived.Link(p.all())
		for range 100 {
			what := p.step()
			got, want := lived.Link(p.all()), new(Linker).Link(p.all())
			for i := range 104 {
				s := p.subject(i)
				if g, w := got.Of(s), want.Of(s); !reflect.DeepEqual(g, w) {
					t.Fatalf("seed %d, %s: of %v the linker says\n%+v, a fresh one\n%+v", seed, what, s, g, w)
				}
				if g, w := got.Behind(s), want.Behind(s); !slices.Equal(g, w) {
					t.Fatalf("seed %d, %s: behind %v are %v, want %v", seed, what, s, g, w)
				}
				if got.Known(s) != want.Known(s) {
					t.Fatalf("seed %d, %s: %v known: %v", seed, what, s, got.Known(s))
				}
			}
		}
	}
}

// TestLinkerWorksOutWhatChanged counts the functions that are looked at again:
// a chain of callers, as far as it makes a difference to them.
func TestLinkerWorksOutWhatChanged(t *testing.T) {
	name := func(s string) component.Subject {
		return component.Subject{Decl: component.DeclID{Pkg: "m/p", Name: s}}
	}
	calls := func(of, callee string) component.FactsOf {
		f := Fact{Kind: Passes, Callee: name(callee), Name: "p", Span: text.Span{Line: 1, Col: 1}}
		return factsOf(name(of), 10, []component.Fact{f.Plain()})
	}
	does := func(of string, kinds ...string) component.FactsOf {
		var facts []component.Fact
		for _, k := range kinds {
			facts = append(facts, Fact{Kind: k, Name: "p", What: "w", Span: text.Span{Line: 2, Col: 1}}.Plain())
		}
		return factsOf(name(of), 50, facts)
	}
	fs := []component.FactsOf{calls("a", "b"), calls("b", "c"), does("c", Body), calls("x", "y"), does("y", Body)}
	var l Linker
	link := func(want int, what string) {
		t.Helper()
		if l.Link(slices.Values([][]component.FactsOf{fs})); l.solved != want {
			t.Errorf("%s: %d functions were worked out, want %d", what, l.solved, want)
		}
		fs = slices.Clone(fs)
	}
	link(5, "at first")
	link(0, "nothing changed")
	fs[2] = factsOf(name("c"), 51, fs[2].Facts)
	link(0, "a function moved")
	fs[2] = does("c", Body, Returns)
	link(2, "what it returns matters to its caller, and no further")
	fs[2] = does("c", Writes)
	link(3, "a write matters to all callers")
	fs[4] = does("y", Body)
	link(1, "the same facts, found again")
	fs = slices.Delete(fs, 4, 5)
	link(1, "a callee is gone")
}
