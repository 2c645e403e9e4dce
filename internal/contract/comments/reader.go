package comments

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
)

// A Source is where a Reader finds syntax.
type Source struct {
	// Fset holds the positions of all objects.
	Fset *token.FileSet
	// Syntax are files parsed into Fset, with comments.
	Syntax []*ast.File
	// Files returns the absolute names of the Go files of the package with an
	// import path, or nil if they aren't known. May be nil.
	Files func(path string) []string
	// Parse parses a file with comments; it returns nil on failure. May be
	// nil: then only Syntax is used.
	Parse func(file string) (*token.FileSet, *ast.File)
}

// A Reader finds comments. It isn't safe for concurrent use.
type Reader struct {
	source Source
	files  map[string]*file // by absolute name; nil where there is none
	parsed int
}

// New returns a Reader of s. It reads nothing yet.
func New(s Source) *Reader {
	return &Reader{source: s, files: map[string]*file{}}
}

// Parsed returns how many files the Reader has parsed.
func (r *Reader) Parsed() int { return r.parsed }

// Of returns the comment of a declaration: the one above it, or else the one at
// the end of its line. It is empty for parameters and results. A comment above
// a parenthesised group belongs to the group; see Group.
func (r *Reader) Of(obj types.Object) string {
	d := r.declaration(obj)
	if d == nil {
		return ""
	}
	return cmp.Or(Text(d.above), Text(d.behind))
}

// Comment returns the comment above a declaration with its markers and
// directives, or nil.
func (r *Reader) Comment(obj types.Object) *ast.CommentGroup {
	if d := r.declaration(obj); d != nil {
		return d.above
	}
	return nil
}

// Group returns the comment above the declaration group of a constant or
// variable, if all members of the group have the type of the constant.
func (r *Reader) Group(obj types.Object) string {
	d := r.declaration(obj)
	if d == nil || d.group == nil || d.group.Doc == nil {
		return ""
	}
	for _, spec := range d.group.Specs {
		for _, name := range spec.(*ast.ValueSpec).Names {
			other := obj.Pkg().Scope().Lookup(name.Name)
			if name.Name != "_" && (other == nil || !types.Identical(other.Type(), obj.Type())) {
				return ""
			}
		}
	}
	return Text(d.group.Doc)
}

// Signature returns the comments of the parameters and results of a function or
// method, in order. They are taken from the parameter list: after a parameter
// up to the end of its line, on lines of their own above it, or directly before
// or after it. Both results are nil where the signature isn't found.
func (r *Reader) Signature(fn *types.Func) (params, results []string) {
	d := r.declaration(fn)
	if d == nil || d.signature == nil {
		return nil, nil
	}
	return d.file.list(d.signature.Params), d.file.list(d.signature.Results)
}

// declaration returns where an object is declared, or nil.
func (r *Reader) declaration(obj types.Object) *declaration {
	if obj == nil || obj.Pkg() == nil || !obj.Pos().IsValid() {
		return nil
	}
	obj = origin(obj)
	at := r.source.Fset.PositionFor(obj.Pos(), false)
	f := r.file(obj.Pkg().Path(), at.Filename)
	if f == nil {
		return nil
	}
	found := f.declared[place{at.Line, obj.Name()}]
	i := slices.IndexFunc(found, func(d *declaration) bool { return d.column == at.Column })
	switch {
	case i >= 0:
		return found[i]
	case len(found) == 1: // export data have no columns
		return found[0]
	}
	return nil
}

// origin returns the generic object of an instance.
func origin(obj types.Object) types.Object {
	switch obj := obj.(type) {
	case *types.Func:
		return obj.Origin()
	case *types.Var:
		return obj.Origin()
	}
	return obj
}

// file returns a file of a package, given by the name that the place of one of
// its objects has. Of a dependency that may be another than on the disk.
func (r *Reader) file(path, name string) *file {
	if len(r.files) == 0 {
		for _, syntax := range r.source.Syntax {
			r.files[r.source.Fset.PositionFor(syntax.Package, false).Filename] = &file{fset: r.source.Fset, syntax: syntax}
		}
	}
	f, known := r.files[name]
	if !known {
		f = r.parse(r.onDisk(path, name))
		r.files[name] = f
	}
	if f != nil && f.declared == nil {
		f.index()
	}
	return f
}

// onDisk returns the absolute name of a package's file, or "".
func (r *Reader) onDisk(path, name string) string {
	if r.source.Files == nil {
		return ""
	}
	base := filepath.Base(filepath.FromSlash(name))
	for _, f := range r.source.Files(path) {
		if filepath.Base(f) == base {
			return f
		}
	}
	return ""
}

func (r *Reader) parse(name string) *file {
	if name == "" || r.source.Parse == nil || !strings.HasSuffix(name, ".go") {
		return nil
	}
	r.parsed++
	fset, syntax := r.source.Parse(name)
	if syntax == nil {
		return nil
	}
	return &file{fset: fset, syntax: syntax}
}
