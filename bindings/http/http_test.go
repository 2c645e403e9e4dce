package http

import (
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

const orders = "example.com/shop/orders"

var home = component.Package{Path: orders, Name: "orders", Dir: "orders"}

// contractOf is a contract of one method whose parameters are an ID, tags and an
// order.
func contractOf(directives ...string) *component.Contract {
	ref := component.NamedRef(home, "Order")
	order := component.Type{ID: ref.ID(), Ref: ref, Kind: component.KindStruct, Package: home, Name: "Order", Doc: "An Order\x00 is <b>what</b>\n\nDeprecated: by Cart.",
		Fields: []component.Field{{Name: "ID", Type: "string"}, {Name: "Id", Type: "string"}, {Name: "ToString", Type: "string", Tag: `json:"id"`}, {Name: "Self", Type: component.PointerTo(ref).ID()}}}
	basic := func(k component.Kind) component.Type {
		return component.Type{ID: component.TypeID(k), Ref: component.Basic(string(k)), Kind: k}
	}
	list := component.SliceOf(component.Basic("string"))
	m := component.Method{Endpoint: component.Endpoint{Name: "Put"}, Context: true, Error: true, Directives: directives,
		Params:  []component.Param{{Name: "id", Type: component.Basic("string")}, {Name: "tags", Type: list}, {Name: "order", Type: ref}},
		Results: []component.Param{{Type: ref}, {Type: component.Basic("string")}}}
	get := component.Method{Endpoint: component.Endpoint{Name: "Get", Effect: component.EffectReads}, Context: true, Error: true, Directives: []string{"http GET /all/{id}", "slow", "httpx"}, Params: m.Params[:1]}
	return &component.Contract{Component: "orders", Package: home, Name: "Service", Methods: []component.Method{m, get},
		Types: []component.Type{order, {ID: component.PointerTo(ref).ID(), Ref: component.PointerTo(ref), Kind: component.KindPointer, Elem: ref.ID()},
			{ID: list.ID(), Ref: list, Kind: component.KindSlice, Elem: "string"}, basic(component.KindString)}}
}

func TestRoutes(t *testing.T) {
	for directive, want := range map[string]string{
		"http PUT /orders/{id}":             "",
		"http\tPOST /orders":                "",
		"http PUT /orders/{id}/{id}":        "id is in the path twice",
		"http PUT /orders/{ID}":             "Put has no parameter ID",
		"http PUT /orders/{order}":          "order has no text",
		"http PUT /orders/{tags}":           "tags has no text",
		"http GET /orders/{id}":             "a parameter has no text that can be in a query",
		"http DELETE /orders/{id}":          "in a query",
		"http HEAD /orders":                 "HEAD is none of",
		"http PUT":                          "it takes a method and a path",
		"http":                              "it takes a method and a path",
		"http PUT orders":                   "doesn't begin with /",
		"http PUT /orders//x":               `the segment ""`,
		"http PUT /orders/a b":              "it takes a method and a path",
		"http PUT /orders/{id}x":            `the segment "{id}x"`,
		"http GET /openapi.json":            "where the OpenAPI document is",
		"http PUT /a\nhttp PUT /a":          "Put has the same route",
		"http PUT /{id}/a\nhttp PUT /{x}/a": "Put has the same route",
	} {
		problems := routeProblems(contractOf(strings.Split(directive, "\n")...))
		switch {
		case want == "" && len(problems) > 0:
			t.Errorf("%s: %v", directive, problems)
		case want != "" && (len(problems) == 0 || !strings.Contains(problems[0].Message, want) || problems[0].Hint == "" || problems[0].Path != "Put"):
			t.Errorf("%s: %v, want %s", directive, problems, want)
		}
	}
	pinned := contractOf("http PUT /orders/{id}")
	pinned.Methods[0].Local = "a function"
	if problems := routeProblems(pinned); len(problems) != 1 || !strings.Contains(problems[0].Message, "can't be called from another process") {
		t.Error(problems)
	}
}

// TestRoutesOfStreams: a stream that the caller would have to send is the body of a plain
// request, or in none.
func TestRoutesOfStreams(t *testing.T) {
	ref := component.NamedRef(component.Package{Path: "io", Name: "io"}, "Reader")
	c := contractOf()
	m := &c.Methods[1] // which only reads
	m.Directives = []string{"http GET /all"}
	m.Needs = []component.Mode{component.ModeStream}
	c.Types = append(c.Types, component.Type{ID: ref.ID(), Ref: ref, Kind: component.KindStream, Stream: &component.Stream{Form: component.StreamReader, Fails: true}})
	m.Results = []component.Param{{Type: ref, Direction: component.Out}}
	if problems := routeProblems(c); len(problems) > 0 {
		t.Errorf("a reader that is returned: %v", problems)
	}
	m.Params = append(slices.Clone(m.Params), component.Param{Name: "r", Type: ref, Direction: component.In})
	problems := routeProblems(c)
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "r is a stream that its caller would have to send") || problems[0].Hint == "" {
		t.Errorf("a reader that is taken: %v", problems)
	}
	s, _ := schema.Build(c, nil)
	if s == nil {
		t.Fatal("no schema")
	}
	table := newTable(s)
	if got := table.endpoints[1].routes[:1]; len(table.endpoints[1].streams) != 2 || got[0] != (route{"POST", "/orders/get"}) || slices.Contains(table.endpoints[1].routes, route{"GET", "/orders/get"}) {
		t.Errorf("routes %v, streams %+v", table.endpoints[1].routes, table.endpoints[1].streams)
	}
	if doc, err := table.openAPI("1"); err != nil || strings.Contains(string(doc), "/orders/get") || !strings.Contains(string(doc), "Only units of the program call Get (r)") {
		t.Errorf("%v: %s", err, doc)
	}
	m.Results = nil // then it is the body
	for directive, want := range map[string]string{
		"http GET /all": "r is a stream, which is the body of the request", "http PUT /all": "", "http PUT /all/{r}": "r is a stream, and no text that can be in a path",
	} {
		m.Directives = []string{directive}
		problems := routeProblems(c)
		if want == "" && len(problems) > 0 || want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Message, want) || problems[0].Hint == "") {
			t.Errorf("%s of a reader that is taken alone: %v", directive, problems)
		}
	}
}

