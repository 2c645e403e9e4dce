package breakcycle

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "break-cycle",
	Kind:  "refactor.rewrite.breakCycle",
	Title: "Break a dependency",
	Doc: `end the dependency of a package on another one

Two components that call each other can't be built, tested or deployed apart. The
dependency on one side ends in one of two ways. By invert, the functions that it
calls are passed in as values, through its callers up to the first that may know
both sides, and kept in a field where methods call them; a type whose methods it
calls becomes an interface that it declares. By move, the declarations that it uses
go to a package of their own, which both may import. Without --by both are worked
out, and the smaller change is taken; a note tells of the other. The outcome is
refused where the dependency would still be there, by way of another package, too.`,
	Examples: []string{
		"./orders --on ./billing",
		"./orders/... --on ./billing/... --by invert",
		"./orders --on ./billing --by move --to ./money",
		"orders --on billing",
		"'./shop.{Notify,Remind}' --on ./shop.Charge",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./orders",
		Doc: "what is to depend on it no longer: a package, all packages below a folder, as ./orders/..., a component of unweld.yaml, as orders, or functions of a package: './shop.{Notify,Remind}'"},
	Params: []refactor.Param{
		{Name: paramOn, Type: refactor.Declaration, Required: true, Example: "./billing", Doc: "what it depends on: a package, packages below a folder, a component of unweld.yaml, or declarations of a package"},
		{Name: paramBy, Type: refactor.Enum, Values: []string{smaller, invert, move}, Default: smaller, Doc: "whether what is used is passed in, or moved to a package of its own"},
		{Name: paramTo, Type: refactor.Text, Example: "./money", Doc: "the package that declarations move to, which is made where there is none; without it a new one below theirs"},
		{Name: paramCompanions, Type: refactor.Number, Default: "10", Doc: "how many other declarations may move along, besides helpers that nothing else uses"},
	},
	Offer: offer,
	Run:   run,
}

const (
	paramOn         = "on"
	paramBy         = "by"
	paramTo         = "to"
	paramCompanions = "companions"

	smaller = "smaller"
	invert  = "invert"
	move    = "move"
)

// A way is one of the two ways to end a dependency.
type way struct {
	name string
	do   func(context.Context, *job) (change.Set, error)
}

var ways = []way{{invert, inverted}, {move, moved}}

// run carries a request out by the way that is asked for, or by the smaller one.
func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	var sets []change.Set
	var names []string
	var failed []error
	for _, w := range ways {
		if by := req.Text(paramBy); by != smaller && by != w.name {
			continue
		}
		j, err := newJob(ctx, in, req)
		if err != nil {
			return change.Set{}, err
		}
		set, err := w.do(ctx, j)
		if err == nil {
			err = j.gone(set)
		}
		if _, usage := err.(*component.UsageError); usage || ctx.Err() != nil {
			return change.Set{}, cmp.Or(ctx.Err(), err)
		}
		if err != nil {
			failed = append(failed, err)
			continue
		}
		sets, names = append(sets, set), append(names, w.name)
	}
	switch {
	case len(sets) == 0:
		return change.Set{}, refusal("break-cycle "+req.Target, failed)
	case len(sets) == 2:
		a, b := size(sets[0]), size(sets[1])
		best := 0
		if b < a {
			best = 1
		}
		j, err := newJob(ctx, in, req)
		if err != nil {
			return change.Set{}, err
		}
		note := fmt.Sprintf("by %s, which changes %s; by %s it would be %s: --by %s", names[best], lines(min(a, b)), names[1-best], lines(max(a, b)), names[1-best])
		sets[best].Notes = append([]change.Note{{Span: j.first, Message: note}}, sets[best].Notes...)
		return sets[best], nil
	case len(failed) > 0:
		sets[0].Notes = append(sets[0].Notes, change.Note{Span: spanOf(failed[0]), Message: "by " + names[0] + ", since the other way isn't open: " + first(failed[0])})
	}
	return sets[0], nil
}

// refusal joins the reasons why no way is open.
func refusal(what string, failed []error) error {
	var problems []component.Problem
	for _, err := range failed {
		r, ok := err.(*component.Refusal)
		if !ok {
			return err
		}
		problems = append(problems, r.Problems...)
	}
	return component.Refuse(what, component.SortProblems(problems)...)
}

func lines(n int) string {
	if n == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", n)
}

// size counts the lines that a change writes.
func size(set change.Set) int {
	n := 0
	for _, f := range set.Files {
		n += strings.Count(string(f.Content), "\n")
		for _, e := range f.Edits {
			n += 1 + strings.Count(e.New, "\n")
		}
	}
	return n
}
