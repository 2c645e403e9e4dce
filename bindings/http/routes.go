package http

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
)

// A route is a way to call an endpoint.
type route struct{ method, path string }

// routes are the routes of an endpoint: the one that units use comes first.
func (t *table) routes(e *endpoint) []route {
	at := "/" + t.contract.Component + "/" + t.pathName(e.method.Name)
	routes := []route{{http.MethodPost, at}}
	if e.method.Effect == component.EffectReads && e.up() == nil && t.queryable(e, nil) {
		routes = append(routes, route{http.MethodGet, at})
	}
	for _, d := range declaredRoutes(e.method) {
		if r, err := parseRoute(d); err == nil && !slices.Contains(routes, r) {
			routes = append(routes, r)
		}
	}
	return routes
}

// pathName is an endpoint's name in paths.
func (t *table) pathName(name string) string {
	short := camel(name)
	for _, m := range t.contract.Methods {
		if m.Name != name && camel(m.Name) == short {
			return name
		}
	}
	return short
}

// queryable reports whether all parameters but those given can be in a query.
func (t *table) queryable(e *endpoint, but []string) bool {
	return !slices.ContainsFunc(t.types[e.request].fields, func(f field) bool {
		return !slices.Contains(but, f.name) && !t.textual(f.typ, true)
	})
}

// textual reports whether a value of the type is a text in a URL, or, if many may be
// there, a list of such values.
func (t *table) textual(i int, many bool) bool {
	d := t.types[i]
	switch d.kind {
	case "Bool", "Int", "Uint", "Duration", "Float32", "Float64", "String", "Time", "URL", "Text", "Address", "AddressPort", "Prefix", "BigInt", "BigFloat", "BigRat":
		return true
	case "Pointer":
		return t.types[d.elem].kind != "Pointer" && t.textual(d.elem, false)
	case "List":
		return many && t.types[d.elem].kind != "Pointer" && t.textual(d.elem, false)
	}
	return false
}

// declaredRoutes are the arguments of the directives of a method.
func declaredRoutes(m *component.Method) []string {
	var found []string
	for _, d := range m.Directives {
		if rest, ok := strings.CutPrefix(d, "http"); ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
			found = append(found, strings.TrimSpace(rest))
		}
	}
	return found
}

var segment = regexp.MustCompile(`^([A-Za-z0-9._~-]+|\{[^{}/]+\})$`)

func parseRoute(s string) (route, error) {
	words := strings.Fields(s)
	if len(words) != 2 {
		return route{}, fmt.Errorf("it takes a method and a path: GET /orders/{id}")
	}
	r := route{words[0], words[1]}
	switch r.method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		return route{}, fmt.Errorf("%s is none of GET, POST, PUT, PATCH, DELETE", r.method)
	}
	path, ok := strings.CutPrefix(r.path, "/")
	if !ok {
		return route{}, fmt.Errorf("%s doesn't begin with /", r.path)
	}
	for s := range strings.SplitSeq(path, "/") {
		if !segment.MatchString(s) {
			return route{}, fmt.Errorf("the segment %q of %s is neither letters, digits and . _ ~ - nor a parameter in braces", s, r.path)
		}
	}
	if r.path == "/openapi.json" {
		return route{}, fmt.Errorf("%s is where the OpenAPI document is", r.path)
	}
	return r, nil
}

// params are the parameters in a route's path.
func (r route) params() []string {
	var names []string
	for s := range strings.SplitSeq(r.path, "/") {
		if name, ok := strings.CutPrefix(s, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// hasBody reports whether requests of the method have their parameters in a body.
func hasBody(method string) bool { return method != http.MethodGet && method != http.MethodDelete }

var braces = regexp.MustCompile(`\{[^{}/]+\}`)

// routeProblems checks the directives of a contract's methods.
func routeProblems(c *component.Contract) []component.Problem {
	var problems []component.Problem
	var t *table // which needs a contract that can cross
	taken := map[route]string{}
	for i := range c.Methods {
		m := &c.Methods[i]
		for _, d := range declaredRoutes(m) {
			add := func(hint, format string, args ...any) {
				problems = append(problems, component.Problem{
					Code: "invalid-route", Severity: component.Error, Component: c.Component, Path: m.Name, Span: m.Span, Hint: hint,
					Message: fmt.Sprintf("//unweld:http %s, of %s: ", d, m.Name) + fmt.Sprintf(format, args...),
				})
			}
			r, err := parseRoute(d)
			if err != nil {
				add("write for example //unweld:http GET /orders/{id}", "%v", err)
				continue
			}
			if !m.Generated() {
				add("remove the directive", "the endpoint can't be called from another process")
				continue
			}
			shape := route{r.method, braces.ReplaceAllString(r.path, "{}")}
			if other := taken[shape]; other != "" {
				add("give one of them another path", "%s has the same route", other)
			}
			taken[shape] = m.Name
			if t == nil {
				if t = tableOf(c); t == nil {
					return problems // the schema's problems say why
				}
			}
			if why, hint := t.routeProblem(m, r); why != "" {
				add(hint, "%s", why)
			}
		}
	}
	return problems
}

// tableOf describes a contract whose numbers on the wire aren't known yet.
func tableOf(c *component.Contract) *table {
	s, problems := schema.Build(c, nil)
	if slices.ContainsFunc(problems, func(p component.Problem) bool { return p.Severity == component.Error }) {
		return nil
	}
	return newTable(s)
}

// routeProblem says why the parameters of a method can't be in a route.
func (t *table) routeProblem(m *component.Method, r route) (why, hint string) {
	i := slices.IndexFunc(t.endpoints, func(e endpoint) bool { return e.method.Name == m.Name })
	if i < 0 {
		return "the endpoint can't be called from another process", "remove the directive"
	}
	e := &t.endpoints[i]
	if s := e.unitsOnly(); s != nil {
		return fmt.Sprintf("%s is a stream that its caller would have to send: the endpoint is called by units of the program only", s.name), "remove the directive"
	}
	params := r.params()
	if s := e.uploaded(); s != nil {
		switch {
		case !hasBody(r.method):
			return fmt.Sprintf("%s is a stream, which is the body of the request", s.name), "use POST, PUT or PATCH, which have a body"
		case slices.Contains(params, s.name):
			return s.name + " is a stream, and no text that can be in a path", "leave it to the body"
		}
	}
	for i, name := range params {
		f := slices.IndexFunc(t.types[e.request].fields, func(f field) bool { return f.name == name })
		switch {
		case slices.Contains(params[:i], name):
			return name + " is in the path twice", "name each parameter once"
		case f < 0:
			return fmt.Sprintf("%s has no parameter %s", m.Name, name), "its parameters are " + strings.Join(t.fieldsOf(e.request), ", ")
		case !t.textual(t.types[e.request].fields[f].typ, false):
			return name + " has no text that can be in a path", "leave it to the body, of POST, PUT or PATCH"
		}
	}
	if !hasBody(r.method) && !t.queryable(e, params) {
		return "a parameter has no text that can be in a query", "use POST, PUT or PATCH, which have a body"
	}
	return "", ""
}

func (t *table) fieldsOf(i int) []string {
	var names []string
	for _, f := range t.types[i].fields {
		names = append(names, f.name)
	}
	return names
}
