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
		lines := NewLines([]byte(content))
		want := lines.Offset(line, character)
		wantLine, wantCol := lines.Position(want)
		offset, atLine, col := Seek([]byte(content), line, character)
		if offset != want || atLine != wantLine || col != wantCol {
			t.Errorf("%d:%d of %q is at %d, %d:%d, want %d, %d:%d", line, character, content, offset, atLine, col, want, wantLine, wantCol)
		}
	})
}
