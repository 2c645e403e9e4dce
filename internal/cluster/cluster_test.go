package cluster

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// groups returns the components of a program as "name: packages", and shared.
func groups(ss []*component.Summary) []string {
	r := Find(ss, Options{Module: "m"})
	var out []string
	line := func(name string, paths []string) {
		var short []string
		for _, p := range paths {
			short = append(short, strings.TrimPrefix(p, "m/"))
		}
		out = append(out, name+": "+strings.Join(short, " "))
	}
	for _, c := range r.Components {
		line(c.Name, c.Packages)
	}
	line("shared", r.Shared)
	return out
}

func expect(t *testing.T, ss []*component.Summary, want ...string) {
	t.Helper()
	if got := groups(ss); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// areas makes the calls inside of each area: api to rules and db, rules to db.
// Path puts an area and a part of it together.
func areas(path func(area, part string) string, names ...string) []string {
	var calls []string
	for _, a := range names {
		api, rules, db := path(a, "api"), path(a, "rules"), path(a, "db")
		calls = append(calls, api+" "+rules, api+" "+db, rules+" "+db)
	}
	return calls
}

func areaFirst(area, part string) string  { return "internal/" + area + "/" + part }
func layerFirst(area, part string) string { return "internal/" + part + "/" + area }

func TestFoldersOfAreas(t *testing.T) {
	calls := areas(areaFirst, "orders", "stock", "mail")
	expect(t, program(append(calls, "internal/orders/rules internal/stock/api", "internal/orders/api internal/mail/api")...),
		"mail: internal/mail/api internal/mail/db internal/mail/rules",
		"orders: internal/orders/api internal/orders/db internal/orders/rules",
		"stock: internal/stock/api internal/stock/db internal/stock/rules",
		"shared: ")
}

// TestFoldersOfLayers: the same program, sorted by layers. The folders are not
// its parts; the names in them are.
func TestFoldersOfLayers(t *testing.T) {
	calls := areas(layerFirst, "orders", "stock", "mail", "users")
	expect(t, program(append(calls, "internal/rules/orders internal/api/stock", "internal/api/orders internal/api/mail", "internal/api/users internal/api/mail")...),
		"mail: internal/api/mail internal/db/mail internal/rules/mail",
		"orders: internal/api/orders internal/db/orders internal/rules/orders",
		"stock: internal/api/stock internal/db/stock internal/rules/stock",
		"users: internal/api/users internal/db/users internal/rules/users",
		"shared: ")
}

// TestContractUsedByAll: what many areas use is not shared where it stands in
// an area; a package for everybody is.
func TestContractUsedByAll(t *testing.T) {
	names := []string{"bills", "mail", "orders", "stock", "users"}
	calls := areas(areaFirst, names...)
	for _, a := range names {
		calls = append(calls, areaFirst(a, "api")+" internal/stock/stockpb", areaFirst(a, "rules")+" internal/log", areaFirst(a, "db")+" internal/log")
	}
	got := groups(program(calls...))
	want := []string{"stock: internal/stock/api internal/stock/db internal/stock/rules internal/stock/stockpb", "shared: internal/log"}
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("no %q in\n%s", w, strings.Join(got, "\n"))
		}
	}
}

// TestCommandsJoinWhatTheyStart: each main belongs to the area that it starts;
// one that starts all of them stands alone.
func TestCommandsJoinWhatTheyStart(t *testing.T) {
	calls := areas(areaFirst, "orders", "stock", "mail")
	for _, a := range []string{"orders", "stock", "mail"} {
		calls = append(calls, "cmd/"+a+" "+areaFirst(a, "api"), "cmd/"+a+" "+areaFirst(a, "db"), "cmd/all "+areaFirst(a, "api"), "cmd/all "+areaFirst(a, "db"))
	}
	ss := program(calls...)
	for _, s := range ss {
		if strings.HasPrefix(s.Package.Dir, "cmd/") {
			s.Package.Name = "main"
		}
	}
	expect(t, ss,
		"all: cmd/all",
		"mail: cmd/mail internal/mail/api internal/mail/db internal/mail/rules",
		"orders: cmd/orders internal/orders/api internal/orders/db internal/orders/rules",
		"stock: cmd/stock internal/stock/api internal/stock/db internal/stock/rules",
		"shared: ")
}

