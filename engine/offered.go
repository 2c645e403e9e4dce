package engine

import (
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/verify"
)

// An Offered is a change set as front ends print it in JSON. It is part of unweld's
// interface.
type Offered struct {
	Title   string        `json:"title"`
	Applied bool          `json:"applied"`
	Summary []string      `json:"summary"`
	Files   []OfferedFile `json:"files"`
	Notes   []change.Note `json:"notes"`
	Diff    string        `json:"diff"`
	// Verified is what a verification found out; absent without one.
	Verified *verify.Report `json:"verified,omitempty"`
}

// An OfferedFile says what happens to a file.
type OfferedFile struct {
	Path string    `json:"path"`
	Op   change.Op `json:"op"`
	To   string    `json:"to,omitempty"` // the new path of one that is renamed
}

// NewOffered returns set, whose diff is given, with lists that are empty and not null.
func NewOffered(set change.Set, diff string) Offered {
	o := Offered{Title: set.Title, Summary: append([]string{}, set.Summary...), Files: []OfferedFile{}, Notes: append([]change.Note{}, set.Notes...), Diff: diff}
	for _, f := range set.Files {
		o.Files = append(o.Files, OfferedFile{f.Path, f.Op, f.To})
	}
	return o
}
