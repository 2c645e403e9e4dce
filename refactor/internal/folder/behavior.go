package folder

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/refactor/internal/placement"
)

// noteBehavior says where the program can tell the package's path or name.
func (m *Move) noteBehavior() {
	w := m.World
	for _, p := range w.Packages {
		if dir := path.Clean(p.Pkg.Dir); p.ForTest == "" && (dir == m.from || strings.HasPrefix(dir, m.from+"/")) {
			m.notes = append(m.notes, placement.Order(w, p, m.moved(p.Pkg.Path))...)
		}
	}
	m.notes = append(m.notes, m.typeNames...)
}

// findTypeNames finds where the program tells the package's path or name with a type.
func (m *Move) findTypeNames() {
	sameName := m.Name == m.Pkg.Pkg.Name
	m.typeNames = placement.TypeNames(m.World, func(t types.Type, byPath bool) string {
		named := placement.NamedIn(t)
		if named == nil || named.Obj().Pkg() == nil {
			return ""
		}
		moved := m.moved(named.Obj().Pkg().Path())
		if moved == "" || byPath && moved == named.Obj().Pkg().Path() || !byPath && (sameName || named.Obj().Pkg().Path() != m.oldPath) {
			return ""
		}
		return named.Obj().Name()
	})
}

var output = regexp.MustCompile(`(?i)^//[[:space:]]*(unordered )?output:`) // as go/doc has it

// editOutputs changes the package's name in what examples say that they print, where
// they print it with a type.
func (m *Move) editOutputs(f *file, add func(pos, end token.Pos, text string)) {
	if m.Name == m.Pkg.Pkg.Name {
		return
	}
	old := regexp.MustCompile(`\b` + regexp.QuoteMeta(m.Pkg.Pkg.Name) + `\.\w+`)
	scope := m.Pkg.Types.Scope()
	for _, group := range f.syntax.Comments {
		if !output.MatchString(group.List[0].Text) || !m.printsTypes(f, group) {
			continue
		}
		for _, c := range group.List {
			for _, at := range old.FindAllStringIndex(c.Text, -1) {
				name, typ, _ := strings.Cut(c.Text[at[0]:at[1]], ".")
				if _, is := scope.Lookup(typ).(*types.TypeName); is {
					add(c.Pos()+token.Pos(at[0]), c.Pos()+token.Pos(at[0]+len(name)), m.Name)
				}
			}
		}
	}
}

// printsTypes reports whether a comment is in an example that prints a type of the
// package.
func (m *Move) printsTypes(f *file, comment *ast.CommentGroup) bool {
	if !strings.HasSuffix(f.rel, "_test.go") {
		return false
	}
	for _, d := range f.syntax.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(fn.Name.Name, "Example") && fn.Pos() < comment.Pos() && comment.End() < fn.End() {
			span := m.span(f, fn)
			return slices.ContainsFunc(m.typeNames, func(n change.Note) bool {
				return n.Span.File == f.rel && n.Span.Start >= span.Start && n.Span.End <= span.End
			})
		}
	}
	return false
}