func TestTable(t *testing.T) {
	s, problems := schema.Build(contractOf("http PUT /orders/{id}"), nil)
	if s == nil {
		t.Fatal(problems)
	}
	table := newTable(s)
	if got := table.fieldsOf(table.index[component.TypeID(orders+".Order")]); !slices.Equal(got, []string{"ID", "Id", "id", "self"}) {
		t.Errorf("the names are %q: a tag's comes first", got)
	}
	if got := table.fieldsOf(table.endpoints[0].reply); !slices.Equal(got, []string{"result", "result2"}) {
		t.Errorf("the results are %q", got)
	}
	var routes []route
	for _, e := range table.endpoints {
		routes = append(routes, e.routes...)
	}
	if want := []route{{"POST", "/orders/put"}, {"PUT", "/orders/{id}"}, {"POST", "/orders/get"}, {"GET", "/orders/get"}, {"GET", "/all/{id}"}}; !slices.Equal(routes, want) {
		t.Errorf("the routes are %v", routes)
	}
	first, err := table.openAPI("2.0.0")
	if err != nil {
		t.Fatal(err)
	}
	again, err := newTable(s).openAPI("2.0.0")
	if err != nil || string(again) != string(first) {
		t.Error("another document the second time", err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	order := doc.Components.Schemas["orders.Order"].Value
	if !order.Deprecated || strings.Contains(order.Description, "\x00") || !strings.HasPrefix(order.Description, "An Order is <b>what</b>") || doc.Info.Version != "2.0.0" {
		t.Errorf("%s", first)
	}
	body := doc.Paths.Find("/orders/{id}").Put.RequestBody.Value.Content["application/json"].Schema.Value
	if body.Properties["id"] != nil || body.Properties["order"] == nil {
		t.Error("what is in the path is in the body too")
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{"SKU": "sku", "UnitPrice": "unitPrice", "HTTPStatus": "httpStatus", "ID": "id", "URLs": "urls", "X": "x", "already": "already", "Größe": "größe", "ÄÖ": "äö", "_x": "_x", "A1": "a1"} {
		if got := camel(in); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
	values := func(typ string, names ...string) []string {
		d := &component.Type{Name: typ}
		for _, n := range names {
			d.Constants = append(d.Constants, component.Constant{Name: n})
		}
		return valueNames(d)
	}
	for _, c := range [][2][]string{
		{values("State", "StateOpen", "StateClosed"), {"open", "closed"}}, {values("Level", "LowLevel", "Highest"), {"low", "highest"}},
		{values("State", "StateOpen", "Open"), {"StateOpen", "Open"}}, {values("State", "State", "Stateless"), {"state", "stateless"}},
	} {
		if !slices.Equal(c[0], c[1]) {
			t.Errorf("%q, want %q", c[0], c[1])
		}
	}
	variants := variantNames(&component.Type{Fields: []component.Field{{Name: "Circle"}, {Name: "*Circle"}, {Name: "*Group"}, {Name: "circle"}}})
	if want := []string{"circle", "*circle", "group", "circle2"}; !slices.Equal(variants, want) {
		t.Errorf("%q, want %q", variants, want)
	}
	for in, want := range map[string]tag{`json:"a,omitempty"`: {"a", true, false}, `json:",omitzero"`: {"", true, false}, `json:"-"`: {hidden: true}, `json:"-,"`: {name: "-"}, `json:"a\"b"`: {}, `yaml:"x"`: {}} {
		if got := parseTag(in); got != want {
			t.Errorf("%s is %+v, want %+v", in, got, want)
		}
	}
}

// TestHoldsItself documents lists, maps and pointers that hold themselves with nothing
// else in between, alone and by way of each other.
func TestHoldsItself(t *testing.T) {
	c := contractOf()
	declared := func(name string, kind component.Kind, elem component.TypeID) component.Type {
		ref := component.NamedRef(home, name)
		return component.Type{ID: ref.ID(), Ref: ref, Kind: kind, Package: home, Name: name, Elem: elem, Key: "string"}
	}
	id := func(name string) component.TypeID { return component.NamedRef(home, name).ID() }
	c.Types = append(c.Types, declared("Path", component.KindSlice, id("Path")), declared("Tree", component.KindMap, id("Forest")), declared("Forest", component.KindSlice, id("Tree")),
		declared("Loop", component.KindPointer, id("Loop")))
	for _, name := range []string{"Path", "Tree", "Forest", "Loop"} {
		c.Methods[0].Params = append(c.Methods[0].Params, component.Param{Name: strings.ToLower(name), Type: component.NamedRef(home, name)})
	}
	s, problems := schema.Build(c, nil)
	if s == nil {
		t.Fatal(problems)
	}
	content, err := newTable(s).openAPI("1")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	path := doc.Components.Schemas["orders.Path"]
	if path == nil || path.Value.Items == nil || !strings.Contains(string(content), `"#/components/schemas/orders.Path"`) {
		t.Errorf("%s", content)
	}
}
