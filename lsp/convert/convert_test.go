package convert_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/wire"
)

func TestPath(t *testing.T) {
	for uri, want := range map[protocol.DocumentURI]string{
		"file:///a/b.go":          "/a/b.go",
		"file:///a%20b/%C3%A9.go": "/a b/é.go",
		"file://localhost/a.go":   "/a.go",
		"file:///c%3A/d.go":       "c:/d.go",
		"file://server/a.go":      "",
		"untitled:Untitled-1":     "",
		"%zz":                     "",
		"":                        "",
	} {
		if got, ok := convert.Path(uri); got != want || ok != (want != "") {
			t.Errorf("Path(%q) = %q, %v, want %q", uri, got, ok, want)
		}
	}
	for _, path := range []string{"/a b/é#1?.go", "/100%/x.go"} {
		if got, ok := convert.Path(convert.URI(path)); !ok || got != path {
			t.Errorf("%q comes back as %q by %s", path, got, convert.URI(path))
		}
	}
}

func TestChanged(t *testing.T) {
	at := func(line, from, to uint32) *protocol.Range {
		return &protocol.Range{Start: protocol.Position{Line: line, Character: from}, End: protocol.Position{Line: line, Character: to}}
	}
	before := "a𝔘b\né\r\nend"
	for _, c := range []struct {
		name    string
		changes []wire.ContentChange
		want    string
	}{
		{"full", []wire.ContentChange{{Text: "new"}}, "new"},
		{"behind a character of two units", []wire.ContentChange{{Range: at(0, 3, 4), Text: "B"}}, "a𝔘B\né\r\nend"},
		{"one after the other", []wire.ContentChange{{Range: at(0, 0, 1), Text: "xyz"}, {Range: at(0, 2, 3), Text: ""}}, "xy𝔘b\né\r\nend"},
		{"past the end of a line", []wire.ContentChange{{Range: at(1, 99, 99), Text: "!"}}, "a𝔘b\né!\r\nend"},
		{"past the end of the file", []wire.ContentChange{{Range: at(9, 0, 0), Text: "!"}}, before + "!"},
		{"end before start", []wire.ContentChange{{Range: at(2, 2, 0), Text: "!"}}, "a𝔘b\né\r\nen!d"},
		{"none", nil, before},
	} {
		original := []byte(before)
		if got := string(convert.Changed(original, c.changes, text.UTF16)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if string(original) != before {
			t.Errorf("%s: the former text was changed in place", c.name)
		}
	}
}

// files is a module in memory.
type files map[string]string

func (f files) Content(rel string) ([]byte, change.Hash, error) {
	content, ok := f[rel]
	if !ok {
		return nil, "", os.ErrNotExist
	}
	return []byte(content), change.HashOf([]byte(content)), nil
}

func (f files) Lines(rel string) (*text.Lines, []byte, error) {
	content, _, err := f.Content(rel)
	return text.NewLines(content), content, err
}

func (f files) Encoding() text.Encoding             { return text.UTF16 }
func (f files) URI(rel string) protocol.DocumentURI { return convert.URI("/m/" + rel) }
func (f files) Version(string) *int32               { return nil }

func capabilities(documentChanges bool, operations ...string) wire.ClientCapabilities {
	var c wire.ClientCapabilities
	c.Workspace.WorkspaceEdit.DocumentChanges = documentChanges
	c.Workspace.WorkspaceEdit.ResourceOperations = operations
	return c
}

func TestWorkspaceEdit(t *testing.T) {
	base := files{"a.go": "one", "b.go": "two"}
	hash := func(rel string) change.Hash { return change.HashOf([]byte(base[rel])) }
	set := change.Set{Title: "move", Files: []change.File{
		{Path: "a.go", Op: change.Rename, Base: hash("a.go"), To: "c.go", Edits: []change.TextEdit{{Start: 0, End: 3, New: "three"}}},
		{Path: "b.go", Op: change.Delete, Base: hash("b.go")},
		{Path: "n.go", Op: change.Create, Content: []byte("new")},
	}}
	edit, err := convert.WorkspaceEdit(base, set, capabilities(true, "create", "rename", "delete"), false)
	if err != nil {
		t.Fatal(err)
	}
	var steps []string
	for _, s := range edit.DocumentChanges {
		if s.TextDocument != nil {
			steps = append(steps, "edit "+string(s.TextDocument.URI)+" "+s.Edits[0].NewText)
			continue
		}
		steps = append(steps, strings.TrimSpace(s.Kind+" "+string(s.URI+s.OldURI+" "+s.NewURI)))
	}
	want := "edit file:///m/a.go three; rename file:///m/a.go file:///m/c.go; delete file:///m/b.go; create file:///m/n.go; edit file:///m/n.go new"
	if got := strings.Join(steps, "; "); got != want {
		t.Errorf("steps:\n%s\nwant:\n%s", got, want)
	}
	set.Notes = []change.Note{{Message: "look at it"}}
	annotating := capabilities(true, "create", "rename", "delete")
	annotating.Workspace.WorkspaceEdit.ChangeAnnotationSupport = &struct{}{}
	edit, err = convert.WorkspaceEdit(base, set, annotating, true)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]wire.ChangeAnnotation{
		"unweld.moved": {Label: "move: files that move", NeedsConfirmation: true}, "unweld.removed": {Label: "move: files that go", NeedsConfirmation: true},
		"unweld.new": {Label: "move: new files", NeedsConfirmation: true, Description: "look at it"},
	} {
		if got := edit.ChangeAnnotations[name]; got != want {
			t.Errorf("annotation %s: %+v, want %+v", name, got, want)
		}
	}
	for _, step := range edit.DocumentChanges {
		for _, e := range step.Edits {
			if edit.ChangeAnnotations[e.AnnotationID].Label == "" {
				t.Errorf("an edit has the annotation %q", e.AnnotationID)
			}
		}
	}
	for _, client := range []wire.ClientCapabilities{capabilities(true, "create"), capabilities(false, "create", "rename", "delete")} {
		if edit, err := convert.WorkspaceEdit(base, set, client, false); err == nil {
			t.Errorf("an editor without file operations got %+v", edit)
		}
	}
	base["b.go"] = "edited since"
	var conflict *change.ConflictError
	if _, err := convert.WorkspaceEdit(base, set, capabilities(true, "create", "rename", "delete"), false); !errors.As(err, &conflict) || conflict.Path != "b.go" {
		t.Errorf("deletion of a changed file: %v", err)
	}
}

