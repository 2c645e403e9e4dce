package a

import "context"

type Ctx = context.Context

type Service interface {
	Get(ctx context.Context, id int) error
	Alias(Ctx) error
	Put(id int) error                       // want `Put takes no context: in one process .*, across a process`
	Late(id int, ctx context.Context) error // want `Late takes no context`
	unexported()
}
