package code

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// Import returns the name by which the file knows a package, and imports it
// where it doesn't yet.
func (f *File) Import(path, name string) string {
	if f.asked == nil {
		f.asked = map[string]bool{}
	}
	f.asked[path] = true
	for _, s := range f.AST.Imports {
		if p, _ := strconv.Unquote(s.Path.Value); p == path {
			if s.Name == nil {
				return name
			}
			if s.Name.Name != "_" && s.Name.Name != "." {
				return s.Name.Name
			}
		}
	}
	if f.added[path] == "" {
		f.added[path] = path
		if alias := f.freeImport(name); alias != name {
			f.aliases[path] = alias
		}
	}
	return cmp.Or(f.aliases[path], name)
}

// ImportAt is Import for a mention at pos: where a variable hides the package's
// name there, the package gets another one.
func (f *File) ImportAt(pos token.Pos, path, name string) string {
	known := f.Import(path, name)
	scope := f.Pkg.Types.Scope().Innermost(pos)
	if scope == nil {
		return known
	}
	_, obj := scope.LookupParent(known, pos)
	if _, pkg := obj.(*types.PkgName); obj == nil || pkg {
		return known
	}
	if f.aliases[path] == "" {
		f.added[path], f.aliases[path] = path, f.freeImport("go"+name)
	}
	return f.aliases[path]
}

// freeImport returns name or, where the package or another import has it
// already, one like it.
func (f *File) freeImport(name string) string {
	taken := func(n string) bool {
		return f.Pkg.Types.Scope().Lookup(n) != nil || slices.ContainsFunc(f.AST.Imports, func(s *ast.ImportSpec) bool {
			known := f.Pkg.Info.PkgNameOf(s)
			return known != nil && known.Name() == n
		})
	}
	if !taken(name) {
		return name
	}
	free := "go" + name
	for i := 2; taken(free); i++ {
		free = "go" + name + strconv.Itoa(i)
	}
	return free
}

// Redirect makes an import that of another package, which the file knows by the same
// name. Among imports of the standard library and others it stands where it belongs.
func (f *File) Redirect(spec *ast.ImportSpec, to string) {
	from, _ := strconv.Unquote(spec.Path.Value)
	line := strconv.Quote(to)
	if spec.Name != nil {
		line = spec.Name.Name + " " + line
		f.aliases[to] = spec.Name.Name
	}
	for _, d := range f.AST.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || !slices.Contains(g.Specs, ast.Spec(spec)) || len(g.Specs) == 1 || isStd(from) == isStd(to) {
			continue
		}
		if g.Specs[len(g.Specs)-1] == spec { // a group of its own begins here
			f.Replace(spec.Pos(), spec.End(), "\n\t"+line)
			return
		}
		f.removeSpec(from, spec)
		f.added[to] = to
		return
	}
	f.Replace(spec.Pos(), spec.End(), line)
}

// importSpec writes the spec of an import to add.
func (f *File) importSpec(path string) string {
	if alias := f.aliases[path]; alias != "" {
		return alias + " " + strconv.Quote(path)
	}
	return strconv.Quote(path)
}

// writeImports turns the wanted imports into edits.
func (f *File) writeImports() {
	paths := make([]string, 0, len(f.added))
	for p := range f.added {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	f.added = map[string]string{}
	if len(paths) == 0 {
		return
	}
	var group *ast.GenDecl
	for _, d := range f.AST.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT && !importsC(g) {
			group = g
			break
		}
	}
	switch {
	case group == nil:
		if len(paths) == 1 {
			f.Insert(f.AST.Name.End(), "\n\nimport "+f.importSpec(paths[0]))
			break
		}
		f.Insert(f.AST.Name.End(), "\n\n"+importBlock(f.importSpecs(paths)))
	case !group.Lparen.IsValid() && f.goes(group.Specs[0].(*ast.ImportSpec)):
		text := "import " + f.importSpec(paths[0])
		if len(paths) > 1 {
			text = importBlock(f.importSpecs(paths))
		}
		f.Insert(group.Specs[0].Pos(), text) // what removes it keeps what is put beside it
	case !group.Lparen.IsValid():
		f.Replace(group.TokPos, group.End(), importBlock(append(f.importSpecs(paths), f.Source(group.Specs[0]))))
	default:
		f.placeImports(group, paths)
	}
}

func (f *File) importSpecs(paths []string) []string {
	var out []string
	for _, p := range paths {
		out = append(out, f.importSpec(p))
	}
	return out
}

// importBlock writes import specs, the standard library's first.
func importBlock(specs []string) string {
	path := func(spec string) string { return strings.Trim(spec[strings.IndexAny(spec, "\"`"):], "\"`") }
	slices.SortFunc(specs, func(a, b string) int {
		if x, y := isStd(path(a)), isStd(path(b)); x != y {
			if x {
				return -1
			}
			return 1
		}
		return strings.Compare(path(a), path(b))
	})
	var b strings.Builder
	b.WriteString("import (\n")
	for i, s := range specs {
		if i > 0 && isStd(path(s)) != isStd(path(specs[i-1])) {
			b.WriteString("\n")
		}
		b.WriteString("\t" + s + "\n")
	}
	return b.String() + ")"
}

func importsC(g *ast.GenDecl) bool {
	p, _ := strconv.Unquote(g.Specs[0].(*ast.ImportSpec).Path.Value)
	return p == "C"
}

