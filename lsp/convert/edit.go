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
	Encoding() text.Encoding   // of the client
	Version(rel string) *int32 // nil for a file that isn't open
}

// The names that the parts of an edit carry, by what happens to a file.
var annotations = map[change.Op]string{change.Edit: "unweld", change.Create: "unweld.new", change.Delete: "unweld.removed", change.Rename: "unweld.moved"}

// labels say what happens, after the title of the change.
var labels = map[change.Op]string{change.Create: ": new files", change.Delete: ": files that go", change.Rename: ": files that move"}

// WorkspaceEdit converts set for a client of the given capabilities, which is asked to
// have the user confirm it if confirm is true. A base that isn't what the set was
// computed on is a *change.ConflictError.
func WorkspaceEdit(base Base, set change.Set, client wire.ClientCapabilities, confirm bool) (*wire.WorkspaceEdit, error) {
	can := client.Workspace.WorkspaceEdit
	c := &converter{base: base}
	if can.ChangeAnnotationSupport != nil && can.DocumentChanges {
		c.used = map[change.Op]bool{}
	}
	for _, f := range set.Files {
		if f.Op != change.Edit && f.Op != change.Create && !Can(client, f.Op) {
			return nil, fmt.Errorf("%s: %s", f.Path, Cannot(f.Op))
		}
		if err := c.file(f, Can(client, change.Create)); err != nil {
			return nil, err
		}
	}
	if !can.DocumentChanges {
		return plain(c.steps), nil
	}
	edit := &wire.WorkspaceEdit{DocumentChanges: c.steps}
	if c.used != nil {
		edit.ChangeAnnotations = map[string]wire.ChangeAnnotation{}
		description := strings.Join(Notes(set), "\n")
		for _, op := range []change.Op{change.Edit, change.Create, change.Rename, change.Delete} {
			if c.used[op] {
				edit.ChangeAnnotations[annotations[op]] = wire.ChangeAnnotation{Label: set.Title + labels[op], NeedsConfirmation: confirm, Description: description}
				description = ""
			}
		}
	}
	return edit, nil
}

// Can reports whether a client carries out an operation on whole files.
func Can(client wire.ClientCapabilities, op change.Op) bool {
	can := client.Workspace.WorkspaceEdit
	return can.DocumentChanges && slices.Contains(can.ResourceOperations, string(op))
}

// Cannot is what the user is told about an operation that the client doesn't carry out.
func Cannot(op change.Op) string {
	return fmt.Sprintf("the editor can't %s files; use the command line instead", op)
}

type converter struct {
	base  Base
	used  map[change.Op]bool // that have an annotation; nil: the client takes none
	steps []wire.DocumentChange
}

// annotation is the name that the steps of one kind carry.
func (c *converter) annotation(op change.Op) string {
	if c.used == nil {
		return ""
	}
	c.used[op] = true
	return annotations[op]
}

// file adds the steps of one file. Without createOps a new file is written as
// an edit of a file that doesn't exist, which editors take for a new one.
func (c *converter) file(f change.File, createOps bool) error {
	uri, annotation := c.base.URI(f.Path), c.annotation(f.Op)
	switch f.Op {
	case change.Create:
		if createOps {
			c.steps = append(c.steps, wire.DocumentChange{Kind: "create", URI: uri, AnnotationID: annotation})
		}
		whole := wire.TextEdit{NewText: string(f.Content), AnnotationID: annotation}
		c.steps = append(c.steps, wire.DocumentChange{TextDocument: &wire.VersionedDocument{URI: uri}, Edits: []wire.TextEdit{whole}})
		return nil
	case change.Delete:
		c.steps = append(c.steps, wire.DocumentChange{Kind: "delete", URI: uri, AnnotationID: annotation})
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
	lines := text.NewLines(content).In(c.base.Encoding())
	for _, e := range f.Edits {
		step.Edits = append(step.Edits, wire.TextEdit{Range: Range(lines, e.Start, e.End), NewText: e.New, AnnotationID: annotation})
	}
	if len(step.Edits) > 0 {
		c.steps = append(c.steps, step)
	}
	if f.Op == change.Rename {
		c.steps = append(c.steps, wire.DocumentChange{Kind: "rename", OldURI: uri, NewURI: c.base.URI(f.To), AnnotationID: annotation})
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

// Notes are the lines that tell what a change achieves, and what there is to know of it.
func Notes(set change.Set) []string {
	lines := slices.Clone(set.Summary)
	for _, n := range set.Notes {
		if n.Span.IsValid() {
			lines = append(lines, n.Span.String()+": "+n.Message)
		} else {
			lines = append(lines, n.Message)
		}
	}
	return lines
}
