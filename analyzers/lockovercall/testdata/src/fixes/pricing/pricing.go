package pricing // want package:"facts"

import "context"

type Service interface {
	Quote(ctx context.Context, id string) (int, error)
}

func Reload(ctx context.Context) error { return nil }