// placeImports adds paths to a parenthesised import, among their like and in order.
func (f *File) placeImports(g *ast.GenDecl, paths []string) {
	first := map[bool][]string{} // specs before which none of their kind stands, by isStd
	for _, p := range paths {
		if last := lastBefore(g, p); last != nil {
			end := last.End()
			if last.Comment != nil {
				end = last.Comment.End()
			}
			f.Insert(end, "\n\t"+f.importSpec(p))
		} else {
			first[isStd(p)] = append(first[isStd(p)], f.importSpec(p))
		}
	}
	for _, std := range []bool{true, false} {
		specs := strings.Join(first[std], "\n\t")
		switch {
		case specs == "":
		case len(g.Specs) == 0:
			f.Insert(g.Rparen, "\n\t"+specs+"\n")
		default:
			f.insertFirstImports(g, specs, std)
		}
	}
}

// lastBefore returns, of the imports that path belongs to, the last that sorts
// before it; nil if there is none.
func lastBefore(g *ast.GenDecl, path string) *ast.ImportSpec {
	var last *ast.ImportSpec
	for _, s := range g.Specs {
		spec := s.(*ast.ImportSpec)
		p, _ := strconv.Unquote(spec.Path.Value)
		if isStd(p) == isStd(path) && p < path {
			last = spec
		}
	}
	return last
}

// insertFirstImports puts imports before all others of their kind, or in a group of
// their own: the standard library's before all others, any other after it.
func (f *File) insertFirstImports(g *ast.GenDecl, specs string, std bool) {
	mixed := f.mixed(g)
	for _, s := range g.Specs {
		spec := s.(*ast.ImportSpec)
		if p, _ := strconv.Unquote(spec.Path.Value); isStd(p) == std || std {
			gap := "\n\t"
			if isStd(p) != std && !mixed {
				gap = "\n\n\t"
			}
			pos := spec.Pos()
			if spec.Doc != nil {
				pos = spec.Doc.Pos()
			}
			f.Insert(pos, specs+gap)
			return
		}
	}
	last := g.Specs[len(g.Specs)-1].(*ast.ImportSpec)
	end := last.End()
	if last.Comment != nil {
		end = last.Comment.End()
	}
	f.Insert(end, "\n\n\t"+specs)
}

// mixed reports whether imports of the standard library and others stand together
// in the first group of an import.
func (f *File) mixed(g *ast.GenDecl) bool {
	var std, other bool
	_, line := f.Lines(g.Specs[0])
	for _, s := range g.Specs {
		from, to := f.Lines(s)
		if from > line+1 {
			break
		}
		line = to
		p, _ := strconv.Unquote(s.(*ast.ImportSpec).Path.Value)
		std, other = std || isStd(p), other || !isStd(p)
	}
	return std && other
}

func isStd(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// DropImport takes an import away where nothing but gone mentions it, and no edit
// asks for it.
func (f *File) DropImport(path string, gone map[*ast.Ident]bool) {
	if f.added[path] != "" {
		return
	}
	for _, spec := range f.AST.Imports {
		if p, _ := strconv.Unquote(spec.Path.Value); p != path || spec.Name != nil && (spec.Name.Name == "_" || spec.Name.Name == ".") {
			continue
		}
		name := f.Pkg.Info.PkgNameOf(spec)
		used := false
		for id, obj := range f.Pkg.Info.Uses {
			used = used || obj == name && !gone[id] && f.world.FileAt(id.Pos()) == f
		}
		if !used {
			f.removeSpec(path, spec)
		}
	}
}

// goes reports whether an import goes with its declaration.
func (f *File) goes(spec *ast.ImportSpec) bool {
	path, _ := strconv.Unquote(spec.Path.Value)
	return f.removed[spec] && !f.asked[path]
}

// removeSpec removes an import with its line, and with the declaration where it
// is the only one.
func (f *File) removeSpec(path string, spec *ast.ImportSpec) {
	for _, d := range f.AST.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT || !slices.Contains(g.Specs, ast.Spec(spec)) {
			continue
		}
		if len(g.Specs) == 1 {
			if f.removed == nil {
				f.removed = map[ast.Spec]bool{}
			}
			f.removed[spec] = true
			f.removeLines(path, g.Pos(), g.End())
			return
		}
		from, to := spec.Pos(), spec.End()
		if spec.Doc != nil {
			from = spec.Doc.Pos()
		}
		if spec.Comment != nil {
			to = spec.Comment.End()
		}
		f.removeLines(path, from, to)
	}
}

// removeLines removes what stands between two positions, and its line if nothing
// else does, unless an edit asks for the import.
func (f *File) removeLines(path string, from, to token.Pos) {
	start, end := f.Offset(from), f.Offset(to)
	for start > 0 && (f.Before[start-1] == ' ' || f.Before[start-1] == '\t') {
		start--
	}
	if end < len(f.Before) && f.Before[end] == '\r' {
		end++
	}
	if end < len(f.Before) && f.Before[end] == '\n' && (start == 0 || f.Before[start-1] == '\n') {
		end++
	}
	f.edits = append(f.edits, &edit{start: start, end: end, text: func() string {
		if f.asked[path] {
			return f.render(start, end, false)
		}
		var inserted strings.Builder // imports that were put beside this one
		for _, e := range f.edits {
			if e.start == e.end && start < e.start && e.end < end {
				inserted.WriteString(strings.Trim(e.text(), "\n\t ") + "\n")
			}
		}
		return inserted.String()
	}})
}
