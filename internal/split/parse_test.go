package split

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

const example = `version: 1
components:
  orders:  {packages: [./orders/...], contract: ./orders.Service, owner: team-a}
  pricing: {packages: [./pricing/...]}
rules: {allow: {orders: [pricing]}, layers: [web, domain, storage], private: [orders/internal]}
splits:
  monolith: {units: {all: {components: ["*"]}}}
  micro:
    units:
      web:    {components: [web]}
      orders: {components: [orders], packaging: oci, isolation: container, state: {store: postgres}, scale: {min: 1, max: 20}}
      quote:  {endpoints: [pricing.Quote], scale: {min: 0, max: 50, target: {inflight: 8}}}
    links: {orders: grpc, pricing: nats}
`

func TestParseExample(t *testing.T) {
	cfg, ps := Parse(FileName, []byte(example))
	if len(ps) > 0 {
		t.Fatalf("problems: %v", ps)
	}
	if got := cfg.Components["orders"]; got.Contract != "./orders.Service" || got.Owner != "team-a" || got.Packages[0] != "./orders/..." {
		t.Errorf("component orders = %+v", got)
	}
	u := cfg.Splits["micro"].Units["quote"]
	if u.Endpoints[0] != "pricing.Quote" || u.Scale.Max != 50 || u.Scale.Target["inflight"] != 8 {
		t.Errorf("unit quote = %+v", u)
	}
	if got := cfg.At("splits", "micro", "units", "orders", "state").String(); got != "unweld.yaml:11:76" {
		t.Errorf("place of the state of orders = %s", got)
	}
}

