package conformance

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/bindings"
	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/bindings/rt"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
)

const modesFile = "../../testdata/contracts/modes/modes.txtar"

// A way is a line of the file modes: an endpoint, and how what it takes or gives
// crosses.
type way struct {
	endpoint string
	mode     component.Mode
	form     component.StreamForm
	refusal  string // of a binding that doesn't carry it, BINDING in its place
}

func (s *scratch) ways() []way {
	var out []way
	for line := range strings.Lines(s.modes) {
		parts := strings.SplitN(strings.TrimSpace(line), "|", 4)
		out = append(out, way{parts[0], component.Mode(parts[1]), component.StreamForm(parts[2]), parts[3]})
	}
	return out
}

// TestEveryModeHasACase fails where a mode or form that a contract can say is in
// no line of the file, and where the lists of them aren't those of the package.
func TestEveryModeHasACase(t *testing.T) {
	ways := open(t, modesFile).ways()
	for _, m := range component.Modes {
		if !slices.ContainsFunc(ways, func(w way) bool { return w.mode == m }) {
			t.Errorf("no case for the mode %s", m)
		}
	}
	for _, f := range component.StreamForms {
		if !slices.ContainsFunc(ways, func(w way) bool { return w.form == f }) {
			t.Errorf("no case for streams of the form %s", f)
		}
	}
	for typ, listed := range map[string][]string{"Mode": spelled(component.Modes), "StreamForm": spelled(component.StreamForms)} {
		declared := constantsOf(t, typ)
		slices.Sort(listed)
		if !slices.Equal(declared, listed) {
			t.Errorf("constants of type %s are %q, and listed %q", typ, declared, listed)
		}
	}
}

func spelled[T ~string](list []T) []string {
	var out []string
	for _, x := range list {
		out = append(out, string(x))
	}
	return out
}

// constantsOf lists the values of a type's constants in package component, sorted.
func constantsOf(t *testing.T, typ string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "../../internal/component/mode.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		if vs, ok := n.(*ast.ValueSpec); ok && len(vs.Values) == 1 {
			id, named := vs.Type.(*ast.Ident)
			lit, is := vs.Values[0].(*ast.BasicLit)
			if named && is && id.Name == typ {
				out = append(out, constant.StringVal(constant.MakeFromLiteral(lit.Value, lit.Kind, 0)))
			}
		}
		return true
	})
	slices.Sort(out)
	return out
}

// TestContractSaysEachMode checks that a binding that carries everything would get
// each endpoint in the mode and form that its line names.
func TestContractSaysEachMode(t *testing.T) {
	s := open(t, modesFile)
	s.carriers = component.Carriers{Chosen: []component.Carrier{{Name: "able", Modes: component.Carried}}}
	s.runtime(&generate.Request{Module: module, Runtime: module + "/internal/unweld"}, rt.Packages) // that the program uses
	c := s.contract("ways", "Service")
	for _, w := range s.ways() {
		i := slices.IndexFunc(c.Methods, func(m component.Method) bool { return m.Name == w.endpoint })
		if i < 0 || c.Methods[i].Local != "" {
			t.Errorf("%s is %+v", w.endpoint, c.Methods[max(i, 0)])
			continue
		}
		m := c.Methods[i]
		if w.refusal == "" != (len(m.Needs) == 0) || w.refusal != "" && !slices.Equal(m.Needs, []component.Mode{w.mode}) {
			t.Errorf("%s needs %q, want %s", w.endpoint, m.Needs, w.mode)
		}
		said := fmt.Sprintf("%s ", w.mode) + string(w.form)
		if !slices.ContainsFunc(slices.Concat(m.Params, m.Results), func(p component.Param) bool {
			mode, form := c.Mode(p), component.StreamForm("")
			typ := c.Type(p.Type.ID())
			if typ.Stream != nil {
				form = typ.Stream.Form
			}
			hidden := w.mode == component.ModeUnexported && slices.ContainsFunc(typ.Fields, func(f component.Field) bool { return f.Unexported })
			return hidden || fmt.Sprintf("%s ", mode)+string(form) == said
		}) {
			t.Errorf("%s has nothing that crosses as %s: %+v", w.endpoint, said, m)
		}
	}
	if any := c.Type("any"); any == nil || len(any.Fields) != 1 || any.Fields[0].Type != "int" {
		t.Errorf("behind any is %+v, want int", any)
	}
}

// TestModesOfBindings asks each binding that leads to another process for each
// endpoint: what its traits say that it carries runs there as it does in one
// process, and the rest is refused with the sentence of that trait, by the contract
// and at run time, where nothing was executed.
func TestModesOfBindings(t *testing.T) {
	for _, b := range allbindings.Bindings {
		carriers := bindings.Carriers(allbindings.Bindings, []string{b.Name})
		if len(carriers.Chosen) == 0 {
			continue // stays in the process
		}
		t.Run(b.Name, func(t *testing.T) {
			s := open(t, modesFile)
			s.bindings, s.carriers = []*bindings.Binding{b}, carriers
			s.generate()
			s.holds(t, carriers.Chosen[0])
			program := s.build("program")
			t.Run("inproc", func(t *testing.T) { s.compare(t, program) })
			for _, scheme := range b.Schemes {
				t.Run(scheme.Name, func(t *testing.T) {
					at := address(t, scheme.Name)
					s.serve(t, program, at)
					got := s.run(t, program, s.elsewhere(at)...)
					want := s.wanted(carriers.Chosen[0])
					if got != want {
						t.Errorf("printed:\n%s\nwant:\n%s", got, want)
					}
					s.noteWays(scheme.Name, got, want)
				})
			}
		})
	}
}

// holds compares what the contract says of each endpoint with what the binding
// carries.
func (s *scratch) holds(t *testing.T, by component.Carrier) {
	t.Helper()
	for _, w := range s.ways() {
		want := ""
		if w.refusal != "" && !slices.Contains(by.Modes, w.mode) {
			want = strings.ReplaceAll(w.refusal, "BINDING", by.Name)
			if w.mode == component.ModeUnexported && s.carriers.Instead(w.mode) == "" {
				want, _, _ = strings.Cut(want, "; binding") // to export the field is what is left
			}
		}
		for _, m := range s.request.Contract.Methods {
			if m.Name == w.endpoint && m.Local != want {
				t.Errorf("%s stays local because %q, want %q", w.endpoint, m.Local, want)
			}
		}
	}
}

// wanted is what the program prints where the component is elsewhere.
func (s *scratch) wanted(by component.Carrier) string {
	want := ""
	ways := s.ways()
	for i, line := range strings.Split(strings.TrimSpace(s.want), "\n") {
		if w := ways[i]; w.refusal != "" && !slices.Contains(by.Modes, w.mode) {
			line = w.endpoint + " refused: not executed"
		}
		want += line + "\n"
	}
	return want
}
