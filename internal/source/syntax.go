package source

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// parsed is the syntax of one file, with or without the bodies of its
// functions.
type parsed struct {
	abs      string
	hash     change.Hash
	file     *ast.File // nil if it couldn't be read
	whole    bool      // with all bodies
	funcs    []*fn     // in order
	problems []component.Problem
	tokens   fileShape
	place    *place
}

// A place keeps the positions of a file known as long as anything holds it.
type place struct{ file *token.File }

// fn is a function or method declaration of a parsed file.
type fn struct {
	decl    int    // index in the declarations of the file
	key     string // of its text, and of what else in the file bears on its meaning
	generic bool   // it or its receiver has type parameters
	span    text.Span
	body    text.Span // between the braces, with them; zero if there is none
}

// parse reads and parses a file, whose text Content then goes on to return if
// remember is set. Where it fails the problems say why.
func (s *Snapshot) parse(abs string, remember bool) *parsed {
	s.work.count.parsed.Add(1)
	p := &parsed{abs: abs, whole: true}
	data, _, err := s.read(abs)
	if err != nil {
		p.problems = []component.Problem{{Code: "list-error", Severity: component.Error, Span: text.Span{File: s.Rel(abs)}, Message: reasonOf(err)}}
		return p
	}
	if remember {
		s.remember(abs, data)
	}
	p.hash = change.HashOf(data)
	fset := s.work.fset
	f, err := parser.ParseFile(fset, abs, data, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
	if list, ok := errors.AsType[scanner.ErrorList](err); ok {
		for _, e := range list {
			sp := text.Span{File: s.Rel(e.Pos.Filename), Start: e.Pos.Offset, End: e.Pos.Offset, Line: e.Pos.Line, Col: e.Pos.Column}
			p.problems = append(p.problems, component.Problem{Code: "parse-error", Severity: component.Error, Span: sp, Message: e.Msg})
		}
	}
	if f == nil {
		return p
	}
	p.file = f
	tf := fset.File(f.FileStart)
	p.place = &place{tf}
	runtime.AddCleanup(p.place, func(tf *token.File) { fset.RemoveFile(tf) }, tf)
	p.tokens = shapeOf(fset, f, data)
	p.functions(s, data)
	return p
}

// functions lists the functions of a file. What a function means depends on
// its own text, on what the file imports and on its place in a line; what the
// parser made of a file with errors isn't relied on.
func (p *parsed) functions(s *Snapshot, data []byte) {
	fset := s.work.fset
	tf := fset.File(p.file.FileStart)
	base := filepath.Base(p.abs)
	for i, d := range p.file.Decls {
		decl, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		start, end := tf.Offset(decl.Pos()), min(tf.Offset(decl.End()), len(data))
		f := &fn{decl: i, generic: isGeneric(decl), span: s.Span(fset, decl.Pos(), decl.End())}
		if decl.Body != nil {
			f.body = s.Span(fset, decl.Body.Pos(), decl.Body.End())
		}
		if len(p.problems) == 0 {
			f.key = string(change.HashOf(fmt.Appendf(nil, "%s %s %d\n%s", base, p.tokens.imports, f.span.Col, data[start:end])))
		}
		p.funcs = append(p.funcs, f)
	}
}

// isGeneric reports whether type parameters are declared by d.
func isGeneric(d *ast.FuncDecl) bool {
	if d.Type.TypeParams != nil {
		return true
	}
	if d.Recv == nil {
		return false
	}
	found := false
	for _, f := range d.Recv.List {
		ast.Inspect(f.Type, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.IndexExpr, *ast.IndexListExpr:
				found = true
			}
			return true
		})
	}
	return found
}

// only returns the file with those bodies that wanted accepts, by the index of
// the function, and of generic functions: these can make the instances of a
// type grow without end, which only the whole package shows.
func (p *parsed) only(wanted func(int) bool) *parsed {
	q := *p
	if p.file == nil {
		return &q
	}
	f := *p.file
	f.Decls = slices.Clone(p.file.Decls)
	for i, fn := range p.funcs {
		decl := f.Decls[fn.decl].(*ast.FuncDecl)
		if decl.Body == nil || fn.generic || wanted(i) {
			continue
		}
		d := *decl
		d.Body = nil
		f.Decls[fn.decl] = &d
		q.whole = false
	}
	if !q.whole {
		f.Comments = p.outside()
	}
	q.file = &f
	return &q
}

// outside lists the comments that stand in no function body.
func (p *parsed) outside() []*ast.CommentGroup {
	var out []*ast.CommentGroup
	i := 0
	var ends []*ast.BlockStmt
	for _, fn := range p.funcs {
		if b := p.file.Decls[fn.decl].(*ast.FuncDecl).Body; b != nil {
			ends = append(ends, b)
		}
	}
	for _, c := range p.file.Comments {
		for i < len(ends) && ends[i].Rbrace < c.Pos() {
			i++
		}
		if i == len(ends) || c.Pos() < ends[i].Lbrace {
			out = append(out, c)
		}
	}
	return out
}