func TestParseReportsEveryMistake(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"empty", "", `unweld.yaml:1:1: the file is empty (start with the line "version: 1", or run: unweld init)`},
		{"comment only", "# nothing\n", `unweld.yaml:1:1: the file is empty (start with the line "version: 1", or run: unweld init)`},
		{"no version", "splits:\n", `unweld.yaml:1:1: the version is missing (add the line "version: 1")`},
		{"future version", "version: 2\n", "unweld.yaml:1:10: version 2 isn't known (this unweld reads version 1)"},
		{"not a mapping", "- a\n", "unweld.yaml:1:1: the file must be a mapping of keys to values, not a list ()\nunweld.yaml:1:1: the version is missing (add the line \"version: 1\")"},
		{"unclosed", "version: 1\nrules: {layers: [a\n", "unweld.yaml:2:17: sequence end token ']' not found (correct the YAML; docs/unweld.schema.json describes the format)"},
		{"tab", "version: 1\nrules:\n\tlayers: []\n", "unweld.yaml:3:1: a tab can't start a line's indentation (indent with spaces)"},
		{"twice", "version: 1\nrules: {}\nrules: {}\n", `unweld.yaml:3:1: mapping key "rules" already defined at [2:1] (remove one of the two entries)`},
		{"second document", "version: 1\n---\nversion: 1\n", "unweld.yaml:3:1: more than one document in the file (remove the second --- and what follows)"},
		{"unknown keys, all of them", "version: 1\ncomponent:\n  a: {}\nrules: {layer: [a]}\n",
			`unweld.yaml:2:1: unknown key "component" (did you mean "components"?)
unweld.yaml:4:9: unknown key "layer" in rules (did you mean "layers"?)`},
		{"types", "version: one\ncomponents: [a]\nrules: {layers: a}\nsplits: {s: {units: {u: {scale: {max: 1.5}}}}}\n",
			`unweld.yaml:1:10: version must be a whole number, not a string ()
unweld.yaml:2:13: components must be a mapping of keys to values, not a list ()
unweld.yaml:3:17: rules.layers must be a list, not a string ()
unweld.yaml:4:39: splits.s.units.u.scale.max must be a whole number, not a number ()`},
		{"column after é", "version: 1\ncomponents: {a: {owner: é, pakages: [x], packages: [./a]}}\n",
			`unweld.yaml:2:29: unknown key "pakages" in components.a (did you mean "packages"?)`},
		{"alias without anchor", "version: 1\nrules: {layers: *x}\n", "unweld.yaml:2:17: alias *x has no anchor (define it with &x)"},
		{"alias of itself", "version: 1\nrules: &r\n  allow: {a: []}\n  layers: *r\n", "unweld.yaml:4:11: rules.layers must be a list, not a mapping ()"},
		{"merge key", "version: 1\nsplits:\n  a: &a {units: {u: {}}}\n  b:\n    <<: *a\n    units: {u: {}}\n", "unweld.yaml:5:5: merge keys and complex keys aren't supported here (write the entries out)"},
		{"claims", "version: 1\ncomponents:\n  a: {packages: [./x]}\n  b: {packages: [./x]}\nsplits:\n  s:\n    units:\n      u: {components: [a, \"*\"]}\n      v: {components: [a, \"*\"], endpoints: [b.M, b.M]}\n",
			`unweld.yaml:4:18: packages ./x belong to both a and b (leave them in one of the two)
unweld.yaml:9:24: units u and v both claim a (leave it in one of the two)
unweld.yaml:9:27: units u and v both claim the rest ("*") (leave it in one of the two)
unweld.yaml:9:50: unit v lists b.M twice (remove one)`},
		{"units of nothing", "version: 1\nsplits:\n  s: {units: {a: {}, b: {components: [], scale: {min: -1}}, c: {components: [\"*\"]}}}\n  t: {units: {a: }}\n",
			`unweld.yaml:3:15: unit a hosts nothing (name its components; ["*"] is all that no other unit names)
unweld.yaml:3:22: unit b hosts nothing (name its components; ["*"] is all that no other unit names)
unweld.yaml:3:49: scale of unit b: min and max can't be negative ()`},
		{"names and values", "version: 1\ncomponents:\n  Bad: {packages: []}\n  a: {packages: [\"\"], contract: ./a}\nsplits:\n  s:\n    units:\n      u: {components: [a.M], endpoints: [a], packaging: ocy, scale: {min: 3, max: 2}}\n    links: {a: \"grcp://x\"}\n  t: {}\n",
			`unweld.yaml:3:3: component name "Bad" must be lower case letters, digits, - and _ ()
unweld.yaml:3:3: component Bad has no packages (packages: [./Bad/...])
unweld.yaml:4:18: empty package pattern ()
unweld.yaml:4:33: contract "./a" doesn't name an interface (write it as ./a.Service)
unweld.yaml:8:24: "a.M" isn't the name of a component (an endpoint belongs under endpoints: [a.M])
unweld.yaml:8:42: "a" isn't the name of an endpoint (write it as component.Method, for example pricing.Quote)
unweld.yaml:8:69: scale of unit u: min 3 and max 2 contradict each other ()
unweld.yaml:10:3: split t has no units (units: {all: {components: ["*"]}})`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, ps := Parse(FileName, []byte(tt.in))
			var lines []string
			for _, p := range ps {
				lines = append(lines, fmt.Sprintf("%s: %s (%s)", p.Span, p.Message, p.Hint))
			}
			if got := strings.Join(lines, "\n"); got != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

func TestUsageNamesFirstPlaceAndListsTheRest(t *testing.T) {
	_, ps := Parse(FileName, []byte("version: 1\nrule: {}\nsplitz: {}\n"))
	err := Usage(ps)
	u, ok := errors.AsType[*component.UsageError](err)
	if !ok {
		t.Fatalf("err = %v (%T)", err, err)
	}
	want := "unweld.yaml:2:1: unknown key \"rule\"\n\tunweld.yaml:3:1: unknown key \"splitz\" (did you mean \"splits\"?)"
	if u.Error() != want || u.Hint != `did you mean "rules"?` {
		t.Errorf("got %q, hint %q", u.Error(), u.Hint)
	}
	if err := Usage(nil); err != nil {
		t.Errorf("no problems: %v", err)
	}
}

// packages are those of the module example.com/m in folders.
func packages(folders ...string) []component.Package {
	var ps []component.Package
	for _, f := range folders {
		ps = append(ps, component.Package{Path: path.Join("example.com/m", f), Dir: f})
	}
	return ps
}

func TestCheckNames(t *testing.T) {
	cfg, _ := Parse(FileName, []byte(example))
	code := Code{Root: "/src/m", Packages: packages("orders", "orders/internal/db", "pricing"), Components: []string{"wep", "domain", "storage"}}
	ps := cfg.Check(code)
	if len(ps) != 2 || ps[0].Span.String() != "unweld.yaml:5:46" || ps[1].Span.String() != "unweld.yaml:10:29" || ps[1].Hint != `did you mean "wep"?` {
		t.Errorf("problems = %+v", ps)
	}
	code.Components[0] = "web"
	if ps := cfg.Check(code); len(ps) > 0 {
		t.Errorf("problems = %+v", ps)
	}
}

// TestCheckVacuous: what nothing matches is a problem at its place, in every part
// of the file; what matches in whatever spelling is none.
func TestCheckVacuous(t *testing.T) {
	code := Code{Root: "/src/m", Packages: packages(".", "front", "store", "store.v2/db", "tools/gen"), Components: []string{"front", "store", "found"},
		Contract: func(pkg component.Package, name string) string {
			if pkg.Dir != "store" || name != "API" {
				return pkg.Path + " declares no " + name
			}
			return ""
		},
		Endpoint: func(comp, method string) (has, known bool) { return method == "Get", comp == "store" },
	}
	for _, tt := range []struct{ in, want string }{
		{"components: {front: {packages: [./fornt/...]}}", `2:33: ./fornt/... matches no package of this module (did you mean ./front/...?)`},
		{"components: {front: {packages: [./tools]}}", `2:33: ./tools matches no package of this module (the folder itself has no Go files: write ./tools/... for what is below it)`},
		{"components: {front: {packages: [example.com/m/gone]}}", `2:33: example.com/m/gone matches no package of this module (list the packages with: go list ./...)`},
		{"components: {front: {packages: [./Front]}}", `2:33: ./Front matches no package of this module (did you mean ./front?)`},
		{"components: {front: {packages: [../m/front]}}", `2:33: package pattern ../m/front lies outside the module ()`},
		{"components: {front: {packages: [/src/other/front]}}", `2:33: package pattern /src/other/front lies outside the module ()`},
		{"components: {front: {packages: [./front/*]}}", `2:33: package pattern ./front/*: only ... stands for any text: ./orders/... covers a folder and all below ()`},
		{`components: {front: {packages: ['front\x']}}`, `2:33: package pattern front\x has a backslash: folders are separated by / ()`},
		{"components: {a: {packages: [./front/...]}, b: {packages: [example.com/m/front/...]}}", `2:59: packages ./front/... of a and example.com/m/front/... of b both cover example.com/m/front (make one of the two patterns narrower)`},
		{"components: {store: {packages: [./store], contract: ./stoer.API}}", `2:43: contract ./stoer.API: no such package in this module (write it as ./folder.Interface)`},
		{"components: {store: {packages: [./store], contract: ./store.Gone}}", `2:43: contract ./store.Gone: example.com/m/store declares no Gone ()`},
		{"rules: {layers: [front, sotre]}", `2:25: no component "sotre" (did you mean "store"?)`},
		{"rules: {layers: [front, store, front]}", `2:32: layer front stands in two places (remove one)`},
		{"rules: {allow: {front: [sotre]}}", `2:25: no component "sotre" (did you mean "store"?)`},
		{"rules: {allow: {'*': [store]}}", `2:17: no component "*" (unweld find lists the components)`},
		{"rules: {private: [store.v3]}", `2:19: store.v3 matches no package of this module (did you mean ./store.v2?)`},
		{"rules: {private: [../front]}", `2:19: package pattern ../front lies outside the module ()`},
		{"splits: {s: {units: {u: {components: [frnt], endpoints: [stor.Get]}}}}", `2:39: no component "frnt" (did you mean "front"?)
2:58: no component "stor" (did you mean "store"?)`},
		{"splits: {s: {units: {u: {endpoints: [store.Put]}}}}", `2:38: the contract of store has no method Put ()`},
		{"splits: {s: {units: {u: {components: ['*']}}, links: {sotre: unix}}}", `2:55: no component "sotre" (did you mean "store"?)`},
		// What is right, in every spelling.
		{"components: {a: {packages: [front, ./store/, ./store.v2/..., example.com/m/tools/gen, .]}}", ""},
		{"components: {a: {packages: [./.../db, /src/m/front, ./x/../store, ./fro...]}}", ""},
		{"components: {store: {packages: [store], contract: example.com/m/store.API}}", ""},
		{"components: {store: {packages: [store], contract: store.API}}", ""},
		{"components: {store: {packages: [store], contract: github.com/other/module/pkg.API}}", ""},
		{"rules: {layers: [front, found], private: [store.v2, ./store, ./store.v2/..., ./store.v2/db/, example.com/m/tools], allow: {front: ['*'], store: []}}", ""},
		{"splits: {s: {units: {u: {components: [found, '*'], endpoints: [store.Get, found.Any]}}, links: {store: unix}}}", ""},
	} {
		cfg, ps := Parse(FileName, []byte("version: 1\n"+tt.in+"\n"))
		if len(ps) == 0 || Usage(ps) == nil {
			ps = cfg.Check(code)
		}
		var lines []string
		for _, p := range ps {
			lines = append(lines, fmt.Sprintf("%s: %s (%s)", strings.TrimPrefix(p.Span.String(), FileName+":"), p.Message, p.Hint))
		}
		if got := strings.Join(lines, "\n"); got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

// TestBareNameOfTwoThings: a module may be called as one of its folders.
func TestBareNameOfTwoThings(t *testing.T) {
	cfg, _ := Parse(FileName, []byte("version: 1\nrules: {private: [store]}\n"))
	code := Code{Packages: []component.Package{{Path: "store", Dir: "."}, {Path: "store/store", Dir: "store"}}}
	if ps := cfg.Check(code); len(ps) != 1 || !strings.Contains(ps[0].Message, "write ./store/... for the folder") {
		t.Errorf("problems = %+v", ps)
	}
}

func TestOwnerIsTheNarrowest(t *testing.T) {
	cfg, _ := Parse(FileName, []byte("version: 1\ncomponents:\n  all: {packages: [./...]}\n  store: {packages: [example.com/m/store/...]}\n  db: {packages: [./store/db/]}\n"))
	for dir, want := range map[string]string{".": "all", "web": "all", "store": "store", "store/x": "store", "storage": "all", "store/db": "db", "store/db/x": "store"} {
		if got := cfg.Owner("/src/m", packages(dir)[0]); got != want {
			t.Errorf("%s belongs to %q, want %q", dir, got, want)
		}
	}
}

// TestByteOrderMark: editors on Windows put one before the first line.
func TestByteOrderMark(t *testing.T) {
	const mark = "\xef\xbb\xbf"
	cfg, ps := Parse(FileName, []byte(mark+example))
	if len(ps) > 0 || len(cfg.Components) != 2 {
		t.Errorf("problems: %v", ps)
	}
	if at := cfg.At("version"); at.Line != 1 || at.Col != 1 || at.Start != len(mark) {
		t.Errorf("the version is at %+v", at)
	}
	out, err := Declare(Section([]byte(mark+"version: 1\n")), "a", Component{Packages: []string{"./a"}, Contract: "./a.Service"})
	if want := mark + "version: 1\ncomponents:\n  a: {packages: [./a], contract: ./a.Service}\n"; err != nil || string(out) != want {
		t.Errorf("declared %q, %v", out, err)
	}
	_, ps = Parse(FileName, []byte("\xff\xfev\x00e\x00r\x00"))
	if len(ps) != 1 || ps[0].Hint != "save it as UTF-8" {
		t.Errorf("UTF-16: %+v", ps)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte("version: 1\na: &a [*a]\n"))
	f.Add([]byte("? [a]\n: b\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		cfg, ps := Parse(FileName, in)
		if cfg == nil {
			t.Fatal("no configuration")
		}
		for _, p := range ps {
			if !p.Span.IsValid() || p.Message == "" || p.Span.Start > len(in) || p.Span.End > len(in) {
				t.Fatalf("problem without a place in the file: %+v", p)
			}
		}
	})
}
