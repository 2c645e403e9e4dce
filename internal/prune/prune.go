package prune

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
)

// A Package is the source of one package, without its tests.
type Package struct {
	Path  string            // import path under which the other sources import it
	Files map[string][]byte // by name
	// Keep lists package-level declarations to keep even if nothing uses them.
	Keep []string
}

// Unused removes from the packages what neither they nor the users, Go files by
// name, use. A file without remaining declarations is removed unless it has the
// package comment. The result doesn't depend on the order of its arguments.
func Unused(packages []Package, users map[string][]byte) ([]Package, error) {
	p := &pruner{fset: token.NewFileSet(), paths: map[string]bool{}, named: map[name]bool{}, members: map[name]bool{}}
	for _, pkg := range packages {
		p.paths[pkg.Path] = true
		for _, n := range pkg.Keep {
			p.named[name{pkg.Path, n}] = true
		}
	}
	for _, n := range slices.Sorted(maps.Keys(users)) {
		f, err := parser.ParseFile(p.fset, n, users[n], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		p.mentions("", f, f)
	}
	for _, pkg := range packages {
		for _, n := range slices.Sorted(maps.Keys(pkg.Files)) {
			f, err := parser.ParseFile(p.fset, n, pkg.Files[n], parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", pkg.Path, err)
			}
			p.add(&file{pkg: pkg.Path, name: n, src: pkg.Files[n], syntax: f})
		}
	}
	p.receivers()
	p.settle()
	out := make([]Package, len(packages))
	for i, pkg := range packages {
		out[i] = Package{Path: pkg.Path, Keep: pkg.Keep, Files: map[string][]byte{}}
		for _, f := range p.files {
			if f.pkg != pkg.Path {
				continue
			}
			content, err := p.print(f)
			if err != nil {
				return nil, fmt.Errorf("%s/%s: %w", f.pkg, f.name, err)
			}
			if content != nil {
				out[i].Files[f.name] = content
			}
		}
	}
	return out, nil
}

// A name is one of the package level.
type name struct{ pkg, name string }

// A pruner knows what is mentioned in what stays, and grows that.
type pruner struct {
	fset    *token.FileSet
	paths   map[string]bool // of the packages
	files   []*file
	units   []*unit
	named   map[name]bool
	members map[name]bool // fields and methods, of whatever type; see member
}

type file struct {
	pkg, name string
	src       []byte
	syntax    *ast.File
}

// member is the name of a field or method in code of a package: an unexported one
// is another in each package.
func member(pkg, n string) name {
	if ast.IsExported(n) {
		return name{"", n}
	}
	return name{pkg, n}
}

// A unit is what stays or goes as a whole.
type unit struct {
	file   *file
	node   ast.Node // *ast.FuncDecl, *ast.GenDecl or a spec
	names  []string // of the package level; of a method, those of its receiver's type
	method string
	always bool // it has an effect without being mentioned
	stays  bool
}

// add divides a file into units.
func (p *pruner) add(f *file) {
	p.files = append(p.files, f)
	for _, d := range f.syntax.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			u := &unit{file: f, node: d, names: []string{d.Name.Name}, always: d.Recv == nil && (d.Name.Name == "init" || d.Name.Name == "main")}
			if d.Recv != nil {
				u.method, u.names = d.Name.Name, []string{receiver(d.Recv.List[0].Type)}
			}
			p.units = append(p.units, u)
		case *ast.GenDecl:
			if d.Tok != token.IMPORT {
				p.group(f, d)
			}
		}
	}
}

// group adds the specs of a declaration. Constants whose values follow from their
// places stay together.
func (p *pruner) group(f *file, d *ast.GenDecl) {
	if d.Tok == token.CONST && counted(d) {
		u := &unit{file: f, node: d}
		for _, s := range d.Specs {
			u.names = append(u.names, specNames(s)...)
		}
		p.units = append(p.units, u)
		return
	}
	for _, s := range d.Specs {
		u := &unit{file: f, node: s, names: specNames(s)}
		if v, ok := s.(*ast.ValueSpec); ok {
			u.always = !slices.ContainsFunc(v.Names, func(n *ast.Ident) bool { return n.Name != "_" }) && !assertion(v)
		}
		p.units = append(p.units, u)
	}
}

// receivers gives the methods that are declared by way of an alias the names of
// both.
func (p *pruner) receivers() {
	aliases := map[name]string{}
	for _, u := range p.units {
		if t, ok := u.node.(*ast.TypeSpec); ok && t.Assign.IsValid() {
			aliases[name{u.file.pkg, t.Name.Name}] = receiver(t.Type)
		}
	}
	for _, u := range p.units {
		for u.method != "" {
			of := aliases[name{u.file.pkg, u.names[len(u.names)-1]}]
			if of == "" || slices.Contains(u.names, of) {
				break
			}
			u.names = append(u.names, of)
		}
	}
}

