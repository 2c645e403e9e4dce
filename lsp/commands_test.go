package lsp_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/lsptest"
)

// applying are the capabilities of an editor that lets servers change files, shows
// documents, and knows this server.
const applying = `{"workspace":{"applyEdit":true,"workspaceEdit":{"documentChanges":true,"resourceOperations":["create","rename","delete"]}},
	"window":{"showDocument":{"support":true}},"experimental":{"unweld":{"changed":true}}}`

// execute has a command executed with one argument.
func execute(ctx context.Context, e *lsptest.Editor, command string, argument map[string]any, result any) error {
	return e.Conn.Call(ctx, "workspace/executeCommand", protocol.ExecuteCommandParams{Command: command, Arguments: []any{argument}}, result)
}

// A placedThing is what clients read of anything that is somewhere.
type placedThing struct {
	Name     string             `json:"name"`
	From, To string             `json:"-"`
	Pos      string             `json:"pos"`
	Unit     string             `json:"unit"`
	Crosses  bool               `json:"crosses"`
	Location *protocol.Location `json:"location"`
}

// TestComponents asks for what clients show beside the code, and holds the places to the
// text.
func TestComponents(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	apart(t, dir)
	file := filepath.Join(dir, "carts", "carts.go")
	e := start(t, applying)
	must(t, e.Open(ctx, file))
	must(t, e.AwaitMessage(patience, "unweld/changed"))
	uri := map[string]any{"uri": convert.URI(file)}

	var list struct {
		Root, Module, Split string
		Configured          bool
		Splits              []string
		Components          []struct {
			placedThing
			Endpoints []placedThing
		}
		Couplings []struct {
			From, To   string
			References int
			Evidence   []placedThing
		}
		Hazards []placedThing
	}
	must(t, e.Conn.Call(ctx, "unweld/components", uri, &list))
	if list.Module != "example.com/shop" || !list.Configured || list.Split == "" || len(list.Splits) == 0 || list.Root != string(convert.URI(dir)) {
		t.Errorf("the list is of %+v", list)
	}
	endpoints, references, crossing := 0, 0, 0
	for _, c := range list.Components {
		if c.Location == nil || c.Unit == "" {
			t.Errorf("component %s: %+v", c.Name, c)
		}
		for _, ep := range c.Endpoints {
			endpoints++
			short := ep.Name[strings.LastIndexByte(ep.Name, '.')+1:]
			if ep.Location == nil || !strings.HasPrefix(textAt(t, *ep.Location), short) {
				t.Errorf("endpoint %s is not at %+v", ep.Name, ep.Location)
			}
		}
	}
	for _, c := range list.Couplings {
		references += c.References
		for _, ev := range c.Evidence {
			if ev.Location == nil {
				t.Errorf("a reference of %s to %s at %s has no place", c.From, c.To, ev.Pos)
			}
		}
	}
	for _, h := range list.Hazards {
		if h.Crosses {
			crossing++
		}
	}
	if endpoints == 0 || references == 0 || crossing == 0 {
		t.Errorf("%d endpoints, %d references, %d hazards that cross", endpoints, references, crossing)
	}

	showsGraph(t, e, uri, len(list.Components))
	previewsSplit(t, e, file, list.Split)
}

// showsGraph asks for the graph, which has so many components.
func showsGraph(t *testing.T, e *lsptest.Editor, uri map[string]any, components int) {
	t.Helper()
	ctx := t.Context()
	var g struct {
		Nodes []placedThing
		Edges []struct {
			From, To string
			Crosses  bool
		}
		Order []string
	}
	must(t, e.Conn.Call(ctx, "unweld/graph", uri, &g))
	if len(g.Nodes) != components || len(g.Order) != len(g.Nodes) || len(g.Edges) == 0 {
		t.Errorf("the graph is %+v", g)
	}

	if err := e.Conn.Call(ctx, "unweld/graph", map[string]any{"uri": "file:///nowhere/x.go"}, &g); err == nil || !strings.Contains(err.Error(), "isn't in a module") {
		t.Errorf("outside of the workspace: %v", err)
	}
}

// previewsSplit asks what the chosen split costs, and one that isn't there.
func previewsSplit(t *testing.T, e *lsptest.Editor, file, chosen string) {
	t.Helper()
	ctx := t.Context()
	var p struct {
		Root, Split string
		Units       []struct{ Name string }
		Entries     []struct {
			placedThing
			Calls []placedThing
		}
	}
	must(t, e.Conn.Call(ctx, "unweld/split", map[string]any{"uri": convert.URI(file)}, &p))
	if p.Split != chosen || len(p.Units) < 2 || len(p.Entries) == 0 || p.Entries[0].Location == nil {
		t.Errorf("the preview is %+v", p)
	}
	if err := e.Conn.Call(ctx, "unweld/split", map[string]any{"uri": convert.URI(file), "split": "gone"}, &p); err == nil || !strings.Contains(err.Error(), "no such split") {
		t.Errorf("a split that isn't there: %v", err)
	}
}

