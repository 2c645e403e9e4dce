package mail // want package:"facts"

import (
	"context"

	"shop/place"
)

func Send(ctx context.Context) error {
	_, err := place.Place(ctx)
	return err
}
