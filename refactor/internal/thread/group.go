package thread

import (
	"bytes"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// A group is a declaration var ( ... ) among statements that ends and begins again
// where statements come between its lines: what these need may be declared in the
// lines before, and what the lines before call is called before.
type group struct {
	file *code.File
	decl *ast.GenDecl
	out  map[int]bool // lines that become statements
	cut  map[int]bool // lines with statements before them, none of which is the first
}

// groupOf returns the group that a line is of, with its index, or nil where var stands
// before that line alone.
func (t *Threader) groupOf(f *code.File, decl *ast.GenDecl, spec ast.Node) (*group, int) {
	if !decl.Lparen.IsValid() {
		return nil, 0
	}
	g := t.groups[decl]
	if g == nil {
		g = &group{f, decl, map[int]bool{}, map[int]bool{}}
		t.groups[decl] = g
		t.after = append(t.after, g.edit)
	}
	return g, slices.IndexFunc(decl.Specs, func(s ast.Spec) bool { return ast.Node(s) == spec })
}

// before returns what adds statements before a line that isn't the first.
func (g *group) before(i int) put {
	g.cut[i] = true
	return func(text func() string) { g.file.InsertFunc(g.start(i), text) }
}

// start is where a line begins, with its comment.
func (g *group) start(i int) token.Pos {
	if doc := g.decl.Specs[i].(*ast.ValueSpec).Doc; doc != nil {
		return doc.Pos()
	}
	return g.decl.Specs[i].Pos()
}

// edit writes where the group ends and begins.
func (g *group) edit() {
	if len(g.out) == 0 && len(g.cut) == 0 {
		return
	}
	switch {
	case g.out[0]:
		g.file.Replace(g.decl.Pos(), g.start(0), "")
	case g.alone(0):
		g.file.Replace(g.decl.Lparen, g.start(0), "")
	}
	last := len(g.decl.Specs) - 1
	for i := 1; i <= last; i++ {
		if (g.out[i] || g.cut[i]) && !g.out[i-1] && !g.alone(i-1) {
			g.file.InsertFirst(g.start(i), ")\n")
		}
		switch {
		case g.out[i] || !g.out[i-1] && !g.cut[i]:
		case g.alone(i):
			g.file.Insert(g.start(i), "var ")
		default:
			g.file.Insert(g.start(i), "var (\n")
		}
	}
	if !g.out[last] && !g.alone(last) {
		return
	}
	from, end := g.file.Offset(g.decl.Rparen), g.file.Offset(g.decl.Rparen)
	if blank := bytes.TrimRight(g.file.Before[:from], " \t\r\n"); len(blank) >= g.file.Offset(g.decl.Specs[last].End()) {
		from = len(blank)
	}
	g.file.ReplaceRange(from, end+1, "")
}

// alone reports a line that others neither come before nor after in the group that it
// is in now, so that it needs no brackets.
func (g *group) alone(i int) bool {
	if g.out[i] || g.decl.Specs[i].(*ast.ValueSpec).Doc != nil {
		return false
	}
	first := i == 0 && strings.TrimSpace(string(g.file.Before[g.file.Offset(g.decl.Lparen)+1:g.file.Offset(g.start(0))])) == ""
	begins := first || i > 0 && (g.cut[i] || g.out[i-1])
	ends := i+1 == len(g.decl.Specs) || g.cut[i+1] || g.out[i+1]
	return begins && ends
}
