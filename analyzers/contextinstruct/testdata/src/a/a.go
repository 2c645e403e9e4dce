package a

import "context"

type Job struct {
	context.Context
	Name string
}

type Service interface {
	Plain(ctx context.Context, name string) error
	Run(j Job) error                             // want `Run: Job.Context \(context.Context\): in one process .*, across a process`
	Late(name string, ctx context.Context) error // want `Late: Context \(context.Context\)`
}
