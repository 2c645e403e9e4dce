package component

import "github.com/unweld/unweld/internal/text"

// A Behind is an interface that anything may be behind, with what the program is
// seen to put there: what crosses in ModeAny.
type Behind struct {
	Path  string  `json:"path"` // of its lineage: "Put(value)", "Event.Payload"
	Type  TypeRef `json:"type"`
	Types []Put   `json:"types"` // sorted by their spelling
	// Open are the ways by which values come that can't be followed, sorted by place.
	// Where there is one that isn't a test's, not all types are known.
	Open []Open `json:"open,omitempty"`
}

// A Put is one type of which a program puts values behind an interface.
type Put struct {
	Type TypeRef   `json:"type"`
	Span text.Span `json:"span"`           // of the first place that does
	Test bool      `json:"test,omitempty"` // tests alone do
	// Why it isn't registered: tests alone put it there, and it can't cross. Empty: it
	// is, where the bindings carry that.
	Why string `json:"why,omitempty"`
}

// Open is why not all types behind an interface are known.
type Open struct {
	What string    `json:"what"` // "json.Unmarshal fills it"
	Span text.Span `json:"span,omitzero"`
	Test bool      `json:"test,omitempty"` // a test alone does
}

// Known reports whether all types that the program puts there, apart from its
// tests, are known.
func (b *Behind) Known() bool {
	for _, o := range b.Open {
		if !o.Test {
			return false
		}
	}
	return true
}
