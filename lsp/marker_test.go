package lsp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/protocol"
	"golang.org/x/tools/txtar"

	"github.com/unweld/unweld/lsp"
	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/lsptest"
	"github.com/unweld/unweld/lsp/wire"
)

// TestMarkers runs the archives of testdata/marker. Each is a module, or several, with
// markers (see lsptest.Marker) of what an editor must show:
//
//	diag(TEXT, CODE, PART OF THE MESSAGE, SEVERITY)
//	hover(TEXT, PART), nohover(TEXT)
//	action(TEXT, TITLE), disabled(TEXT, TITLE, PART OF THE REASON), noaction(TEXT, PART OF A TITLE)
//	lens(TEXT, PART), inlay(TEXT, LABEL behind it), symbol(TEXT, NAME that leads to it)
//	complete(TEXT, LABEL), nocomplete(TEXT, LABEL) at the end of the text
//	def(TEXT, FILE:LINE), link(TEXT, FILE)
//	fix(TEXT, PART OF THE TITLE of an action that takes diagnostics away)
//
// What no marker expects is an error: a diagnostic, and a message. A file -- settings --
// holds initializationOptions, -- folders -- the workspace folders, a line each, -- open --
// the files that are opened in place of all Go files, -- messages -- a part of each
// message, -- encoding -- what the client counts columns in, as it would like, and -- edit FILE -- what is typed over a file once all is quiet; the
// markers are then those of the new text.
func TestMarkers(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join("testdata", "marker", "*.txtar"))
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, file := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			must(t, err)
			newMarked(t, archive).run(t)
		})
	}
}

// A marked is one archive, written to a folder.
type marked struct {
	dir      string
	files    map[string][]byte // by their names in the archive
	edits    map[string][]byte
	folders  []string
	open     []string
	settings string
	messages []string
	encoding []string // those that the client offers
}

func newMarked(t *testing.T, archive *txtar.Archive) *marked {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	must(t, err)
	m := &marked{dir: dir, files: map[string][]byte{}, edits: map[string][]byte{}, settings: "null"}
	lines := func(data []byte) []string {
		return strings.FieldsFunc(string(data), func(r rune) bool { return r == '\n' })
	}
	explicit := false
	for _, f := range archive.Files {
		switch edited, isEdit := strings.CutPrefix(f.Name, "edit "); {
		case f.Name == "settings":
			m.settings = string(f.Data)
		case f.Name == "folders":
			m.folders = lines(f.Data)
		case f.Name == "open":
			m.open, explicit = lines(f.Data), true
		case f.Name == "encoding":
			m.encoding = lines(f.Data)
		case f.Name == "messages":
			m.messages = lines(f.Data)
		case isEdit:
			m.edits[edited] = f.Data
		default:
			m.files[f.Name] = f.Data
			must(t, os.MkdirAll(filepath.Dir(m.path(f.Name)), 0o777))
			write(t, m.path(f.Name), string(f.Data))
		}
	}
	for name := range m.files {
		if !explicit && (filepath.Ext(name) == ".go" || filepath.Base(name) == "unweld.yaml") {
			m.open = append(m.open, name)
		}
	}
	slices.Sort(m.open)
	return m
}

func (m *marked) path(name string) string { return filepath.Join(m.dir, filepath.FromSlash(name)) }

func (m *marked) run(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	e := m.start(t)
	for _, name := range m.open {
		if _, there := m.files[name]; !there {
			must(t, e.OpenText(ctx, m.path(name), m.edits[name])) // a buffer without a file
			continue
		}
		must(t, e.Open(ctx, m.path(name)))
	}
	m.holds(t, e)
	if len(m.edits) > 0 {
		for name, content := range m.edits {
			if old := e.Buffer(m.path(name)); old != string(content) {
				must(t, e.Replace(ctx, m.path(name), old, string(content)))
			}
			m.files[name] = content
		}
		m.holds(t, e)
	}
	said := e.Messages()
	for i, s := range said {
		if i >= len(m.messages) || !strings.Contains(s, m.messages[i]) {
			t.Errorf("nobody expects: %s", s)
		}
	}
	if len(said) < len(m.messages) {
		t.Errorf("no message has %q", m.messages[len(said):])
	}
}

