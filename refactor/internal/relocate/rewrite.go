package relocate

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/placement"
)

// An output is a file as it will be: one that changes, one that moves as a whole,
// or a new one.
type output struct {
	rel   string
	file  *code.File // whose text it has; nil for a new one
	whole bool       // file moves here
	path  string     // of its package; that of external tests ends with _test
	name  string     // of its package clause
	place *Place     // nil where it isn't one that something moves to or from
	parts []*Part    // what it gains, in order

	needs   map[string]*need // packages that its new text mentions, by path
	uses    []use
	imports []importUse // of the parts that it gains
}

// A need is a package that new text mentions.
type need struct {
	path  string
	name  string // that it would have best
	spots []spot // where it is mentioned
	as    string // the name that was found for it
}

type spot struct {
	file *code.File
	pos  token.Pos
}

// A use is a mention as it stands in an output.
type use struct {
	ref  *Ref
	path string // of the package that qualifies it; empty for none
	keys bool   // a literal needs keys
}

// A repl replaces a range of a file.
type repl struct {
	start, end int
	text       string
}

// A writer makes the edits of a plan.
type writer struct {
	*Plan
	outputs map[string]*output
	order   []*output
	main    map[*Place]string // the file that scattered declarations go to
	dests   map[destKey]*output
	dropped map[*code.File]*ast.ImportSpec // imports of the package that go
}

type destKey struct {
	part *Part
	at   *Place
}

// Apply makes the edits in the files of the world, and fills Created.
func (p *Plan) Apply() {
	w := &writer{Plan: p, outputs: map[string]*output{}, main: map[*Place]string{}, dests: map[destKey]*output{}, dropped: map[*code.File]*ast.ImportSpec{}}
	w.destine()
	w.collect()
	for _, out := range w.order {
		w.chooseNames(out)
	}
	for _, out := range w.order {
		w.write(out)
	}
	w.noteDropped(w.dropped)
	w.noteOtherBuilds()
}

// outputOf returns the output of a file that stays where it is.
func (w *writer) outputOf(f *code.File) *output {
	if out := w.outputs[f.Rel]; out != nil {
		return out
	}
	return w.add(&output{rel: f.Rel, file: f, path: f.Pkg.Types.Path(), name: f.AST.Name.Name})
}

func (w *writer) add(out *output) *output {
	out.needs = map[string]*need{}
	w.outputs[out.rel] = out
	w.order = append(w.order, out)
	return out
}

// collect finds what changes in each output.
func (w *writer) collect() {
	for _, f := range w.s.Files {
		if slices.ContainsFunc(w.s.parts[f], func(p *Part) bool { return w.gone(p.Unit) }) && !w.movesWhole(f) {
			w.outputOf(f)
		}
	}
	for _, o := range w.s.sorted() {
		if w.renames[o] != "" && slices.Contains(w.d.places(o.Unit), w.d.home) {
			for _, d := range o.declared() {
				w.outputOf(d.file)
			}
		}
		refs := slices.Clone(o.Refs)
		slices.SortFunc(refs, compareRefs)
		for _, r := range refs {
			w.collectRef(r)
		}
	}
	for _, u := range w.s.Units {
		for _, i := range u.imps {
			w.collectImport(u, i)
		}
	}
}

// movesWhole reports a file that moves as it is.
func (w *writer) movesWhole(f *code.File) bool {
	return slices.ContainsFunc(w.order, func(out *output) bool { return out.whole && out.file == f })
}

// collectRef adds a mention to the outputs that it will stand in, where it changes.
func (w *writer) collectRef(r *Ref) {
	if r.From == nil {
		w.addUse(r, w.d.home, r.File.Pkg.Types.Path(), nil)
		return
	}
	for _, at := range w.d.places(r.From) {
		var out *output
		if at != w.d.home {
			out = w.dests[destKey{w.s.at(r.File, r.File.Offset(r.Pos())), at}]
		}
		w.addUse(r, at, at.pathFor(r.From), out)
	}
}

// addUse adds a mention that stands in the package at. out is nil for the file
// in which it stands now.
func (w *writer) addUse(r *Ref, at *Place, path string, out *output) {
	o := r.Object
	target := w.d.place(o.Unit)
	if o.Unit.Test {
		target = at // each place has a test helper of its own
	}
	targetPath := target.pathFor(o.Unit)
	was := w.d.home.pathFor(o.Unit)
	u := use{ref: r}
	switch {
	case r.ID == nil:
		u.keys = targetPath != path && r.From != nil
		if !u.keys {
			return
		}
	case o.member:
		if w.renames[o] == "" {
			return
		}
	default:
		if targetPath != path {
			u.path = targetPath
		}
		before := was // what qualifies it now
		if r.Qual == nil && r.File.Pkg.Types.Path() == was {
			before = ""
		}
		if out == nil && u.path == before && w.renames[o] == "" {
			return
		}
		if out != nil && u.path == "" && r.Qual == nil && w.renames[o] == "" {
			return
		}
	}
	if out == nil {
		out = w.outputOf(r.File)
	}
	if u.path != "" && !(out.file == r.File && w.dotted(r.File, u.path, r)) {
		out.need(u.path, strings.TrimSuffix(target.Name, "_test"), r.File, r.ID.Pos())
	} else if u.path != "" {
		u.path = "."
	}
	out.uses = append(out.uses, u)
}

