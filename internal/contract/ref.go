package contract

import (
	"go/types"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing/typeref"
)

// ID returns the key of t in a contract: identical types have the same one,
// whatever aliases they were written with.
func ID(t types.Type) component.TypeID { return typeref.ID(t) }

// Ref returns t as plain data.
func Ref(t types.Type) component.TypeRef { return typeref.Of(t) }
