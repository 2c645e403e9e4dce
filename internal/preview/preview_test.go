package preview

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/callgraph"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

func at(file string, line int) text.Span { return text.Span{File: file, Line: line, Col: 1} }

// shop is a module in which main serves pages of web, these ask stock what is left,
// and main makes a clock that nobody asks. Nothing is bound.
func shop(t *testing.T) *Module {
	t.Helper()
	use := func(from, to, name string, line int) component.Coupling {
		return component.Coupling{From: from, To: to, Evidence: []component.Evidence{{Kind: "call", From: "m/" + from + ".Use", To: "m/" + to + "." + name,
			FromPkg: "m/" + from, Decl: component.DeclID{Pkg: "m/" + to, Name: name}, Span: at(from+"/"+from+".go", line)}}}
	}
	hazard := func(code string) component.Hazard {
		p := component.Problem{Code: code, Severity: component.Error, Component: "stock", Message: "a " + code,
			Subject: component.Subject{Decl: component.DeclID{Pkg: "m/stock", Name: "Left"}}, Span: at("stock/stock.go", 3)}
		return component.Hazard{Name: code, Severity: p.Severity, Component: p.Component, Message: p.Message, Problem: p}
	}
	found := &component.Result{
		Components: []component.Found{{Name: "app", Packages: []string{"m/cmd/app"}}, {Name: "clock", Packages: []string{"m/clock"}},
			{Name: "stock", Packages: []string{"m/stock"}}, {Name: "web", Packages: []string{"m/web", "m/web/page"}}},
		Couplings: []component.Coupling{use("app", "clock", "New", 4), use("app", "web", "Serve", 5), use("web", "stock", "Left", 6)},
		Hazards:   []component.Hazard{hazard("no-context")},
	}
	graph := &callgraph.Graph{CallGraph: &component.CallGraph{
		Functions: []component.Function{
			{ID: "m/clock.New", Package: "m/clock", Constructor: true},
			{ID: "m/cmd/app.main", Package: "m/cmd/app", Calls: []component.Call{{To: []int{0}, Span: at("cmd/app/main.go", 4)}, {To: []int{3}, Span: at("cmd/app/main.go", 5)}}},
			{ID: "m/stock.Left", Package: "m/stock"},
			{ID: "m/web.Serve", Package: "m/web", Calls: []component.Call{{To: []int{2}, Span: at("web/web.go", 6)}}},
		},
		Entries: []component.Entry{{Kind: component.EntryMain, Name: "cmd/app", Functions: []int{1}}},
	}}
	return &Module{
		Path: "m", Config: &split.Config{Version: 1}, Lock: &lock.File{Components: map[string]*lock.Part{}},
		Terms: split.Terms{Schemes: split.Schemes{{Name: "pipe", Binding: "pipe", CrossesUnits: true}}},
		Find: func(_ context.Context, cfg *split.Config, strict bool) (*component.Result, error) {
			again := *found
			_, declared := cfg.Components["page"]
			if declared == strict {
				return nil, errors.New("what people wrote is held to the code, and units that were just made aren't")
			}
			if declared {
				again.Components = append(slices.Clone(found.Components), component.Found{Name: "page", Packages: []string{"m/web/page"}})
			}
			return &again, nil
		},
		Written: func(context.Context) ([]*source.Package, error) {
			return []*source.Package{{Pkg: component.Package{Path: "m/cmd/app", Name: "main"}}}, nil
		},
		Calls: func(context.Context) (*callgraph.Graph, error) { return graph, nil },
		Fit: func(plan func(bool) (*split.Plan, error)) []split.Fit {
			p, err := plan(true)
			if err != nil {
				return []split.Fit{{Name: "cloud", Problem: err.Error()}}
			}
			return []split.Fit{{Name: "cloud", Warnings: p.Problems}}
		},
	}
}

