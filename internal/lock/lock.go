package lock

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

// Name is the name of the file, in a module's root.
const Name = "unweld.lock"

// RuntimeFolder is where the run-time is copied to, below the module's root.
const RuntimeFolder = "internal/unweld"

// OfRuntime reports whether a package is of the run-time that was copied into a
// module. A workspace, which has no module path, has none.
func OfRuntime(module, importPath string) bool {
	return module != "" && strings.HasPrefix(importPath, module+"/"+RuntimeFolder+"/")
}

// version is the version that is written. Version 1 knew of an endpoint no
// more than its name, whether it is local and whether it touches the state, and
// had no options; its field numbers and hashes are those of version 2.
const version = 2

// A File is the content of unweld.lock.
type File struct {
	Version    int              `json:"version"`
	Components map[string]*Part `json:"components"`
	// Runtime are the hashes of the copied run-time packages, shared by all
	// components.
	Runtime map[string]change.Hash `json:"runtime"`
	// RuntimeSource identifies the source that the run-time was copied from.
	RuntimeSource string `json:"runtimeSource,omitempty"`
	// Module are the edits of go.mod and go.sum, oldest first.
	Module []Edit `json:"module,omitempty"`
	// Config are the edits that added the section of components to
	// unweld.yaml.
	Config []Edit `json:"config,omitempty"`
}

// A Part records what was generated for one component.
type Part struct {
	Contract string   `json:"contract"` // ./pricing.Service
	Bindings []string `json:"bindings"`
	Stores   []string `json:"stores,omitempty"`
	// InOut are the in-out arguments: Method.param, or all.
	InOut []string `json:"inout,omitempty"`
	// Options are the values given with --opt, by binding, and under otel.
	Options   map[string]map[string]string `json:"options,omitempty"`
	Runtime   []string                     `json:"runtime"`            // run-time packages in use
	Requires  []string                     `json:"requires,omitempty"` // modules that those need
	Pinned    string                       `json:"pinned,omitempty"`
	Stateful  bool                         `json:"stateful,omitempty"`
	Endpoints []component.Endpoint         `json:"endpoints"`
	Generated map[string]change.Hash       `json:"generated"`
	Edits     []Edit                       `json:"edits"` // of files that people wrote, oldest first
	Schema    *schema.Lock                 `json:"schema"`

	Packages []string `json:"-"` // of Requires, that are imported
}

// Read reads the lock of the module at root. If there is none, the lock is
// empty and content is nil. A malformed lock is a *component.UsageError.
func Read(root string) (l *File, content []byte, err error) {
	l = &File{Version: version, Components: map[string]*Part{}, Runtime: map[string]change.Hash{}}
	content, err = os.ReadFile(filepath.Join(root, Name))
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	l.Version = 0
	if err := json.Unmarshal(content, l); err != nil {
		return nil, nil, &component.UsageError{Object: Name, Reason: err.Error(), Hint: "restore it from version control; it isn't meant to be edited by hand"}
	}
	if l.Version == 0 {
		return nil, nil, &component.UsageError{Object: Name, Reason: "has no version", Hint: "restore it from version control; it isn't meant to be edited by hand"}
	}
	if l.Version < 1 || l.Version > version {
		return nil, nil, &component.UsageError{Object: Name, Reason: fmt.Sprintf("has version %d; this unweld knows versions 1 to %d", l.Version, version), Hint: "use the release of unweld that wrote it"}
	}
	l.upgrade()
	return l, content, nil
}

// upgrade makes a lock of an earlier version one of the present version. It is
// written when something of it changes: bind and state do, others only read.
func (l *File) upgrade() {
	if l.Version == 1 {
		for _, p := range l.Components {
			for i := range p.Endpoints {
				p.Endpoints[i].Effect = component.EffectUnknown
			}
		}
	}
	l.Version = version
}

// Encode returns the file's content; nil for an empty lock.
func (l *File) Encode() ([]byte, error) {
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

// Names lists the components, sorted.
func (l *File) Names() []string { return slices.Sorted(maps.Keys(l.Components)) }

// Part returns what was generated for a component.
func (l *File) Part(name string) (*Part, error) {
	if p := l.Components[name]; p != nil {
		return p, nil
	}
	e := &component.UsageError{Object: name, Reason: "nothing is bound", Hint: "bind it first: unweld bind " + name + " --to unix --write"}
	if len(l.Components) > 0 {
		e.Reason = "is not bound"
		e.Hint = "bound are: " + strings.Join(l.Names(), ", ")
	}
	return nil, e
}

// Requires reports whether a component's run-time needs other modules.
func (l *File) Requires() bool {
	for _, p := range l.Components {
		if len(p.Requires) > 0 {
			return true
		}
	}
	return false
}

// UsesRuntime reports whether a component uses a run-time package.
func (l *File) UsesRuntime(name string) bool {
	for _, p := range l.Components {
		if slices.Contains(p.Runtime, name) {
			return true
		}
	}
	return false
}

// Facts returns what planning a split must know of the bound components. known
// are the names of all components; t has the schemes and stores.
func (l *File) Facts(known []string, t split.Terms) split.Facts {
	f := split.Facts{Known: known, Schemes: t.Schemes, Stores: t.Stores}
	for _, name := range l.Names() {
		p := l.Components[name]
		f.Bound = append(f.Bound, split.Bound{Name: name, Bindings: p.Bindings, Endpoints: p.Endpoints, Pinned: p.Pinned, Stateful: p.Stateful, Store: strings.Join(p.Stores, ",")})
	}
	return f
}

// Describe copies the facts of a contract into the part.
func (p *Part) Describe(c *component.Contract) {
	facts := split.BoundFrom(c, p.Bindings, "")
	p.Contract = "./" + c.Package.Dir + "." + c.Name
	if c.Package.Dir == "." {
		p.Contract = ".." + c.Name
	}
	p.Pinned, p.Stateful, p.Endpoints = facts.Pinned, facts.Stateful, facts.Endpoints
}

// SetRuntime records the files of the copied run-time, by path, and the source
// of the copy.
func (l *File) SetRuntime(files map[string][]byte, source string) {
	l.Runtime, l.RuntimeSource = map[string]change.Hash{}, source
	for file, content := range files {
		l.Runtime[file] = change.HashOf(content)
	}
}

// Hashes returns the hash of each generated file.
func (l *File) Hashes() map[string]change.Hash {
	all := maps.Clone(l.Runtime)
	for _, p := range l.Components {
		maps.Copy(all, p.Generated)
	}
	return all
}

// Generated are the files that bind and state made for components, without the
// run-time that these share; relative to the root.
func (l *File) Generated() map[string]bool {
	files := map[string]bool{}
	for _, part := range l.Components {
		for f := range part.Generated {
			files[f] = true
		}
	}
	return files
}

// ReleaseModule removes the edits of go.mod and go.sum from the lock, and
// returns the files with the edits reversed; nil for a file that they created.
func (l *File) ReleaseModule(now map[string][]byte) (map[string][]byte, []component.Problem) {
	after := map[string][]byte{}
	var problems []component.Problem
	for _, fe := range slices.Backward(l.Module) {
		content, touched := after[fe.File]
		if !touched {
			content = now[fe.File]
		}
		out, ps := fe.Reverse(content)
		if len(ps) > 0 && fe.File == "go.sum" {
			out, ps = fe.ReverseSet(content), nil
		}
		problems = append(problems, ps...)
		if fe.Before == "" && len(out) == 0 {
			out = nil
		}
		after[fe.File] = out
	}
	l.Module = nil
	return after, problems
}
