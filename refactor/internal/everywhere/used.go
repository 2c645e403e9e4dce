package everywhere

import (
	"github.com/unweld/unweld/internal/corpus/used"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A UsedType is an exported struct type whose methods another package calls.
type UsedType = used.Type

// UsedTypes returns those of a module.
func UsedTypes(w *code.World) []UsedType { return used.Types(w.Packages) }