func specNames(s ast.Spec) []string {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return []string{s.Name.Name}
	case *ast.ValueSpec:
		var names []string
		for _, n := range s.Names {
			names = append(names, n.Name)
		}
		return names
	}
	return nil
}

// counted reports whether constants take their values from their places.
func counted(d *ast.GenDecl) bool {
	found := false
	for _, s := range d.Specs {
		v := s.(*ast.ValueSpec)
		found = found || len(v.Values) == 0
		ast.Inspect(v, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && id.Name == "iota"
			return !found
		})
	}
	return found
}

// assertion reports whether a variable named _ only says that a type implements
// an interface: var _ I = (*T)(nil), var _ I = T{}.
func assertion(v *ast.ValueSpec) bool {
	if v.Type == nil || len(v.Values) != 1 {
		return false
	}
	switch x := ast.Unparen(v.Values[0]).(type) {
	case *ast.CompositeLit:
		return len(x.Elts) == 0
	case *ast.UnaryExpr:
		lit, ok := x.X.(*ast.CompositeLit)
		return ok && len(lit.Elts) == 0
	case *ast.CallExpr:
		_, pointer := ast.Unparen(x.Fun).(*ast.StarExpr)
		return pointer && len(x.Args) == 1
	}
	return false
}

// receiver returns the name of a receiver's type.
func receiver(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// settle keeps units until no more are mentioned, and then the assertions about
// types that stay.
func (p *pruner) settle() {
	for grown := true; grown; {
		grown = false
		for _, u := range p.units {
			if !u.stays && p.wanted(u) {
				u.stays, grown = true, true
				p.mentions(u.file.pkg, u.file.syntax, u.node)
			}
		}
	}
	for _, u := range p.units {
		if v, ok := u.node.(*ast.ValueSpec); ok && !u.stays && assertion(v) && len(v.Names) == 1 && v.Names[0].Name == "_" {
			u.stays = p.complete(u)
		}
	}
}

func (p *pruner) wanted(u *unit) bool {
	if u.method != "" && !ast.IsExported(u.method) && !p.members[member(u.file.pkg, u.method)] {
		return false
	}
	return u.always || slices.ContainsFunc(u.names, func(n string) bool { return n != "_" && p.named[name{u.file.pkg, n}] })
}

// complete reports whether all of the packages' names that a unit mentions stay.
func (p *pruner) complete(u *unit) bool {
	own := &pruner{paths: p.paths, named: map[name]bool{}, members: map[name]bool{}}
	own.mentions(u.file.pkg, u.file.syntax, u.node)
	for _, other := range p.units {
		if other.stays || other.method != "" {
			continue
		}
		for _, n := range other.names {
			if n != "_" && own.named[name{other.file.pkg, n}] {
				return false
			}
		}
	}
	return true
}

// mentions notes the names in a node of a file of package pkg.
func (p *pruner) mentions(pkg string, f *ast.File, node ast.Node) {
	imports := map[string]string{}
	var scopes []string // the packages that a name alone may stand for
	if pkg != "" {
		scopes = append(scopes, pkg)
	}
	for _, spec := range f.Imports {
		if path := importPath(spec); p.paths[path] {
			if spec.Name != nil && spec.Name.Name == "." {
				scopes = append(scopes, path)
			}
			for _, n := range importNames(spec) {
				imports[n] = path
			}
		}
	}
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Ident:
			for _, scope := range scopes {
				p.named[name{scope, n.Name}] = true
			}
		case *ast.SelectorExpr:
			p.members[member(pkg, n.Sel.Name)] = true
			if x, ok := n.X.(*ast.Ident); ok && imports[x.Name] != "" {
				p.named[name{imports[x.Name], n.Sel.Name}] = true
			}
			ast.Inspect(n.X, visit)
			return false
		case *ast.InterfaceType:
			for _, m := range n.Methods.List {
				for _, id := range m.Names {
					p.members[member(pkg, id.Name)] = true
				}
			}
		case *ast.FuncDecl:
			if n.Recv != nil { // its name is a member's, and not a mention
				ast.Inspect(n.Recv, visit)
				ast.Inspect(n.Type, visit)
				if n.Body != nil {
					ast.Inspect(n.Body, visit)
				}
				return false
			}
		}
		return true
	}
	ast.Inspect(node, visit)
}
