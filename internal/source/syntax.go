package source

import (
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"

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

	outline string      // a hash of the text of all declarations without the bodies of functions; empty if something is wrong outside of these
	decls   []text.Span // where the declarations stand
	bare    bool        // without those bodies that only leaves out
}

// A place keeps the positions of a file known as long as anything holds it.
type place struct{ file *token.File }

// holdPlaces keeps the positions of files known as long as anything holds their
// package, or an object or a function of it: these lead to the package, and not to
// the Package that it came with. A cleanup's argument lives until the cleanup runs.
func holdPlaces(pkg *types.Package, files []*parsed) {
	var places []*place
	for _, p := range files {
		places = append(places, p.place)
	}
	runtime.AddCleanup(pkg, func([]*place) {}, places)
}

// fn is a function or method declaration of a parsed file.
type fn struct {
	decl    int    // index in the declarations of the file
	key     string // of its text, and of what else in the file bears on its meaning
	generic bool   // it or its receiver has type parameters
	span    text.Span
	body    text.Span // between the braces, with them; zero if there is none
	closed  bool      // the brace at the end of the body is there

	lbrace, rbrace token.Pos // of the body; not valid if there is none

	method   string   // its name, if it is a method
	mentions []string // identifiers in it, sorted; nil in a brief session until mention
	meant    atomic.Pointer[meantKey]
}

// parse reads and parses a file. Where it fails the problems say why.
func (s *Snapshot) parse(abs string) *parsed {
	p := &parsed{abs: abs, whole: true}
	data, _, err := s.read(abs)
	if err != nil {
		s.work.count.parsed.Add(1)
		p.problems = []component.Problem{{Code: "list-error", Severity: component.Error, Span: text.Span{File: s.Rel(abs)}, Message: reasonOf(err)}}
		return p
	}
	p.hash = change.HashOf(data)
	if s.syntax(p, data); p.file == nil {
		return p
	}
	p.tokens = shapeOf(s.work.fset, p.file, data)
	p.functions(s, data)
	p.outlined(s.Rel(abs), data)
	s.work.mu.Lock()
	last := s.work.syntax[abs]
	s.work.mu.Unlock()
	p.keys(data, last)
	if !s.work.brief {
		p.mention()
	}
	return p
}

// functions lists the declarations of a file, and the functions among them.
func (p *parsed) functions(s *Snapshot, data []byte) {
	fset := s.work.fset
	for i, d := range p.file.Decls {
		p.decls = append(p.decls, s.Span(fset, d.Pos(), d.End()))
		decl, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		f := &fn{decl: i, generic: isGeneric(decl), span: p.decls[i]}
		if decl.Recv != nil {
			f.method = decl.Name.Name
		}
		if decl.Body != nil {
			f.lbrace, f.rbrace = decl.Body.Lbrace, decl.Body.Rbrace
			f.body = s.Span(fset, decl.Body.Pos(), decl.Body.End())
			_, end := p.offsets(decl.Body, data)
			f.closed = decl.Body.Rbrace.IsValid() && data[end-1] == '}'
		}
		p.funcs = append(p.funcs, f)
	}
}

// offsets are those of a node in the text of the file.
func (p *parsed) offsets(n ast.Node, data []byte) (start, end int) {
	return p.place.file.Offset(n.Pos()), min(p.place.file.Offset(n.End()), len(data))
}

// keys says what functions mean alike: that depends on their own text, on what
// the file imports and on the place in a line. A function in which the parser
// found an error has no key. One that it read to its last brace without an error
// is read in the same way whatever stands before and after it.
//
// Last is the file as it was parsed before, or nil.
func (p *parsed) keys(data []byte, last *parsed) {
	base := filepath.Base(p.abs)
	mentions := map[string][]string{}
	if last != nil {
		for _, f := range last.funcs {
			mentions[f.key] = f.mentions
		}
	}
	for _, f := range p.funcs {
		start, end := p.offsets(p.file.Decls[f.decl], data)
		broken := slices.ContainsFunc(p.problems, func(e component.Problem) bool { return start <= e.Span.Start && e.Span.Start <= end })
		if len(p.problems) > 0 && (broken || !f.closed) {
			continue
		}
		f.key = string(change.HashOf(fmt.Appendf(nil, "%s %s %d\n%s", base, p.tokens.imports, f.span.Col, data[start:end])))
		f.mentions = mentions[f.key]
	}
}

// mention lists the identifiers in functions of a file with bodies.
func (p *parsed) mention() {
	for _, f := range p.funcs {
		if f.key != "" && f.mentions == nil {
			f.mentions = mentioned(p.file.Decls[f.decl])
		}
	}
}

// outlined hashes what stands outside of function bodies, unless something is
// wrong there. Name is that of the file relative to the root, so that a copy of
// the module has the same.
func (p *parsed) outlined(name string, data []byte) {
	for _, e := range p.problems {
		inBody := func(f *fn) bool {
			if !f.closed {
				return false
			}
			start, end := p.offsets(p.file.Decls[f.decl].(*ast.FuncDecl).Body, data)
			return start < e.Span.Start && e.Span.Start < end
		}
		if !slices.ContainsFunc(p.funcs, inBody) {
			return
		}
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %s %v\n", name, p.file.GoVersion, ast.IsGenerated(p.file))
	for i, d := range p.file.Decls {
		start, end := p.offsets(d, data)
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
			end, _ = p.offsets(f.Body, data)
		}
		fmt.Fprintf(h, "%d %d\n", p.decls[i].Col, end-start)
		h.Write(data[start:end])
	}
	p.outline = sum(h)
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

// only returns the file with those bodies that wanted accepts (none if it is
// nil), by the index of the function, and of generic functions: these can make
// the instances of a type grow without end, which only the whole package shows.
func (p *parsed) only(wanted func(int) bool) *parsed {
	q := *p
	if p.file == nil || p.bare && wanted == nil {
		return &q
	}
	if q.bare = wanted == nil; q.bare {
		wanted = func(int) bool { return false }
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