// TestServiceUsedByAll: a service that the composition root makes is a
// component, however many use it; a logger made there is shared.
func TestServiceUsedByAll(t *testing.T) {
	names := []string{"bills", "mail", "orders", "stock", "users"}
	calls := areas(areaFirst, names...)
	for _, a := range names {
		calls = append(calls, areaFirst(a, "api")+" internal/prices", areaFirst(a, "rules")+" internal/prices",
			areaFirst(a, "api")+" internal/log", areaFirst(a, "rules")+" internal/log", "app "+areaFirst(a, "api"))
	}
	ss := program(append(calls, "app internal/prices", "app internal/log")...)
	for _, s := range ss {
		if s.Package.Name == "prices" || s.Package.Name == "log" {
			s.Contracts = []component.Signature{{Decl: component.DeclID{Pkg: s.Package.Path, Name: "F"}, Constructor: true}}
		}
	}
	got := groups(ss)
	for _, w := range []string{"prices: internal/prices", "shared: internal/log"} {
		if !slices.Contains(got, w) {
			t.Errorf("no %q in\n%s", w, strings.Join(got, "\n"))
		}
	}
}

// TestHelpers: what one component alone uses belongs to it, what several use
// is shared, and mocks are where the rest of their folder is.
func TestHelpers(t *testing.T) {
	calls := areas(areaFirst, "orders", "stock", "mail")
	calls = append(calls, "internal/orders/db pkg/sqlx", "internal/mail/rules pkg/dates", "internal/stock/rules pkg/dates", "internal/stock/db/mocks ")
	ss := program(calls[:len(calls)-1]...)
	ss = append(ss, &component.Summary{Package: component.Package{Path: "m/internal/stock/db/mocks", Name: "mocks", Dir: "internal/stock/db/mocks"}, Module: "m",
		Decls: []component.Decl{{Name: "F", Kind: "func", Lines: 10}}})
	expect(t, ss,
		"mail: internal/mail/api internal/mail/db internal/mail/rules",
		"orders: internal/orders/api internal/orders/db internal/orders/rules pkg/sqlx",
		"stock: internal/stock/api internal/stock/db internal/stock/db/mocks internal/stock/rules",
		"shared: pkg/dates")
}

// TestNamesHelpOnlyWhereTheyAgree: without names that say anything, groups come
// from the references alone.
func TestNamesHelpOnlyWhereTheyAgree(t *testing.T) {
	name := func(area, part string) string {
		return fmt.Sprintf("p%02d", slices.Index([]string{"orders", "stock", "mail"}, area)*3+slices.Index([]string{"api", "db", "rules"}, part))
	}
	calls := areas(name, "orders", "stock", "mail")
	got := groups(program(append(calls, "p00 p03")...))
	for i, w := range []string{"p00 p01 p02", "p03 p04 p05", "p06 p07 p08"} {
		if !strings.HasSuffix(got[i], ": "+w) {
			t.Errorf("got\n%s", strings.Join(got, "\n"))
		}
	}
}

// TestComponentNames: a component is called what tells its packages from the
// rest, not by what all parts have, such as service.
func TestComponentNames(t *testing.T) {
	path := func(area, part string) string { return "app/" + area + "/service/internal/" + part }
	calls := areas(path, "cart", "order", "user")
	for _, a := range []string{"cart", "order", "user"} {
		calls = append(calls, path(a, "api")+" api/"+a+"/service/v1")
	}
	expect(t, program(append(calls, path("cart", "rules")+" api/user/service/v1")...),
		"cart: api/cart/service/v1 app/cart/service/internal/api app/cart/service/internal/db app/cart/service/internal/rules",
		"order: api/order/service/v1 app/order/service/internal/api app/order/service/internal/db app/order/service/internal/rules",
		"user: api/user/service/v1 app/user/service/internal/api app/user/service/internal/db app/user/service/internal/rules",
		"shared: ")
}

// TestDeclarationsOfOnePackage: in one package, files whose declarations use
// each other are components; a type goes with its file, and each declaration
// stands in one component.
func TestDeclarationsOfOnePackage(t *testing.T) {
	s := &component.Summary{Package: component.Package{Path: "m/srv", Name: "srv", Dir: "srv"}, Module: "m"}
	for _, file := range []string{"cache", "store", "mail"} {
		for i := range 6 {
			s.Decls = append(s.Decls, component.Decl{Name: fmt.Sprintf("%s%c", file, 'A'+i), Kind: "func", Lines: 5})
			s.Decls[len(s.Decls)-1].Span.File = "srv/" + file + ".go"
			for j := range i {
				s.Refs = append(s.Refs, component.Ref{From: component.DeclID{Pkg: "m/srv", Name: fmt.Sprintf("%s%c", file, 'A'+i)}, To: component.DeclID{Pkg: "m/srv", Name: fmt.Sprintf("%s%c", file, 'A'+j)}, Kind: "call", Count: 1})
			}
		}
	}
	s.Refs = append(s.Refs, component.Ref{From: component.DeclID{Pkg: "m/srv", Name: "storeF"}, To: component.DeclID{Pkg: "m/srv", Name: "cacheA"}, Kind: "call", Count: 1}, component.Ref{From: component.DeclID{Pkg: "m/srv", Name: "storeE"}, To: component.DeclID{Pkg: "m/srv", Name: "mailA"}, Kind: "call", Count: 1})
	r := Find([]*component.Summary{s}, Options{Module: "m", Unit: "decl"})
	var got []string
	for _, c := range r.Components {
		got = append(got, fmt.Sprintf("%s %d", c.Name, len(c.Decls)))
	}
	if want := []string{"cache 6", "mail 6", "store 6"}; !slices.Equal(got, want) || len(r.Shared) > 0 {
		t.Errorf("components %q and shared %q, want %q", got, r.Shared, want)
	}
}

