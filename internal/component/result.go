package component

// A Result is what find says of a program. Its JSON is part of the interface
// of unweld.
type Result struct {
	Version    int            `json:"version"`
	Module     string         `json:"module"`
	Unit       string         `json:"unit"`
	Components []Found        `json:"components"`
	Shared     []string       `json:"shared"`
	Couplings  []Coupling     `json:"couplings"`
	Hazards    []Hazard       `json:"hazards"`
	Metrics    ProgramMetrics `json:"metrics"`
	Problems   []Problem      `json:"-"` // what could not be loaded
}

// Found is one component.
type Found struct {
	Name      string          `json:"name"`
	Declared  bool            `json:"declared"`
	Stability float64         `json:"stability"`
	Packages  []string        `json:"packages"`
	Decls     []string        `json:"decls,omitempty"`
	Metrics   Metrics         `json:"metrics"`
	Endpoints []FoundEndpoint `json:"endpoints"`
}

// Metrics are of one component: how many components use it (ca) and are used
// by it (ce), ce/(ca+ce), the share of its weight that stays inside, and its
// share of the weight between components.
type Metrics struct {
	Ca          int     `json:"ca"`
	Ce          int     `json:"ce"`
	Instability float64 `json:"instability"`
	Cohesion    float64 `json:"cohesion"`
	Coupling    float64 `json:"coupling"`
}

// A FoundEndpoint is a function or method that other components call.
type FoundEndpoint struct {
	Name    string `json:"name"`
	Reads   *bool  `json:"reads"` // proven not to change the component's state, or certain to; nil: not known
	Callers int    `json:"callers"`
	Decl    DeclID `json:"-"`
	Member  string `json:"-"`
}

// A Coupling is everything that ties one component to another.
type Coupling struct {
	From     string     `json:"from"`
	To       string     `json:"to"`
	Weight   float64    `json:"weight"`
	Evidence []Evidence `json:"evidence"`
}

// A Hazard is a Problem of a coupling, in the shape that find prints.
type Hazard struct {
	Name      string   `json:"name"`
	Severity  Severity `json:"severity"`
	Component string   `json:"component"`
	Path      string   `json:"path"`
	Pos       string   `json:"pos"`
	Message   string   `json:"message"`
	Hint      string   `json:"hint"`
	Fixes     []Fix    `json:"fixes,omitempty"` // ways to take care of it; each alone is enough
	Problem   Problem  `json:"-"`
}

// ProgramMetrics are of the whole program: Newman's modularity, the share of
// weight between components (icp), the share of entities in components of
// extreme size (ned), and the density of the transitive closure.
type ProgramMetrics struct {
	Modularity      float64 `json:"modularity"`
	ICP             float64 `json:"icp"`
	NED             float64 `json:"ned"`
	PropagationCost float64 `json:"propagationCost"`
}

// AddHazards puts problems among the hazards of r, in their order.
func (r *Result) AddHazards(ps []Problem) {
	for _, h := range r.Hazards {
		ps = append(ps, h.Problem)
	}
	r.Hazards = []Hazard{}
	for _, p := range SortProblems(ps) {
		r.Hazards = append(r.Hazards, Hazard{Name: p.Code, Severity: p.Severity, Component: p.Component, Path: p.Path,
			Pos: p.Span.String(), Message: p.Message, Hint: p.Hint, Fixes: p.Fixes, Problem: p})
	}
}

// ComponentOf returns a function from declarations to the names of their
// components; "" is shared, or not of the program.
func (r *Result) ComponentOf() func(DeclID) string {
	of := map[string]string{}
	for _, c := range r.Components {
		for _, p := range c.Packages {
			of[p] = c.Name
		}
		for _, d := range c.Decls {
			of[d] = c.Name
		}
	}
	return func(d DeclID) string {
		if r.Unit == "decl" {
			return of[d.String()]
		}
		return of[d.Pkg]
	}
}
