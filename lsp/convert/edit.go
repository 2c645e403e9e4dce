package convert

import (
	"fmt"
	"slices"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/lsp/wire"
)

// Base is what an edit is computed on.
type Base interface {
	Content(rel string) ([]byte, change.Hash, error)
	URI(rel string) protocol.DocumentURI
	Version(rel string) *int32 // nil for a file that isn't open
}

// annotation is the one name that all parts of an edit carry.
const annotation = "unweld"

// WorkspaceEdit converts set for a client of the given capabilities. A base
// that isn't what the set was computed on is a *change.ConflictError.
func WorkspaceEdit(base Base, set change.Set, client wire.ClientCapabilities) (*wire.WorkspaceEdit, error) {
	can := client.Workspace.WorkspaceEdit
	c := &converter{base: base}
	if can.ChangeAnnotationSupport != nil && can.DocumentChanges {
		c.annotation = annotation
	}
	for _, f := range set.Files {
		if f.Op != change.Edit && f.Op != change.Create && !(can.DocumentChanges && slices.Contains(can.ResourceOperations, string(f.Op))) {
			return nil, fmt.Errorf("%s: the editor can't %s files; use the command line instead", f.Path, f.Op)
		}
		if err := c.file(f, can.DocumentChanges && slices.Contains(can.ResourceOperations, "create")); err != nil {
			return nil, err
		}
	}
	if !can.DocumentChanges {
		return plain(c.steps), nil
	}
	edit := &wire.WorkspaceEdit{DocumentChanges: c.steps}
	if c.annotation != "" {
		edit.ChangeAnnotations = map[string]wire.ChangeAnnotation{c.annotation: {Label: set.Title, Description: notes(set)}}
	}
	return edit, nil
}

type converter struct {
	base       Base
	annotation string
	steps      []wire.DocumentChange
}

// file adds the steps of one file. Without createOps a new file is written as
// an edit of a file that doesn't exist, which editors take for a new one.
func (c *converter) file(f change.File, createOps bool) error {
	uri := c.base.URI(f.Path)
	switch f.Op {
	case change.Create:
		if createOps {
			c.steps = append(c.steps, wire.DocumentChange{Kind: "create", URI: uri, AnnotationID: c.annotation})
		}
		whole := wire.TextEdit{NewText: string(f.Content), AnnotationID: c.annotation}
		c.steps = append(c.steps, wire.DocumentChange{TextDocument: &wire.VersionedDocument{URI: uri}, Edits: []wire.TextEdit{whole}})
		return nil
	case change.Delete:
		c.steps = append(c.steps, wire.DocumentChange{Kind: "delete", URI: uri, AnnotationID: c.annotation})
		return c.check(f)
	}
	if err := c.check(f); err != nil {
		return err
	}
	content, _, err := c.base.Content(f.Path)
	if err != nil {
		return err
	}
	step := wire.DocumentChange{TextDocument: &wire.VersionedDocument{URI: uri, Version: c.base.Version(f.Path)}}
	lines := text.NewLines(content)
	for _, e := range f.Edits {
		step.Edits = append(step.Edits, wire.TextEdit{Range: Range(lines, e.Start, e.End), NewText: e.New, AnnotationID: c.annotation})
	}
	if len(step.Edits) > 0 {
		c.steps = append(c.steps, step)
	}
	if f.Op == change.Rename {
		c.steps = append(c.steps, wire.DocumentChange{Kind: "rename", OldURI: uri, NewURI: c.base.URI(f.To), AnnotationID: c.annotation})
	}
	return nil
}

func (c *converter) check(f change.File) error {
	_, hash, err := c.base.Content(f.Path)
	if err != nil {
		return err
	}
	if hash != f.Base {
		return &change.ConflictError{Path: f.Path, Reason: "changed since the edit was computed"}
	}
	return nil
}

// plain gives up versions for a client that knows none.
func plain(steps []wire.DocumentChange) *wire.WorkspaceEdit {
	edit := &wire.WorkspaceEdit{Changes: map[protocol.DocumentURI][]wire.TextEdit{}}
	for _, s := range steps {
		edit.Changes[s.TextDocument.URI] = s.Edits
	}
	return edit
}

func notes(set change.Set) string {
	lines := slices.Clone(set.Summary)
	for _, n := range set.Notes {
		if n.Span.IsValid() {
			lines = append(lines, n.Span.String()+": "+n.Message)
		} else {
			lines = append(lines, n.Message)
		}
	}
	return strings.Join(lines, "\n")
}
