package describe

import (
	"reflect"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
)

const page = `package web

import "m/stock"

type Page struct{ s *stock.Store }

func (p *Page) Show() int { return stock.Total() + p.s.Left() }

func own() int { return own() }
`

func found() *component.Result {
	use := func(from, name, member string) component.Evidence {
		return component.Evidence{FromPkg: "m/" + from, Decl: component.DeclID{Pkg: "m/stock", Name: name}, Member: member}
	}
	left := component.Subject{Decl: component.DeclID{Pkg: "m/stock", Name: "Store"}, Member: "Left"}
	return &component.Result{
		Components: []component.Found{
			{Name: "stock", Declared: true, Packages: []string{"m/stock"}, Endpoints: []component.FoundEndpoint{{Decl: left.Decl, Member: "Left", Reads: new(true)}}},
			{Name: "web", Packages: []string{"m/web"}},
		},
		Couplings: []component.Coupling{
			{From: "web", To: "stock", Evidence: []component.Evidence{use("web", "Store", "Left"), use("web", "Total", ""), use("web", "Store", "")}},
			{From: "batch", To: "stock", Evidence: []component.Evidence{use("batch", "Store", "Left"), use("batch", "Store", "Left")}},
		},
		Hazards: []component.Hazard{{Problem: component.Problem{Code: "no-context", Subject: left}}},
	}
}

// at describes the place where a piece of the page begins.
func at(t *testing.T, piece string) (*Description, bool) {
	t.Helper()
	i := strings.Index(page, piece)
	if i < 0 {
		t.Fatalf("no %q", piece)
	}
	site := refactor.NewSite([]byte(page), text.Span{File: "web/page.go", Start: i, End: i}, nil)
	return At(found(), site, "m/web")
}

func TestAt(t *testing.T) {
	tests := []struct {
		name, piece       string
		subject           string
		component         string
		uses              []Use
		endpoint, hazards bool
	}{
		{"the package clause", "web\n", "m/web.", "web", nil, false, false},
		{"an import is the package", `"m/stock"`, "m/stock.", "stock", []Use{{"batch", 2}, {"web", 3}}, false, false},
		{"a declaration", "Page struct", "m/web.Page", "web", nil, false, false},
		{"a method where it is declared", "Show()", "m/web.Page.Show", "web", nil, false, false},
		{"a function of another component", "Total()", "m/stock.Total", "stock", []Use{{"web", 1}}, false, false},
		{"a method of another component", "Left()", "m/stock.Store.Left", "stock", []Use{{"batch", 2}, {"web", 1}}, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, ok := at(t, tt.piece)
			if !ok {
				t.Fatal("nothing is known")
			}
			if d.Subject.String() != tt.subject && d.Subject.Decl.String() != tt.subject || d.Component != tt.component || d.Declared != (tt.component == "stock") {
				t.Errorf("it is %v of %s, declared %v; want %s of %s", d.Subject, d.Component, d.Declared, tt.subject, tt.component)
			}
			if !reflect.DeepEqual(d.Uses, tt.uses) {
				t.Errorf("uses %v, want %v", d.Uses, tt.uses)
			}
			if d.Endpoint != tt.endpoint || (d.Reads != nil) != tt.endpoint || len(d.Hazards) > 0 != tt.hazards {
				t.Errorf("endpoint %v, reads %v, hazards %v", d.Endpoint, d.Reads, d.Hazards)
			}
		})
	}
}

// TestNothingKnown: what no component uses isn't guessed at.
func TestNothingKnown(t *testing.T) {
	if d, ok := at(t, "s *stock"); ok {
		t.Errorf("of a field that nobody uses it says %+v", d)
	}
	site := refactor.NewSite([]byte(page), text.Span{File: "web/page.go", Start: 9, End: 9}, nil)
	if d, ok := At(found(), site, "m/elsewhere"); ok {
		t.Errorf("of a package in no component it says %+v", d)
	}
}
