package engine

import (
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// TestWithout takes codes out of directives, and directives out of files, as gofmt would
// leave them.
func TestWithout(t *testing.T) {
	for _, tt := range []struct{ name, file, code, want string }{
		{"behind code", "package p\n\nvar a int //unweld:ignore x y\nvar b int\n", "x", "package p\n\nvar a int\nvar b int\n"},
		{"a line of its own", "package p\n\n\t//unweld:ignore x y\n\tvar a int\n", "x", "package p\n\n\tvar a int\n"},
		{"below a comment", "package p\n\n// A does.\n//\n//unweld:ignore x y\nvar a int\n", "x", "package p\n\n// A does.\nvar a int\n"},
		{"before another", "package p\n\n// A does.\n//\n//unweld:ignore x y\n//unweld:slow\nvar a int\n", "x", "package p\n\n// A does.\n//\n//unweld:slow\nvar a int\n"},
		{"one of several codes", "package p\n\nvar a int //unweld:ignore v,x,w y\n", "x", "package p\n\nvar a int //unweld:ignore v,w y\n"},
		{"the end of a file without a line feed", "package p\n\nvar a int\n//unweld:ignore x y", "x", "package p\n\nvar a int\n"},
		{"CRLF", "package p\r\n\r\n// A does.\r\n//\r\n//unweld:ignore x y\r\nvar a int\r\n", "x", "package p\r\n\r\n// A does.\r\nvar a int\r\n"},
		{"behind code with CRLF", "package p\r\n\r\nvar a int //unweld:ignore x y\r\n", "x", "package p\r\n\r\nvar a int\r\n"},
	} {
		all := component.Ignores([]byte(tt.file))
		if len(all) != 1 {
			t.Fatalf("%s: %+v", tt.name, all)
		}
		edit := without([]byte(tt.file), "p.go", all[0], tt.code).Edits[0]
		if got := tt.file[:edit.Span.Start] + edit.New + tt.file[edit.Span.End:]; got != tt.want || edit.Span.File != "p.go" {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
