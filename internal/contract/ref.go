package contract

import (
	"go/types"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing/typeref"
)

// ID returns the key of t in a contract. Identical types have equal keys,
// whether or not they were written with aliases.
func ID(t types.Type) component.TypeID { return typeref.ID(t) }

// Ref converts t to plain data.
func Ref(t types.Type) component.TypeRef { return typeref.Of(t) }
