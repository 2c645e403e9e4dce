package analyzers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// passOf returns a pass over one function of a package p.
func passOf(t *testing.T, src string) (*Pass, *ast.FuncDecl) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", "package p\n\n"+src, 0)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}}
	pkg, err := (&types.Config{}).Check("m/p", fset, []*ast.File{file}, info)
	if err != nil {
		t.Fatal(err)
	}
	pass := &Pass{Fset: fset, Types: pkg, Info: info, Span: func(pos, end token.Pos) text.Span {
		p := fset.Position(pos)
		return text.Span{File: p.Filename, Start: p.Offset, End: p.Offset + int(end-pos), Line: p.Line, Col: p.Column}
	}}
	for _, d := range file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			return pass, fn
		}
	}
	t.Fatal("no function")
	return nil, nil
}

// TestFactsAreCapped keeps a function of any size from filling the cache, and
// from being taken for one that is known.
func TestFactsAreCapped(t *testing.T) {
	chatty := &Analyzer{Name: "chatty", Function: func(*Pass, *ast.FuncDecl) []component.Fact {
		return make([]component.Fact, MaxFacts+7)
	}}
	wordy := &Analyzer{Name: "wordy", Requires: []*Analyzer{chatty}, Function: func(*Pass, *ast.FuncDecl) []component.Fact {
		return []component.Fact{{Kind: "k", Text: strings.Repeat("x", 10*maxText)}}
	}}
	pass, fn := passOf(t, "type T[E any] struct{}\n\nfunc (t *T[E]) Do() {}\n")
	by := Facts([]*Analyzer{wordy}, pass, fn)
	if len(by) != 2 || by[0].Analyzer != "chatty" || by[1].Analyzer != "wordy" {
		t.Fatalf("facts of %d analyzers", len(by))
	}
	facts := slices.Concat(by[0].Facts, by[1].Facts)
	if len(facts) != MaxFacts+2 {
		t.Fatalf("%d facts, want %d, one for those left out, and one of the other rule", len(facts), MaxFacts)
	}
	of := SubjectOf(pass, fn)
	if of != (component.Subject{Decl: component.DeclID{Pkg: "m/p", Name: "T"}, Member: "Do"}) {
		t.Fatalf("the facts are of %v", of)
	}
	if cut := facts[MaxFacts]; cut.Kind != Cut || cut.Text != "507" || len(facts[MaxFacts+1].Text) != maxText {
		t.Errorf("%+v, %+v", cut, facts[MaxFacts+1])
	}
	p := &Program{ComponentOf: func(component.DeclID) string { return "c" }}
	p.AddFacts([]component.FunctionFacts{{Of: of, By: by}})
	if ps := p.Run([]*Analyzer{wordy}); len(ps) != 1 || ps[0].Code != "facts-cut" || !strings.Contains(ps[0].Message, "m/p.T.Do has 507 places") {
		t.Errorf("problems: %+v", ps)
	}
}

func TestRequiredRunFirstAndOnce(t *testing.T) {
	base := &Analyzer{Name: "base"}
	a, b := &Analyzer{Name: "a", Requires: []*Analyzer{base}}, &Analyzer{Name: "b", Requires: []*Analyzer{base}}
	var got []string
	for _, r := range WithRequired([]*Analyzer{b, a, base}) {
		got = append(got, r.Name)
	}
	if strings.Join(got, " ") != "base b a" {
		t.Errorf("order %q", got)
	}
}

func TestEverySpanOfAFactMoves(t *testing.T) {
	f := component.Fact{Span: text.Span{Line: 1}, More: &component.More{At: text.Span{Line: 2}, Fix: &component.Fix{Edits: []component.Edit{{Span: text.Span{Line: 3}}, {Span: text.Span{Line: 4}}}}}}
	f.EachSpan(func(s *text.Span) { s.Line += 10 })
	if f.Span.Line != 11 || f.At().Line != 12 || f.More.Fix.Edits[0].Span.Line != 13 || f.More.Fix.Edits[1].Span.Line != 14 {
		t.Errorf("%+v", f)
	}
}
