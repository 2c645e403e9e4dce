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
	rand      *rand.Rand
	functions []component.FunctionFacts
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
func (p *program) function(of component.Subject) []component.Fact {
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
	for i := range out {
		out[i].Of = of
	}
	return out
}

func (p *program) all() iter.Seq2[*component.FunctionFacts, []component.Fact] {
	return all(p.functions)
}

func all(fs []component.FunctionFacts) iter.Seq2[*component.FunctionFacts, []component.Fact] {
	return func(yield func(*component.FunctionFacts, []component.Fact) bool) {
		for i := range fs {
			if !yield(&fs[i], fs[i].Only("a")) {
				return
			}
		}
	}
}

func by(facts []component.Fact) []component.AnalyzerFacts {
	return []component.AnalyzerFacts{{Analyzer: "a", Facts: facts}}
}

// step changes the program a little, and says how.
func (p *program) step() string {
	p.functions = slices.Clone(p.functions)
	i := p.rand.IntN(len(p.functions))
	f := &p.functions[i]
	switch p.rand.IntN(5) {
	case 0:
		f.By = by(p.function(f.Of))
		return "other facts of " + f.Of.String()
	case 1:
		for j := range p.functions {
			p.functions[j].At.Line += 3
		}
		return "all functions moved"
	case 2:
		p.functions = slices.Delete(p.functions, i, i+1)
		return "without a function"
	case 3:
		of := p.any() // it may be there already, as an init function may
		p.functions = slices.Insert(p.functions, i, component.FunctionFacts{Of: of, At: text.Span{File: "p.go", Line: 1000 + i}, By: by(p.function(of))})
		return "one more of " + of.String()
	}
	facts := slices.Clone(f.Only("a"))
	for j := range facts {
		if facts[j].Span.Line > 0 {
			facts[j].Span.Line++
		}
	}
	f.By = by(facts)
	return "a line in " + f.Of.String()
}

// TestLinkerLikeFresh links a program again and again while it changes: the
// linker says what one that never saw the earlier programs says.
func TestLinkerLikeFresh(t *testing.T) {
	for seed := range uint64(20) {
		p := &program{rand: rand.New(rand.NewPCG(seed, 1))}
		for i := range 40 {
			of := p.subject(i)
			p.functions = append(p.functions, component.FunctionFacts{Of: of, At: text.Span{File: "p.go", Line: 10 * (i + 1)}, By: by(p.function(of))})
		}
		var lived Linker
		lived.Link(p.all())
		for range 60 {
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
	calls := func(of, callee string) component.FunctionFacts {
		f := Fact{Kind: Passes, Callee: name(callee), Name: "p", Span: text.Span{Line: 1, Col: 1}}
		return component.FunctionFacts{Of: name(of), At: text.Span{File: "p.go", Line: 10}, By: by([]component.Fact{f.Plain()})}
	}
	does := func(of string, kinds ...string) component.FunctionFacts {
		out := component.FunctionFacts{Of: name(of), At: text.Span{File: "p.go", Line: 50}}
		var facts []component.Fact
		for _, k := range kinds {
			facts = append(facts, Fact{Kind: k, Name: "p", What: "w", Span: text.Span{Line: 2, Col: 1}}.Plain())
		}
		out.By = by(facts)
		return out
	}
	fs := []component.FunctionFacts{calls("a", "b"), calls("b", "c"), does("c", Body), calls("x", "y"), does("y", Body)}
	var l Linker
	link := func(want int, what string) {
		t.Helper()
		if l.Link(all(fs)); l.solved != want {
			t.Errorf("%s: %d functions were worked out, want %d", what, l.solved, want)
		}
	}
	link(5, "at first")
	link(0, "nothing changed")
	fs[2].At.Line++
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
