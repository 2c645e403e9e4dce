// Package change holds change sets: the edits, new, renamed and deleted files
// that one operation wants, and the one applier that carries them out.
//
// Architecture Invariant: os.WriteFile and its kin stand only here. No other
// package writes into the user's module.
package change

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/unweld/unweld/internal/text"
)

// A Hash is the hex SHA-256 of a file's content. The empty Hash means that the
// file doesn't exist.
type Hash string

// HashOf returns the hash of content.
func HashOf(content []byte) Hash {
	sum := sha256.Sum256(content)
	return Hash(hex.EncodeToString(sum[:]))
}

// A Set holds the changes of one operation. Paths are slash-separated, relative
// to the module root, and occur at most once.
type Set struct {
	Title string `json:"title"`
	// Summary is what to know before anything else, a line each: what the change
	// achieves, and what it doesn't. May be empty.
	Summary []string `json:"summary,omitempty"`
	Files   []File   `json:"files"` // sorted by Path
	Notes   []Note   `json:"notes,omitempty"`
	// OtherBuilds are files that this build leaves out, which mention what changes, stay as
	// they are, and do what they did: the operation has seen how they use it.
	OtherBuilds []string `json:"-"`
}

// Op is what happens to a file.
type Op string

const (
	Edit   Op = "edit"
	Create Op = "create"
	Delete Op = "delete"
	Rename Op = "rename" // to To, with Edits applied to the content
)

// A File is the change of one file.
type File struct {
	Path    string     `json:"path"`
	Op      Op         `json:"op"`
	Base    Hash       `json:"base,omitempty"` // of the content the edits were computed on; empty for Create
	Edits   []TextEdit `json:"edits,omitempty"`
	Content []byte     `json:"content,omitempty"` // Create: the whole content
	To      string     `json:"to,omitempty"`      // Rename: the new path
}

// A TextEdit replaces the bytes [Start, End) of a file. Edits of a file are
// sorted and don't overlap.
type TextEdit struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	New   string `json:"new"`
}

// A Note tells the user something about a change: a caller that can't report an
// error, an endpoint that stays local and why.
type Note struct {
	Code    string    `json:"name,omitempty"` // where it is about a problem with a code
	Span    text.Span `json:"span,omitzero"`
	Message string    `json:"message"`
}
