// Package refactor defines what a refactoring is. Each one lives in a folder
// of its own below this one; refactor/all is the table of them.
//
// Whoever asks for a refactoring, the command line or an editor, hands a
// Request to Refactoring.Do: it is the one place where parameters and names are
// checked.
package refactor

import (
	"context"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/effects"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
)

// A Refactoring is one way to change code. It is a struct value in a table,
// as analysis.Analyzer is.
type Refactoring struct {
	Name  string // on the command line: "extract"
	Kind  string // of its code actions: "refactor.extract.component"
	Title string // for menus: "Extract component"
	Doc   string // first line is a summary
	// Examples are command lines after `unweld refactor NAME`.
	Examples []string
	// Verb gives the refactoring a verb of its own beside `unweld refactor`.
	Verb bool

	// Target describes what it works on, which every request names. It is a
	// Declaration.
	Target Param
	// Several says that a request may name several targets, separated by commas.
	Several bool
	// Params are what else a request can say.
	Params []Param

	// Offer returns what can be done at a place, within milliseconds and
	// without computing an edit. May be nil.
	Offer func(Input, *Site) []Offer
	// Run computes the change set. It never writes. A refusal is a
	// *component.Refusal with the position, the reason and the next step. It is
	// called by Do, with a request that was checked.
	Run func(context.Context, Input, Request) (change.Set, error)
	// Steps divides a request into changes that can be reviewed one after another:
	// each is to be carried out on what the ones before it left. Nil, or no steps:
	// it is one change.
	Steps func(context.Context, Input, Request) ([]Step, error)
}

// A Step is one of the changes that a request is divided into.
type Step struct {
	Request Request
	Subject string   // what it does, for a log: begins with a verb in lower case, no full stop
	Why     []string // paragraphs, for the same log
	// DoneCode is the code of the refusal that says that the step was done before.
	// It is left out then. Empty if there is none.
	DoneCode string
}

// Input is the input of refactorings. Only Snapshot must be set; the functions
// are called on demand.
type Input struct {
	Snapshot *source.Snapshot
	// ReadConfig reads unweld.yaml. Nil means that there is none.
	ReadConfig func() (*split.Config, error)
	// ReadLock reads the contracts that unweld.lock knows, by component:
	// ./pricing.Service. Nil means that there is no such file.
	ReadLock func() (map[string]string, error)
	// Analyse returns the analysis of effects that all operations on the module
	// share. Nil means that the refactoring's own packages are analysed.
	Analyse func(context.Context) (*effects.Program, error)
	// Propose returns the components that find sees in one package, with the names
	// of its declarations in each; none where it is one component. Nil means that
	// nobody can say.
	Propose func(ctx context.Context, importPath string) ([]Proposal, error)
	// Carriers are the bindings by which a component can be reached.
	Carriers component.Carriers
	// RunGenerators is that of the request. Do sets it.
	RunGenerators bool
}

// A Proposal is a component among the declarations of a package.
type Proposal struct {
	Name  string
	Decls []string // sorted
}

// Config returns unweld.yaml, or an empty configuration where there is none.
func (in Input) Config() (*split.Config, error) {
	if in.ReadConfig == nil {
		return &split.Config{Version: 1}, nil
	}
	return in.ReadConfig()
}

// Lock returns the contracts in unweld.lock by component; none where there is
// no such file.
func (in Input) Lock() (map[string]string, error) {
	if in.ReadLock == nil {
		return nil, nil
	}
	return in.ReadLock()
}

// Effects returns the effect analysis of pkgs, which must have been loaded from
// Snapshot.
func (in Input) Effects(ctx context.Context, pkgs []*source.Package) (*effects.Program, error) {
	if in.Analyse == nil {
		return effects.Of(ctx, in.Snapshot, pkgs)
	}
	return in.Analyse(ctx)
}

// A Request asks for one refactoring of one target.
type Request struct {
	Target string            `json:"target"` // ./pkg, ./pkg.Type or ./pkg.{F,G} or the import path alike
	Params map[string]string `json:"params,omitempty"`
	// RunGenerators lets the programs run that go:generate directives and mockery's
	// configuration name, in a copy of the module, where what they wrote comes out of
	// what changes.
	RunGenerators bool `json:"runGenerators,omitempty"`
	// Derived are the parameters of a checked request that nobody gave and that got
	// their values from the target.
	Derived []string `json:"-"`
}

// An Offer is a request that can be made at some place.
type Offer struct {
	Title    string  `json:"title"` // for menus
	Request  Request `json:"request"`
	Disabled string  `json:"disabled,omitempty"` // why it can't be made now; empty if it can
	// MovesFiles says that files get another path, which not every editor can do.
	MovesFiles bool `json:"movesFiles,omitempty"`
	// Suggestions are values of parameters that a form may offer, the best first.
	Suggestions map[string][]string `json:"suggestions,omitempty"`
}

// Do validates the request and runs the refactoring. An invalid request is a
// *component.UsageError, code that can't be refactored a *component.Refusal.
func (r *Refactoring) Do(ctx context.Context, in Input, req Request) (change.Set, error) {
	checked, err := r.Check(in, req)
	if err != nil {
		return change.Set{}, err
	}
	in.RunGenerators = req.RunGenerators
	return r.Run(ctx, in, checked)
}

// Divide returns the steps of a request, at least one. Where the refactoring has
// nothing to say of it, Subject is empty.
func (r *Refactoring) Divide(ctx context.Context, in Input, req Request) ([]Step, error) {
	checked, err := r.Check(in, req)
	if err != nil || r.Steps == nil {
		return []Step{{Request: req}}, err
	}
	steps, err := r.Steps(ctx, in, checked)
	if err == nil && len(steps) == 0 {
		steps = []Step{{Request: req}}
	}
	return steps, err
}

// Check validates req and returns it with every parameter present, in canonical
// spelling or with its default, which may depend on the target. An invalid
// request is a *component.UsageError.
func (r *Refactoring) Check(in Input, req Request) (Request, error) {
	out := Request{Params: map[string]string{}, RunGenerators: req.RunGenerators}
	for name := range req.Params {
		if r.Param(name) == nil {
			return out, r.unknown(name)
		}
	}
	var err error
	if out.Target, err = r.Target.check(in, "target", req.Target); err != nil {
		return out, err
	}
	for _, p := range r.Params {
		value, given := req.Params[p.Name]
		if !given {
			value = p.Default
			if p.Derive != nil {
				value = p.derived(in, out.Target)
				out.Derived = append(out.Derived, p.Name)
			}
		}
		if out.Params[p.Name], err = p.check(in, "--"+p.Name, value); err != nil {
			return out, err
		}
	}
	return out, nil
}

// Param returns the parameter of the given name, or nil.
func (r *Refactoring) Param(name string) *Param {
	for i := range r.Params {
		if r.Params[i].Name == name {
			return &r.Params[i]
		}
	}
	return nil
}

func (r *Refactoring) unknown(name string) error {
	e := &component.UsageError{Object: "--" + name, Reason: r.Name + " has no such parameter", Hint: "it has none"}
	if len(r.Params) > 0 {
		e.Hint = "it has: " + names(r.Params)
	}
	return e
}
