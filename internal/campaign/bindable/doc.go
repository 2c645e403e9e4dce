// Package bindable counts how much of other people's code can be bound whole: of
// each exported type with state, each package of functions and each exported
// function it says whether everything that callers may use of it can be called in
// another process, and what is in the way where it can't.
//
// Nothing is changed to find that out: the contract that extract would write is
// built from types, and judged by what judges contracts for bind. A sample of what
// should be possible is then carried out in scratch copies: extracted, bound,
// vetted and built.
package bindable