// start runs a server whose client has folders open.
func (m *marked) start(t *testing.T) *lsptest.Editor {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	e := lsptest.Start(ctx, lsp.Serve)
	t.Cleanup(func() {
		defer cancel()
		if err := e.Conn.Call(ctx, "shutdown", nil, nil); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		e.Conn.Notify(ctx, "exit", nil)
		if err := <-e.Done; err != nil {
			t.Errorf("the server ended with: %v", err)
		}
	})
	folders := []wire.Folder{}
	for _, f := range m.folders {
		folders = append(folders, wire.Folder{URI: string(convert.URI(m.path(f)))})
	}
	params, err := json.Marshal(map[string]any{"processId": nil, "workspaceFolders": folders, "capabilities": m.capabilities(t),
		"initializationOptions": json.RawMessage(m.settings)})
	must(t, err)
	_, err = e.InitializeWith(ctx, string(params))
	must(t, err)
	if want := m.encoding; len(want) > 0 && e.Encoding != want[0] {
		t.Errorf("the server counts in %q, want %q", e.Encoding, want[0])
	}
	return e
}

// capabilities are those of the client.
func (m *marked) capabilities(t *testing.T) map[string]any {
	t.Helper()
	var all map[string]any
	must(t, json.Unmarshal([]byte(greying), &all))
	if len(m.encoding) > 0 {
		all["general"] = map[string]any{"positionEncodings": m.encoding}
	}
	return all
}

// holds waits until the editor shows what the markers want, and nothing else.
func (m *marked) holds(t *testing.T, e *lsptest.Editor) {
	t.Helper()
	var markers []lsptest.Marker
	for name, content := range m.files {
		ms, err := e.Markers(name, content)
		must(t, err)
		markers = append(markers, ms...)
	}
	for _, name := range m.open {
		must(t, e.AwaitVersion(m.path(name), patience))
	}
	unmatched := m.unmatched(markers, e)
	for end := time.Now().Add(5 * time.Second); len(unmatched) > 0 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		unmatched = m.unmatched(markers, e)
	}
	time.Sleep(200 * time.Millisecond) // if more were to come, it would be there
	for _, u := range m.unmatched(markers, e) {
		t.Error(u)
	}
	for _, mark := range markers {
		if err := m.check(t.Context(), e, mark); err != nil {
			t.Errorf("%s: %v", mark, err)
		}
	}
}

func (m *marked) unmatched(markers []lsptest.Marker, e *lsptest.Editor) []string {
	shown := map[string][]protocol.Diagnostic{}
	for path, ds := range e.Diagnostics() {
		name := path
		if rel, err := filepath.Rel(m.dir, path); err == nil && filepath.IsLocal(rel) {
			name = filepath.ToSlash(rel)
		}
		shown[name] = ds
	}
	return lsptest.Unmatched(markers, shown)
}

// check holds the server to a marker that asks for something.
func (m *marked) check(ctx context.Context, e *lsptest.Editor, mark lsptest.Marker) error {
	path := m.path(mark.File)
	switch mark.Name {
	case "diag":
		return nil
	case "hover", "nohover":
		hover, err := e.HoverAt(ctx, path, mark.At.Start)
		switch {
		case err != nil:
			return err
		case mark.Name == "nohover" && hover != nil:
			return errors.New("there is a hover: " + hover.Contents.Value)
		case mark.Name == "hover" && (hover == nil || !strings.Contains(hover.Contents.Value, mark.Args[1])):
			return errors.New("the hover is " + textOf(hover))
		}
		return nil
	case "callers", "callees", "nocalls":
		return m.calls(ctx, e, path, mark)
	case "lens", "inlay", "symbol", "complete", "nocomplete", "def", "link":
		return m.asks(ctx, e, path, mark)
	case "action", "disabled", "noaction", "fix":
		actions, err := e.ActionsAt(ctx, path, mark.At)
		if err != nil {
			return err
		}
		var all []string
		for _, a := range actions {
			if fix := a.Kind == "quickfix" && len(a.Diagnostics) > 0; fix != (mark.Name == "fix") && mark.Name != "noaction" {
				continue
			}
			if disabled := a.Disabled != nil; strings.Contains(a.Title, mark.Args[1]) && disabled == (mark.Name == "disabled") &&
				(!disabled || strings.Contains(a.Disabled.Reason, mark.Args[2])) {
				if mark.Name == "noaction" {
					return errors.New("there is: " + a.Title)
				}
				return nil
			}
			all = append(all, a.Title)
		}
		if mark.Name == "noaction" {
			return nil
		}
		return errors.New("there are only: " + strings.Join(all, "; "))
	}
	return errors.New("no such marker")
}