// textAt is what stands at a place on the disk, to the end of the line.
func textAt(t *testing.T, at protocol.Location) string {
	t.Helper()
	path, _ := convert.Path(at.URI)
	content, err := os.ReadFile(path)
	must(t, err)
	line := strings.Split(string(content), "\n")[at.Range.Start.Line]
	return line[at.Range.Start.Character:]
}

// TestCommands executes what needs no code action, in one module after the other state.
func TestCommands(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	file, config := filepath.Join(dir, "carts", "carts.go"), filepath.Join(dir, "unweld.yaml")
	e := start(t, applying)
	must(t, e.Open(ctx, file))
	must(t, e.AwaitVersion(file, patience))
	at := func(more map[string]any) map[string]any {
		out := map[string]any{"uri": convert.URI(file)}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	save := func() {
		t.Helper()
		for path, content := range e.Buffers() {
			write(t, path, string(content))
		}
		must(t, e.Conn.Notify(ctx, "workspace/didChangeWatchedFiles", map[string]any{"changes": []any{}}))
	}

	var done struct{ Files []struct{ URI, Op string } }
	must(t, execute(ctx, e, "unweld.addComponent", at(map[string]any{"name": "pricing"}), &done))
	if len(done.Files) != 1 || done.Files[0].URI != string(convert.URI(config)) || !strings.Contains(e.Buffer(config), "pricing: {packages: [./pricing/...]}") {
		t.Fatalf("%+v:\n%s", done, e.Buffer(config))
	}
	save()
	must(t, execute(ctx, e, "unweld.addComponent", at(map[string]any{"name": "carts"}), &done))
	if !strings.Contains(e.Buffer(config), "carts: {packages:") {
		t.Errorf("%s", e.Buffer(config))
	}
	save()
	must(t, execute(ctx, e, "unweld.addComponent", at(map[string]any{"name": "carts"}), nil))
	must(t, e.AwaitMessage(patience, "window/showMessage"))
	if told := strings.Join(e.Messages(), "\n"); !strings.Contains(told, "is in unweld.yaml already") {
		t.Errorf("the user was told %s", told)
	}

	var pg struct{ Title, Markdown string }
	must(t, execute(ctx, e, "unweld.preview", at(map[string]any{"units": [][]string{{"pricing"}}, "show": true}), &pg))
	if !strings.Contains(pg.Markdown, "| pricing | pricing |") || !strings.Contains(strings.Join(e.Requests(), "\n"), "window/showDocument") {
		t.Errorf("the preview is %q: %s", pg.Title, pg.Markdown)
	}
	must(t, execute(ctx, e, "unweld.explain", at(map[string]any{"code": "no-context"}), &pg))
	if pg.Title != "no-context" || len(pg.Markdown) < 100 {
		t.Errorf("the page is %+v", pg)
	}
	must(t, execute(ctx, e, "unweld.explain", at(map[string]any{"component": "carts", "other": "pricing"}), &pg))
	if !strings.Contains(pg.Markdown, "carts uses pricing") {
		t.Errorf("the page is %+v", pg)
	}
	var undone struct{ Title string }
	must(t, execute(ctx, e, "unweld.undo", at(nil), &undone))
	content, err := os.ReadFile(config)
	must(t, err)
	if !strings.Contains(undone.Title, "add component carts") || strings.Contains(string(content), "carts:") {
		t.Errorf("undone: %q:\n%s", undone.Title, content)
	}
	if err := execute(ctx, e, "unweld.chooseSplit", at(map[string]any{"split": "gone"}), nil); err == nil || !strings.Contains(err.Error(), "no split gone") {
		t.Errorf("a split that isn't there was chosen: %v", err)
	}
	if err := e.Conn.Call(ctx, "workspace/executeCommand", map[string]any{"command": "unweld.nothing"}, nil); err == nil {
		t.Error("a command that isn't there was executed")
	}
}

// TestChooseSplit chooses the split whose hazards are shown.
func TestChooseSplit(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	apart(t, dir)
	config, err := os.ReadFile(filepath.Join(dir, "unweld.yaml"))
	must(t, err)
	without, _, _ := strings.Cut(string(config), "editor:")
	write(t, filepath.Join(dir, "unweld.yaml"), without)
	file := filepath.Join(dir, "carts", "carts.go")
	e := start(t, applying)
	must(t, e.Open(ctx, file))
	must(t, e.AwaitVersion(file, patience))
	if ds := e.Diagnostics()[file]; len(ds) > 0 {
		t.Errorf("no split is chosen: %+v", ds)
	}
	var list struct{ Splits []string }
	must(t, e.Conn.Call(ctx, "unweld/components", map[string]any{}, &list))
	if len(list.Splits) == 0 {
		t.Fatal("there are no splits")
	}
	var chosen struct{ Split string }
	for _, name := range list.Splits { // each that is listed can be chosen, though nothing is bound
		must(t, execute(ctx, e, "unweld.chooseSplit", map[string]any{"split": name}, &chosen))
		var now struct{ Split, Problem string }
		must(t, e.Conn.Call(ctx, "unweld/components", map[string]any{}, &now))
		if now.Split != name || now.Problem != "" {
			t.Errorf("split %s was chosen: %+v", name, now)
		}
	}
	e.Choose(list.Splits[0])
	must(t, execute(ctx, e, "unweld.chooseSplit", map[string]any{}, &chosen))
	if chosen.Split != list.Splits[0] {
		t.Errorf("chosen is %+v", chosen)
	}
	_, err = e.Await(file, patience, has("no-context", "Drop takes no context"))
	must(t, err)
	e.Choose("none")
	must(t, execute(ctx, e, "unweld.chooseSplit", map[string]any{}, &chosen))
	_, err = e.Await(file, patience, func(ds []protocol.Diagnostic) bool { return len(ds) == 0 })
	must(t, err)
}

// TestCommandsCreate: an editor that makes new files itself is given them with their
// content, whatever command makes them, and is never asked to make an empty one.
func TestCommandsCreate(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	file := filepath.Join(dir, "money", "money.go") // which no command changes
	e := start(t, strings.Replace(applying, `"changed":true`, `"changed":true,"creates":true,"confirms":true`, 1))
	must(t, e.Open(ctx, file))
	must(t, e.AwaitVersion(file, patience))
	for _, c := range []struct {
		command  string
		argument map[string]any
		created  string
	}{
		{"unweld.init", map[string]any{}, "unweld.yaml"},
		{"unweld.baseline", map[string]any{}, "unweld.baseline.json"},
		{"unweld.refactor", map[string]any{"name": "extract", "target": "./pricing.Engine", "params": map[string]string{"name": "pricing"}}, "pricing/service.go"},
		{"unweld.bind", map[string]any{"component": "./pricing.Service", "to": []string{"unix"}}, "unweld.lock"},
		{"unweld.state", map[string]any{"component": "pricing", "to": []string{"commandlog"}}, ""},
	} {
		c.argument["uri"] = convert.URI(file)
		before := len(e.Requests())
		var done struct{ Files []struct{ URI, Op string } }
		must(t, execute(ctx, e, c.command, c.argument, &done))
		made := e.Buffer(filepath.Join(dir, filepath.FromSlash(c.created)))
		if len(done.Files) == 0 || c.created != "" && made == "" {
			t.Fatalf("%s made %+v, and of %s %q; the user was told %q", c.command, done, c.created, made, e.Messages())
		}
		for _, asked := range e.Requests()[before:] {
			if strings.Contains(asked, "applyEdit") && (!strings.HasPrefix(asked, "unweld/applyEdit") || strings.Contains(asked, `"kind":"create"`)) {
				t.Errorf("%s: the editor was asked for %.300s", c.command, asked)
			}
		}
		for path, content := range e.Buffers() {
			must(t, os.MkdirAll(filepath.Dir(path), 0o777))
			write(t, path, string(content))
		}
		must(t, e.Conn.Notify(ctx, "workspace/didChangeWatchedFiles", map[string]any{"changes": []any{}}))
	}
	vet := exec.CommandContext(ctx, "go", "vet", "./...")
	vet.Dir = dir
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("what was made doesn't build: %v\n%s", err, out)
	}
}

