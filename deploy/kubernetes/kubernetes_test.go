package kubernetes

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/split"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// schemes are made up: wire reaches other machines and wants TLS, broker is
// somewhere, and near reaches no other machine.
var schemes = split.Schemes{
	{Name: "broker", Binding: "broker", CrossesUnits: true, CrossesHosts: true},
	{Name: "here", Binding: "here"},
	{Name: "near", Binding: "near", CrossesUnits: true, Open: noAllocator},
	{Name: "wire", Binding: "wire", CrossesUnits: true, CrossesHosts: true, HostPort: true, TLS: true, Open: noAllocator},
}

func noAllocator(split.Opening) (split.Allocator, error) { return nil, nil }

// kept are made up too: log is in files, and server is what it says.
var kept = []split.Store{
	{Name: "log", StoreTraits: split.StoreTraits{Location: split.Location{Extension: ".db"}}},
	{Name: "server", StoreTraits: split.StoreTraits{Location: split.Location{Schemes: []string{"sql"}, Example: "sql://db/shop"}}},
}

var facts = split.Facts{Schemes: schemes, Stores: kept, AcrossHosts: true, Bound: []split.Bound{
	{Name: "ledger", Bindings: []string{"wire"}, Stateful: true, Store: "log"},
	{Name: "orders", Bindings: []string{"near", "wire"}, Stateful: true},
	{Name: "pricing", Bindings: []string{"wire", "broker"}},
}}

const head = "version: 1\nsplits:\n  s:\n    units:\n      main: {components: ['*']}\n"

// emitted emits the split that is said, or fails as a user sees it.
func emitted(t *testing.T, text string) (files []deploy.File, warnings string, err error) {
	t.Helper()
	return emittedWith(t, facts, text)
}

func emittedWith(t *testing.T, facts split.Facts, text string) (files []deploy.File, warnings string, err error) {
	t.Helper()
	cfg, ps := split.Parse(split.FileName, []byte(text))
	if err := split.Usage(ps); err != nil {
		t.Fatal(err)
	}
	plan, err := split.New(cfg, "s", facts)
	if err != nil {
		return nil, "", err
	}
	ps = Target.Problems(plan, schemes)
	if err := split.Usage(ps); err != nil {
		return nil, "", err
	}
	files, err = Target.Emit(t.Context(), plan, deploy.EmitOptions{App: "shop", Schemes: schemes, Warn: func(p split.Problem) { ps = append(ps, p) }})
	for _, p := range ps {
		warnings += p.Message + "\n"
	}
	return files, warnings, err
}

// Each unit becomes the objects that it needs, the same to the byte each time,
// and all of them are what a cluster takes.
func TestEmit(t *testing.T) {
	for name, text := range map[string]string{
		"micro": head + "      ledger: {components: [ledger]}\n      orders: {components: [orders]}\n      pricing: {components: [pricing]}\n",
		"full": `version: 1
splits:
  s:
    units:
      Front_End:
        components: ['*']
        image: registry.example/shop:1.2
        ports: {http: 8080, admin: 7001}
        env: {LOG: debug}
        secrets: {DB_PASSWORD: {from: db/password}}
      quote:
        components: [pricing]
        packaging: oci
        runtime: kubernetes
        isolation: container
        image: registry.example/shop:1.2
        resources: {requests: {cpu: 250m, memory: 64Mi}, limits: {memory: 128Mi}}
        scale: {min: 2, max: 9, target: {cpu: 70, memory: 90}}
      books: {components: [ledger], state: {path: /data/books}, image: registry.example/shop:1.2}
    links: {pricing: "wire://quote.prod.svc:9000"}
`,
		"monolith": "version: 1\nsplits: {s: {units: {all: {components: ['*'], scale: {}}}}}\n",
		"broker":   head + "      pricing: {components: [pricing], scale: {min: 3}}\n    links: {pricing: 'broker://mq:4222/pricing'}\n",
	} {
		t.Run(name, func(t *testing.T) {
			files, warnings, err := emitted(t, text)
			if err != nil {
				t.Fatal(err)
			}
			var all strings.Builder
			all.WriteString("# " + strings.ReplaceAll(strings.TrimSuffix(warnings, "\n"), "\n", "\n# ") + "\n")
			for _, f := range files {
				all.WriteString("---\n# " + f.Path + "\n" + f.Content)
			}
			golden := filepath.Join("testdata", name+".yaml")
			if *update {
				if err := os.WriteFile(golden, []byte(all.String()), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || string(want) != all.String() {
				t.Errorf("%s (%v); -update writes it. got:\n%s", golden, err, &all)
			}
			again, _, _ := emitted(t, text)
			for i := range again {
				if again[i] != files[i] {
					t.Errorf("%s: other bytes the second time", files[i].Path)
				}
			}
			validate(t, files)
		})
	}
}

// What can't work in a cluster is refused, and what is left to do is said.
func TestRefusals(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"near link", head + "      orders: {components: [orders]}\n    links: {orders: near}\n", "target kubernetes runs units on different machines, where near doesn't reach"},
		{"runtime", head + "      pricing: {components: [pricing], runtime: lambda}\n", "target kubernetes can't take runtime lambda (it takes kubernetes)"},
		{"packaging", head + "      pricing: {components: [pricing], packaging: binary}\n", "target kubernetes can't take packaging binary (it takes oci)"},
		{"measure", head + "      pricing: {components: [pricing], scale: {max: 3, target: {inflight: 8}}}\n", "can't scale on inflight (it scales on cpu, memory)"},
		{"two half-states", head + "      orders: {components: [orders], scale: {max: 3}}\n", "orders has state, of which there must never be two"},
		{"endpoint apart", head + "      quote: {endpoints: [pricing.Quote]}\n", "pricing"},
		{"name", head + "      1st: {components: [pricing]}\n", "unit 1st: it isn't a valid name for a Service"},
		{"long name", head + "      " + strings.Repeat("a", 60) + ": {components: [pricing]}\n", "its name has 60 characters"},
		{"same name", head + "      a_b: {components: [pricing]}\n      a-b: {components: [orders]}\n", "units a-b and a_b would both be called a-b"},
		{"broker without a place", head + "      pricing: {components: [pricing]}\n    links: {pricing: broker}\n", "a link by broker has no address of its own in a cluster"},
		{"address without a port", head + "      pricing: {components: [pricing]}\n    links: {pricing: 'wire://host'}\n", "an address here is wire://host:port"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := emitted(t, tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("err = %v, want one with %q", err, tt.want)
			}
		})
	}
	_, warnings, err := emitted(t, head+"      pricing: {components: [pricing], scale: {max: 3}}\n")
	if want := "unit pricing scales on cpu, of which it requests nothing: the cluster can't tell when\n"; err != nil || !strings.Contains(warnings, want) {
		t.Errorf("warnings (%v):\n%s", err, warnings)
	}
}

