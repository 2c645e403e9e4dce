// Package text holds positions and spans in source files, and the conversions
// between bytes, lines, and columns in the units that editors count in.
//
// It knows nothing of Go syntax and imports the standard library only.
package text

import (
	"bytes"
	"cmp"
	"fmt"
	"sort"
	"unicode/utf8"
)

// A Span is a half-open range of bytes in one file, with the line and column
// of its start for people to read. The zero Span means "no position".
type Span struct {
	File  string `json:"file"`            // slash-separated, relative to the module root where the file lies in it
	Start int    `json:"start,omitempty"` // byte offset
	End   int    `json:"end,omitempty"`   // byte offset, exclusive
	Line  int    `json:"line"`            // 1-based
	Col   int    `json:"col"`             // 1-based, in bytes
}

// IsValid reports whether s is a position.
func (s Span) IsValid() bool { return s.File != "" && s.Line > 0 }

// String returns "file:line:col", or the file alone when there is no line.
func (s Span) String() string {
	if s.Line == 0 {
		return s.File
	}
	return fmt.Sprintf("%s:%d:%d", s.File, s.Line, s.Col)
}

// Compare orders spans by file, line, column and end.
func (s Span) Compare(t Span) int {
	return cmp.Or(cmp.Compare(s.File, t.File), cmp.Compare(s.Line, t.Line),
		cmp.Compare(s.Col, t.Col), cmp.Compare(s.End, t.End))
}

// RelativeTo returns s relative to the start of base, so that it stays valid
// while base moves within its file. A span before base, or in another file, is
// returned unchanged.
func (s Span) RelativeTo(base Span) Span {
	if s.File != base.File || s.Line < base.Line {
		return s
	}
	s.File, s.Line = "", s.Line-base.Line+1
	if s.Start >= base.Start {
		s.Start, s.End = s.Start-base.Start, s.End-base.Start
	}
	return s
}

// At is the inverse of RelativeTo.
func (s Span) At(base Span) Span {
	if s.File != "" || s.Line == 0 {
		return s
	}
	s.File, s.Line = base.File, s.Line+base.Line-1
	s.Start, s.End = s.Start+base.Start, s.End+base.Start
	return s
}

// An Encoding is the unit in which an editor counts the columns of a line.
type Encoding int

const (
	UTF16 Encoding = iota // code units: what the Language Server Protocol counts in unless both sides agree on another
	UTF8                  // bytes
	UTF32                 // code points
)

// width is how many units a rune takes that is encoded in size bytes.
func (e Encoding) width(r rune, size int) int {
	switch {
	case e == UTF8:
		return size
	case e == UTF16 && r > 0xFFFF:
		return 2
	}
	return 1
}

// length is how many units b takes.
func (e Encoding) length(b []byte) int {
	if e == UTF8 {
		return len(b)
	}
	n := 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		n += e.width(r, size)
		b = b[size:]
	}
	return n
}

// Lines is an index of the line starts of one file's content.
type Lines struct {
	content  []byte
	starts   []int
	encoding Encoding
}

// NewLines indexes content, which must not change afterwards.
func NewLines(content []byte) *Lines {
	starts := []int{0}
	for i, b := range content {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return &Lines{content: content, starts: starts}
}

// In returns the same index for columns in an encoding.
func (l *Lines) In(e Encoding) *Lines { return &Lines{l.content, l.starts, e} }

// Position returns the 1-based line and byte column of offset, which is
// clamped to the content.
func (l *Lines) Position(offset int) (line, col int) {
	offset = min(max(offset, 0), len(l.content))
	i := sort.SearchInts(l.starts, offset+1) - 1
	return i + 1, offset - l.starts[i] + 1
}

// Character returns the 0-based line and the 0-based column of offset, as the
// Language Server Protocol counts them in the encoding of the index.
func (l *Lines) Character(offset int) (line, character int) {
	offset = min(max(offset, 0), len(l.content))
	i := sort.SearchInts(l.starts, offset+1) - 1
	return i, l.encoding.length(l.content[l.starts[i]:offset])
}

// Offset returns the byte offset of a 0-based line and column. Columns
// past the end of the line mean the end of the line; lines past the end of the
// file mean the end of the file.
func (l *Lines) Offset(line, character int) int {
	if line < 0 {
		return 0
	}
	if line >= len(l.starts) {
		return len(l.content)
	}
	end := len(l.content)
	if line+1 < len(l.starts) {
		end = l.starts[line+1] - 1
	}
	return l.encoding.column(l.content, l.starts[line], end, character)
}

// column returns the offset of a column in the line that stands between start
// and end, which is before its line feed. One within a character means its start.
func (e Encoding) column(content []byte, start, end, character int) int {
	if end < len(content) && end > start && content[end-1] == '\r' {
		end--
	}
	pos := start
	for units := 0; pos < end && units < character; {
		r, size := utf8.DecodeRune(content[pos:end])
		units += e.width(r, size)
		if units > character {
			break
		}
		pos += size
	}
	return pos
}

// Seek is the Offset of Lines in e followed by Lines.Position, for a single place in
// content that isn't indexed. It doesn't allocate.
func (e Encoding) Seek(content []byte, line, character int) (offset, atLine, col int) {
	start := 0
	for n := range max(line, 0) {
		feed := bytes.IndexByte(content[start:], '\n')
		if feed < 0 {
			return len(content), n + 1, len(content) - start + 1
		}
		start += feed + 1
	}
	if line < 0 {
		return 0, 1, 1
	}
	end := len(content)
	if feed := bytes.IndexByte(content[start:], '\n'); feed >= 0 {
		end = start + feed
	}
	offset = e.column(content, start, end, character)
	return offset, line + 1, offset - start + 1
}
