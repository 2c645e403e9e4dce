package batchcall

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// A signature is how the variant is spelled in one file.
type signature struct {
	params      []string // names
	types       []string
	elem        string // the type of an element
	element     string // its name: sku
	results     []string
	resultTypes []string
	err         string
}

// spell spells the variant of a function whose parameters stand in a file.
func (j *job) spell(b *batch, f *code.File, ft *ast.FuncType, sig *types.Signature, fn ast.Node) *signature {
	out := &signature{}
	used := naming.Names{"len": true, "make": true, "append": true, "nil": true, "cap": true}
	for _, spec := range f.AST.Imports {
		if p := f.Pkg.Info.PkgNameOf(spec); p != nil {
			used[p.Name()] = true
		}
	}
	i := 0
	for _, field := range ft.Params.List {
		names := field.Names
		for k := range max(1, len(names)) {
			name := ""
			if k < len(names) && names[k].Name != "_" {
				name = names[k].Name
			} else {
				name = parameterName(sig.Params().At(i).Type(), i)
			}
			typ := f.Source(field.Type)
			if i == b.varies {
				out.elem = typ
				typ = "[]" + typ
			}
			out.params = append(out.params, used.Take(name))
			out.types = append(out.types, typ)
			i++
		}
	}
	out.element = out.params[b.varies]
	many, ok := naming.Plural(out.element)
	if !ok {
		out.element, many = used.Take("one"), out.element
	} else {
		many = used.Take(many)
	}
	out.params[b.varies] = many
	i = 0
	if ft.Results == nil {
		return out
	}
	for _, field := range ft.Results.List {
		for k := range max(1, len(field.Names)) {
			if b.fails && i == sig.Results().Len()-1 {
				out.err = used.Take("err")
				continue
			}
			typ := f.Source(field.Type)
			name := ""
			if k < len(field.Names) && field.Names[k].Name != "_" {
				name = field.Names[k].Name
			}
			base := noun(sig.Results().At(i).Type())
			if i == 0 {
				base = subject(j.fn, base)
			}
			if name == "" || len(name) < 3 {
				name = base
			}
			out.results = append(out.results, used.Take(name, name+"Value"))
			out.resultTypes = append(out.resultTypes, typ)
			i++
		}
	}
	return out
}

// parameterName names a parameter that has no name.
func parameterName(t types.Type, i int) string {
	switch {
	case crossing.IsContext(t):
		return "ctx"
	default:
		return noun(t)
	}
}

// declareMethod adds the variant to an interface.
func (j *job) declareMethod(b *batch, m *types.Func, spec *code.Spec) {
	s := j.spell(b, spec.File, spec.Type, m.Signature(), spec.Type)
	end := spec.Type.End()
	for _, group := range spec.File.AST.Comments {
		if group.Pos() > end && j.world.Fset.Position(group.Pos()).Line == j.world.Fset.Position(end).Line {
			end = group.End()
		}
	}
	spec.File.Insert(end, "\n\t// "+s.doc(b, m.Name())+"\n\t"+b.name+s.parameters()+s.returns(b))
	j.notes = append(j.notes, change.Note{Span: j.world.SpanAt(m.Pos(), m.Pos()), Message: "the interface gains " + b.name + ": a type of another module that is to satisfy it needs that, too"})
}

// doc says what the variant does.
func (s *signature) doc(b *batch, fn string) string {
	many := s.params[b.varies]
	switch {
	case b.fails && len(s.results) > 0:
		return b.name + " is " + fn + " for each of " + many + ", in order. At an error it returns the results\n// of those before, so that their number says which one failed."
	case b.fails:
		return b.name + " is " + fn + " for each of " + many + ", in order. It returns how many were done; that\n// is which one failed, if there is an error."
	}
	return b.name + " is " + fn + " for each of " + many + ", in order."
}