// city is a larger made-up program: areas of several packages, calls across
// them, a kernel that all use, and an assembler.
func city(path func(area, part string) string) []*component.Summary {
	rnd := rand.New(rand.NewPCG(1, 2))
	names := []string{"bills", "carts", "mail", "orders", "parcels", "stock", "taxes", "users"}
	parts := []string{"api", "db", "rules", "events", "jobs", "views"}
	var calls []string
	for i, a := range names {
		for x := range parts {
			for y := range x {
				if rnd.IntN(3) > 0 || y == x-1 {
					calls = append(calls, path(a, parts[x])+" "+path(a, parts[y]))
				}
			}
			calls = append(calls, path(a, parts[x])+" kit/log", path(a, parts[x])+" kit/errors")
		}
		other := names[(i+1+rnd.IntN(len(names)-1))%len(names)]
		calls = append(calls, path(a, "rules")+" "+path(other, "api"), "app "+path(a, "api"), "app "+path(a, "views"))
	}
	return program(append(calls, "app kit/log")...)
}

func TestOrderOfInputDoesNotMatter(t *testing.T) {
	for _, unit := range []string{"package", "decl"} {
		ss := city(areaFirst)
		first := fmt.Sprint(Find(ss, Options{Module: "m", Unit: unit}))
		for seed := range uint64(5) {
			rnd := rand.New(rand.NewPCG(seed, 7))
			rnd.Shuffle(len(ss), func(i, j int) { ss[i], ss[j] = ss[j], ss[i] })
			if again := fmt.Sprint(Find(ss, Options{Module: "m", Unit: unit})); again != first {
				t.Fatalf("%s, order %d: another result", unit, seed)
			}
		}
	}
}

// TestSmallEditsChangeLittle: with one package or one call more, or one package
// less, no other package changes its component.
func TestSmallEditsChangeLittle(t *testing.T) {
	for _, layout := range []func(area, part string) string{areaFirst, layerFirst} {
		base := placed(city(layout))
		if n := len(base); n != 8*6+3 {
			t.Fatalf("%d packages", n)
		}
		for _, edit := range []func(ss []*component.Summary) []*component.Summary{
			func(ss []*component.Summary) []*component.Summary {
				return append(ss, program(layout("mail", "rules")+" "+layout("taxes", "db"))...)
			},
			func(ss []*component.Summary) []*component.Summary {
				return append(ss, program("tool " + layout("mail", "api"))[1:]...)
			},
			func(ss []*component.Summary) []*component.Summary {
				return slices.DeleteFunc(ss, func(s *component.Summary) bool { return s.Package.Dir == layout("stock", "jobs") })
			},
		} {
			for path, name := range placed(merged(edit(city(layout)))) {
				if was, ok := base[path]; ok && was != name {
					t.Errorf("%s went from %q to %q", path, was, name)
				}
			}
		}
	}
}

// placed returns the component of each package.
func placed(ss []*component.Summary) map[string]string {
	r := Find(ss, Options{Module: "m"})
	out := map[string]string{}
	for _, c := range r.Components {
		for _, p := range c.Packages {
			out[p] = c.Name
		}
	}
	for _, p := range r.Shared {
		out[p] = ""
	}
	return out
}

// merged puts the summaries of one package together.
func merged(ss []*component.Summary) []*component.Summary {
	byPath := map[string]*component.Summary{}
	var out []*component.Summary
	for _, s := range ss {
		if first := byPath[s.Package.Path]; first != nil {
			first.Refs = append(first.Refs, s.Refs...)
			continue
		}
		byPath[s.Package.Path] = s
		out = append(out, s)
	}
	return out
}