// A split of one unit needs no link, so it doesn't matter how far one would reach.
func TestOneUnit(t *testing.T) {
	near := split.Facts{Schemes: schemes, AcrossHosts: true, Bound: []split.Bound{{Name: "orders", Bindings: []string{"near"}}}}
	for _, text := range []string{
		"version: 1\nsplits: {s: {units: {all: {components: ['*']}}}}\n",
		"version: 1\nsplits: {s: {units: {all: {components: ['*']}}, links: {orders: near}}}\n",
	} {
		files, _, err := emittedWith(t, near, text)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s%d files, %v", text, len(files), err)
		}
		validate(t, files)
	}
	if _, _, err := emittedWith(t, near, "version: 1\nsplits: {s: {units: {all: {components: ['*']}}, links: {orders: carrier}}}\n"); err == nil || !strings.Contains(err.Error(), "no binding") {
		t.Errorf("a link by a binding that isn't there: %v", err)
	}
}

// onServer has one component whose state is on a server.
var onServer = split.Facts{Schemes: schemes, Stores: kept, AcrossHosts: true, Bound: []split.Bound{
	{Name: "ledger", Bindings: []string{"wire"}, Stateful: true, Store: "server"},
}}

// State on a server needs no volume. Its address names what a secret holds, and
// at most one process of the unit runs at a time all the same.
func TestStateOnServer(t *testing.T) {
	files, _, err := emittedWith(t, onServer, head+`      books:
        components: [ledger]
        state: {path: "sql://shop:${DB_PASSWORD}@db/shop"}
        secrets: {DB_PASSWORD: {from: db/password}}
`)
	if err != nil {
		t.Fatal(err)
	}
	validate(t, files)
	books := files[0].Content
	for _, want := range []string{"kind: Deployment", "type: Recreate", "UNWELD_STATE_LEDGER: sql://shop:${DB_PASSWORD}@db/shop",
		"- name: DB_PASSWORD\n          valueFrom:\n            secretKeyRef:\n              key: password\n              name: db\n"} {
		if !strings.Contains(books, want) {
			t.Errorf("no %q in\n%s", want, books)
		}
	}
	if strings.Contains(books, "StatefulSet") || strings.Contains(books, "volumeClaimTemplates") {
		t.Errorf("a volume for what is on a server:\n%s", books)
	}
	for _, tt := range []struct{ name, unit, want string }{
		{"no secret", `state: {path: "${LEDGER_DB}"}`, "refers to LEDGER_DB, which the unit is given neither as env nor as a secret"},
		{"no place", `state: {store: server}`, "ledger keeps its state in server, and nothing says where"},
		{"a file", `state: {path: /data}`, `store server keeps state on a server, of which "/data" is no address`},
		{"two owners", `state: {path: "sql://db/shop"}, scale: {min: 2}`, "ledger has state, of which there must never be two"},
	} {
		if _, _, err := emittedWith(t, onServer, head+"      books: {components: [ledger], "+tt.unit+"}\n"); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, _, err := emitted(t, head+"      books: {components: [ledger], state: {path: '${DIR}'}, env: {DIR: /x}}\n"); err == nil || !strings.Contains(err.Error(), "needs a folder that is known") {
		t.Errorf("a volume somewhere: %v", err)
	}
}

// TestNeeds: what a cluster would refuse is refused before, by name; what looks
// like it and is right is taken, and what is emitted of it holds.
func TestNeeds(t *testing.T) {
	for _, tt := range []struct{ name, unit, refused, want string }{
		{"image", "image: Registry.Example:5000/shop/web:V1", "", "image: Registry.Example:5000/shop/web:V1\n"},
		{"image in upper case", "image: registry.example/Shop/web:v1", "image registry.example/Shop/web:v1: the name of an image has no upper case letters", ""},
		{"image by digest", "image: shop@sha256:0A", "", "image: shop@sha256:0A\n"},
		{"image alone in upper case", "image: Shop", "has no upper case letters", ""},
		{"no ports", "env: {A: b}", "", "startupProbe:"}, // of the link
		{"port", "ports: {http: 8080}", "", "- containerPort: 8080\n          name: http\n"},
		{"two names of a port", "ports: {http: 8080, web: 8080}", "ports http and web are both 8080", ""},
		{"port named like a link's", "ports: {link-7001: 8080}", "port name link-7001 is kept for links", ""},
		{"port of a link", "ports: {http: 7001}", "", "UNWELD_LINK_PRICING: wire://:7004"},
		{"resources", "resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1000m}}", "", "limits:\n            cpu: \"1\"\n"},
		{"more than the limit", "resources: {requests: {memory: 1Gi}, limits: {memory: 1023Mi}}", "it requests more memory than its limit: 1Gi of 1023Mi", ""},
		{"secret", "secrets: {A: {from: db.main/pass.word}}", "", "secretKeyRef:\n              key: pass.word\n              name: db.main\n"},
		{"secret with a name that none has", "secrets: {A: {from: db..main/password}}", "secret A: no secret can be called db..main", ""},
		{"secret with a key that none has", "secrets: {A: {from: db/..}}", "secret A: no key can be called ..", ""},
		{"scale", "scale: {max: 2, target: {cpu: 1}}", "", "averageUtilization: 1\n"},
		{"scale at nothing", "scale: {max: 2, target: {cpu: 0}}", "it can't scale at 0 percent of its cpu", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files, _, err := emitted(t, head+"      quote: {components: [pricing], "+tt.unit+"}\n")
			if err != nil || tt.refused != "" {
				if err == nil || tt.refused == "" || !strings.Contains(err.Error(), "unit quote: ") || !strings.Contains(err.Error(), tt.refused) {
					t.Errorf("%v, want %q", err, tt.refused)
				}
				return
			}
			validate(t, files)
			quote := files[1]
			if quote.Path != "quote.yaml" || !strings.Contains(quote.Content, tt.want) {
				t.Errorf("no %q in\n%s", tt.want, quote.Content)
			}
		})
	}
	if _, _, err := emitted(t, head+"      quote: {components: [pricing], ports: {http: 9000}}\n    links: {pricing: 'wire://quote:9000'}\n"); err == nil || !strings.Contains(err.Error(), "pricing would be served at port 9000, which is the program's own port http") {
		t.Errorf("one port for two: %v", err)
	}
}