// TestUnits: of units that no configuration has it is said what crosses to them,
// what would bind them, and which hazards they bring out.
func TestUnits(t *testing.T) {
	m := shop(t)
	p, err := Of(t.Context(), m, Options{Units: [][]string{{"stock"}}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []Unbound{{"stock", []string{"m/stock"}}}; !reflect.DeepEqual(p.Unbound, want) {
		t.Errorf("unbound %v, want %v", p.Unbound, want)
	}
	if len(p.Entries) != 1 || p.Entries[0].Crossings.Calls != 1 || len(p.Entries[0].Calls) != 1 || p.Entries[0].Calls[0].Endpoint != "stock.Left" || p.Entries[0].Calls[0].To != "stock" {
		t.Errorf("entries %+v, want one call of stock.Left", p.Entries)
	}
	if len(p.Hazards) != 0 || p.ByExtract != 1 || len(p.Quiet) != 0 {
		t.Errorf("hazards %+v, %d by extract, quiet %+v", p.Hazards, p.ByExtract, p.Quiet)
	}
	if len(p.Targets) != 1 || p.Targets[0].Problem != "" {
		t.Errorf("targets %+v", p.Targets)
	}
	if len(m.Config.Splits) > 0 || len(m.Config.Components) > 0 {
		t.Errorf("the configuration that was handed over has changed: %+v", m.Config)
	}
	if p, err = Of(t.Context(), m, Options{Units: [][]string{{"web", "stock"}}}); err != nil || p.ByExtract != 0 {
		t.Errorf("together, they still have the hazard: %+v, %v", p, err)
	}
}

// TestUncrossable: an endpoint with a hazard that extract leaves stays, with the reason.
func TestUncrossable(t *testing.T) {
	m := shop(t)
	find := m.Find
	m.Find = func(ctx context.Context, cfg *split.Config, strict bool) (*component.Result, error) {
		found, err := find(ctx, cfg, strict)
		found.Hazards[0].Name, found.Hazards[0].Message = "function-value", "takes a function"
		return found, err
	}
	p, err := Of(t.Context(), m, Options{Units: [][]string{{"stock"}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Hazards) != 1 || len(p.Local) != 1 || p.Local[0] != (split.LocalEndpoint{Endpoint: "stock.Left", Reason: "takes a function"}) {
		t.Errorf("hazards %+v, local %+v", p.Hazards, p.Local)
	}
}

func TestQuiet(t *testing.T) {
	p, err := Of(t.Context(), shop(t), Options{Units: [][]string{{"clock"}, {"stock"}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Quiet) != 1 || p.Quiet[0].Unit != "clock" || !strings.Contains(p.Quiet[0].Reason, "but to construct it") {
		t.Errorf("quiet %+v, want clock, which is only made", p.Quiet)
	}
}

// TestNamedUnits: a package becomes a component of its own, and what can't be meant
// is refused with what could be.
func TestNamedUnits(t *testing.T) {
	p, err := Of(t.Context(), shop(t), Options{Units: [][]string{{"./web/page"}}})
	if err != nil || len(p.Units) != 2 {
		t.Errorf("units %+v, error %v", p, err)
	}
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{Units: [][]string{{"stok"}}}, `did you mean "stock"?`},
		{Options{Units: [][]string{{"stock"}, {"web", "stock"}}}, "both claim stock"},
		{Options{Name: "micro", Units: [][]string{{"stock"}}}, "makes a split of its own"},
		{Options{Units: [][]string{{"app"}}}, "give what it calls to units: clock, web"},
	} {
		_, err := Of(t.Context(), shop(t), tt.o)
		var usage *component.UsageError
		if !errors.As(err, &usage) || !strings.Contains(usage.Reason+usage.Hint, tt.want) {
			t.Errorf("%+v: error %v, want %q", tt.o, err, tt.want)
		}
	}
}

// TestMainBeside: a component that others call can have a unit, although one of its packages
// is a program.
func TestMainBeside(t *testing.T) {
	m := shop(t)
	find := m.Find
	m.Find = func(ctx context.Context, cfg *split.Config, strict bool) (*component.Result, error) {
		found, err := find(ctx, cfg, strict)
		found.Components[2].Packages = append(found.Components[2].Packages, "m/cmd/app")
		return found, err
	}
	p, err := Of(t.Context(), m, Options{Units: [][]string{{"stock"}}})
	if err != nil || len(p.Entries) != 1 || p.Entries[0].Unit != split.MainUnit {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestUndeclared: while nothing is bound, micro is of the components that are declared, and
// the monolith can be looked at, too. A split of that name in unweld.yaml counts instead.
func TestUndeclared(t *testing.T) {
	m := shop(t)
	if p, err := Of(t.Context(), m, Options{Name: split.Monolith}); err != nil || len(p.Units) != 1 || len(p.Unbound) != 0 {
		t.Errorf("monolith: %+v, %v", p, err)
	}
	var usage *component.UsageError
	if _, err := Of(t.Context(), m, Options{Name: split.Micro}); !errors.As(err, &usage) || !strings.Contains(usage.Hint, "bind a component first") {
		t.Errorf("micro of nothing: %v", err)
	}
	m.Config = &split.Config{Version: 1, Components: map[string]split.Component{"stock": {}, "web": {}}}
	p, err := Of(t.Context(), m, Options{Name: split.Micro})
	if err != nil || p.Split != split.Micro || len(p.Units) != 3 || len(p.Unbound) != 2 {
		t.Errorf("micro of what is declared: %+v, %v", p, err)
	}
	m.Config.Splits = map[string]split.Split{split.Micro: {Units: map[string]split.Unit{"all": {Components: []string{"*"}}}}}
	if p, err := Of(t.Context(), m, Options{Name: split.Micro}); err != nil || len(p.Units) != 1 || p.Units[0].Name != "all" {
		t.Errorf("a micro split in unweld.yaml: %+v, %v", p, err)
	}
}

func TestFailingCalls(t *testing.T) {
	evidence := func(pkg, kind, name, member, file string) component.Evidence {
		return component.Evidence{Kind: kind, FromPkg: pkg, Decl: component.DeclID{Pkg: "m/stock", Name: name}, Member: member, Span: at(file, 1)}
	}
	found := &component.Result{
		Components: []component.Found{{Name: "stock", Packages: []string{"m/stock"}}, {Name: "beside", Packages: []string{"m/beside"}}, {Name: "web", Packages: []string{"m/web"}}},
		Couplings: []component.Coupling{{From: "web", To: "stock", Evidence: []component.Evidence{
			evidence("m/web", "call", "Service", "Watch", "web/a.go"),
			evidence("m/web", "value", "Watch", "", "web/b.go"),         // the function itself
			evidence("m/web", "type", "Service", "Watch", "web/c.go"),   // no call
			evidence("m/web", "call", "Service", "Left", "web/d.go"),    // crosses
			evidence("m/web", "call", "Other", "Watch", "web/e.go"),     // of another type
			evidence("m/web", "call", "Service", "Watch", "web/gen.go"), // generated
			evidence("m/beside", "call", "Service", "Watch", "beside/a.go"),
		}}},
	}
	l := &lock.File{Components: map[string]*lock.Part{"stock": {Contract: "./stock.Service", Generated: map[string]change.Hash{"web/gen.go": "x"}}}}
	plan := &split.Plan{Split: "micro", Entry: "main", Components: []split.PlanComponent{
		{Name: "stock", Unit: "store", Staying: []split.LocalEndpoint{{Endpoint: "stock.Watch", Reason: "takes a channel"}}}, {Name: "beside", Unit: "store"}}}
	var files []string
	for _, p := range FailingCalls(plan, "m", l, found) {
		files = append(files, p.Span.File)
		if p.Code != "split-call-fails" || !strings.Contains(p.Message, "takes a channel") {
			t.Errorf("problem %+v", p)
		}
	}
	if want := []string{"web/a.go", "web/b.go"}; !reflect.DeepEqual(files, want) {
		t.Errorf("calls in %v fail, want %v", files, want)
	}
}
