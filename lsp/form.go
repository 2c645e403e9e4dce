package lsp

import (
	"context"
	"encoding/json"

	"github.com/unweld/unweld/engine"
)

// form is unweld/form: a request for a refactoring as a client shows it to be filled in,
// with what is wrong in it so far.
func form(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	var p struct {
		moduleParams
		Refactoring string                 `json:"refactoring"`
		Request     engine.RefactorRequest `json:"request"`
	}
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	path, err := s.fileOf(v, p.URI)
	if err != nil {
		return nil, err
	}
	project, err := s.lastProject(ctx, v, path)
	if err != nil {
		return nil, err
	}
	f, err := project.Form(p.Refactoring, p.Request)
	return f, told(err)
}

// catalogue is unweld/catalogue: all refactorings, bindings and stores that a client can
// name in commands.
func catalogue(context.Context, *server, view, json.RawMessage) (any, error) {
	return struct {
		Refactorings []engine.Refactoring `json:"refactorings"`
		Bindings     []engine.Means       `json:"bindings"`
		Stores       []engine.Means       `json:"stores"`
	}{engine.Refactorings(), engine.Bindings(), engine.Stores()}, nil
}