func (s *signature) parameters() string {
	var out []string
	for i, p := range s.params {
		out = append(out, p+" "+s.types[i])
	}
	return "(" + strings.Join(out, ", ") + ")"
}

func (s *signature) returns(b *batch) string {
	var out []string
	for _, t := range s.resultTypes {
		out = append(out, "[]"+t)
	}
	if b.fails {
		if len(out) == 0 {
			out = append(out, "int")
		}
		out = append(out, "error")
	}
	switch len(out) {
	case 0:
		return ""
	case 1:
		return " " + out[0]
	}
	return " (" + strings.Join(out, ", ") + ")"
}

// declareFunc writes the variant after the function.
func (j *job) declareFunc(b *batch, d *code.Decl) {
	f := d.File
	s := j.spell(b, f, d.Func.Type, d.Obj.Signature(), d.Func)
	used := naming.Names{b.name: true, d.Func.Name.Name: true}
	for _, name := range append(append(slices.Clone(s.params), s.element, s.err), s.results...) {
		used[name] = true
	}
	call := d.Func.Name.Name
	head := "func "
	if d.Func.Recv != nil {
		recv := d.Func.Recv.List[0]
		name := ""
		if len(recv.Names) > 0 && recv.Names[0].Name != "_" && !used[recv.Names[0].Name] {
			name = recv.Names[0].Name
		} else {
			name = used.Take(strings.ToLower(noun(d.Obj.Signature().Recv().Type())[:1]), "recv")
		}
		used[name] = true
		head += "(" + name + " " + f.Source(recv.Type) + ") "
		call = name + "." + call
	}
	args := slices.Clone(s.params)
	args[b.varies] = s.element
	call += "(" + strings.Join(args, ", ") + ")"
	text := "\n\n// " + s.doc(b, d.Func.Name.Name) + "\n" + head + b.name + s.parameters() + s.returns(b) + " {\n" + s.body(b, used, call) + "}"
	f.Insert(d.Func.End(), text)
}

// body calls the function for each element.
func (s *signature) body(b *batch, used naming.Names, call string) string {
	many := s.params[b.varies]
	var all, makes, appends []string
	for i, r := range s.results {
		name, ok := naming.Plural(r)
		if !ok {
			name = "all" + naming.Exported(r)
		}
		name = used.Take(name, "all"+naming.Exported(name))
		all = append(all, name)
		makes = append(makes, "\t"+name+" := make([]"+s.resultTypes[i]+", 0, len("+many+"))\n")
		appends = append(appends, "\t\t"+name+" = append("+name+", "+r+")\n")
	}
	head := "\tfor _, " + s.element + " := range " + many + " {\n"
	switch {
	case b.fails && len(s.results) == 0:
		i := used.Take("i", "k", "n")
		return "\tfor " + i + ", " + s.element + " := range " + many + " {\n\t\tif " + s.err + " := " + call + "; " + s.err + " != nil {\n\t\t\treturn " + i + ", " + s.err + "\n\t\t}\n\t}\n\treturn len(" + many + "), nil\n"
	case b.fails:
		list := strings.Join(all, ", ")
		return strings.Join(makes, "") + head + "\t\t" + strings.Join(append(slices.Clone(s.results), s.err), ", ") + " := " + call + "\n\t\tif " + s.err + " != nil {\n\t\t\treturn " + list + ", " + s.err + "\n\t\t}\n" +
			strings.Join(appends, "") + "\t}\n\treturn " + list + ", nil\n"
	case len(s.results) == 0:
		return head + "\t\t" + call + "\n\t}\n"
	case len(s.results) == 1:
		return makes[0] + head + "\t\t" + all[0] + " = append(" + all[0] + ", " + call + ")\n\t}\n\treturn " + all[0] + "\n"
	}
	return strings.Join(makes, "") + head + "\t\t" + strings.Join(s.results, ", ") + " := " + call + "\n" + strings.Join(appends, "") + "\t}\n\treturn " + strings.Join(all, ", ") + "\n"
}
