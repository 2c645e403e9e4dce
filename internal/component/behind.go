package component

import "github.com/unweld/unweld/internal/text"

// A Behind is an open interface in a signature, with the types that the program
// is seen to store in it: what crosses in ModeAny.
type Behind struct {
	Path  string       `json:"path"` // lineage of the interface: "Put(value)", "Event.Payload"
	Type  TypeRef      `json:"type"`
	Types []StoredType `json:"types"` // sorted by their spelling
	// UnknownSource lists where values come from that the analysis can't follow, sorted
	// by position. If any of them is outside of tests, Types may be
	// incomplete.
	Open []UnknownSource `json:"open,omitempty"`
}

// A Put is one type that a program stores in an interface.
type StoredType struct {
	Type TypeRef   `json:"type"`
	Span text.Span `json:"span"`           // the first place
	Test bool      `json:"test,omitempty"` // only tests do
	// Why says why the type isn't registered: only tests use it, or it can't
	// cross. It is empty if the type is registered, where the bindings carry
	// ModeAny.
	Why string `json:"why,omitempty"`
}

// An Open is a place where a value of unknown type is stored in an interface.
type UnknownSource struct {
	What string    `json:"what"` // "json.Unmarshal fills it"
	Span text.Span `json:"span,omitzero"`
	Test bool      `json:"test,omitempty"` // only a test does
}

// Known reports whether Types is complete, apart from what tests store.
func (b *Behind) Known() bool {
	for _, o := range b.Open {
		if !o.Test {
			return false
		}
	}
	return true
}
