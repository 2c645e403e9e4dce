package engine

import (
	"fmt"
	"slices"
	"strings"

	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
	allstores "github.com/unweld/unweld/stores/all"
)

// ParamTarget is the name of the parameter in the form of OfferNamed that is the request's target.
const ParamTarget = "target"

// OfferNamed returns an offer for a refactoring, or for bind, state or eject, that was asked for by name
// and not at a place. The first parameter of its form is what it works on.
func OfferNamed(name string) (Offer, error) {
	to := RefactorParam{Name: "to", Type: "string", Required: true}
	part := RefactorParam{Name: ParamTarget, Type: "string", Required: true, Doc: "the component, as in " + split.FileName, Example: "pricing"}
	switch name {
	case OpBind:
		to.Doc, to.Values = "the binding that reaches it", bindingNames()
		return Offer{Operation: OpBind, Kind: operationKind(OpBind), Title: "Bind a component", Form: []RefactorParam{part, to}}, nil
	case OpState:
		to.Doc, to.Values = "the store that keeps its state", storeNames()
		return Offer{Operation: OpState, Kind: operationKind(OpState), Title: "Keep the state of a component", Form: []RefactorParam{part, to}}, nil
	case OpEject:
		return Offer{Operation: OpEject, Kind: operationKind(OpEject), Title: "Take away what was generated", Form: []RefactorParam{part}}, nil
	}
	r, err := refactoring(name)
	if err != nil {
		names := OfferNames()
		e := &component.UsageError{Object: name, Reason: "no such refactoring", Hint: "there are " + strings.Join(names, ", ")}
		if near := split.Nearest(name, names); near != "" {
			e.Hint = fmt.Sprintf("did you mean %s?", near)
		}
		return Offer{}, e
	}
	target := r.Target
	target.Name, target.Required = ParamTarget, true
	return Offer{Refactoring: r.Name, Kind: r.Kind, Title: r.Title, Form: append([]RefactorParam{target}, r.Params...)}, nil
}

// OfferNames are the names that OfferNamed knows, sorted.
func OfferNames() []string {
	names := []string{OpBind, OpState, OpEject}
	for _, r := range Refactorings() {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names
}

func bindingNames() (names []string) {
	for _, b := range allbindings.Bindings {
		names = append(names, b.Name)
	}
	return names
}

func storeNames() (names []string) {
	for _, s := range allstores.Stores {
		names = append(names, s.Name)
	}
	return names
}
