package pricing

import (
	"errors"
	"fmt"
)

var (
	// ErrUnknownSKU means that there is no rule for a SKU.
	ErrUnknownSKU = errors.New("pricing: unknown SKU")
	// ErrBadQuantity means that a quantity isn't positive.
	ErrBadQuantity = errors.New("pricing: quantity must be positive")
	// ErrBadRule is wrapped by the errors of Rule.Validate.
	ErrBadRule = errors.New("pricing: bad rule")
	// ErrBadPromotion is wrapped by the errors of Engine.AddPromotion.
	ErrBadPromotion = errors.New("pricing: bad promotion")
)

// LimitError means that more pieces were asked for than one customer may buy.
type LimitError struct {
	SKU string
	Max int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("pricing: at most %d of %s per order", e.Max, e.SKU)
}
