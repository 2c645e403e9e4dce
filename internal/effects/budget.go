package effects

import "context"

// maxSteps is how many steps the analysis of one function may take: instructions
// passed over, and objects passed on. They don't depend on the machine, nor on
// what was asked before, so the same code has the same answer everywhere. What is
// linear in the size of the program has no budget.
const maxSteps = 100_000

// A budget counts the steps that a Program takes, and those of the function that
// is being analysed.
type budget struct {
	ctx    context.Context // of the question
	halted bool            // the question has ended early, without an answer
	steps  int             // of everything
	at     *summary        // of the function under analysis, or nil
	most   int             // steps of one function

	interrupt func() // called at the first step, in tests
}

// begin starts a question.
func (b *budget) begin(ctx context.Context) {
	b.ctx, b.at = ctx, nil
	b.halted = ctx.Err() != nil
}

// spend counts n steps and reports whether the analysis may go on.
func (b *budget) spend(n int) bool {
	const every = 1 << 14 // steps between two looks at the context
	before := b.steps
	b.steps += n
	if b.at != nil {
		b.at.spent += n
	}
	if b.interrupt != nil {
		b.interrupt()
		before = -every
	}
	if b.steps/every != before/every && b.ctx.Err() != nil {
		b.halted = true
	}
	return !b.over()
}

// over reports whether the analysis of a function, or all of it, has to end.
func (b *budget) over() bool { return b.halted || b.at != nil && b.at.spent > b.most }
