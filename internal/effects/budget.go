package effects

import "context"

// Budgets of a Program in steps: instructions passed over, and objects passed
// on. They don't depend on the machine, so the same code has the same answer
// everywhere.
const (
	totalSteps = 30_000_000 // of all questions together
	leastSteps = 100_000    // of a question that comes when the total is used up
)

// A budget counts the steps of the questions put to a Program.
type budget struct {
	ctx    context.Context // of the question
	steps  int
	limit  int  // where the question ends
	halted bool // the question has ended early, and its answer is unknown
	total  int
	least  int
}

// begin starts a question.
func (b *budget) begin(ctx context.Context) {
	b.ctx = ctx
	b.limit = max(b.total, b.steps+b.least)
	b.halted = ctx.Err() != nil
}

// spend counts n steps and reports whether the analysis may go on.
func (b *budget) spend(n int) bool {
	const every = 1 << 14 // steps between two looks at the context
	before := b.steps
	b.steps += n
	if b.steps > b.limit || b.steps/every != before/every && b.ctx.Err() != nil {
		b.halted = true
	}
	return !b.halted
}
