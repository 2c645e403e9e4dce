package calls

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// made is a program that is made up: packages of functions that call each other.
type made struct {
	rand     *rand.Rand
	packages [][]component.FunctionFacts
	members  int // which of several ways to part the packages is in force
}

func (m *made) subject(i int) component.Subject {
	return component.Subject{Decl: component.DeclID{Pkg: fmt.Sprint("m/p", i%4), Name: fmt.Sprint("f", i)}}
}

func (m *made) any() component.Subject { return m.subject(m.rand.IntN(30)) }

func (m *made) function(of component.Subject, line int) component.FunctionFacts {
	f := component.FunctionFacts{Of: of, At: text.Span{File: "p.go", Line: line}}
	var facts []component.Fact
	for i := range m.rand.IntN(4) {
		facts = append(facts, component.Fact{Kind: []string{Calls, May, Go}[m.rand.IntN(3)], To: m.any(), Text: []string{"", Remote}[m.rand.IntN(2)], Span: text.Span{Line: i + 1}})
	}
	if len(facts) > 0 {
		f.By = []component.AnalyzerFacts{{Analyzer: analyzerName, Facts: facts}}
	}
	return f
}

func (m *made) program(memory *analyzers.Memory) *analyzers.Program {
	members := m.members
	p := &analyzers.Program{Memory: memory, Membership: fmt.Sprint(members), Contracts: map[component.DeclID]string{m.subject(members).Decl: "c"},
		ComponentOf: func(d component.DeclID) string { return string(d.Pkg[len(d.Pkg)-1]%2 + 'a' + byte(members%2)) }}
	for _, list := range m.packages {
		p.AddFacts(list)
	}
	return p
}

// step changes the program a little, and says how.
func (m *made) step() string {
	k := m.rand.IntN(len(m.packages))
	list := slices.Clone(m.packages[k])
	m.packages[k] = list
	if len(list) == 0 {
		return "nothing"
	}
	i := m.rand.IntN(len(list))
	switch m.rand.IntN(6) {
	case 0:
		list[i] = m.function(list[i].Of, list[i].At.Line)
		return "other calls"
	case 1:
		for j := range list {
			list[j].At.Line += 2
		}
		return "functions moved"
	case 2:
		m.packages[k] = slices.Delete(list, i, i+1)
		return "without a function"
	case 3:
		m.packages[k] = slices.Insert(list, i, m.function(m.any(), 100+i))
		return "one more"
	case 4:
		m.members = m.rand.IntN(4)
		return "other components"
	}
	if len(list[i].By) > 0 {
		facts := slices.Clone(list[i].By[0].Facts)
		for j := range facts {
			facts[j].Span.Line++
		}
		list[i].By = []component.AnalyzerFacts{{Analyzer: analyzerName, Facts: facts}}
	}
	return "a line in a function"
}

// say writes down all that a graph knows, without its numbers.
func (m *made) say(g *Graph) []string {
	var out []string
	name := func(n int) string {
		for i := range 30 {
			if k, ok := g.Number(m.subject(i)); ok && k == n {
				return m.subject(i).String()
			}
		}
		return "?"
	}
	for i := range 30 {
		n, ok := g.Number(m.subject(i))
		if !ok {
			continue
		}
		for _, kind := range []string{Calls, May, Go} {
			for c := range g.Of(n, kind) {
				out = append(out, fmt.Sprint(m.subject(i), kind, name(c.Callee), c.Placed()))
			}
		}
		for c := range g.Crossings(n) {
			out = append(out, fmt.Sprint(m.subject(i), " into ", c.Into, name(c.Callee), c.Placed()))
		}
	}
	return out
}

// TestGraphLikeFresh asks for the graph of a program again and again while it
// changes: it is that of one that begins with nothing, and where its Version is
// that of before, so are its calls but for their places.
func TestGraphLikeFresh(t *testing.T) {
	for seed := range uint64(30) {
		m := &made{rand: rand.New(rand.NewPCG(seed, 1)), packages: make([][]component.FunctionFacts, 3)}
		for i := range 30 {
			m.packages[i%3] = append(m.packages[i%3], m.function(m.subject(i), 10*i+1))
		}
		var memory analyzers.Memory
		version, before := -1, []string{}
		for range 80 {
			what := m.step()
			var lived *Graph
			p := m.program(&memory)
			p.Run([]*analyzers.Analyzer{{Name: "x", Program: func(p *analyzers.Program) []component.Problem { lived = NewGraph(p); return nil }}})
			got, want := m.say(lived), m.say(NewGraph(m.program(nil)))
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, %s: the graph has\n%s\na fresh one\n%s", seed, what, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			edges := m.edges(lived)
			if lived.Version() == version && !reflect.DeepEqual(edges, before) {
				t.Fatalf("seed %d, %s: the version is the same and the calls are not", seed, what)
			}
			version, before = lived.Version(), edges
		}
	}
}

// edges lists who calls whom, and where that leads.
func (m *made) edges(g *Graph) []string {
	var out []string
	for n := range g.Len() {
		for c := range g.Of(n, Calls) {
			out = append(out, fmt.Sprint(n, " ", c.Callee))
		}
		for c := range g.Crossings(n) {
			out = append(out, fmt.Sprint(n, c.Kind, c.Callee, c.Into))
		}
	}
	return out
}

// TestVersionOfAnEdit: an edit that changes no call leaves the version as it is.
func TestVersionOfAnEdit(t *testing.T) {
	m := &made{rand: rand.New(rand.NewPCG(1, 1)), packages: make([][]component.FunctionFacts, 1)}
	for i := range 30 {
		m.packages[0] = append(m.packages[0], m.function(m.subject(i), 10*i+1))
	}
	var memory analyzers.Memory
	version := func() (v int) {
		m.program(&memory).Run([]*analyzers.Analyzer{{Name: "x", Program: func(p *analyzers.Program) []component.Problem { v = NewGraph(p).Version(); return nil }}})
		return v
	}
	first := version()
	list := slices.Clone(m.packages[0])
	m.packages[0] = list
	for i := range list {
		list[i].At.Line++
	}
	i := slices.IndexFunc(list, func(f component.FunctionFacts) bool { return len(f.By) > 0 })
	facts := slices.Clone(list[i].By[0].Facts)
	for j := range facts {
		facts[j].Span.Line++
	}
	list[i].By = []component.AnalyzerFacts{{Analyzer: analyzerName, Facts: facts}}
	if version() != first {
		t.Error("another line made another version")
	}
	list = slices.Clone(list)
	m.packages[0] = list
	facts = append(slices.Clone(facts), component.Fact{Kind: Calls, To: m.subject(7)})
	list[i].By = []component.AnalyzerFacts{{Analyzer: analyzerName, Facts: facts}}
	if version() == first {
		t.Error("another call left the version as it was")
	}
}
