package split

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// A Store is what planners and targets must know of one way to keep a
// component's state. Plug-ins provide stores; this package and the targets know
// none by name.
type Store struct {
	Name string
	StoreTraits
}

// StoreTraits are what a store can do, and what it needs.
type StoreTraits struct {
	// What the state that is kept allows beyond being there after a restart.
	CompareAndSwap bool // a value is replaced only if it is still the expected one
	Transactions   bool // several values change together or not at all
	OrderedScan    bool // values are read in the order of their keys
	ChangeFeed     bool // changes can be followed by others as they are made
	History        bool // all changes are kept, in order

	// Shared says that several processes may have the state of one component
	// open at a time. Otherwise one process owns it, and others are refused.
	Shared bool
	// Replays says that calls are executed again to restore the state, so they
	// must be deterministic.
	Replays bool

	Location Location
	// Move describes, in sentences for the reference page, what happens to the
	// state when its component moves to another process or machine.
	Move string
}

// A Location describes where a store keeps state, and how that is written: as a
// path or a URI. Either may refer to the unit's environment as ${NAME}, which
// only the unit's own process expands.
type Location struct {
	// Extension is the extension, with its dot, of the files that hold the
	// state on the unit's machine. Empty: the state is on a server, which any
	// machine may reach.
	Extension string
	// Schemes are those of its URIs, the usual one first. With an Extension,
	// file: is implied.
	Schemes []string
	Example string // as it stands in the configuration
}

// Remote reports whether the state is kept on a server.
func (l *Location) Remote() bool { return l.Extension == "" }

// A reference is a part of a location that stands in the environment.
var reference = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// References returns the environment variables in a location, in order.
func References(location string) []string {
	var names []string
	for _, m := range reference.FindAllStringSubmatch(location, -1) {
		names = append(names, m[1])
	}
	return names
}

// opaque reports whether nothing is known of a location but the variable that it
// begins with.
func opaque(location string) bool { return strings.HasPrefix(location, "${") }

// secretInURI are the places of a location's password: after the user's name,
// and among the parameters.
var secretInURI = []*regexp.Regexp{
	regexp.MustCompile(`://[^/?#@]*?:([^/?#]*)@`),
	regexp.MustCompile(`[?&](?:password|passwd|sslpassword|token|secret)=([^&#]*)`),
}

// spelledSecret reports whether a location has a password written out.
func spelledSecret(location string) bool {
	return slices.ContainsFunc(secretInURI, func(r *regexp.Regexp) bool {
		for _, m := range r.FindAllStringSubmatch(location, -1) {
			if reference.ReplaceAllString(m[1], "") != "" {
				return true
			}
		}
		return false
	})
}

// problem says why a location can't be one of the store's, or "".
func (s *Store) problem(location string) (message, hint string) {
	scheme, _, isURI := strings.Cut(location, "://")
	l := &s.Location
	switch {
	case opaque(location):
		return "", ""
	case isURI && !slices.Contains(l.Schemes, scheme) && (l.Remote() || scheme != "file"):
		message = fmt.Sprintf("store %s can't keep state at an address of the kind %s:", s.Name, scheme)
	case !isURI && l.Remote():
		message = fmt.Sprintf("store %s keeps state on a server, of which %q is no address", s.Name, location)
	default:
		return "", ""
	}
	return message, "for example: state: {path: " + l.Example + "}"
}

// store is what is known of the store of a component. One that no plug-in
// describes is a file of its own.
func (p *planner) store(name string) *Store {
	for i := range p.facts.Stores {
		if p.facts.Stores[i].Name == name {
			return &p.facts.Stores[i]
		}
	}
	return &Store{Name: name, StoreTraits: StoreTraits{Location: Location{Extension: ".state", Example: ".unweld/state"}}}
}

