package code

// WrapCall changes the text of one call, which then gets a context from its
// surroundings and may fail. fails says that it could fail before, so that its
// error is handled already. The context is given to wrap as an expression.
func (t *Threader) WrapCall(r *Ref, fails bool, wrap func(ctx, call string) string) {
	source := t.context(r)
	ctx := source.expr
	if ctx == "" {
		ctx = "context.Background()"
	}
	if source.name != nil {
		source.name()
	}
	r.File.Import("context", "context")
	r.Wrap = func(call string) string { return wrap(ctx, call) }
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
