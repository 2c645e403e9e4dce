package prune

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// BundleName returns the name of the file that Bundle joins the files of a
// package into.
func BundleName(pkg string) string { return pkg + ".go" }

var buildLine = regexp.MustCompile(`(?m)^//go:build `)

// Bundle joins the files of a package, by name, into one that begins with
// header. A file with a build constraint, or whose import names conflict with
// those of the others, stays separate. Of the comments before a package clause
// only the package documentation is kept. A package that declares nothing has no
// files.
func Bundle(pkg, header string, files map[string][]byte) (map[string][]byte, error) {
	b := &bundler{imports: map[string]string{}, declared: map[string]bool{}}
	var parts []*part
	for _, name := range slices.Sorted(maps.Keys(files)) {
		p, err := parsePart(name, files[name])
		if err != nil {
			return nil, err
		}
		b.declare(p.syntax)
		parts = append(parts, p)
	}
	if !slices.ContainsFunc(parts, (*part).declares) {
		return nil, nil
	}
	out := map[string][]byte{}
	parts = slices.DeleteFunc(parts, func(p *part) bool {
		if b.takes(p) {
			return false
		}
		out[p.name] = p.src
		return true
	})
	if len(parts) == 0 || out[BundleName(pkg)] != nil {
		return files, nil
	}
	content, err := b.print(header, parts)
	out[BundleName(pkg)] = content
	return out, err
}

// A part is a file that may become part of a bundle.
type part struct {
	name   string
	src    []byte
	syntax *ast.File
	decls  int // where the first declaration begins that is no import, with its comments
}

func parsePart(name string, src []byte) (*part, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	end := f.Name.End()
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			end = d.End()
		}
	}
	return &part{name: name, src: src, syntax: f, decls: fset.Position(end).Offset}, nil
}

// declares reports whether something is declared in the file, besides what it imports.
func (p *part) declares() bool {
	return slices.ContainsFunc(p.syntax.Decls, func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		return !ok || g.Tok != token.IMPORT
	})
}

// A bundler knows what a bundle's files name.
type bundler struct {
	imports  map[string]string // paths by name
	declared map[string]bool   // at package level, in any file
}

func (b *bundler) declare(f *ast.File) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			b.declared[d.Name.Name] = b.declared[d.Name.Name] || d.Recv == nil
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					b.declared[s.Name.Name] = true
				case *ast.ValueSpec:
					for _, n := range s.Names {
						b.declared[n.Name] = true
					}
				}
			}
		}
	}
}

// takes reports whether a file can be part of the bundle, and notes its imports.
func (b *bundler) takes(p *part) bool {
	if buildLine.Match(p.src[:p.syntax.Package-1]) || constrainedName(p.name) {
		return false
	}
	imports := map[string]string{}
	for _, spec := range p.syntax.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		name := path[strings.LastIndexByte(path, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "_" {
			name = "_ " + path // each of these is an import of its own
		}
		if path == "C" || name == "." || b.declared[name] || b.imports[name] != "" && b.imports[name] != path {
			return false
		}
		imports[name] = path
	}
	maps.Copy(b.imports, imports)
	return true
}

// constrainedName reports whether a file's name may be a constraint, as in
// poll_linux.go.
func constrainedName(name string) bool { return strings.Contains(name, "_") }

func (b *bundler) print(header string, parts []*part) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(header + "\n")
	for _, p := range parts {
		if p.syntax.Doc != nil {
			for _, c := range p.syntax.Doc.List {
				fmt.Fprintln(&out, c.Text)
			}
			break
		}
	}
	fmt.Fprintf(&out, "package %s\n\nimport (\n", parts[0].syntax.Name.Name)
	for _, own := range []bool{false, true} {
		for _, name := range slices.SortedFunc(maps.Keys(b.imports), func(a, c string) int { return strings.Compare(b.imports[a], b.imports[c]) }) {
			path := b.imports[name]
			if strings.Contains(path, ".") != own {
				continue
			}
			if name, _, blank := strings.Cut(name, " "); blank || !strings.HasSuffix(path, "/"+name) && name != path {
				fmt.Fprintf(&out, "%s ", name)
			}
			fmt.Fprintf(&out, "%q\n", path)
		}
		out.WriteString("\n")
	}
	out.WriteString(")\n")
	for _, p := range parts {
		if rest := bytes.TrimSpace(p.src[p.decls:]); len(rest) > 0 {
			fmt.Fprintf(&out, "\n// From %s.\n\n%s\n", p.name, rest)
		}
	}
	return format.Source(out.Bytes())
}
