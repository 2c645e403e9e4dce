package cluster

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// program makes summaries out of lines "from to", each a call between packages
// of the module m.
func program(calls ...string) []*component.Summary {
	byPath := map[string]*component.Summary{}
	get := func(name string) *component.Summary {
		path := "m/" + name
		if byPath[path] == nil {
			byPath[path] = &component.Summary{Package: component.Package{Path: path, Name: name[strings.LastIndexByte(name, '/')+1:], Dir: name}, Module: "m",
				Decls: []component.Decl{{Name: "F", Kind: "func", Lines: 10, Span: text.Span{File: name + "/f.go", Line: 1, Col: 1}}}}
		}
		return byPath[path]
	}
	for _, c := range calls {
		from, to, _ := strings.Cut(c, " ")
		get(to)
		s := get(from)
		s.Refs = append(s.Refs, component.Ref{From: component.DeclID{Pkg: "m/" + from, Name: "F"}, To: component.DeclID{Pkg: "m/" + to, Name: "F"}, Kind: "call", Count: 4,
			Span: text.Span{File: from + "/f.go", Line: len(s.Refs) + 2, Col: 3}})
	}
	var out []*component.Summary
	for _, s := range byPath {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *component.Summary) int { return strings.Compare(a.Package.Path, b.Package.Path) })
	return out
}

// shop has two areas, a main that puts them together, and a log that all use.
func shop() []*component.Summary {
	var calls []string
	for _, area := range []string{"orders", "stock", "mail"} {
		parts := []string{area + "/api", area + "/db", area + "/rules"}
		for i, a := range parts {
			for _, b := range parts[i+1:] {
				calls = append(calls, a+" "+b)
			}
			calls = append(calls, a+" log")
		}
		calls = append(calls, "app "+area+"/api", "app "+area+"/db")
	}
	return program(append(calls, "orders/api stock/api", "app log")...)
}

func TestFindAreas(t *testing.T) {
	r := Find(shop(), Options{Module: "m"})
	var got []string
	for _, c := range r.Components {
		got = append(got, c.Name+"="+strings.Join(c.Packages, "+"))
	}
	want := []string{"app=m/app", "mail=m/mail/api+m/mail/db+m/mail/rules", "orders=m/orders/api+m/orders/db+m/orders/rules", "stock=m/stock/api+m/stock/db+m/stock/rules"}
	if !slices.Equal(got, want) {
		t.Errorf("components %q, want %q", got, want)
	}
	if !slices.Equal(r.Shared, []string{"m/log"}) {
		t.Errorf("shared %q, want m/log", r.Shared)
	}
	i := slices.IndexFunc(r.Couplings, func(c component.Coupling) bool { return c.From == "orders" && c.To == "stock" })
	if i < 0 || r.Couplings[i].Weight != 3 || r.Couplings[i].Evidence[0].To != "m/stock/api.F" {
		t.Errorf("coupling of orders to stock: %+v", r.Couplings)
	}
}

// TestMainBehindWiring has a main that uses one wiring package alone: neither
// may pull in everything that it puts together.
func TestMainBehindWiring(t *testing.T) {
	ss := append(shop(), &component.Summary{Package: component.Package{Path: "m/cmd", Name: "main", Dir: "cmd"}, Module: "m",
		Decls: []component.Decl{{Name: "main", Kind: "func", Lines: 5}},
		Refs:  []component.Ref{{From: component.DeclID{Pkg: "m/cmd", Name: "main"}, To: component.DeclID{Pkg: "m/app", Name: "F"}, Kind: "call", Count: 1}}})
	r := Find(ss, Options{Module: "m"})
	if len(r.Components) != 4 || !slices.Equal(r.Components[0].Packages, []string{"m/app", "m/cmd"}) {
		t.Errorf("components: %+v", r.Components)
	}
}

func TestDeclaredComponentsWin(t *testing.T) {
	r := Find(shop(), Options{Module: "m", Declared: map[string]string{"m/log": "stock", "m/orders/db": "stock"}})
	for _, c := range r.Components {
		if c.Name == "stock" && (!c.Declared || !slices.Contains(c.Packages, "m/log") || !slices.Contains(c.Packages, "m/orders/db")) {
			t.Errorf("declared component: %+v", c)
		}
	}
}

