package engine

import (
	"go/ast"
	"path"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/describe"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
)

// siteAt parses the file of a span, or takes it as it was parsed last. It returns nil
// where there is no such file, or none with a package clause.
func (s *Session) siteAt(span text.Span, codes []string) *refactor.Site {
	content, hash, err := s.snap.Content(span.File)
	if err != nil {
		return nil
	}
	return s.living.sites.at(content, hash, span, codes)
}

// ImportPath is that of the package a file of the module is in.
func (s *Session) ImportPath(file string) string {
	dir := path.Dir(file)
	if s.Module == "std" {
		return dir
	}
	return path.Join(s.Module, dir)
}

// declaredAt returns the site of a declaration's name, which is looked for in the file of
// near and then where the last analysis found it, or nil.
func (s *Session) declaredAt(near *refactor.Site, id component.DeclID) *refactor.Site {
	if near != nil && s.ImportPath(near.Span.File) == id.Pkg {
		if at := named(near, id.Name); at != nil {
			return at
		}
	}
	s.living.mu.Lock()
	sum := s.living.summaries[id.Pkg].summary
	s.living.mu.Unlock()
	if sum == nil {
		return nil
	}
	for _, d := range sum.Decls {
		if d.Name == id.Name {
			if site := s.siteAt(d.Span, nil); site != nil {
				return named(site, id.Name)
			}
		}
	}
	return nil
}

// named returns the site of a package-level name in the same file, or nil.
func named(site *refactor.Site, name string) *refactor.Site {
	at := func(id *ast.Ident) *refactor.Site {
		if id == nil || id.Name != name {
			return nil
		}
		span := site.SpanOf(id)
		span.End = span.Start
		return site.At(span, nil)
	}
	for _, d := range site.Syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if found := at(d.Name); found != nil && d.Recv == nil {
				return found
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if found := at(spec.Name); found != nil {
						return found
					}
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						if found := at(id); found != nil {
							return found
						}
					}
				}
			}
		}
	}
	return nil
}

// enclosing returns the site of the type that what stands at a site belongs to: that of a
// method, or of a field. It is nil for anything else.
func (s *Session) enclosing(site *refactor.Site) *refactor.Site {
	name := ""
	if f := site.Func(); f != nil {
		name = source.Receiver(f)
	} else if ts := fieldOf(site); ts != nil {
		name = ts.Name.Name
	}
	if name == "" {
		return nil
	}
	return s.declaredAt(site, component.DeclID{Pkg: s.ImportPath(site.Span.File), Name: name})
}

// called returns the site of the function or method that is called, or mentioned, at a
// site. It goes by what find saw last, as Describe does, and is nil where that says nothing,
// and at the declaration itself.
func (s *Session) called(site *refactor.Site) *refactor.Site {
	found := s.living.found.Load()
	if found == nil || s.Module == "" {
		return nil
	}
	d, ok := describe.At(found, site, s.ImportPath(site.Span.File))
	if !ok || d.Subject.Decl.Name == "" {
		return nil
	}
	s.living.mu.Lock()
	sum := s.living.summaries[d.Subject.Decl.Pkg].summary
	s.living.mu.Unlock()
	if sum == nil {
		return nil
	}
	for _, sig := range sum.Contracts {
		if at := sig.Span; sig.Decl == d.Subject.Decl && sig.Member == d.Subject.Member {
			if at.File == site.Span.File && at.Line == site.Span.Line {
				return nil
			}
			at.End = at.Start
			return s.siteAt(at, nil)
		}
	}
	return nil
}

// fieldOf returns the struct type with a field at the place, or nil.
func fieldOf(site *refactor.Site) *ast.TypeSpec {
	for _, d := range site.Syntax.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || !site.Covers(g.Pos(), g.End()) {
			continue
		}
		for _, spec := range g.Specs {
			ts, ok := spec.(*ast.TypeSpec)
			if !ok || ts.Name == nil {
				continue
			}
			st, ok := ts.Type.(*ast.StructType)
			if ok && st.Fields != nil && st.Fields.Opening.IsValid() && site.Covers(st.Fields.Opening+1, st.Fields.Closing) {
				return ts
			}
		}
	}
	return nil
}

// ofCalled reports whether a refactoring is offered for a function at its calls, too: it
// rewrites the function with its callers.
func ofCalled(r *refactor.Refactoring) bool { return strings.HasPrefix(r.Kind, "refactor.rewrite") }

// ofWholeTypes reports whether a refactoring is offered for a type at its methods and
// fields, too.
func ofWholeTypes(r *refactor.Refactoring) bool { return strings.HasPrefix(r.Kind, "refactor.extract") }
