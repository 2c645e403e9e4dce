// Package split holds the configuration file unweld.yaml and the plan of a
// split: which units run which components, and the link between each pair. A
// plan is computed from plain values; it knows no Go syntax.
package split

import (
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// Problem is a component.Problem of a configuration or a plan.
type Problem = component.Problem

// A Config is the content of unweld.yaml. Parse makes one; the zero Config is
// that of a module without the file.
type Config struct {
	Version    int                  `yaml:"version" json:"version"`
	Components map[string]Component `yaml:"components" json:"components,omitempty"`
	Rules      Rules                `yaml:"rules" json:"rules,omitzero"`
	Splits     map[string]Split     `yaml:"splits" json:"splits,omitempty"`
	Editor     Editor               `yaml:"editor" json:"editor,omitzero"`

	spans map[string]text.Span // by the path of keys and indexes: splits.micro.units.web.components.0
}

// A Component is a component as people declared it.
type Component struct {
	Packages []string `yaml:"packages" json:"packages,omitempty"` // ./orders/... patterns
	Contract string   `yaml:"contract" json:"contract,omitempty"` // ./orders.Service
	Owner    string   `yaml:"owner" json:"owner,omitempty"`
	// Options are settings of its bindings, by binding and name, and of what OpenTelemetry
	// is told: {grpc: {proto: false}, otel: {calls: crossing}}.
	Options map[string]map[string]string `yaml:"options" json:"options,omitempty"`
}

// Editor is what editors say of the module without being asked.
type Editor struct {
	Split string `yaml:"split" json:"split,omitempty"` // the split whose hazards they show
}

// Rules are what `unweld check` enforces.
type Rules struct {
	Allow   map[string][]string `yaml:"allow" json:"allow,omitempty"`     // component -> components it may use; a component not listed may use all
	Layers  []string            `yaml:"layers" json:"layers,omitempty"`   // from top to bottom; only downward use
	Private []string            `yaml:"private" json:"private,omitempty"` // folders that only their own component may use, with all below
	Tests   *bool               `yaml:"tests" json:"tests,omitempty"`     // whether tests are held to the rules too; nil is true
}

// Empty reports whether there are no rules.
func (r Rules) Empty() bool { return len(r.Allow)+len(r.Layers)+len(r.Private) == 0 }

// SkipsTests reports whether the rules don't apply to tests.
func (r Rules) SkipsTests() bool { return r.Tests != nil && !*r.Tests }

// A Split assigns components and endpoints to units.
type Split struct {
	Units map[string]Unit   `yaml:"units" json:"units"`
	Links map[string]string `yaml:"links" json:"links,omitempty"` // component -> binding name or address
}

// A Unit is one process, or several replicas, of a split.
type Unit struct {
	Components []string          `yaml:"components" json:"components,omitempty"` // "*" is all that no other unit claims
	Endpoints  []string          `yaml:"endpoints" json:"endpoints,omitempty"`   // pricing.Quote
	Packaging  string            `yaml:"packaging" json:"packaging,omitempty"`   // as a target takes it; see Capabilities
	Runtime    string            `yaml:"runtime" json:"runtime,omitempty"`       // the same
	Isolation  string            `yaml:"isolation" json:"isolation,omitempty"`   // the same
	State      State             `yaml:"state" json:"state,omitzero"`
	Scale      Scale             `yaml:"scale" json:"scale,omitzero"`
	Env        map[string]string `yaml:"env" json:"env,omitempty"`

	Image     string            `yaml:"image" json:"image,omitempty"`        // of its container
	Ports     map[string]int    `yaml:"ports" json:"ports,omitempty"`        // name -> number, at which the program itself listens
	Resources Resources         `yaml:"resources" json:"resources,omitzero"` // of each of its processes
	Secrets   map[string]Secret `yaml:"secrets" json:"secrets,omitempty"`    // environment variable -> where its value is kept
}

// Resources are what a process is guaranteed, and its limits: cpu in cores
// (0.5, 500m), and memory in bytes (64Mi).
type Resources struct {
	Requests map[string]string `yaml:"requests" json:"requests,omitempty"`
	Limits   map[string]string `yaml:"limits" json:"limits,omitempty"`
}

// IsZero reports whether neither requests nor limits are given.
func (r Resources) IsZero() bool { return len(r.Requests)+len(r.Limits) == 0 }

// A Secret is a value that isn't in the configuration.
type Secret struct {
	// From is its name in the target's secret store: NAME/KEY.
	From string `yaml:"from" json:"from"`
}

// State says where a unit keeps its components' state.
type State struct {
	Store string `yaml:"store" json:"store,omitempty"`
	Path  string `yaml:"path" json:"path,omitempty"` // a file, a folder in which each component has one, or an address; see Location
}

// Scale bounds the number of replicas of a unit.
type Scale struct {
	Min    int            `yaml:"min" json:"min,omitempty"`
	Max    int            `yaml:"max" json:"max,omitempty"`
	Target map[string]int `yaml:"target" json:"target,omitempty"`
}

// A Plan is a resolved split: units with their components, and links. It is
// plain data: a front end sends it to a running supervisor as JSON.
type Plan struct {
	Split      string          `json:"split"`
	Entry      string          `json:"entry"`      // the unit in which main continues after the composition root
	Units      []PlanUnit      `json:"units"`      // sorted by name
	Components []PlanComponent `json:"components"` // sorted by name; only those with generated bindings
	Links      []Link          `json:"links"`      // sorted by component, then endpoint
	Problems   []Problem       `json:"problems,omitempty"`
}

// A PlanUnit is one unit of a plan.
type PlanUnit struct {
	Name       string            `json:"name"`
	Components []string          `json:"components"`          // sorted; those whose constructor runs here
	Endpoints  []string          `json:"endpoints,omitempty"` // sorted; pricing.Quote, served here beside the component's own unit
	Env        map[string]string `json:"env,omitempty"`
	Packaging  string            `json:"packaging,omitempty"`
	Runtime    string            `json:"runtime,omitempty"`
	Isolation  string            `json:"isolation,omitempty"`
	Scale      Scale             `json:"scale,omitzero"`
	Image      string            `json:"image,omitempty"`
	Ports      map[string]int    `json:"ports,omitempty"`
	Resources  Resources         `json:"resources,omitzero"`
	Secrets    map[string]Secret `json:"secrets,omitempty"`

	Span text.Span `json:"-"` // in the configuration; zero where it has none
}

// A PlanComponent is what a target must know of one component.
type PlanComponent struct {
	Name      string               `json:"name"`
	Unit      string               `json:"unit"`                // that hosts it
	Endpoints []component.Endpoint `json:"endpoints"`           // in the order of the contract; those that may cross
	Staying   []LocalEndpoint      `json:"staying,omitempty"`   // the others, in the same order
	Stateful  bool                 `json:"stateful,omitempty"`  // moving it moves state
	Store     string               `json:"store,omitempty"`     // what keeps its state past the end of a process; empty: memory
	StatePath string               `json:"statePath,omitempty"` // where, if the plan says so: a path, or an address; see Location

	// How the store keeps it; false and empty without one.
	SharedState bool   `json:"sharedState,omitempty"` // several processes may have it open at a time
	RemoteState bool   `json:"remoteState,omitempty"` // on a server; StatePath is an address
	StateFile   string `json:"stateFile,omitempty"`   // otherwise the name of the file in a folder that the target chooses
}

// OneOwner reports whether only one process at a time may host the component:
// its state is in memory, or in a store with an exclusive owner.
func (c *PlanComponent) OneOwner() bool {
	if c.Store != "" {
		return !c.SharedState
	}
	return c.Stateful
}

// A Link is how a component, or one endpoint, is reached from other units. The
// target completes an address that is only a scheme with a colon.
type Link struct {
	Component string `json:"component"`
	Endpoint  string `json:"endpoint,omitempty"` // empty: all that have no link of their own
	Unit      string `json:"unit"`               // the unit that hosts it
	Address   string `json:"address"`
}

// Unit returns the unit with the given name, or nil.
func (p *Plan) Unit(name string) *PlanUnit {
	for i := range p.Units {
		if p.Units[i].Name == name {
			return &p.Units[i]
		}
	}
	return nil
}

// Component returns the component with the given name, or nil.
func (p *Plan) Component(name string) *PlanComponent {
	for i := range p.Components {
		if p.Components[i].Name == name {
			return &p.Components[i]
		}
	}
	return nil
}
