package source

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"runtime"
	"slices"
	"sync"
	"weak"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// syntaxes are the whole files of packages that Load gave. Each is there as long as
// a package holds it, so that the variants of a package, and what a change would
// lead to, share what they have in common. The zero value is ready.
type syntaxes struct {
	mu    sync.Mutex
	files map[string][]weak.Pointer[parsed] // by absolute path
}

// get returns a file with that content, or nil.
func (x *syntaxes) get(abs string, hash change.Hash) *parsed {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, w := range x.files[abs] {
		if p := w.Value(); p != nil && p.hash == hash {
			return p
		}
	}
	return nil
}

func (x *syntaxes) put(p *parsed) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.files == nil {
		x.files = map[string][]weak.Pointer[parsed]{}
	}
	held := slices.DeleteFunc(x.files[p.abs], func(w weak.Pointer[parsed]) bool { return w.Value() == nil })
	x.files[p.abs] = append(held, weak.Make(p))
}

// file returns the whole syntax of a file. One is read once for all packages of the
// loading.
func (ld *loading) file(abs string) *parsed {
	once, _ := ld.files.LoadOrStore(abs, sync.OnceValue(func() *parsed { return ld.snap.parseWhole(abs) }))
	return once.(func() *parsed)()
}

// parseWhole is parse for those who want the syntax of a file and nothing of what
// finds out later what changed in it.
func (s *Snapshot) parseWhole(abs string) *parsed {
	data, _, err := s.read(abs)
	if err != nil {
		return &parsed{abs: abs, whole: true, problems: []component.Problem{{Code: "list-error", Severity: component.Error, Span: text.Span{File: s.Rel(abs)}, Message: reasonOf(err)}}}
	}
	s.remember(abs, data)
	hash := change.HashOf(data)
	if p := s.work.loaded.get(abs, hash); p != nil {
		return p
	}
	p := &parsed{abs: abs, whole: true, hash: hash}
	s.syntax(p, data)
	if p.file != nil {
		s.work.loaded.put(p)
	}
	return p
}

// syntax parses data, the text of p, and notes what is wrong with it.
func (s *Snapshot) syntax(p *parsed, data []byte) {
	s.work.count.parsed.Add(1)
	fset := s.work.fset
	f, err := ParseFile(fset, p.abs, data, parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
	if list, ok := errors.AsType[scanner.ErrorList](err); ok {
		for _, e := range list {
			sp := text.Span{File: s.Rel(e.Pos.Filename), Start: e.Pos.Offset, End: e.Pos.Offset, Line: e.Pos.Line, Col: e.Pos.Column}
			p.problems = append(p.problems, component.Problem{Code: "parse-error", Severity: component.Error, Span: sp, Message: e.Msg})
		}
	}
	if f == nil {
		return
	}
	p.file = f
	tf := fset.File(f.FileStart)
	p.place = &place{tf}
	runtime.AddCleanup(p.place, func(tf *token.File) { fset.RemoveFile(tf) }, tf)
}

// plainPackages returns the roots of a listing that aren't variants, by path, if they
// are asked for.
func plainPackages(l *listing, asked bool) map[string]*meta {
	if !asked {
		return nil
	}
	plain := map[string]*meta{}
	for _, m := range l.roots {
		if m.ForTest == "" {
			plain[m.PkgPath] = m
		}
	}
	return plain
}

// plainOf returns the package to which m leaves the bodies that aren't in its tests,
// or nil.
func (ld *loading) plainOf(m *meta) *meta {
	if m.ForTest == "" || m.ForTest != m.PkgPath {
		return nil
	}
	return ld.plain[m.PkgPath]
}

// shared returns the files of m whose function bodies are checked in the plain
// package of the same files, by absolute path: m is its variant for its tests, and
// nothing in these could mean something to the others.
func (ld *loading) shared(m *meta, files []*parsed) map[string]bool {
	plain := ld.plainOf(m)
	if plain == nil {
		return nil
	}
	shared := map[string]bool{}
	own := plain.compiled()
	var tests []*ast.File
	for _, p := range files {
		switch {
		case slices.Contains(own, p.abs):
			shared[p.abs] = true
		case p.file != nil:
			tests = append(tests, p.file)
		}
	}
	if meddle(tests) {
		return nil
	}
	return shared
}

// meddle reports whether what tests declare could mean something to files that do
// without it: a method of a type of theirs, or a name that the language has too.
func meddle(tests []*ast.File) bool {
	own := map[string]bool{}
	var methods []string // their receivers
	names := func(id *ast.Ident) bool { return types.Universe.Lookup(id.Name) != nil }
	for _, f := range tests {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv != nil {
					methods = append(methods, Receiver(d))
				} else if names(d.Name) {
					return true
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						if names(spec.Name) {
							return true
						}
						own[spec.Name.Name] = own[spec.Name.Name] || !spec.Assign.IsValid()
					case *ast.ValueSpec:
						if slices.ContainsFunc(spec.Names, names) {
							return true
						}
					}
				}
			}
		}
	}
	return slices.ContainsFunc(methods, func(recv string) bool { return !own[recv] })
}

// withoutShared returns the syntax of files without the function bodies of those
// that are shared.
func withoutShared(files []*parsed, shared map[string]bool) []*ast.File {
	var out []*ast.File
	for _, p := range files {
		switch {
		case p.file == nil:
		case shared[p.abs]:
			out = append(out, declarationsOf(p.file))
		default:
			out = append(out, p.file)
		}
	}
	return out
}

// declarationsOf returns a file without the bodies of its functions.
func declarationsOf(f *ast.File) *ast.File {
	return without(f, func(*ast.FuncDecl) bool { return true })
}

// without returns a file without the bodies of some of its functions.
func without(f *ast.File, leaveOut func(*ast.FuncDecl) bool) *ast.File {
	bare := *f
	bare.Decls = slices.Clone(f.Decls)
	for i, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && leaveOut(fn) {
			decl := *fn
			decl.Body = nil
			bare.Decls[i] = &decl
		}
	}
	return &bare
}

// forWantOfBodies reports whether what is wrong at pos may be so only because f lacks
// bodies: an import that isn't used, or a function that must have one. F may be nil.
func forWantOfBodies(f *ast.File, pos token.Pos) bool {
	if f == nil {
		return false
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok == token.IMPORT && d.Pos() <= pos && pos < d.End() {
				return true
			}
		case *ast.FuncDecl:
			if d.Body == nil && (pos == d.Pos() || pos == d.Name.Pos()) {
				return true
			}
		}
	}
	return false
}
