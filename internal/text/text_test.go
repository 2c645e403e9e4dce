package text

import "testing"

// FuzzSeek holds Seek to the index of lines.
func FuzzSeek(f *testing.F) {
	for _, content := range []string{"", "\n", "a\nb", "a\r\nb\r", "\r", "\r\n\n", "x\U0001F600y\nz\u00e9\xff\n"} {
		for line := range 4 {
			for character := range 4 {
				f.Add(content, line, character)
			}
		}
	}
	f.Fuzz(func(t *testing.T, content string, line, character int) {
		for _, e := range []Encoding{UTF16, UTF8, UTF32} {
			lines := NewLines([]byte(content)).In(e)
			want := lines.Offset(line, character)
			wantLine, wantCol := lines.Position(want)
			offset, atLine, col := e.Seek([]byte(content), line, character)
			if offset != want || atLine != wantLine || col != wantCol {
				t.Errorf("encoding %d: %d:%d of %q is at %d, %d:%d, want %d, %d:%d", e, line, character, content, offset, atLine, col, want, wantLine, wantCol)
			}
		}
	})
}

// TestEncodings counts the columns of one line in each encoding, there and back.
func TestEncodings(t *testing.T) {
	const content = "é𝔘\xffz\n"
	for e, want := range map[Encoding][]int{UTF8: {0, 2, 6, 7, 8}, UTF16: {0, 1, 3, 4, 5}, UTF32: {0, 1, 2, 3, 4}} {
		lines := NewLines([]byte(content)).In(e)
		for i, offset := range []int{0, 2, 6, 7, 8} {
			if _, got := lines.Character(offset); got != want[i] {
				t.Errorf("encoding %d: byte %d is column %d, want %d", e, offset, got, want[i])
			}
			if got := lines.Offset(0, want[i]); got != offset {
				t.Errorf("encoding %d: column %d is byte %d, want %d", e, want[i], got, offset)
			}
		}
	}
	if at := NewLines([]byte(content)).Offset(0, 2); at != 2 {
		t.Errorf("a column within a character is byte %d, want its start", at)
	}
}
