// Package campaign applies every refactoring at every place where it is offered,
// over code that nobody here wrote, and counts what came of it.
//
// A campaign works on scratch copies. It asks the engine what is offered at each
// package clause, import, and declaration of each file, as an editor does, and
// carries out what was offered: a Trial. What is applied has type-checked with
// its tests, which the refactoring itself makes sure of. A sample of it is
// written into the copy, vetted and tested as before, and taken back, byte for
// byte.
//
// Results are kept as they come, so that a campaign which was stopped goes on
// where it was. Command run writes docs/campaign.md from them.
package campaign
