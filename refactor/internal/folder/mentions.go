package folder

import (
	"bytes"
	"go/ast"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/generators"
	"github.com/unweld/unweld/internal/text"
)

// largest is the size of a file, in bytes, up to which it is searched.
const largest = 1 << 20

const stays = "this path begins in the folder that moves, and stays as it is"

// findMentions notes texts that speak of the old path and stay as they are.
func (m *Move) findMentions() {
	for _, rel := range m.order {
		if f := m.files[rel]; f.syntax != nil {
			m.mentionsInGo(f)
		}
	}
	m.mentionsElsewhere()
}

// mentionsInGo notes strings and directives of a Go file.
func (m *Move) mentionsInGo(f *file) {
	imports := map[*ast.BasicLit]bool{}
	for _, spec := range f.syntax.Imports {
		imports[spec.Path] = true
	}
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING || imports[lit] || m.understood[lit] {
			return true
		}
		switch {
		case m.mentions(lit.Value):
			m.note(f, lit, "this text mentions "+m.from+" and stays as it is")
		case f.to != f.rel && strings.Contains(lit.Value, "../"):
			m.note(f, lit, stays)
		}
		return true
	})
	for _, g := range f.syntax.Comments {
		for _, c := range g.List {
			if !strings.HasPrefix(c.Text, "//go:generate ") {
				continue
			}
			now := c.Text
			for _, d := range generators.Read(f.rel, f.syntax.Name.Name, f.before) {
				if d.Line == strings.TrimRight(c.Text, " \t\r") {
					now = d.Retarget(path.Dir(f.to), m.shift())
				}
			}
			switch {
			case m.mentions(now):
				m.note(f, c, "this directive mentions the folder in a way that isn't understood: change it by hand")
			case f.to != f.rel && now == c.Text && strings.Contains(c.Text, "../"):
				m.note(f, c, "this directive may name a path that begins in the folder that moves, and stays as it is")
			}
		}
	}
}

func (m *Move) note(f *file, n ast.Node, message string) {
	m.notes = append(m.notes, change.Note{Span: m.span(f, n), Message: message})
}

// mentions reports a text with the import path, or with the folder as commands
// write it.
func (m *Move) mentions(s string) bool {
	return m.pattern().MatchString(s)
}

func (m *Move) pattern() *regexp.Regexp {
	return regexp.MustCompile(`(^|[^\w./-])(` + regexp.QuoteMeta(m.oldPath) + `|(\./)?` + regexp.QuoteMeta(m.from) + `/|\./` + regexp.QuoteMeta(m.from) + `)($|[^\w-])`)
}

// mentionsElsewhere notes the first mention in each file that isn't Go: a Makefile,
// a workflow, unweld.yaml.
func (m *Move) mentionsElsewhere() {
	root := m.World.Snapshot.Root
	pattern := m.pattern()
	// Nothing is lost where a folder can't be read: these are notes.
	_ = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		rel := m.World.Snapshot.Rel(name)
		switch {
		case err != nil:
			return fs.SkipDir
		case d.IsDir():
			base := d.Name()
			if name != root && (base == ".git" || base == ".unweld" || base == "vendor" || base == "node_modules" || base == "testdata") {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular() || path.Ext(rel) == ".go" || path.Ext(rel) == ".sum":
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > largest {
			return nil
		}
		content, _, err := m.World.Snapshot.Content(rel)
		if err != nil || bytes.IndexByte(content, 0) >= 0 {
			return nil
		}
		if at := pattern.FindIndex(content); at != nil {
			line := 1 + bytes.Count(content[:at[0]], []byte("\n"))
			m.notes = append(m.notes, change.Note{Span: text.Span{File: rel, Line: line, Col: 1}, Message: "this file mentions " + m.from + " and stays as it is"})
		}
		return nil
	})
}
