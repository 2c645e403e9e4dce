package extract

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
)

// steps divides the extraction of a type. Functions, and a step that was asked for,
// are one change.
func steps(ctx context.Context, in refactor.Input, req refactor.Request) ([]refactor.Step, error) {
	w, err := code.Load(ctx, in, "extract "+req.Target)
	if err != nil {
		return nil, err
	}
	t, err := resolve(w, in, req.Target)
	if err != nil {
		return nil, err
	}
	j := &job{in: in, req: req, world: w, target: t}
	j.chooseName()
	asked := req.Params[paramStep]
	what := "package " + t.pkg.Pkg.Name
	if t.typ != nil {
		what = t.pkg.Pkg.Name + "." + t.typ.Obj().Name()
	}
	if t.group != nil && asked == "" {
		req.Params[paramStep] = stepBoundary
		return []refactor.Step{{Request: req, Subject: "let callers of " + what + " hold interfaces", DoneCode: "extracted-already", Why: []string{
			"The rest of the program holds the types themselves, so nothing else can stand in for them, and whatever they have can be used from anywhere. Let it hold interfaces with the methods that are used.",
			"Signatures stay as they are, and nothing is done differently."}}}, nil
	}
	if t.typ == nil || req.Params[keepSignatures] == "true" {
		return []refactor.Step{{Request: req, Subject: "put an interface between " + what + " and its callers", Why: []string{
			"The rest of the program calls this code directly, so nothing else can stand in its place. Let it call an interface instead, which the code itself implements."}}}, nil
	}
	var out []refactor.Step
	for _, s := range []string{stepBoundary, stepContext, stepErrors, stepRemote} {
		if asked != "" && asked != s {
			continue
		}
		step := messages[s]
		step.Request = refactor.Request{Target: req.Target, Params: maps.Clone(req.Params), RunGenerators: req.RunGenerators}
		step.Request.Params[paramStep] = s
		if s == stepBoundary && asked == "" {
			delete(step.Request.Params, paramEndpoints)
		}
		step.Subject = strings.ReplaceAll(step.Subject, "TYPE", what)
		step.Why = slices.Clone(step.Why)
		for i := range step.Why {
			step.Why[i] = strings.ReplaceAll(step.Why[i], "TYPE", what)
		}
		out = append(out, step)
	}
	return out, nil
}

// messages are what a log says of each step. TYPE stands for the type's name.
var messages = map[string]refactor.Step{
	stepBoundary: {Subject: "let callers of TYPE hold an interface", DoneCode: "extracted-already", Why: []string{
		"The rest of the program holds a *TYPE, so nothing else can stand in for it, and whatever it has can be used from anywhere. Let it hold an interface with the methods that are used.",
		"Signatures stay as they are, and nothing is done differently."}},
	stepContext: {Subject: "pass a context to the methods of TYPE's interface", Why: []string{
		"A caller can't give these methods a deadline, or stop waiting for them when its own work is cancelled. Give each a context, and pass the one that the callers have."}},
	stepErrors: {Subject: "let the methods of TYPE's interface return errors", Why: []string{
		"These methods can't say that they failed, and another implementation may have to: one that asks a server, for example. Let them return an error, and let callers hand it on. Nothing fails in new ways yet."}},
	stepRemote: {Subject: "say which methods of TYPE's interface stay local", Why: []string{
		"Only some of the methods are meant to be called from other processes. Say so where the others are declared."}},
}
