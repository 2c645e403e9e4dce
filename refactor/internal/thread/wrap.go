package thread

import (
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
)

// WrapCall changes the text of one call, which then gets a context from its
// surroundings and may fail. fails says that it could fail before, so that its
// error is handled already. The context is given to wrap as an expression, with
// the name that package context has there.
func (t *Threader) WrapCall(ref *code.Ref, fails bool, wrap func(pkg, ctx, call string) string) {
	r := mention{ref}
	source := t.context(r)
	pkg := r.File.ImportAt(r.ID.Pos(), "context", "context")
	ctx := source.expr
	switch {
	case ctx == "":
		ctx = pkg + ".Background()"
	case source.detached:
		ctx = t.detachedContext(r, ctx)()
	case source.lone:
		ctx = pkg + strings.TrimPrefix(ctx, "context")
	}
	if source.name != nil {
		source.name()
	}
	r.Wrap = func(call string) string { return wrap(pkg, ctx, call) }
	if fails {
		r.wrap()
		return
	}
	t.handleError(r)
}

// Finish makes the edits that must come after all others.
func (t *Threader) Finish() {
	for _, f := range t.after {
		f()
	}
	t.after = nil
}
