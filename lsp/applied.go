package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/wire"
)

// appliedCommand is what an editor executes when it has carried out the edit of an
// action.
const appliedCommand = "unweld.applied"

// keptEdits is how many edits the server remembers for that.
const keptEdits = 16

// Edits that were computed and that the editor may carry out.
type edits struct {
	mu   sync.Mutex
	last int
	kept []madeEdit // the latest last
}

// A madeEdit is one of them.
type madeEdit struct {
	id      int
	project *project
	set     change.Set
}

// add remembers an edit.
func (e *edits) add(p *project, set change.Set) (id int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last++
	if e.kept = append(e.kept, madeEdit{e.last, p, set}); len(e.kept) > keptEdits {
		e.kept = slices.Delete(e.kept, 0, 1)
	}
	return e.last
}

// take returns an edit, once.
func (e *edits) take(id int) (madeEdit, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.IndexFunc(e.kept, func(m madeEdit) bool { return m.id == id })
	if i < 0 {
		return madeEdit{}, false
	}
	m := e.kept[i]
	e.kept = slices.Delete(e.kept, i, i+1)
	return m, true
}

// after is the command that goes with the edit of an action. Clients that execute
// commands needn't say so.
func (s *server) after(p *project, set change.Set) *protocol.Command {
	return &protocol.Command{Title: "Tell what was changed", Command: appliedCommand, Arguments: []any{s.edits.add(p, set)}}
}

// applied puts an edit that was carried out on the record of `unweld ... --undo`, and says
// what there is to know of it: what it achieves, what it doesn't, and what is left to do.
func applied(_ context.Context, s *server, _ view, arguments []json.RawMessage) (any, error) {
	var id int
	if len(arguments) != 1 || json.Unmarshal(arguments[0], &id) != nil {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: appliedCommand + ": expects the number of an edit"}
	}
	made, ok := s.edits.take(id)
	if !ok {
		return nil, nil
	}
	return s.wasApplied(made), nil
}

// wasApplied is applied for an edit.
func (s *server) wasApplied(made madeEdit) appliedEdit {
	if err := made.project.Record(made.set); err != nil {
		s.log(s.ctx, s.conn, protocol.MessageTypeWarning, made.set.Title+": --undo won't know of it: "+err.Error())
	}
	s.tellNotes(made)
	return touched(made)
}

// tellNotes shows the notes of a change: in a document, where they are many and the
// client shows one, or else in a message, with the document behind a button.
func (s *server) tellNotes(made madeEdit) {
	if len(made.set.Notes) == 0 {
		return
	}
	page := func() bool {
		file, err := made.project.WriteNotes(notesPage(made.project, made.set))
		return err == nil && s.open(wire.ShowDocument{URI: convert.URI(file)})
	}
	if len(made.set.Notes) > shownReasons && page() {
		return
	}
	message := made.set.Title + ": " + strings.Join(convert.Notes(made.set), "; ")
	if !s.hasButtons() || !s.client.Load().Window.ShowDocument.Support {
		s.show(protocol.MessageTypeInfo, message)
		return
	}
	s.running.Go(func() {
		if s.choose(protocol.MessageTypeInfo, message, showNotes) == showNotes {
			page()
		}
	})
}

// showNotes is the button that shows notes with links to their places.
const showNotes = "Show notes"

// An appliedEdit is the answer to appliedCommand: which files an editor has to save.
type appliedEdit struct {
	Title string        `json:"title"`
	Files []touchedFile `json:"files"`
}

type touchedFile struct {
	URI  protocol.DocumentURI `json:"uri"` // as it is called now
	Op   change.Op            `json:"op"`
	Line int                  `json:"line"` // of the first change, from 1
	// Saved: before the change the editor had what is on the disk, or it is a new file.
	Saved bool `json:"saved"`
}

func touched(made madeEdit) appliedEdit {
	out := appliedEdit{made.set.Title, []touchedFile{}}
	for _, f := range made.set.Files {
		t := touchedFile{made.project.URI(f.Path), f.Op, 1, f.Op == change.Create}
		if content, err := os.ReadFile(made.project.Abs(f.Path)); err == nil {
			t.Saved = change.HashOf(content) == f.Base
		}
		if f.Op == change.Rename {
			t.URI = made.project.URI(f.To)
		}
		if lines, _, err := made.project.Lines(f.Path); err == nil && len(f.Edits) > 0 {
			line, _ := lines.Position(f.Edits[0].Start)
			t.Line = line
		}
		out.Files = append(out.Files, t)
	}
	return out
}

// notesPage is a document with the notes of a change, each with a link to its place.
func notesPage(p *project, set change.Set) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", set.Title)
	for _, line := range set.Summary {
		fmt.Fprintf(&b, "%s\n", line)
	}
	if len(set.Summary) > 0 {
		b.WriteString("\n")
	}
	for _, n := range set.Notes {
		at := ""
		if n.Span.IsValid() {
			at = fmt.Sprintf("[%s](%s#L%d): ", n.Span, p.URI(n.Span.File), n.Span.Line)
		}
		fmt.Fprintf(&b, "- %s%s\n", at, n.Message)
	}
	return b.String()
}
