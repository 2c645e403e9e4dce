package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/schema"
	"github.com/unweld/unweld/internal/split"
)

// LockFile is the name of the file in a module's root that remembers what bind
// and state made, so that it can be made again, compared and taken back.
const LockFile = "unweld.lock"

// lockVersion is the version that is written. Version 1 knew of an endpoint no
// more than its name, whether it is local and whether it touches the state, and
// had no options; its field numbers and hashes are those of version 2.
const lockVersion = 2

// A lock is the content of unweld.lock.
type lock struct {
	Version    int                    `json:"version"`
	Components map[string]*lockedPart `json:"components"`
	// Runtime are the copied run-time packages, which all components share.
	Runtime map[string]change.Hash `json:"runtime"`
	// Module is what was done to go.mod and go.sum, oldest first.
	Module []fileEdit `json:"module,omitempty"`
	// Config is what made room for components in unweld.yaml.
	Config []fileEdit `json:"config,omitempty"`
}

// A lockedPart is what was generated for one component.
type lockedPart struct {
	Contract string   `json:"contract"` // ./pricing.Service
	Bindings []string `json:"bindings"`
	Stores   []string `json:"stores,omitempty"`
	// InOut are the arguments that travel back: Method.param, or all.
	InOut []string `json:"inout,omitempty"`
	// Options are what --opt set for each binding.
	Options   map[string]map[string]string `json:"options,omitempty"`
	Runtime   []string                     `json:"runtime"`            // run-time packages in use
	Requires  []string                     `json:"requires,omitempty"` // modules that those need
	Pinned    string                       `json:"pinned,omitempty"`
	Stateful  bool                         `json:"stateful,omitempty"`
	Endpoints []component.Endpoint         `json:"endpoints"`
	Generated map[string]change.Hash       `json:"generated"`
	Edits     []fileEdit                   `json:"edits"` // of files that people wrote, oldest first
	Schema    *schema.Lock                 `json:"schema"`

	packages []string // of Requires, that are imported
}

// readLock reads unweld.lock; content is nil where there is none.
func (s *Session) readLock() (*lock, []byte, error) {
	l := &lock{Version: lockVersion, Components: map[string]*lockedPart{}, Runtime: map[string]change.Hash{}}
	content, err := os.ReadFile(filepath.Join(s.Root, LockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if err := json.Unmarshal(content, l); err != nil {
		return nil, nil, &component.UsageError{Object: LockFile, Reason: err.Error(), Hint: "take it from version control again; it isn't written by hand"}
	}
	if l.Version < 1 || l.Version > lockVersion {
		return nil, nil, &component.UsageError{Object: LockFile, Reason: fmt.Sprintf("has version %d; this unweld knows versions 1 to %d", l.Version, lockVersion), Hint: "use the release of unweld that wrote it"}
	}
	l.upgrade()
	return l, content, nil
}

// upgrade makes a lock of an earlier version one of the present version. It is
// written when something of it changes: bind and state do, others only read.
func (l *lock) upgrade() {
	if l.Version == 1 {
		for _, p := range l.Components {
			for i := range p.Endpoints {
				p.Endpoints[i].Effect = component.EffectUnknown
			}
		}
	}
	l.Version = lockVersion
}

// encode returns the file's content; nil for a lock that holds nothing.
func (l *lock) encode() ([]byte, error) {
	if len(l.Components) == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	err := e.Encode(l)
	return b.Bytes(), err
}

// names lists the components, sorted.
func (l *lock) names() []string { return slices.Sorted(maps.Keys(l.Components)) }

// part returns what was generated for a component.
func (l *lock) part(name string) (*lockedPart, error) {
	if p := l.Components[name]; p != nil {
		return p, nil
	}
	e := &component.UsageError{Object: name, Reason: "nothing is bound", Hint: "bind it first: unweld bind " + name + " --to unix --write"}
	if len(l.Components) > 0 {
		e.Reason = "is not bound"
		e.Hint = "bound are: " + strings.Join(l.names(), ", ")
	}
	return nil, e
}

// requires reports whether a component's run-time needs other modules.
func (l *lock) requires() bool {
	for _, p := range l.Components {
		if len(p.Requires) > 0 {
			return true
		}
	}
	return false
}

// usesRuntime reports whether a component uses a run-time package.
func (l *lock) usesRuntime(name string) bool {
	for _, p := range l.Components {
		if slices.Contains(p.Runtime, name) {
			return true
		}
	}
	return false
}

// facts are what the plan of a split must know of the bound components.
func (l *lock) facts(known []string) split.Facts {
	f := split.Facts{Known: known, Schemes: schemes()}
	for _, name := range l.names() {
		p := l.Components[name]
		f.Bound = append(f.Bound, split.Bound{Name: name, Bindings: p.Bindings, Endpoints: p.Endpoints, Pinned: p.Pinned, Stateful: p.Stateful, Store: strings.Join(p.Stores, ",")})
	}
	return f
}

// describe takes over what a contract says.
func (p *lockedPart) describe(c *component.Contract) {
	facts := split.BoundFrom(c, p.Bindings, "")
	p.Contract = "./" + c.Package.Dir + "." + c.Name
	if c.Package.Dir == "." {
		p.Contract = ".." + c.Name
	}
	p.Pinned, p.Stateful, p.Endpoints = facts.Pinned, facts.Stateful, facts.Endpoints
}
