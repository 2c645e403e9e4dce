// Package preview says what a split would cost and what would break before anything
// runs: which calls cross on the way of each entry of the program, which hazards the
// split brings out, which units nothing crosses to and why, and which calls fail
// because an endpoint stays with its component.
//
// Of plans the split as it would be if every component that it parts were bound, and
// hands the plan and the call graph to split.NewPreview, which counts. FailingCalls
// is asked by check and by whatever runs a split too.
//
// Its caller is engine, which gives it the module: what was found, the packages that
// people wrote, their calls, and what the targets say. It loads nothing itself, knows
// no plug-in, and writes nothing.
package preview
