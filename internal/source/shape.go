package source

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"hash"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// A shape is what the declarations of a package amount to without the bodies
// of functions: comments, blanks and bodies make no difference to it.
type shape struct {
	Inner string // everything: what the bodies in the package depend on
	Outer string // what other packages can see of it
	// Visible holds the import paths that what other packages see leads to.
	Visible map[string]bool
}

// A fileShape is the part of one file in a shape.
type fileShape struct {
	imports string // a hash of the import declarations and of the file's language version
	names   map[string]string
	decls   []declShape
}

// A declShape is the part of one declaration.
type declShape struct {
	names    []string // that it declares
	recv     string   // of a method: its type
	open     bool     // it counts for other packages, whoever mentions it
	hash     string   // of its tokens
	local    string   // a hash of that, and of the imports that it mentions
	mentions []string // identifiers, sorted

	kind       declKind
	method     string   // name of the method that it is
	offers     []string // names of methods of interfaces in it
	embeds     []string // names of what those embed, or of the type that this one is declared by
	constraint bool     // an interface in it lists types
}

// A declKind tells declarations apart as far as identity of types goes.
type declKind int

const (
	kindDefined declKind = iota // a type
	kindAlias
	kindInterface // a type declared as an interface, or by the name of what may be one
	kindConst
	kindVar
	kindFunc
)

// shapeOf takes the declarations of a file apart.
func shapeOf(fset *token.FileSet, f *ast.File, data []byte) fileShape {
	out := fileShape{names: map[string]string{}}
	h := sha256.New()
	fmt.Fprintf(h, "package %s %s\n", f.Name.Name, f.GoVersion)
	for _, imp := range f.Imports {
		path, _ := strconv.Unquote(imp.Path.Value)
		name := ""
		if imp.Name != nil {
			name = imp.Name.Name
		}
		fmt.Fprintf(h, "import %s %q\n", name, path)
		out.names[path] = name
	}
	out.imports = sum(h)
	tf := fset.File(f.FileStart)
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			out.decls = append(out.decls, genShapes(tf, d, data)...)
		default:
			out.decls = append(out.decls, shapeOfDecl(tf, d, data))
		}
	}
	paths := sortedKeys(out.names)
	for i := range out.decls {
		out.decls[i].local = out.local(&out.decls[i], paths)
	}
	return out
}

// genShapes splits a group of declarations. The constants of a group depend on
// their place in it, so they stay together.
func genShapes(tf *token.File, d *ast.GenDecl, data []byte) []declShape {
	if d.Tok == token.CONST || !d.Lparen.IsValid() {
		return []declShape{shapeOfDecl(tf, d, data)}
	}
	var out []declShape
	for _, spec := range d.Specs {
		s := shapeOfDecl(tf, spec, data)
		s.hash = d.Tok.String() + " " + s.hash
		out = append(out, s)
	}
	return out
}

func shapeOfDecl(tf *token.File, n ast.Node, data []byte) declShape {
	s := declShape{}
	var holes []*ast.BlockStmt
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body != nil {
				holes = append(holes, n.Body)
			}
			if n.Recv == nil {
				s.names = append(s.names, n.Name.Name)
			} else {
				s.recv, s.method = Receiver(n), n.Name.Name
			}
			s.kind = kindFunc
		case *ast.FuncLit:
			holes = append(holes, n.Body)
			return false
		case *ast.BlockStmt:
			return false
		case *ast.TypeSpec:
			s.names = append(s.names, n.Name.Name)
			s.kind = kindOf(n)
			if _, ok := n.Type.(*ast.InterfaceType); !ok && s.kind != kindDefined {
				s.embeds = append(s.embeds, typeNames(n.Type)...)
			}
		case *ast.InterfaceType:
			s.offer(n)
		case *ast.ValueSpec:
			for _, id := range n.Names {
				s.names = append(s.names, id.Name)
			}
			s.kind = kindVar
		case *ast.BadDecl:
			s.open = true
		}
		return true
	})
	if g, ok := n.(*ast.GenDecl); ok && g.Tok == token.CONST {
		s.kind = kindConst
	}
	for _, name := range s.names {
		s.open = s.open || ast.IsExported(name)
	}
	h := sha256.New()
	mentions := map[string]bool{}
	at := tf.Offset(n.Pos())
	end := min(tf.Offset(n.End()), len(data))
	slices.SortFunc(holes, func(a, b *ast.BlockStmt) int { return cmp.Compare(a.Lbrace, b.Lbrace) })
	for _, b := range holes {
		tokens(h, data[at:max(at, min(tf.Offset(b.Pos()), end))], mentions)
		h.Write([]byte("{}"))
		at = min(tf.Offset(b.End()), end)
	}
	tokens(h, data[at:max(at, end)], mentions)
	s.hash = sum(h)
	s.mentions = slices.Sorted(maps.Keys(mentions))
	return s
}

func kindOf(n *ast.TypeSpec) declKind {
	if n.Assign.IsValid() {
		return kindAlias
	}
	switch n.Type.(type) {
	case *ast.InterfaceType, *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr, *ast.ParenExpr:
		return kindInterface
	}
	return kindDefined
}

