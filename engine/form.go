package engine

import (
	"slices"

	allbindings "github.com/unweld/unweld/bindings/all"
	allstores "github.com/unweld/unweld/stores/all"
)

// A Form is a request for a refactoring as a front end shows it to be filled in.
type Form struct {
	Refactoring
	Target Field   `json:"target"`
	Params []Field `json:"params"`
}

// Form returns the form of a request, with what is wrong in it so far beside each field. It
// loads no code, so that it can be asked for at each key. A refactoring that there isn't is
// a *component.UsageError.
func (s *Session) Form(name string, req RefactorRequest) (Form, error) {
	r, err := refactoring(name)
	if err != nil {
		return Form{}, err
	}
	all := Refactorings()
	i := slices.IndexFunc(all, func(r Refactoring) bool { return r.Name == name })
	f := Form{Refactoring: all[i]}
	f.Target, f.Params = r.Fill(s.refactorInput(), req)
	return f, nil
}

// A Means is a binding or a store, as a front end offers it.
type Means struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`
}

// Bindings are the ways to reach a component in another process.
func Bindings() []Means {
	var out []Means
	for _, b := range allbindings.Bindings {
		out = append(out, Means{b.Name, b.Doc})
	}
	return out
}

// Stores are the ways to keep the state of a component.
func Stores() []Means {
	var out []Means
	for _, s := range allstores.Stores {
		out = append(out, Means{s.Name, s.Doc})
	}
	return out
}
