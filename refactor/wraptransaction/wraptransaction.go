package wraptransaction

import (
	"context"
	"path"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "wrap-transaction",
	Kind:  "refactor.rewrite.wrapTransaction",
	Title: "Let a write follow the commit",
	Doc: `make one write of a database transaction follow its commit, by an outbox

A function begins a transaction of database/sql, has two components write in it, and
commits. The write of the second becomes a row of an outbox table in the same
transaction; a new function delivers the rows after the commit, oldest first and at
least once. It notes each delivery by its key in the receiver's database, in the
transaction of the write, so that a row that is delivered again changes nothing. The
two databases can then be two. Refused is what would behave differently: a write that
can be rejected, or whose result is used; statements of the transaction after it;
arguments that can't be written down and read back. What is left to do is noted: the
tables, whose SQL is in the new file, and who calls the new function.`,
	Examples: []string{
		"./shop.Place --call ./billing.Charge",
		"./shop.Service.Place --call ./billing.Ledger.Charge --deliver later --write",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./shop.Place",
		Doc: "the function or method that begins and commits the transaction: ./shop.Place or ./shop.Service.Place"},
	Params: []refactor.Param{
		{Name: paramCall, Type: refactor.Declaration, Required: true, Example: "./billing.Charge", Doc: "the function or method that writes in the transaction, and is to write after the commit"},
		{Name: paramDeliver, Type: refactor.Enum, Values: []string{deliverNow, deliverLater}, Default: deliverNow,
			Doc: "whether the function delivers right after its commit, too; what fails then is logged, and left for later"},
	},
	Offer: offer,
	Run:   run,
}

// The parameters and their values.
const (
	paramCall    = "call"
	paramDeliver = "deliver"

	deliverNow, deliverLater = "now", "later"
)

// codeShape is the code of what a transaction can't be wrapped for.
const codeShape = "transaction-shape"

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	j := &job{what: "wrap-transaction " + req.Target, now: req.Text(paramDeliver) == deliverNow}
	world, err := code.Load(ctx, in, j.what)
	if err != nil {
		return change.Set{}, err
	}
	j.world = world
	if j.around, err = one(world, "target", req.Target); err != nil {
		return change.Set{}, err
	}
	if j.callee, err = one(world, "--"+paramCall, req.Text(paramCall)); err != nil {
		return change.Set{}, err
	}
	j.look()
	if len(j.problems) > 0 {
		return change.Set{}, component.Refuse(j.what, j.problems...)
	}
	created := j.rewrite()
	return world.Result(ctx, j.what, "let "+j.callee.Obj.Name()+" follow the commit of "+j.around.Obj.Name(), created, j.notes)
}

// one returns the one function that spec names. flag is what the user calls it.
func one(w *code.World, flag, spec string) (*code.Decl, error) {
	fns, err := code.FindFuncs(w, spec)
	if err != nil {
		return nil, err
	}
	if len(fns) != 1 {
		return nil, &component.UsageError{Object: flag, Reason: spec + " names several functions", Hint: "name one"}
	}
	d := w.Decl(fns[0])
	if d == nil || d.Func.Body == nil {
		return nil, &component.UsageError{Object: flag, Reason: spec + " has no body here", Hint: "name a function, or a method of a type that isn't an interface"}
	}
	return d, nil
}

// newFile is where the new code goes.
func (j *job) newFile() string {
	return path.Join(path.Dir(j.around.File.Rel), strings.ToLower(j.name)+"_outbox.go")
}