// keep says where and how a component with a store keeps its state.
func (p *planner) keep(b *Bound, pc *PlanComponent) {
	if b.Store == "" {
		return
	}
	s := p.store(b.Store)
	pc.SharedState, pc.RemoteState = s.Shared, s.Location.Remote()
	if !pc.RemoteState {
		pc.StateFile = b.Name + s.Location.Extension
	}
	pc.StatePath = p.statePath(b, s, pc)
}

// statePath is where a component keeps its state, as far as the configuration
// says: the unit's path, if that names a file or an address; otherwise a file of
// the component's name in that folder. So a component's place doesn't depend on
// what else its unit runs.
func (p *planner) statePath(b *Bound, s *Store, pc *PlanComponent) string {
	given := p.split.Units[pc.Unit].State.Path
	if given == "" {
		return b.StatePath
	}
	if message, hint := s.problem(given); message != "" {
		p.usage("split-store", fmt.Sprintf("unit %s: %s: %s", pc.Unit, b.Name, message), hint, "units", pc.Unit, "state")
		return ""
	}
	given = strings.TrimPrefix(given, "file://")
	switch {
	case pc.RemoteState:
		return given // each component has a place of its own at the server
	case !opaque(given) && (path.Ext(given) == "" || strings.HasSuffix(given, "/")):
		return path.Join(given, pc.StateFile)
	}
	for i := range p.facts.Bound {
		o := &p.facts.Bound[i]
		if o.Name < b.Name && o.Store != "" && p.host[o.Name] == pc.Unit && !p.store(o.Store).Location.Remote() {
			p.usage("split-store", fmt.Sprintf("unit %s: %s and %s would both keep their state in %s", pc.Unit, o.Name, b.Name, given),
				"name a folder, in which each gets a file of its own: "+strings.TrimSuffix(given, path.Ext(given)), "units", pc.Unit, "state")
			break
		}
	}
	return given
}

// unusedState reports units that say where state is kept and have no component
// that keeps any there.
func (p *planner) unusedState(plan *Plan) {
	for _, u := range plan.Units {
		if p.split.Units[u.Name].State.Path == "" || slices.ContainsFunc(plan.Components, func(c PlanComponent) bool { return c.Unit == u.Name && c.Store != "" }) {
			continue
		}
		p.usage("split-store", fmt.Sprintf("unit %s says where its state is kept, and none of its components has a store", u.Name),
			"unweld state COMPONENT --to STORE --write, or leave the path out", "units", u.Name, "state")
	}
}

// Unresolved returns the variables in the locations of a unit's state that
// aren't defined, neither by the unit's env and secrets nor, according to has,
// by the surrounding environment.
func (p *Plan) Unresolved(u *PlanUnit, has func(name string) bool) []string {
	var missing []string
	for _, c := range p.Components {
		if c.Unit != u.Name {
			continue
		}
		for _, name := range References(c.StatePath) {
			_, inEnv := u.Env[name]
			_, secret := u.Secrets[name]
			if !inEnv && !secret && !has(name) && !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
		}
	}
	return missing
}

// validateState checks the form of where a unit keeps its state.
func (d *decoder) validateState(s State, at string) {
	if spelledSecret(s.Path) { // which isn't repeated here
		d.problem(d.spans[at+".path"], "config-secret", "the location of the state has a password in it",
			"name the environment variable that holds it: ${NAME}, in place of the password or of the whole location")
	}
	if rest := reference.ReplaceAllString(s.Path, ""); strings.Contains(rest, "${") {
		d.problem(d.spans[at+".path"], "config-value", "the location of the state has a ${ that names no environment variable", "write it as ${NAME}")
	}
}

// NoLocation returns the problem of a component whose store is on a server that
// isn't specified.
func NoLocation(u *PlanUnit, c *PlanComponent) Problem {
	return Problem{
		Code: "split-store", Severity: component.Error, Component: c.Name, Span: u.Span,
		Message: fmt.Sprintf("unit %s: %s keeps its state in %s, and nothing says where", u.Name, c.Name, c.Store),
		Hint:    "state: {path: ADDRESS} in the unit; docs/stores.md has an example, and ${NAME} is what the environment says",
	}
}