func TestEveryNodeIsPlacedOnce(t *testing.T) {
	for _, unit := range []string{"package", "decl"} {
		r := Find(shop(), Options{Module: "m", Unit: unit})
		seen := map[string]int{}
		for _, id := range r.Shared {
			seen[id]++
		}
		for _, c := range r.Components {
			for _, id := range slices.Concat(c.Packages, c.Decls) {
				seen[id]++
			}
		}
		if len(seen) != 11 {
			t.Errorf("%s: %d placed, want 11", unit, len(seen))
		}
		for id, n := range seen {
			if n != 1 {
				t.Errorf("%s: %s placed %d times", unit, id, n)
			}
		}
	}
}

func TestFindIsDeterministic(t *testing.T) {
	var first []byte
	for i := range 20 {
		data, err := json.Marshal(Find(shop(), Options{Module: "m"}))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = data
		} else if !bytes.Equal(first, data) {
			t.Fatalf("run %d differs:\n%s\n%s", i, first, data)
		}
	}
}

func TestLouvainGroupsAreConnected(t *testing.T) {
	w := newWeighted(60)
	for i := range 60 {
		w.add(i, (i*7+3)%60, float64(i%5+1))
		w.add(i, (i*11+1)%60, 1)
	}
	for seed := range uint64(10) {
		group := w.louvain(1, seed)
		if again := w.connected(group); !slices.Equal(group, again) {
			t.Fatalf("seed %d: a group is not connected", seed)
		}
	}
}

func TestHazardsCountOnlyBetweenComponents(t *testing.T) {
	ss := shop()
	problem := []component.Problem{{Code: "chan-in-contract", Severity: component.Error, Path: "updates (chan int)", Message: "m"}}
	for _, s := range ss {
		switch s.Package.Path {
		case "m/stock/api", "m/stock/rules": // rules is used by its own component alone
			s.Contracts = []component.Signature{{Decl: component.DeclID{Pkg: s.Package.Path, Name: "F"}, Problems: problem}}
		case "m/mail/api": // app calls it, but it runs where mail is hosted
			s.Contracts = []component.Signature{{Decl: component.DeclID{Pkg: "m/mail/api", Name: "F"}, Problems: problem, Constructor: true}}
		}
	}
	r := Find(ss, Options{Module: "m"})
	if len(r.Hazards) != 1 || r.Hazards[0].Component != "stock" || r.Hazards[0].Name != "chan-in-contract" {
		t.Errorf("hazards: %+v", r.Hazards)
	}
}

// TestDotInAPackagesName: the last element of an import path may have a dot.
func TestDotInAPackagesName(t *testing.T) {
	ss := program("app yaml.v3", "app web", "web yaml.v3")
	problem := []component.Problem{{Code: "chan-in-contract", Severity: component.Error, Message: "m"}}
	for _, s := range ss {
		if s.Package.Path == "m/yaml.v3" {
			s.Contracts = []component.Signature{{Decl: component.DeclID{Pkg: "m/yaml.v3", Name: "F"}, Member: "Do", Problems: problem}}
			continue
		}
		for i := range s.Refs {
			if s.Refs[i].To == (component.DeclID{Pkg: "m/yaml.v3", Name: "F"}) {
				s.Refs[i].Member = "Do"
			}
		}
	}
	r := Find(ss, Options{Module: "m", Declared: map[string]string{"m/yaml.v3": "yaml", "m/web": "web", "m/app": "app"}})
	if len(r.Hazards) != 1 || r.Hazards[0].Component != "yaml" {
		t.Errorf("hazards: %+v", r.Hazards)
	}
	for _, c := range r.Components {
		if c.Name == "yaml" && (len(c.Endpoints) != 1 || c.Endpoints[0].Name != "F.Do") {
			t.Errorf("endpoints: %+v", c.Endpoints)
		}
	}
}
