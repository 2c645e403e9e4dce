package source

import "context"

type compilingKey struct{}

// WithCompiling returns a context for Check, Load and Problems under which say is told
// of how many packages of others the go command is asked for what they declare, which takes
// it as long as compiling those that it hasn't compiled yet; and then of 0, once it
// answered. It isn't called where all of that is known.
func WithCompiling(ctx context.Context, say func(packages int)) context.Context {
	return context.WithValue(ctx, compilingKey{}, say)
}

// compiling tells whoever wants to know, see WithCompiling.
func compiling(ctx context.Context, packages int) {
	if say, ok := ctx.Value(compilingKey{}).(func(int)); ok {
		say(packages)
	}
}
