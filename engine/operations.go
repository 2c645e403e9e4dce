package engine

import (
	"context"
	"go/ast"
	"slices"
	"strings"

	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/rules"
	"github.com/unweld/unweld/refactor"
	allstores "github.com/unweld/unweld/stores/all"
)

// What an Offer does, other than a refactoring.
const (
	OpBind  = "bind"  // makes a contract reachable by the binding in the parameter to
	OpState = "state" // keeps a component's state in the store in the parameter to
	OpEject = "eject" // takes away what both made

	OpAccept = "accept" // takes a violation of a rule into the baseline
)

// operationKind is the kind of the code actions of an operation.
func operationKind(op string) string { return "refactor." + op }

// OperationKinds are the kinds of the offers that are no refactorings, sorted.
func OperationKinds() []string {
	return []string{operationKind(OpMove), operationKind(OpBind), operationKind(OpDeclare), operationKind(OpEject), operationKind(OpPreview), operationKind(OpState)}
}

// Do carries an offer out, with the parameters as they are or as the user changed them.
func (s *Session) Do(ctx context.Context, o Offer) (change.Set, error) {
	to := strings.FieldsFunc(o.Request.Params["to"], func(r rune) bool { return r == ',' })
	switch o.Operation {
	case "":
		return s.Refactor(ctx, o.Refactoring, o.Request)
	case OpBind:
		return s.Bind(ctx, BindOptions{Component: o.Request.Target, To: to})
	case OpState:
		return s.State(ctx, StateOptions{Component: o.Request.Target, To: to})
	case OpEject:
		return s.Eject(ctx, o.Request.Target)
	case OpMove:
		return s.Assign(o.Request.Target, o.Request.Params["to"])
	case OpAccept:
		return s.Accept(rules.Accepted{Rule: o.Request.Params["rule"], From: o.Request.Target, To: o.Request.Params["to"]})
	case OpDeclare:
		return s.Declare(ctx, o.Request.Target)
	}
	return change.Set{}, &component.UsageError{Object: o.Operation, Reason: "no such operation"}
}

// operations lists what can be done with the contract whose name is at a site: bind it
// to each binding there is, and keep its component's state in each store.
func (s *Session) operations(site *refactor.Site) []Offer {
	ts := site.Type()
	if ts == nil || site.Test() || site.Syntax.Name.Name == "main" || !ts.Name.IsExported() || s.Module == "" {
		return nil
	}
	if it, ok := ts.Type.(*ast.InterfaceType); !ok || it.Methods == nil || len(it.Methods.List) == 0 || ts.TypeParams != nil {
		return nil
	}
	l, _, err := lock.Read(s.Root)
	if err != nil {
		return nil // bind says why
	}
	target := site.Target(ts.Name.Name)
	name, bound := "", (*lock.Part)(nil)
	for _, n := range l.Names() {
		if p := l.Components[n]; p.Contract == target {
			name, bound = n, p
		}
	}
	var out []Offer
	offer := func(op, title, target, to, disabled string) {
		o := Offer{Operation: op, Kind: operationKind(op), Title: title, Request: RefactorRequest{Target: target}, Disabled: disabled}
		if to != "" {
			o.Kind += "." + to[strings.LastIndexByte(to, ',')+1:]
			o.Request.Params = map[string]string{"to": to}
		}
		out = append(out, o)
	}
	for _, b := range allbindings.Bindings {
		to, why := []string{}, ""
		if bound != nil {
			to = bound.Bindings
			if slices.Contains(to, b.Name) {
				why = name + " is bound to " + b.Name + " already"
			}
		}
		offer(OpBind, "Bind "+ts.Name.Name+" to "+b.Name, target, strings.Join(append(slices.Clone(to), b.Name), ","), why)
	}
	if bound == nil {
		return out
	}
	for _, store := range allstores.Stores {
		why := ""
		if slices.Contains(bound.Stores, store.Name) {
			why = "it is there already"
		}
		offer(OpState, "Keep the state of "+name+" in "+store.Name, name, store.Name, why)
	}
	offer(OpEject, "Take away what was generated for "+name, name, "", "")
	return out
}