// TestVolumes: the folder of state files is one that a volume can be at, in a
// StatefulSet, and the unit's process looks for them there.
func TestVolumes(t *testing.T) {
	for state, want := range map[string]struct{ refused, mount, file string }{
		"":                     {mount: "/var/lib/unweld", file: "/var/lib/unweld/ledger.db"},
		"data":                 {mount: "/var/lib/unweld", file: "/var/lib/unweld/ledger.db"},
		"file:///srv/books":    {mount: "/srv/books", file: "/srv/books/ledger.db"},
		"/srv/books/all.db":    {mount: "/srv/books", file: "/srv/books/all.db"},
		"/books.db":            {refused: "no volume can be at /, where the state of ledger would be"},
		"/tmp":                 {refused: "no volume can be at /tmp,"},
		"/etc/unweld/tls/a.db": {refused: "no volume can be at /etc/unweld/tls,"},
		"/a:b":                 {refused: "no volume can be at /a:b,"},
	} {
		files, _, err := emitted(t, head+"      books: {components: [ledger], state: {path: '"+state+"'}}\n")
		if err != nil || want.refused != "" {
			if err == nil || want.refused == "" || !strings.Contains(err.Error(), want.refused) {
				t.Errorf("%q: %v, want %q", state, err, want.refused)
			}
			continue
		}
		validate(t, files)
		for _, text := range []string{"kind: StatefulSet", "- mountPath: " + want.mount + "\n          name: state\n", "UNWELD_STATE_LEDGER: " + want.file + "\n", "- ReadWriteOncePod\n"} {
			if !strings.Contains(files[0].Content, text) {
				t.Errorf("%q: no %q in\n%s", state, text, files[0].Content)
			}
		}
	}
}
