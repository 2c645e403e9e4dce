package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
	allrefactorings "github.com/unweld/unweld/refactor/all"
)

// A RefactorRequest names a refactoring's target and its parameters.
type RefactorRequest = refactor.Request

// A RefactorParam describes one parameter of a refactoring.
type RefactorParam = refactor.Param

// A Field is a parameter with its value in a request, and what is wrong with it.
type Field = refactor.Field

// A Refactoring is what a front end shows of one: its name, what it does, and
// the parameters that a RefactorRequest can have.
type Refactoring struct {
	Name     string          `json:"name"`
	Kind     string          `json:"kind"`  // of its code actions: refactor.extract.component
	Title    string          `json:"title"` // for menus
	Doc      string          `json:"doc"`   // first line is a summary
	Examples []string        `json:"examples"`
	Verb     bool            `json:"verb"` // it has a verb of its own on the command line
	Target   RefactorParam   `json:"target"`
	Several  bool            `json:"several,omitempty"` // a request may name several targets, separated by commas
	Params   []RefactorParam `json:"params"`
}

// Refactorings returns the refactorings, sorted by name.
func Refactorings() []Refactoring {
	var out []Refactoring
	for _, r := range allrefactorings.Refactorings {
		out = append(out, Refactoring{r.Name, r.Kind, r.Title, r.Doc, r.Examples, r.Verb, r.Target, r.Several, r.Params})
	}
	slices.SortFunc(out, func(a, b Refactoring) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func refactoring(name string) (*refactor.Refactoring, error) {
	var known []string
	for _, r := range allrefactorings.Refactorings {
		if r.Name == name {
			return r, nil
		}
		known = append(known, r.Name)
	}
	hint := "there are: " + strings.Join(known, ", ")
	if near := split.Nearest(name, known); near != "" {
		hint = "did you mean " + near + "?"
	}
	return nil, &component.UsageError{Object: name, Reason: "no such refactoring", Hint: hint}
}

// Refactor checks the request and runs the refactoring of the given name. It is
// the one way to a refactoring, whoever asks. A wrong request is a
// *component.UsageError, code that can't be changed so a *component.Refusal.
func (s *Session) Refactor(ctx context.Context, name string, req RefactorRequest) (change.Set, error) {
	r, err := refactoring(name)
	if err != nil {
		return change.Set{}, err
	}
	in := s.refactorInput()
	if _, err := r.Check(in, req); err != nil {
		return change.Set{}, err
	}
	checking := fmt.Sprintf("%s %s: type-checking the module and its tests", name, req.Target)
	s.progress(checking)
	ctx = s.telling(ctx, checking)
	defer s.snap.Use()()
	if s.options.lasting {
		defer heap.slow()()
	}
	set, err := r.Do(ctx, in, req)
	if err != nil {
		return change.Set{}, err
	}
	if set, err = s.outsideCallers(ctx, name+" "+req.Target, set); err != nil {
		return change.Set{}, err
	}
	saysIt := func(n change.Note) bool {
		return strings.Contains(n.Message, "for other modules that is a new major version")
	}
	if note, ok := s.versionNote(set); ok && !slices.ContainsFunc(set.Notes, saysIt) {
		set.Notes = append(set.Notes, note)
	}
	return set, nil
}

// LoadAhead loads what a refactoring works on, so that one that is asked for within the next
// seconds finds it.
func (s *Session) LoadAhead(ctx context.Context) error {
	_, err := refactor.LoadModule(ctx, s.snap, false)
	return err
}

func (s *Session) refactorInput() refactor.Input {
	return refactor.Input{
		Snapshot: s.snap,
		Carriers: carriers(),
		Analyse:  s.effects,
		Propose:  s.propose,
		ReadConfig: func() (*split.Config, error) {
			config, _, err := s.Config()
			return config, err
		},
		ReadLock: func() (map[string]string, error) {
			l, _, err := lock.Read(s.Root)
			if err != nil {
				return nil, err
			}
			contracts := map[string]string{}
			for name, p := range l.Components {
				contracts[name] = p.Contract
			}
			return contracts, nil
		},
	}
}

// propose returns the components among the declarations of a package, by name.
func (s *Session) propose(ctx context.Context, importPath string) ([]refactor.Proposal, error) {
	found, err := s.Find(ctx, FindOptions{Unit: "decl"})
	if err != nil {
		return nil, err
	}
	var out []refactor.Proposal
	for _, c := range found.Components {
		p := refactor.Proposal{Name: c.Name}
		for _, d := range c.Decls {
			if name, ok := strings.CutPrefix(d, importPath+"."); ok && !strings.ContainsAny(name, "./") {
				p.Decls = append(p.Decls, name)
			}
		}
		if len(p.Decls) > 0 {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b refactor.Proposal) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// An Offer is a refactoring, or another operation, that could be done at some place. Do
// carries it out, with the parameters as they are or as the user changed them.
type Offer struct {
	Operation   string          `json:"operation,omitempty"` // what else it is, as OpBind; empty: the refactoring
	Refactoring string          `json:"refactoring,omitempty"`
	Kind        string          `json:"kind"`  // refactor.extract.component
	Title       string          `json:"title"` // for menus
	Request     RefactorRequest `json:"request"`
	Disabled    string          `json:"disabled,omitempty"`   // why it can't be done now; empty if it can
	MovesFiles  bool            `json:"movesFiles,omitempty"` // files get another path, which not every editor can do
	Form        []RefactorParam `json:"form,omitempty"`       // the parameters that Request can have
}

// offered is what a refactoring offers.
func offered(r *refactor.Refactoring, o refactor.Offer) Offer {
	return Offer{Refactoring: r.Name, Kind: r.Kind, Title: o.Title, Request: o.Request, Disabled: o.Disabled, MovesFiles: o.MovesFiles, Form: suggested(r.Params, o.Suggestions)}
}

// suggested returns parameters with the values that a form may offer.
func suggested(params []RefactorParam, suggestions map[string][]string) []RefactorParam {
	if len(suggestions) == 0 {
		return params
	}
	params = slices.Clone(params)
	for i := range params {
		params[i].Suggestions = suggestions[params[i].Name]
	}
	return params
}

// Offers lists what could be done at span, in milliseconds: no edit is
// computed, and nothing is type-checked. Codes are the names of the problems
// that the editor shows there.
func (s *Session) Offers(span text.Span, codes []string) []Offer {
	site := s.siteAt(span, codes)
	if site == nil {
		return nil
	}
	in, whole, called := s.refactorInput(), s.enclosing(site), s.called(site)
	var offers []Offer
	for _, r := range allrefactorings.Refactorings {
		if r.Offer == nil {
			continue
		}
		all := r.Offer(in, site)
		if len(all) == 0 && whole != nil && ofWholeTypes(r) {
			all = r.Offer(in, whole)
		}
		for _, o := range all {
			offers = append(offers, offered(r, o))
		}
		if called == nil || !ofCalled(r) {
			continue
		}
		for _, o := range r.Offer(in, called) {
			if o.Disabled == "" && !slices.ContainsFunc(all, func(p refactor.Offer) bool { return p.Title == o.Title }) {
				offers = append(offers, offered(r, o))
			}
		}
	}
	return append(append(s.counted(offers, site), s.operations(site)...), s.packageOffers(site)...)
}
