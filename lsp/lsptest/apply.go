package lsptest

import (
	"cmp"
	"fmt"
	"os"
	"slices"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/wire"
)

// Apply carries edit out on the buffers; files that aren't open become buffers
// that the server isn't told of. Nothing is written to the disk.
func (e *Editor) Apply(edit *wire.WorkspaceEdit) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for uri, edits := range edit.Changes {
		if err := e.edit(uri, nil, edits); err != nil {
			return err
		}
	}
	for _, c := range edit.DocumentChanges {
		if id := c.AnnotationID; id != "" && edit.ChangeAnnotations[id].Label == "" {
			return fmt.Errorf("annotation %q is not among the edit's", id)
		}
		switch {
		case c.Kind == "" && c.TextDocument != nil:
			if err := e.edit(c.TextDocument.URI, c.TextDocument.Version, c.Edits); err != nil {
				return err
			}
		case c.Kind == "create":
			path, _ := convert.Path(c.URI)
			if _, err := os.Stat(path); err == nil || e.buffers[path] != nil {
				return fmt.Errorf("create %s: exists already", path)
			}
			e.buffers[path] = &buffer{}
		case c.Kind == "rename":
			if err := e.rename(c.OldURI, c.NewURI); err != nil {
				return err
			}
		case c.Kind == "delete":
			path, _ := convert.Path(c.URI)
			if e.gone(path) {
				return fmt.Errorf("delete %s: there is no such file", path)
			}
			e.buffers[path] = nil
		default:
			return fmt.Errorf("a step of kind %q, which this editor doesn't know", c.Kind)
		}
	}
	return nil
}

// gone reports whether there is no file at path, neither in a buffer nor on disk.
func (e *Editor) gone(path string) bool {
	if b, known := e.buffers[path]; known {
		return b == nil
	}
	_, err := os.Stat(path)
	return err != nil
}

// rename moves a buffer, or a file, to another path. The old one is gone from then on.
func (e *Editor) rename(from, to protocol.DocumentURI) error {
	old, _ := convert.Path(from)
	new, _ := convert.Path(to)
	if e.gone(old) || !e.gone(new) {
		return fmt.Errorf("rename %s to %s: the one must be there and the other not", old, new)
	}
	b := e.buffers[old]
	if b == nil {
		content, err := os.ReadFile(old)
		if err != nil {
			return err
		}
		b = &buffer{text: content}
	}
	e.buffers[old], e.buffers[new] = nil, b
	return nil
}

// edit changes one buffer. The ranges all count on the text before.
func (e *Editor) edit(uri protocol.DocumentURI, version *int32, edits []wire.TextEdit) error {
	path, ok := convert.Path(uri)
	if !ok {
		return fmt.Errorf("edit of %s, which is no file", uri)
	}
	b := e.buffers[path]
	if b == nil {
		content, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			return err
		}
		b = &buffer{text: content}
		e.buffers[path] = b
	}
	if version != nil && (!b.open || *version != b.version) {
		return fmt.Errorf("edit of version %d of %s, which is at %d", *version, path, b.version)
	}
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(x, y wire.TextEdit) int { return comparePositions(y.Range.Start, x.Range.Start) })
	for i, te := range edits {
		if i > 0 && comparePositions(te.Range.End, edits[i-1].Range.Start) > 0 {
			return fmt.Errorf("edits of %s overlap at %v", path, te.Range.End)
		}
		b.text = convert.Changed(b.text, []wire.ContentChange{{Range: &te.Range, Text: te.NewText}}, e.encoding)
	}
	return nil
}

func comparePositions(a, b protocol.Position) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Character, b.Character))
}