// dotted reports whether a name stands without a qualifier because its file has a
// dot import of its package.
func (w *writer) dotted(f *code.File, path string, r *Ref) bool {
	if r.Qual != nil || f.Pkg.Types.Path() == path {
		return false
	}
	return slices.ContainsFunc(f.AST.Imports, func(s *ast.ImportSpec) bool {
		return s.Name != nil && s.Name.Name == "." && s.Path.Value == `"`+path+`"`
	})
}

func (out *output) need(path, name string, f *code.File, pos token.Pos) {
	n := out.needs[path]
	if n == nil {
		n = &need{path: path, name: name}
		out.needs[path] = n
	}
	n.spots = append(n.spots, spot{f, pos})
}

// collectImport adds what a unit that moves mentions of other packages.
func (w *writer) collectImport(u *Unit, i importUse) {
	if i.path == w.s.Pkg.Pkg.Path {
		return // a Ref tells of it
	}
	for _, at := range w.d.places(u) {
		if at == w.d.home {
			continue
		}
		out := w.dests[destKey{w.s.at(i.file, i.file.Offset(i.id.Pos())), at}]
		if out == nil {
			continue
		}
		switch {
		case i.sel == nil && out.whole && out.file == i.file:
			continue // its dot import goes along
		case i.sel == nil:
			out.need(i.path, w.nameOf(i.path), i.file, i.id.Pos())
		case i.path != out.path:
			out.need(i.path, i.id.Name, i.file, i.id.Pos())
		}
		out.imports = append(out.imports, i)
	}
}

// chooseNames finds a name for each package that the new text of an output
// mentions.
func (w *writer) chooseNames(out *output) {
	var paths []string
	for path := range out.needs {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	used := map[string]string{} // name -> path
	for _, i := range out.existing() {
		used[i.name] = i.path
	}
	declared := w.declared(out)
	for _, path := range paths {
		n := out.needs[path]
		var candidates []string
		for _, i := range out.existing() {
			if i.path == path && i.name != "." && i.name != "_" {
				candidates = append(candidates, i.name)
			}
		}
		candidates = append(candidates, n.name, w.parentName(path)+n.name, n.name+"pkg", n.name+"2", n.name+"3", n.name+"4")
		for _, c := range candidates {
			if token.IsIdentifier(c) && !declared[c] && (used[c] == "" || used[c] == path) && !w.hiddenAt(n, c) {
				n.as = c
				break
			}
		}
		if n.as == "" {
			n.as = n.name + "x"
		}
		used[n.as] = path
	}
}

// parentName is the element before the last of an import path as a name, or
// "go" where that is none of the module's own folders.
func (w *writer) parentName(path string) string {
	elements := strings.Split(path, "/")
	if len(elements) < 2 || path == w.s.World.Snapshot.Module+"/"+elements[len(elements)-1] {
		return "go"
	}
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, elements[len(elements)-2])
	return strings.TrimLeft(name, "0123456789")
}

// declared lists the names that the package of an output has at its outermost
// level.
func (w *writer) declared(out *output) map[string]bool {
	names := map[string]bool{}
	for _, f := range w.s.World.Files {
		if f.Pkg.Types.Path() == out.path {
			for _, n := range f.Pkg.Types.Scope().Names() {
				names[n] = true
			}
		}
	}
	for _, o := range w.s.objects {
		if o.member {
			continue
		}
		for _, at := range w.d.places(o.Unit) {
			if at.pathFor(o.Unit) == out.path {
				if w.renames[o] != "" {
					names[w.renames[o]] = true
				} else {
					names[o.Name] = true
				}
			}
		}
	}
	return names
}

// hiddenAt reports whether something inside a function has the name where the
// package is mentioned.
func (w *writer) hiddenAt(n *need, name string) bool {
	return slices.ContainsFunc(n.spots, func(s spot) bool { return w.hidden(s.file.Pkg.Types, s.pos, name, nil) })
}