// asks holds the server to what a request lists: one of it must be what the marker says.
func (m *marked) asks(ctx context.Context, e *lsptest.Editor, path string, mark lsptest.Marker) error {
	doc := map[string]any{"uri": convert.URI(path)}
	var all []string
	list := func(method string, params map[string]any, result any, each func()) error {
		params["textDocument"] = doc
		err := e.Conn.Call(ctx, method, params, result)
		if err == nil {
			each()
		}
		return err
	}
	add := func(at protocol.Range, what string) {
		if at.Start == mark.At.Start || mark.Name == "inlay" && at.Start == mark.At.End {
			all = append(all, what)
		}
	}
	var err error
	switch mark.Name {
	case "lens":
		var lenses []protocol.CodeLens
		err = list("textDocument/codeLens", map[string]any{}, &lenses, func() {
			for _, l := range lenses {
				add(l.Range, l.Command.Title)
			}
		})
	case "inlay":
		var hints []wire.InlayHint
		err = list("textDocument/inlayHint", map[string]any{"range": protocol.Range{End: protocol.Position{Line: 10000}}}, &hints, func() {
			for _, h := range hints {
				add(protocol.Range{Start: h.Position}, h.Label)
			}
		})
	case "symbol":
		var symbols []protocol.SymbolInformation
		err = list("workspace/symbol", map[string]any{"query": mark.Args[1]}, &symbols, func() {
			for _, s := range symbols {
				if s.Location.URI == convert.URI(path) {
					add(s.Location.Range, s.Name)
				}
			}
		})
	case "complete", "nocomplete":
		var items protocol.CompletionList
		err = list("textDocument/completion", map[string]any{"position": mark.At.End}, &items, func() {
			for _, i := range items.Items {
				all = append(all, i.Label)
			}
		})
		if there := slices.Contains(all, mark.Args[1]); err == nil && there == (mark.Name == "complete") {
			return nil
		}
	case "def":
		var locations []protocol.Location
		err = list("textDocument/definition", map[string]any{"position": mark.At.Start}, &locations, func() {
			for _, l := range locations {
				to, _ := convert.Path(l.URI)
				rel, _ := filepath.Rel(m.dir, to)
				all = append(all, fmt.Sprintf("%s:%d", filepath.ToSlash(rel), l.Range.Start.Line+1))
			}
		})
	case "link":
		var links []protocol.DocumentLink
		err = list("textDocument/documentLink", map[string]any{}, &links, func() {
			for _, l := range links {
				to, _ := convert.Path(l.Target)
				rel, _ := filepath.Rel(m.dir, to)
				add(l.Range, filepath.ToSlash(rel))
			}
		})
	}
	if err != nil {
		return err
	}
	if mark.Name != "nocomplete" && slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, mark.Args[1]) }) {
		return nil
	}
	return errors.New("there is only: " + strings.Join(all, "; "))
}

// calls holds the server to the calls across components of what stands at a marker: in a line each, what is at
// the other end, its place, and the lines of the calls.
func (m *marked) calls(ctx context.Context, e *lsptest.Editor, path string, mark lsptest.Marker) error {
	var items []protocol.CallHierarchyItem
	err := e.Conn.Call(ctx, "textDocument/prepareCallHierarchy", map[string]any{"textDocument": map[string]any{"uri": convert.URI(path)}, "position": mark.At.Start}, &items)
	switch {
	case err != nil:
		return err
	case mark.Name == "nocalls" && len(items) > 0:
		return errors.New("there is " + items[0].Name)
	case mark.Name == "nocalls":
		return nil
	case len(items) != 1:
		return fmt.Errorf("there are %d items", len(items))
	}
	place := func(uri protocol.DocumentURI, r protocol.Range) string {
		to, _ := convert.Path(uri)
		rel, _ := filepath.Rel(m.dir, to)
		return fmt.Sprintf("%s:%d", filepath.ToSlash(rel), r.Start.Line+1)
	}
	all := []string{items[0].Name + ", " + items[0].Detail}
	add := func(item protocol.CallHierarchyItem, ranges []protocol.Range) {
		line := item.Name + ", " + item.Detail + ", " + place(item.URI, item.SelectionRange) + ", at"
		for _, r := range ranges {
			line += fmt.Sprintf(" %d", r.Start.Line+1)
		}
		all = append(all, line)
	}
	if mark.Name == "callers" {
		var in []protocol.CallHierarchyIncomingCall
		err = e.Conn.Call(ctx, "callHierarchy/incomingCalls", map[string]any{"item": items[0]}, &in)
		for _, c := range in {
			add(c.From, c.FromRanges)
		}
	} else {
		var out []protocol.CallHierarchyOutgoingCall
		err = e.Conn.Call(ctx, "callHierarchy/outgoingCalls", map[string]any{"item": items[0]}, &out)
		for _, c := range out {
			add(c.To, c.FromRanges)
		}
	}
	if err == nil && !slices.Equal(all, mark.Args[1:]) {
		err = fmt.Errorf("there is %q", all)
	}
	return err
}

func textOf(hover *protocol.Hover) string {
	if hover == nil {
		return "null"
	}
	return hover.Contents.Value
}