// TestFormRequest asks for a form, fills it in wrongly, and has each parameter of each
// refactoring in the catalogue.
func TestFormRequest(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	file := filepath.Join(dir, "carts", "carts.go")
	e := start(t, applying)
	must(t, e.Open(ctx, file))
	var f engine.Form
	must(t, e.Conn.Call(ctx, "unweld/form", map[string]any{"uri": convert.URI(file), "refactoring": "extract",
		"request": map[string]any{"target": "./pricing.Engine", "params": map[string]string{"max-files": "many"}}}, &f))
	by := map[string]engine.Field{}
	for _, p := range f.Params {
		by[p.Name] = p
	}
	if by["name"].Value != "pricing" || by["name"].Problem != "" || by["max-files"].Problem == "" || by["context"].Value != "background" || len(by["context"].Values) == 0 {
		t.Errorf("the form is %+v", f)
	}
	if err := e.Conn.Call(ctx, "unweld/form", map[string]any{"uri": convert.URI(file), "refactoring": "extrcat"}, &f); err == nil || !strings.Contains(err.Error(), "no such refactoring") {
		t.Errorf("a refactoring that isn't there: %v", err)
	}
	var all struct {
		Refactorings     []engine.Refactoring
		Bindings, Stores []engine.Means
	}
	must(t, e.Conn.Call(ctx, "unweld/catalogue", map[string]any{}, &all))
	if len(all.Refactorings) != len(engine.Refactorings()) || len(all.Bindings) == 0 || len(all.Stores) == 0 {
		t.Errorf("the catalogue has %d refactorings, %v, %v", len(all.Refactorings), all.Bindings, all.Stores)
	}
	for _, r := range all.Refactorings {
		for _, p := range r.Params {
			if p.Doc == "" || p.Type == "" {
				t.Errorf("%s: a parameter nobody can fill in: %+v", r.Name, p)
			}
		}
	}
}
