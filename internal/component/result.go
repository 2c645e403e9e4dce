package component

// A Result is the output of find. Its JSON form is part of unweld's interface.
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

// A Found is one component of a Result.
type Found struct {
	Name      string          `json:"name"`
	Declared  bool            `json:"declared"`
	Stability float64         `json:"stability"`
	Packages  []string        `json:"packages"`
	Decls     []string        `json:"decls,omitempty"`
	Metrics   Metrics         `json:"metrics"`
	Endpoints []FoundEndpoint `json:"endpoints"`
}

// Metrics are the metrics of one component: how many components use it (Ca) and
// how many it uses (Ce), Instability = Ce/(Ca+Ce), Cohesion, the share of its
// weight that stays inside, and Coupling, its share of the weight between
// components.
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
	Reads   *bool  `json:"reads"` // whether it is proven to only read the component's state; nil: not known
	Callers int    `json:"callers"`
	Decl    DeclID `json:"-"`
	Member  string `json:"-"`
}

// A Coupling holds all references from one component to another.
type Coupling struct {
	From     string     `json:"from"`
	To       string     `json:"to"`
	Weight   float64    `json:"weight"`
	Evidence []Evidence `json:"evidence"`
}

// A Hazard is a Problem that matters only when components are apart, in the
// form in which find prints it.
type Hazard struct {
	Name      string   `json:"name"`
	Severity  Severity `json:"severity"`
	Component string   `json:"component"`
	Path      string   `json:"path"`
	Pos       string   `json:"pos"`
	Message   string   `json:"message"`
	Hint      string   `json:"hint"`
	Fixes     []Fix    `json:"fixes,omitempty"` // alternatives: each resolves it alone
	Problem   Problem  `json:"-"`
}

// ProgramMetrics are the metrics of a program: Newman's modularity, the share
// of weight between components (ICP), the share of entities in components of
// extreme size (NED), and the density of the transitive closure
// (PropagationCost).
type ProgramMetrics struct {
	Modularity      float64 `json:"modularity"`
	ICP             float64 `json:"icp"`
	NED             float64 `json:"ned"`
	PropagationCost float64 `json:"propagationCost"`
}

// AddHazards merges problems into the hazards of r, which stay sorted.
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

// ComponentOf returns a function that maps declarations to the names of their
// components. "" means shared, or not part of the program.
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
