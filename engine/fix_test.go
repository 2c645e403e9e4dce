package engine

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

func TestFixesThatMeetWait(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module m\n", "a.go": "package a // one two\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	at := func(start, end int, s string) component.Edit {
		return component.Edit{Span: text.Span{File: "a.go", Start: start, End: end, Line: 1, Col: start + 1}, New: s}
	}
	set, err := s.Fix("fix", component.Fix{Title: "second", Edits: []component.Edit{at(17, 20, "2")}},
		component.Fix{Title: "first", Edits: []component.Edit{at(13, 16, "1")}},
		component.Fix{Title: "meets the first", Edits: []component.Edit{at(15, 18, "x")}})
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Notes) != 1 || len(set.Files) != 1 {
		t.Fatalf("%+v", set)
	}
	if err := s.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(dir, "a.go")); string(got) != "package a // 1 2\n" {
		t.Errorf("%q", got)
	}
	if _, err := s.Fix("fix", component.Fix{Edits: []component.Edit{at(100, 101, "")}}); err == nil {
		t.Error("an edit behind the end was taken")
	} else if _, ok := err.(*change.ConflictError); !ok {
		t.Errorf("%T %v", err, err)
	}
}
