package engine

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// bodies are functions that change what an argument leads to, or don't, by what a
// caller in another process would see. A parameter that a directive can name is
// called p.
var bodies = []struct {
	name, signature, body string
	changes               bool // certainly
	travels               bool // and it can travel back
}{
	{"Fill", "p []byte", "p[0] = 1", true, true},
	{"Count", "p map[string]int", "p[\"a\"]++", true, true},
	{"Price", "p *Order", "p.Total = 3", true, true},
	{"Deep", "p *Order", "p.Lines[0] = \"x\"", true, true},
	{"Inner", "p Order", "p.Lines[0] = \"x\"", true, false},
	{"Sort", "p []int", "slices.Sort(p)", true, true},
	{"Random", "p []byte", "io.ReadFull(rand.Reader, p)", true, true},
	{"Through", "p []byte", "set(p)", true, true},
	{"Copied", "p []byte", "p = append([]byte(nil), p...); p[0] = 1", false, false},
	{"Own", "p Order", "p.Total = 3", false, false},
	{"Reads", "p []byte", "_ = len(p)", false, false},
	{"Swaps", "p *Order", "p = new(Order); p.Total = 1", false, false},
}

// argumentModule is a module with each of bodies as a function of one component
// and as a method of another.
func argumentModule(t *testing.T, directive bool) *Session {
	t.Helper()
	imports := "import (\n\t\"context\"\n\t\"crypto/rand\"\n\t\"io\"\n\t\"slices\"\n)\n\nvar (\n\t_ = rand.Reader\n\t_ = io.EOF\n\t_ = slices.Max[[]int]\n\t_ context.Context\n)\n\n"
	types := "type Order struct {\n\tLines []string\n\tTotal int\n}\n\nfunc set(p []byte) { p[0] = 2 }\n\n"
	funcs, methods, iface, calls := "", "", "type Service interface {\n", ""
	for _, b := range bodies {
		funcs += "func " + b.name + "(ctx context.Context, " + b.signature + ") error {\n\t" + b.body + "\n\treturn nil\n}\n\n"
		methods += "func (impl) " + b.name + "(ctx context.Context, " + b.signature + ") error {\n\t" + b.body + "\n\treturn nil\n}\n\n"
		if directive && b.changes {
			iface += "\t//unweld:inout p\n"
		}
		iface += "\t" + b.name + "(ctx context.Context, " + b.signature + ") error\n"
		zero := strings.TrimPrefix(b.signature, "p ")
		of := func(pkg string) string { return strings.Replace(zero, "Order", pkg+".Order", 1) }
		calls += "\tvar f" + b.name + " " + of("fn") + "\n\t_ = fn." + b.name + "(ctx, f" + b.name + ")\n"
		calls += "\tvar m" + b.name + " " + of("mix") + "\n\t_ = s." + b.name + "(ctx, m" + b.name + ")\n"
	}
	return module(t, "-- go.mod --\nmodule m\n\ngo 1.24\n-- fn/fn.go --\npackage fn\n\n"+imports+types+funcs+
		"-- mix/mix.go --\npackage mix\n\n"+imports+types+iface+"}\n\ntype impl struct{}\n\nfunc New() Service { return impl{} }\n\n"+methods+
		"-- main.go --\npackage main\n\nimport (\n\t\"context\"\n\n\t\"m/fn\"\n\t\"m/mix\"\n)\n\nfunc main() {\n\tctx := context.Background()\n\ts := mix.New()\n"+calls+"}\n"+
		"-- unweld.yaml --\nversion: 1\ncomponents:\n  fn: {packages: [./fn]}\n  mix: {packages: [./mix], contract: ./mix.Service}\n  main: {packages: [.]}\n"+
		"splits:\n  two: {units: {main: {components: [\"*\"]}, a: {components: [fn]}, b: {components: [mix]}}}\n")
}

// TestVerbsAgreeOnArguments asks find, preview, extract and bind which endpoints
// stay with their callers because they change an argument. They name the same ones;
// where a directive says that the argument travels back, none of those.
func TestVerbsAgreeOnArguments(t *testing.T) {
	for _, directive := range []bool{false, true} {
		want := map[string][]string{}
		for _, b := range bodies {
			if b.changes {
				for _, verb := range []string{"find fn", "preview fn", "extract"} {
					want[verb] = append(want[verb], b.name)
				}
			}
			if b.changes && !b.travels {
				want["extract all"] = append(want["extract all"], b.name)
			}
			if b.changes && !(directive && b.travels) {
				for _, verb := range []string{"find mix", "preview mix", "bind"} {
					want[verb] = append(want[verb], b.name)
				}
			}
		}
		got := argumentsSaid(t, argumentModule(t, directive))
		for _, verb := range slices.Sorted(maps.Keys(want)) {
			slices.Sort(want[verb])
			slices.Sort(got[verb])
			if names := slices.Compact(got[verb]); !slices.Equal(names, want[verb]) {
				t.Errorf("directive %t: %s keeps %q, want %q", directive, verb, names, want[verb])
			}
		}
	}
}

// argumentsSaid lists, by verb, the endpoints that it keeps with their callers.
func argumentsSaid(t *testing.T, s *Session) map[string][]string {
	t.Helper()
	said := map[string][]string{}
	found, err := s.Find(t.Context(), FindOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range found.Hazards {
		if h.Name != "callee-mutates-argument" || h.Severity != component.Error {
			continue
		}
		name := h.Problem.Subject.Decl.Name
		if h.Problem.Subject.Member != "" {
			name = h.Problem.Subject.Member
		}
		said["find "+h.Component] = append(said["find "+h.Component], name)
	}
	preview, err := s.SplitPreview(t.Context(), PreviewOptions{Name: "two"})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range preview.Local {
		comp, name, _ := strings.Cut(l.Endpoint, ".")
		said["preview "+comp] = append(said["preview "+comp], name[strings.LastIndexByte(name, '.')+1:])
	}
	for verb, inout := range map[string]string{"extract": "", "extract all": "all"} {
		set, err := s.Refactor(t.Context(), "extract", RefactorRequest{Target: "./fn", Params: map[string]string{"name": "fn", "keep-signatures": "true", "inout": inout}})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range set.Notes {
			if name, _, local := strings.Cut(n.Message, " stays local"); local {
				said[verb] = append(said[verb], name)
			}
		}
	}
	for _, e := range endpointsAfterBind(t, s, BindOptions{Component: "mix", To: []string{"inproc"}}) {
		if e.Local != "" {
			said["bind"] = append(said["bind"], e.Name)
		}
	}
	return said
}
