package mcp

import (
	"errors"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

type codeIn struct {
	Name string `json:"name" jsonschema:"the code beside a message, for example shared-global"`
}

func (s *server) code(_ *call, in codeIn) (any, error) { return codeNamed(in.Name) }

// codeNamed is engine.ExplainCode, with an error that speaks of a tool's input.
func codeNamed(name string) (any, error) {
	code, err := engine.ExplainCode(name)
	if u, ok := errors.AsType[*component.UsageError](err); ok {
		return nil, &component.UsageError{Object: "name", Reason: u.Reason, Hint: u.Hint}
	}
	return code, err
}
