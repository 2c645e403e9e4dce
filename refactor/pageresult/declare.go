package pageresult

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
	"github.com/unweld/unweld/refactor/internal/variant"
)

// A signature is how the variant is spelled beside one function.
type signature struct {
	params    []string // as they are declared
	args      []string // as the function gets them
	list      string   // the type of the list
	cursor    string
	limit     string
	from, all string // variables
	fails     bool
	used      naming.Names
}

// spell spells the parameters with the cursor and the limit: last, before those of
// any number.
func spell(f *code.File, ft *ast.FuncType, sig *types.Signature) *signature {
	s := &signature{fails: sig.Results().Len() == 2, used: naming.Names{"page": true, "next": true, "err": true}}
	for _, spec := range f.AST.Imports {
		if p := f.Pkg.Info.PkgNameOf(spec); p != nil {
			s.used[p.Name()] = true
		}
	}
	for _, name := range types.Universe.Names() {
		s.used[name] = true
	}
	i := 0
	var names, typs []string
	for _, field := range ft.Params.List {
		for k := range max(1, len(field.Names)) {
			name := ""
			if k < len(field.Names) && field.Names[k].Name != "_" {
				name = field.Names[k].Name
			} else if crossing.IsContext(sig.Params().At(i).Type()) {
				name = "ctx"
			}
			if name == "" {
				name = "arg"
			}
			names = append(names, s.used.Take(name))
			typs = append(typs, f.Source(field.Type))
			i++
		}
	}
	s.cursor, s.limit = s.used.Take("cursor", "after"), s.used.Take("limit", "most")
	s.args = slices.Clone(names)
	for i, n := range names {
		if sig.Variadic() && i == len(names)-1 {
			s.params = append(s.params, s.cursor+" string", s.limit+" int")
			s.args[i] += "..."
		}
		s.params = append(s.params, n+" "+typs[i])
	}
	if !sig.Variadic() {
		if last := len(names) - 1; last >= 0 && typs[last] == "string" {
			s.params[last] = names[last] // of the same type as the cursor
		}
		s.params = append(s.params, s.cursor+" string", s.limit+" int")
	}
	s.from, s.all = s.used.Take("from", "start"), s.used.Take("all", "whole")
	s.list = f.Source(ft.Results.List[0].Type)
	return s
}

// head spells the signature after the name.
func (s *signature) head() string {
	results := "(page " + s.list + ", next string"
	if s.fails {
		results += ", err error"
	}
	return "(" + strings.Join(s.params, ", ") + ") " + results + ")"
}

func (j *job) doc(name, fn string) string {
	return "// " + name + " returns at most limit of what " + fn + " returns, those after cursor, and the\n" +
		"// cursor of the next page. An empty cursor is the beginning, an empty next the end."
}

// write writes the variant beside a function, or in an interface.
func (j *job) write(m *types.Func) {
	if spec := j.world.Spec(m); spec != nil {
		s := spell(spec.File, spec.Type, m.Signature())
		variant.InInterface(j.world, spec, strings.ReplaceAll(strings.ReplaceAll(j.doc(j.name, m.Name()), "limit", s.limit), "after cursor", "after "+s.cursor), j.name+s.head())
		j.notes = append(j.notes, change.Note{Span: j.world.SpanAt(m.Pos(), m.Pos()), Message: "the interface gains " + j.name + ": a type of another module that is to satisfy it needs that, too"})
		return
	}
	d := j.world.Decl(m)
	f := d.File
	s := spell(f, d.Func.Type, m.Signature())
	head, call := "func ", d.Func.Name.Name
	if d.Func.Recv != nil {
		recv := d.Func.Recv.List[0]
		name := ""
		if len(recv.Names) > 0 && recv.Names[0].Name != "_" {
			name = recv.Names[0].Name
		}
		if name == "" || s.used[name] {
			name = s.used.Take(naming.Unexported(receiver(m))[:1], "recv")
		}
		s.used[name] = true
		head += "(" + name + " " + f.Source(recv.Type) + ") "
		call = name + "." + call
	}
	call += "(" + strings.Join(s.args, ", ") + ")"
	f.InsertFunc(d.Func.End(), func() string {
		return "\n\n" + j.doc(j.name, d.Func.Name.Name) + "\n" + head + j.name + s.head() + " {\n" + s.body(f, d, call) + "}"
	})
}

func receiver(m *types.Func) string {
	t := m.Signature().Recv().Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	return types.TypeString(t, func(*types.Package) string { return "" })
}

// body calls the function and cuts the page out of its list.
func (s *signature) body(f *code.File, d *code.Decl, call string) string {
	conv := f.ImportAt(d.Func.Name.Pos(), "strconv", "strconv")
	from, all := s.from, s.all
	fail := ""
	if s.fails {
		fail = "if err != nil {\n\treturn nil, \"\", err\n}\n"
	}
	var b strings.Builder
	b.WriteString("\t" + from + " := 0\n\tif " + s.cursor + " != \"\" {\n")
	if s.fails {
		errors := f.ImportAt(d.Func.Name.Pos(), "fmt", "fmt")
		b.WriteString("\t\tif " + from + ", err = " + conv + ".Atoi(" + s.cursor + "); err != nil || " + from + " < 0 {\n\t\t\treturn nil, \"\", " + errors + ".Errorf(\"%q is no cursor\", " + s.cursor + ")\n\t\t}\n\t}\n")
		b.WriteString("\t" + all + ", err := " + call + "\n" + fail)
	} else {
		b.WriteString("\t\tn, err := " + conv + ".Atoi(" + s.cursor + ")\n\t\tif err != nil || n < 0 {\n\t\t\treturn nil, \"\"\n\t\t}\n\t\t" + from + " = n\n\t}\n")
		b.WriteString("\t" + all + " := " + call + "\n")
	}
	end := ""
	if s.fails {
		end = ", nil"
	}
	b.WriteString("\tif " + from + " > len(" + all + ") {\n\t\t" + from + " = len(" + all + ")\n\t}\n\tpage = " + all + "[" + from + ":]\n\tif 0 < " + s.limit + " && " + s.limit + " < len(page) {\n\t\tpage, next = page[:" + s.limit + "], " + conv + ".Itoa(" + from + "+" + s.limit + ")\n\t}\n\treturn page, next" + end + "\n")
	return b.String()
}