// repls returns the edits of the text that an output has from a file.
func (w *writer) repls(out *output, f *code.File) []repl {
	var rs []repl
	add := func(start, end token.Pos, text string) {
		r := repl{f.Offset(start), f.Offset(end), text}
		if string(f.Before[r.start:r.end]) != text {
			rs = append(rs, r)
		}
	}
	keyed := map[*ast.CompositeLit]bool{}
	for _, u := range out.uses {
		r := u.ref
		if r.File != f {
			continue
		}
		if u.keys {
			if !keyed[r.literal] {
				keyed[r.literal] = true
				w.addKeys(f, r.literal, add)
			}
			continue
		}
		name := w.newName(r.Object)
		if u.path != "" && u.path != "." {
			name = out.needs[u.path].as + "." + name
		}
		from := r.ID.Pos()
		if r.Qual != nil {
			from = r.Qual.Pos()
		}
		add(from, r.ID.End(), name)
	}
	for _, i := range out.imports {
		if i.file != f {
			continue
		}
		switch {
		case i.sel == nil && i.path == out.path:
		case i.sel == nil:
			add(i.id.Pos(), i.id.Pos(), out.needs[i.path].as+".")
		case i.path == out.path:
			add(i.id.Pos(), i.sel.Sel.Pos(), "")
		default:
			add(i.id.Pos(), i.id.End(), out.needs[i.path].as)
		}
	}
	w.renameDecls(out, f, add)
	w.docLinks(out, f, add)
	w.exampleOutputs(out, f, add)
	w.retarget(out, f, func(start, end int, text string) { rs = append(rs, repl{start, end, text}) })
	slices.SortStableFunc(rs, func(a, b repl) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return a.end - b.end
	})
	return slices.Compact(rs)
}

// exampleOutputs changes the name of the package in what examples say that they print, where
// they print a type that moves.
func (w *writer) exampleOutputs(out *output, f *code.File, add func(start, end token.Pos, text string)) {
	if !f.Test {
		return
	}
	for _, o := range placement.Outputs(f.AST, w.typeNames, w.s.World.Span) {
		u := w.s.byName[o.Type]
		if u == nil || o.Pkg != w.s.Pkg.Pkg.Name || !w.leaves(u) || !w.commentIn(out, f, o.Comment) {
			continue
		}
		if t := w.objectNamed(u, o.Type); t != nil {
			add(o.Start, o.End, w.d.place(u).Name+"."+w.newName(t))
			f.Rewrites(o.Comment)
		}
	}
}

func (p *Plan) newName(o *Object) string {
	if n := p.renames[o]; n != "" {
		return n
	}
	return o.Name
}

// renameDecls renames what a file declares, and at the beginning of its doc
// comment.
func (w *writer) renameDecls(out *output, f *code.File, add func(start, end token.Pos, text string)) {
	for _, o := range w.s.sorted() {
		name := w.renames[o]
		if name == "" {
			continue
		}
		if v, ok := o.Obj.(*types.Var); ok && v.Embedded() {
			continue // the mention of its type is renamed
		}
		for _, d := range o.declared() {
			if d.file != f || d.id == nil {
				continue
			}
			if part := w.s.at(f, f.Offset(d.id.Pos())); w.standsIn(out, part) {
				renameDecl(part, d.id, name, add)
			}
		}
	}
}

func renameDecl(part *Part, id *ast.Ident, name string, add func(start, end token.Pos, text string)) {
	add(id.Pos(), id.End(), name)
	for _, c := range commentsIn(part) {
		text, ok := strings.CutPrefix(c.Text, "// "+id.Name+" ")
		if ok && text != "" {
			at := c.Pos() + token.Pos(len("// "))
			add(at, at+token.Pos(len(id.Name)), name)
		}
	}
}

// standsIn reports whether a part is in an output.
func (w *writer) standsIn(out *output, part *Part) bool {
	if out.file == part.File && !out.whole {
		return !w.gone(part.Unit)
	}
	for _, at := range w.d.places(part.Unit) {
		if at != w.d.home && w.dests[destKey{part, at}] == out {
			return true
		}
	}
	return false
}

// addKeys writes the names of the fields into a literal.
func (w *writer) addKeys(f *code.File, lit *ast.CompositeLit, add func(start, end token.Pos, text string)) {
	st := structOf(f.Pkg.Info.TypeOf(lit))
	for i, e := range lit.Elts {
		name := st.Field(i).Name()
		if o := w.s.object(st.Field(i)); o != nil {
			name = w.newName(o)
		}
		add(e.Pos(), e.Pos(), name+": ")
	}
}

// splice returns a range of a file with edits.
func splice(content []byte, start, end int, rs []repl) string {
	var b strings.Builder
	at := start
	for _, r := range rs {
		if r.start < at || r.end > end {
			continue
		}
		b.Write(content[at:r.start])
		b.WriteString(r.text)
		at = r.end
	}
	b.Write(content[at:end])
	return b.String()
}