func TestDiagnostic(t *testing.T) {
	base := files{"a.go": "x\nfunc 𝔘 Größe(int)\n"}
	at := strings.Index(base["a.go"], "Größe")
	for name, span := range map[string]text.Span{
		"with offsets": {File: "a.go", Start: at, End: at + len("Größe"), Line: 2, Col: at - 1},
		"start only":   {File: "a.go", Start: at, End: at, Line: 2, Col: at - 1},
		"line only":    {File: "a.go", Line: 2, Col: at - 1},
	} {
		d, err := convert.Diagnostic(base, component.Problem{Code: "c", Severity: component.Error, Span: span, Message: "m", Hint: "h",
			Related: []component.Related{{Span: text.Span{File: "gone.go", Line: 1, Col: 1}}}})
		want := protocol.Range{Start: protocol.Position{Line: 1, Character: 8}, End: protocol.Position{Line: 1, Character: 13}}
		if err != nil || d.Range != want {
			t.Errorf("%s: %+v, %v, want %+v", name, d.Range, err, want)
		}
		if d.Message != "m\nh" || len(d.RelatedInformation) != 0 {
			t.Errorf("%s: %+v", name, d)
		}
	}
	if _, err := convert.Diagnostic(base, component.Problem{Span: text.Span{File: "gone.go", Line: 1}}); err == nil {
		t.Error("a hazard in a file that is gone became a diagnostic")
	}
}
