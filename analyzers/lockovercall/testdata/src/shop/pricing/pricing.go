package pricing // want package:"facts"

import "context"

type Service interface {
	Quote(ctx context.Context, id string) (int, error)
}

type Amount struct{ Cents int }

func (a Amount) Add(b Amount) Amount { return Amount{a.Cents + b.Cents} }

type Engine struct{ rates map[string]int }

func New() *Engine { return &Engine{} }

func (e *Engine) Quote(ctx context.Context, id string) (int, error) { return e.rates[id], nil }

func Reload(ctx context.Context) error { return nil }

func Round(n int) int { return n }

// Counter is part of what has one.
type Counter struct{ n int }

func (c *Counter) Add() { c.n++ }
