package summary

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing/argument"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
)

// A Part is what one declaration contributes to the summary of its package. The
// spans of a function's part are relative to the function, so that they stay
// valid while the file around it changes.
type Part struct {
	Lines   int             `json:"lines"`
	Refs    []component.Ref `json:"refs,omitempty"`    // each pair, member and kind once, sorted
	Mutable []string        `json:"mutable,omitempty"` // package variables that it changes
}

// A Function is a function or method declaration of a package with its part.
type Function struct {
	Decl *ast.FuncDecl // its body isn't looked at
	At   text.Span     // where it stands
	Part *Part
}

// A Pass makes the parts of one package and its summary from them. It isn't
// safe for concurrent use.
type Pass struct {
	Input
	owners map[*types.Var]types.Object // of fields: see ownerOf; nil until it is asked
}

// NewPass returns a Pass for a package whose functions may lack bodies.
func NewPass(in Input) *Pass { return &Pass{Input: in} }

// ownerOf returns the declared type of the package that a field stands in, or nil.
func (p *Pass) ownerOf(field *types.Var) types.Object {
	if p.owners == nil {
		p.owners = map[*types.Var]types.Object{}
		for _, f := range p.Files {
			for _, d := range f.Decls {
				if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
					for _, spec := range g.Specs {
						p.ownFields(spec.(*ast.TypeSpec))
					}
				}
			}
		}
	}
	return p.owners[field]
}

// ownFields records which declared type the fields of spec stand in.
func (p *Pass) ownFields(spec *ast.TypeSpec) {
	defs := p.Info.Defs
	if p.DeclInfo != nil {
		defs = p.DeclInfo.Defs
	}
	owner := defs[spec.Name]
	ast.Inspect(spec.Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := defs[id].(*types.Var); ok && v.IsField() {
				p.owners[v] = owner
			}
		}
		return true
	})
}

// Function returns the part of a function whose body was checked.
func (p *Pass) Function(d *ast.FuncDecl, at text.Span) *Part {
	part := p.part(NameOf(d), d.Recv == nil && d.Name.Name == "init", d)
	for i := range part.Refs {
		part.Refs[i].Span = part.Refs[i].Span.RelativeTo(at)
	}
	return part
}

// NameOf returns the name of the package-level declaration that a function
// belongs to: its own, or that of its receiver's type.
func NameOf(d *ast.FuncDecl) string {
	if d.Recv != nil {
		return source.Receiver(d)
	}
	return d.Name.Name
}

// part walks one declaration of the name from.
func (p *Pass) part(from string, inInit bool, n ast.Node) *Part {
	c := &collector{
		Pass: p, refs: map[refKey]*refVal{}, mutable: map[string]bool{}, from: from, inInit: inInit,
		calls: map[*ast.Ident]bool{}, writes: map[*ast.Ident]bool{}, embeds: map[*ast.Ident]bool{},
	}
	ast.Inspect(n, c.enter)
	part := &Part{Lines: p.lines(n), Mutable: slices.Sorted(maps.Keys(c.mutable))}
	if len(c.refs) > 0 {
		part.Refs = make([]component.Ref, 0, len(c.refs))
	}
	for k, v := range c.refs {
		part.Refs = append(part.Refs, component.Ref{
			From: component.DeclID{Pkg: p.Package.Path, Name: from}, To: component.DeclID{Pkg: k.obj.Pkg().Path(), Name: k.obj.Name()},
			Member: k.member, Kind: k.kind, Loop: v.loop, Count: v.count, Span: p.Span(p.Fset, v.pos, v.end),
		})
	}
	slices.SortFunc(part.Refs, compareRefs)
	return part
}

func compareRefs(a, b component.Ref) int {
	return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Member, b.Member))
}

func (p *Pass) lines(n ast.Node) int {
	file := p.Fset.File(n.Pos())
	if file == nil {
		return 1
	}
	return file.Line(n.End()) - file.Line(n.Pos()) + 1
}

// Assemble makes the summary of the package. functions are all functions that
// it declares, in source order; places are the positions of all declarations of
// its files.
func (p *Pass) Assemble(functions []Function, places []text.Span) *Assembly {
	s := &component.Summary{Package: p.Package, Module: p.Module, Generated: allGenerated(p.Files)}
	s.Imports = imports(p.Input)
	m := &merger{Pass: p, decls: map[string]*component.Decl{}}
	for _, f := range p.Files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if len(functions) > 0 {
					m.function(d, functions[0])
					functions = functions[1:]
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					m.spec(d, spec)
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.decls)) {
		d := m.decls[name]
		slices.Sort(d.Methods)
		s.Decls = append(s.Decls, *d)
	}
	s.Contracts = signatures(p.Input)
	s.InOut = argument.InOutOf(p.Files, p.Info)
	a := &Assembly{Summary: s, places: places, parts: m.parts}
	a.group()
	for i := range a.groups {
		a.merge(&a.groups[i])
	}
	a.join()
	return a
}

// A merger puts the parts of a package together.
type merger struct {
	*Pass
	decls map[string]*component.Decl
	parts []placedPart
}

func (m *merger) function(d *ast.FuncDecl, f Function) {
	name := d.Name.Name
	var decl *component.Decl
	if d.Recv != nil {
		decl = m.declare(source.Receiver(d), "type", nil)
		decl.Methods = append(decl.Methods, name)
	} else {
		decl = m.declare(name, "func", d.Name)
	}
	decl.Lines += f.Part.Lines
	m.add(placedPart{decl.Name, f.Part, f.At, true})
}

func (m *merger) spec(d *ast.GenDecl, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		part := m.part(spec.Name.Name, false, spec)
		m.declare(spec.Name.Name, "type", spec.Name).Lines += part.Lines
		m.add(placedPart{name: spec.Name.Name, Part: part})
	case *ast.ValueSpec:
		kind := "var"
		if d.Tok == token.CONST {
			kind = "const"
		}
		part := m.part(spec.Names[0].Name, true, spec)
		for _, n := range spec.Names {
			m.declare(n.Name, kind, n).Lines += part.Lines
		}
		m.add(placedPart{name: spec.Names[0].Name, Part: part})
	}
}

func (m *merger) declare(name, kind string, id *ast.Ident) *component.Decl {
	decl := m.decls[name]
	if decl == nil {
		decl = &component.Decl{Name: name, Kind: kind}
		m.decls[name] = decl
	}
	if id != nil && !decl.Span.IsValid() {
		decl.Span = m.Span(m.Fset, id.Pos(), id.End())
	}
	return decl
}

// add takes a part, which comes after those added before.
func (m *merger) add(p placedPart) {
	for _, name := range p.Mutable {
		m.declare(name, "var", nil).Mutable = true
	}
	m.parts = append(m.parts, p)
}