// typeNames lists the names in a type, without those of packages.
func typeNames(e ast.Expr) []string {
	var names []string
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			names = append(names, n.Sel.Name)
			return false
		case *ast.Ident:
			names = append(names, n.Name)
		}
		return true
	})
	return names
}

// offer notes what an interface asks for.
func (s *declShape) offer(n *ast.InterfaceType) {
	for _, f := range n.Methods.List {
		for _, id := range f.Names {
			s.offers = append(s.offers, id.Name)
		}
		if len(f.Names) == 0 {
			s.embeds = append(s.embeds, typeNames(f.Type)...)
		}
		switch f.Type.(type) {
		case *ast.BinaryExpr, *ast.UnaryExpr:
			s.constraint = true
		}
	}
}

// tokens hashes the tokens of a text, without comments that are no directives of
// ours, and collects its identifiers.
func tokens(h hash.Hash, data []byte, mentions map[string]bool) {
	if len(data) == 0 {
		return
	}
	fset := token.NewFileSet()
	var sc scanner.Scanner
	sc.Init(fset.AddFile("", fset.Base(), len(data)), data, nil, scanner.ScanComments)
	var buf []byte
	for {
		_, tok, lit := sc.Scan()
		switch {
		case tok == token.EOF:
			h.Write(buf)
			return
		case tok == token.IDENT:
			mentions[lit] = true
		case tok == token.COMMENT && !strings.HasPrefix(lit, component.Directive("")):
			continue
		case tok == token.SEMICOLON:
			lit = "" // written or not
		}
		buf = append(buf, byte(tok))
		buf = append(buf, lit...)
		buf = append(buf, 0)
	}
}

// shapeOfPackage puts the files of a package together. named tells the package
// name of an import path.
func shapeOfPackage(files []*parsed, named func(path string) string) *shape {
	var lines, open []string
	imports := map[*parsed]map[string]string{} // local names of imports -> path
	visible := map[string]bool{}
	for _, p := range files {
		base := filepath.Base(p.abs)
		if p.file == nil {
			lines = append(lines, base+" unread")
			continue
		}
		lines = append(lines, base+" "+p.tokens.imports)
		imports[p] = map[string]string{}
		for path, name := range p.tokens.names {
			switch name {
			case "":
				name = named(path)
			case ".":
				visible[path] = true
			}
			imports[p][name] = path
		}
		for i, d := range p.tokens.decls {
			lines = append(lines, fmt.Sprintf("%s %d %s", base, i, d.hash))
		}
	}
	for _, r := range reachable(files) {
		line := r.hash
		for _, m := range r.mentions {
			if path, ok := imports[r.in][m]; ok {
				visible[path] = true
				line += " " + m + "=" + path
			}
		}
		open = append(open, line)
	}
	slices.Sort(open)
	return &shape{Inner: hashLines(lines), Outer: hashLines(open), Visible: visible}
}

// placed is a declaration with its file.
type placed struct {
	*declShape
	in *parsed
}

// reachable lists the declarations that other packages can see the effect of:
// the open ones, those that a visible one mentions, and the methods of visible
// types.
func reachable(files []*parsed) []placed {
	by, methods := map[string][]placed{}, map[string][]placed{}
	var queue, out []placed
	for _, p := range files {
		for i := range p.tokens.decls {
			d := placed{&p.tokens.decls[i], p}
			for _, name := range d.names {
				by[name] = append(by[name], d)
			}
			if d.recv != "" {
				methods[d.recv] = append(methods[d.recv], d)
			}
			if d.open || p.outline == "" {
				queue = append(queue, d)
			}
		}
	}
	seen := map[*declShape]bool{}
	for len(queue) > 0 {
		d := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if seen[d.declShape] {
			continue
		}
		seen[d.declShape] = true
		out = append(out, d)
		for _, m := range d.mentions {
			queue = append(queue, by[m]...)
		}
		for _, name := range d.names {
			queue = append(queue, methods[name]...)
		}
	}
	return out
}

// Receiver returns the name of the type that a method belongs to: "" for a
// function, and "_" for a method of which the text doesn't name it.
func Receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	name := "_"
	for _, f := range d.Recv.List {
		ast.Inspect(f.Type, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && name == "_" {
				name = id.Name
			}
			return name == "_"
		})
	}
	return name
}

// EmbeddedName returns the name that a field of a type has which is embedded, as the text
// of the type says it; nil for a union of types.
func EmbeddedName(t ast.Expr) *ast.Ident {
	switch t := ast.Unparen(t).(type) {
	case *ast.Ident:
		return t
	case *ast.SelectorExpr:
		return t.Sel
	case *ast.StarExpr:
		return EmbeddedName(t.X)
	case *ast.IndexExpr:
		return EmbeddedName(t.X)
	case *ast.IndexListExpr:
		return EmbeddedName(t.X)
	}
	return nil
}

func hashLines(lines []string) string {
	h := sha256.New()
	h.Write([]byte(strings.Join(lines, "\n")))
	return sum(h)
}
