package convert

import (
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/lsp/wire"
)

// Range converts the bytes [start, end) of a file, whose index counts as the client does.
func Range(lines *text.Lines, start, end int) protocol.Range {
	at := func(offset int) protocol.Position {
		line, character := lines.Character(offset)
		return protocol.Position{Line: uint32(line), Character: uint32(character)}
	}
	return protocol.Range{Start: at(start), End: at(end)}
}

// Span converts a range of file in an encoding. The content is given. An end before the
// start counts as the start.
func Span(file string, content []byte, r protocol.Range, e text.Encoding) text.Span {
	start, line, col := e.Seek(content, int(r.Start.Line), int(r.Start.Character))
	end, _, _ := e.Seek(content, int(r.End.Line), int(r.End.Character))
	return text.Span{File: file, Start: start, End: max(start, end), Line: line, Col: col}
}

// Changed applies changes, whose ranges are in an encoding, to content, one after the
// other, and returns the result in new memory.
func Changed(content []byte, changes []wire.ContentChange, e text.Encoding) []byte {
	for _, c := range changes {
		if c.Range == nil {
			content = []byte(c.Text)
			continue
		}
		at := Span("", content, *c.Range, e)
		next := make([]byte, 0, len(content)+len(c.Text))
		next = append(append(next, content[:at.Start]...), c.Text...)
		content = append(next, content[at.End:]...)
	}
	return content
}
