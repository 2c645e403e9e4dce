package linktest

import (
	"context"
	"errors"
)

// ErrUnimplemented is what the methods of Unimplemented return.
var ErrUnimplemented = errors.New("linktest: not implemented")

// Unimplemented is embedded by implementations that need only some methods.
type Unimplemented struct{}

func (Unimplemented) Add(context.Context, int64, int64) (int64, error) {
	return 0, ErrUnimplemented
}

func (Unimplemented) Echo(context.Context, string) (string, error) { return "", ErrUnimplemented }

func (Unimplemented) Act(context.Context, string) (string, error) { return "", ErrUnimplemented }

func (Unimplemented) Wait(context.Context, string) (string, error) { return "", ErrUnimplemented }
