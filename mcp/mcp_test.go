package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

var update = flag.Bool("update", false, "write the golden files")

const patience = 5 * time.Minute // on a busy machine

// shop copies the sample module.
func shop(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "testdata", "modules", "shop"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tree is the content of a folder by path, with what unweld keeps for itself.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := os.ReadFile(file)
		got[file] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// A client is the SDK's, connected to a server in memory.
type client struct {
	*sdk.ClientSession
	t *testing.T
}

func connect(t *testing.T, options Options, progress func(*sdk.ProgressNotificationParams)) *client {
	t.Helper()
	server, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	here, there := sdk.NewInMemoryTransports()
	if _, err := server.Connect(ctx, there, nil); err != nil {
		t.Fatal(err)
	}
	c := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, &sdk.ClientOptions{
		ProgressNotificationHandler: func(_ context.Context, req *sdk.ProgressNotificationClientRequest) {
			if progress != nil {
				progress(req.Params)
			}
		},
	})
	session, err := c.Connect(ctx, here, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { session.Close() })
	return &client{session, t}
}

type object = map[string]any

func (c *client) call(name string, args object) *sdk.CallToolResult {
	c.t.Helper()
	res, err := c.CallTool(c.t.Context(), &sdk.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		c.t.Fatalf("%s: %v", name, err)
	}
	return res
}

// answer is what a tool answers with, decoded into out.
func (c *client) answer(name string, args object, out any) {
	c.t.Helper()
	res := c.call(name, args)
	if res.IsError {
		c.t.Fatalf("%s %v: %s", name, args, said(res))
	}
	decode(c.t, res, out)
}

// refused is the answer of a tool that can't do what is asked.
func (c *client) refused(name string, args object) failure {
	c.t.Helper()
	res := c.call(name, args)
	if !res.IsError {
		c.t.Fatalf("%s %v isn't refused: %s", name, args, said(res))
	}
	var f failure
	decode(c.t, res, &f)
	if !strings.HasPrefix(said(res), f.Reason) {
		c.t.Errorf("%s: text %q and reason %q differ", name, said(res), f.Reason)
	}
	return f
}

func said(res *sdk.CallToolResult) string {
	if len(res.Content) != 1 {
		return ""
	}
	return res.Content[0].(*sdk.TextContent).Text
}

func decode(t *testing.T, res *sdk.CallToolResult, out any) {
	t.Helper()
	encoded, err := json.Marshal(res.StructuredContent)
	if err == nil {
		err = json.Unmarshal(encoded, out)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestTools holds the list of tools, with the schema of each, to a golden file: it is
// part of every prompt, and of unweld's interface.
func TestTools(t *testing.T) {
	c := connect(t, Options{Dir: shop(t), Write: true}, nil)
	res, err := c.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	e := json.NewEncoder(&got)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(res.Tools); err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/tools.json"
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the tools are others than in %s; see go test ./mcp -update:\n%s", golden, got.String())
	}
	compact, err := json.Marshal(res.Tools)
	if err != nil {
		t.Fatal(err)
	}
	const most = 14_000
	if len(compact) > most {
		t.Errorf("the list of tools takes %d bytes of every prompt, more than %d", len(compact), most)
	}
}

// questions are a call of each tool that changes nothing, with what its answer holds.
var questions = []struct {
	tool string
	args object
	want string
}{
	{"components", object{"limit": 2}, `"components":14`},
	{"components", object{"query": "pric"}, `"matching":1`},
	{"explain", object{"a": "web", "b": "pricing"}, `"kind":"call"`},
	{"explain", object{"a": "./web", "part": "couplings"}, `"kinds":`},
	{"explain", object{"a": "web", "part": "cut"}, `"part":"cut"`},
	{"explain", object{"a": "web", "part": "hazards"}, `"name":"no-context"`},
	{"hazards", object{"component": "carts", "severity": "error"}, `"count":7`},
	{"hazards", object{"name": "tx-crosses"}, `"names":{"tx-crosses":3}`},
	{"code", object{"name": "shared-global"}, `"before":`},
	{"preview", object{"units": [][]string{{"pricing"}}}, `"unbound":[{"component":"pricing"`},
	{"preview", object{"units": [][]string{{"pricing"}}, "part": "calls"}, `"endpoint":"pricing.`},
	{"refactorings", nil, `"name":"extract"`},
	{"refactorings", object{"name": "extract"}, `"params":`},
	{"refactor", object{"name": "extract", "target": "./pricing.Engine", "params": object{"name": "pricing"}, "lines": 10}, `"op":"create"`},
}

// TestQuestions calls every tool of a server without --write. None of them changes a byte.
func TestQuestions(t *testing.T) {
	dir := shop(t)
	write(t, filepath.Join(dir, "unweld.yaml"), "version: 1\nrules:\n  layers: [pricing, web]\n")
	before := tree(t, dir)
	c := connect(t, Options{Dir: filepath.Join(dir, "pricing")}, nil)
	called := map[string]bool{"diff": true}
	for _, q := range questions {
		called[q.tool] = true
		res := c.call(q.tool, q.args)
		if res.IsError || !strings.Contains(said(res), q.want) {
			t.Errorf("%s %v: %.600s; want %s in it", q.tool, q.args, said(res), q.want)
		}
	}
	for _, tool := range []string{"bind", "state", "eject", "contract"} {
		called[tool] = true
		if f := c.refused(tool, object{"component": "pricing"}); f.Reason == "" {
			t.Errorf("%s of a component that isn't extracted: %+v", tool, f)
		}
	}
	called["check"] = true
	var checked checkOut
	c.answer("check", nil, &checked)
	if checked.OK || checked.Count == 0 || checked.Violations[0].Pos == "" {
		t.Errorf("check: %+v", checked)
	}
	var change offeredOut
	c.answer("refactor", object{"name": "extract", "target": "./pricing.Engine", "params": object{"name": "pricing"}, "lines": 7}, &change)
	var all strings.Builder
	all.WriteString(change.Diff)
	for next := change.Next; next != ""; {
		var more diffOut
		c.answer("diff", object{"change": change.Change, "cursor": next, "lines": 1000}, &more)
		all.WriteString(more.Diff)
		next = more.Next
	}
	if n := strings.Count(all.String(), "\n"); n != change.Lines || n < 100 || !strings.HasPrefix(all.String(), "--- ") {
		t.Errorf("the diff has %d lines, not %d:\n%.300s", n, change.Lines, all.String())
	}
	wantCalled(c, called)
	if after := tree(t, dir); !maps.Equal(before, after) {
		t.Errorf("files changed: %v", slices.Sorted(maps.Keys(after)))
	}
	for _, tool := range []string{"apply", "undo"} {
		if _, err := c.CallTool(t.Context(), &sdk.CallToolParams{Name: tool, Arguments: object{"change": change.Change}}); err == nil {
			t.Errorf("%s is there without --write", tool)
		}
	}
}

func wantCalled(c *client, called map[string]bool) {
	c.t.Helper()
	res, err := c.ListTools(c.t.Context(), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, tool := range res.Tools {
		if !called[tool.Name] {
			c.t.Errorf("%s isn't tested", tool.Name)
		}
		if !tool.Annotations.ReadOnlyHint {
			c.t.Errorf("%s is said to change something", tool.Name)
		}
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestWrites takes a component out, makes it reachable, and takes both back.
func TestWrites(t *testing.T) {
	dir := shop(t)
	c := connect(t, Options{Dir: dir, Write: true}, nil)
	before := tree(t, dir)
	var extract, bind offeredOut
	c.answer("refactor", object{"name": "extract", "target": "./pricing.Engine", "params": object{"name": "pricing", "keep-signatures": false}}, &extract)
	if f := c.refused("bind", object{"component": "pricing", "to": []string{"unix"}}); f.Reason == "" {
		t.Errorf("bind before extract: %+v", f)
	}
	c.answer("apply", object{"change": extract.Change}, new(appliedOut))
	if f := c.refused("apply", object{"change": extract.Change}); f.Hint == "" {
		t.Errorf("applied twice: %+v", f)
	}
	c.answer("bind", object{"component": "pricing", "to": []string{"unix"}}, &bind)
	var again offeredOut
	c.answer("bind", object{"component": "pricing", "to": []string{"unix"}}, &again)
	if again.Change != bind.Change {
		t.Errorf("the same change has the names %s and %s", bind.Change, again.Change)
	}
	c.answer("apply", object{"change": bind.Change}, new(appliedOut))
	var contract contractOut
	c.answer("contract", object{"component": "pricing", "limit": 1}, &contract)
	if contract.Counts.Methods < 2 || contract.Next == "" {
		t.Errorf("contract: %+v", contract)
	}
	var state, eject offeredOut
	c.answer("state", object{"component": "pricing", "to": []string{"commandlog"}}, &state)
	c.answer("eject", nil, &eject)
	if state.Change == "" || eject.Change == "" {
		t.Errorf("state and eject have nothing to change: %+v %+v", state.Title, eject.Title)
	}
	for range 2 {
		c.answer("undo", nil, new(undoOut))
	}
	if f := c.refused("undo", nil); f.Hint == "" {
		t.Errorf("a third undo: %+v", f)
	}
	after := tree(t, dir)
	maps.DeleteFunc(after, func(name, _ string) bool {
		return strings.Contains(name, string(filepath.Separator)+".unweld"+string(filepath.Separator))
	})
	if !maps.Equal(before, after) {
		t.Errorf("not as before:\n%v\n%v", slices.Sorted(maps.Keys(before)), slices.Sorted(maps.Keys(after)))
	}
}

// TestApplyRefusesOldChanges: a file that changed since isn't overwritten.
func TestApplyRefusesOldChanges(t *testing.T) {
	dir := shop(t)
	c := connect(t, Options{Dir: dir, Write: true}, nil)
	var change offeredOut
	c.answer("refactor", object{"name": "extract", "target": "./pricing.Engine", "params": object{"name": "pricing"}}, &change)
	for _, f := range change.Files {
		if f.Op == "edit" {
			file := filepath.Join(dir, f.Path)
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			write(t, file, string(content)+"\n// mine\n")
			break
		}
	}
	before := tree(t, dir)
	if f := c.refused("apply", object{"change": change.Change}); !strings.Contains(f.Hint, "nothing was written") {
		t.Errorf("apply: %+v", f)
	}
	after := tree(t, dir)
	maps.DeleteFunc(after, func(name, _ string) bool { return before[name] == "" })
	if !maps.Equal(before, after) {
		t.Error("files changed")
	}
}

// TestPages reads a list page by page, and refuses to go on in a list that changed.
func TestPages(t *testing.T) {
	dir := shop(t)
	c := connect(t, Options{Dir: dir}, nil)
	var whole, page hazardsOut
	c.answer("hazards", object{"limit": 500}, &whole)
	var got []hazard
	cursor := ""
	for {
		page = hazardsOut{}
		c.answer("hazards", object{"limit": 20, "cursor": cursor}, &page)
		got = append(got, page.Hazards...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if page.Count != whole.Count || len(whole.Hazards) != whole.Count || !slices.Equal(got, whole.Hazards) {
		t.Errorf("%d hazards in pages, %d in one, %d counted", len(got), len(whole.Hazards), whole.Count)
	}
	page = hazardsOut{}
	c.answer("hazards", object{"limit": 20}, &page)
	file := filepath.Join(dir, "carts", "carts.go")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, "// One line more.\n\n"+string(content))
	for name, args := range map[string]object{
		"module": {"cursor": page.Next}, "query": {"cursor": page.Next, "component": "carts"},
		"cursor": {"cursor": "next"}, "limit": {"limit": 501}, "negative": {"limit": -1},
	} {
		if f := c.refused("hazards", args); f.Reason == "" {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

// TestLongEntries: a page of long entries has fewer of them, unless the client says how many
// it wants.
func TestLongEntries(t *testing.T) {
	items := make([]string, 7)
	for i := range items {
		items[i] = strings.Repeat("x", pageSize/3-10)
	}
	items[3] = strings.Repeat("y", 2*pageSize)
	var lengths []int
	for cursor := ""; ; {
		page, next, err := cut(paged{Cursor: cursor}, items)
		if err != nil {
			t.Fatal(err)
		}
		lengths = append(lengths, len(page))
		if cursor = next; cursor == "" {
			break
		}
	}
	if !slices.Equal(lengths, []int{3, 1, 3}) {
		t.Errorf("the pages have %d entries", lengths)
	}
	if page, next, err := cut(paged{Limit: 7}, items); len(page) != 7 || next != "" || err != nil {
		t.Errorf("seven entries are wanted: %d, %q, %v", len(page), next, err)
	}
}

// TestRefusals: what can't be done is an answer with places and next steps.
func TestRefusals(t *testing.T) {
	dir := shop(t)
	c := connect(t, Options{Dir: dir}, nil)
	f := c.refused("refactor", object{"name": "inject-global", "target": "./pricing.Engine"})
	if f.Reason == "" {
		t.Errorf("inject-global of a type: %+v", f)
	}
	f = c.refused("bind", object{"component": "./carts.Service", "to": []string{"smoke-signals"}})
	if !strings.Contains(f.Reason+f.Hint, "unix") {
		t.Errorf("bind to a binding that doesn't exist: %+v", f)
	}
	f = c.refused("hazards", object{"component": "cart"})
	if f.Hint != "did you mean carts?" {
		t.Errorf("an unknown component: %+v", f)
	}
	f = c.refused("hazards", object{"name": "no-contxt"})
	if f.Hint != "did you mean no-context?" {
		t.Errorf("an unknown code: %+v", f)
	}
	f = c.refused("refactor", object{"name": "extrct", "target": "./pricing.Engine"})
	if f.Hint != "did you mean extract?" {
		t.Errorf("an unknown refactoring: %+v", f)
	}
	f = c.refused("explain", object{"a": "cmd/shop"})
	if f.Hint != "did you mean ./cmd/shop, a package of component app?" {
		t.Errorf("a folder without ./: %+v", f)
	}
	f = c.refused("explain", object{"a": "./cmd/shop", "b": "./app"}) // nothing found would be taken for good news
	if !strings.Contains(f.Reason, "are the same component, app") || f.Hint == "" {
		t.Errorf("two packages of one component: %+v", f)
	}
	for _, tool := range []string{"explain", "contract", "preview"} {
		args := map[string]object{"explain": {"a": "web", "part": "all"}, "contract": {"component": "pricing", "part": "all"}, "preview": {"units": [][]string{{"pricing"}}, "part": "all"}}[tool]
		if f := c.refused(tool, args); f.Reason == "" {
			t.Errorf("%s: %+v", tool, f)
		}
	}
	if res := c.call("code", object{"nam": "no-context"}); !res.IsError {
		t.Errorf("an argument that doesn't exist is taken: %s", said(res))
	}
	write(t, filepath.Join(dir, "carts", "carts.go"), "package carts\n\nfunc F() { undefined() }\n")
	var out componentsOut
	c.answer("components", object{"limit": 1}, &out)
	if out.Unloaded == 0 || len(out.Errors) == 0 || out.Errors[0].Pos == "" {
		t.Errorf("code that doesn't load isn't told: %+v", out)
	}
}

// TestRefusedPlaces: a refusal of the engine has a position and a code for each reason.
func TestRefusedPlaces(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/m\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "m.go"), "package m\n\nvar x int\n\nvar same = &x\n")
	c := connect(t, Options{Dir: dir}, nil)
	f := c.refused("refactor", object{"name": "inject-global", "target": "./.x"})
	if !f.Refused || f.Count != len(f.Problems) || len(f.Problems) == 0 || f.Problems[0].Pos == "" || f.Problems[0].Message == "" {
		t.Errorf("%+v", f)
	}
}

// TestOutside: no path leads out of the module.
func TestOutside(t *testing.T) {
	c := connect(t, Options{Dir: shop(t), Write: true}, nil)
	outside := []string{"../elsewhere", "/etc", "./../x", "./pricing/../../x", "~/x", `..`, "./pricing.Engine,../x.T"}
	for _, path := range outside {
		for tool, args := range map[string]object{
			"refactor": {"name": "extract", "target": path},
			"explain":  {"a": path},
			"contract": {"component": path},
			"bind":     {"component": path},
			"check":    {"patterns": []string{path}},
		} {
			if f := c.refused(tool, args); !strings.Contains(f.Reason, "leads out of the module") {
				t.Errorf("%s %s: %+v", tool, path, f)
			}
		}
		for tool, args := range map[string]object{
			"refactor": {"name": "extract", "target": "./pricing.Engine", "params": object{"to": path}},
			"check":    {"baseline": path},
		} {
			if f := c.refused(tool, args); !strings.Contains(f.Reason, "leads out of the module") {
				t.Errorf("%s %v: %+v", tool, args, f)
			}
		}
	}
	if f := c.refused("check", object{"since": "--output=/tmp/x"}); !strings.Contains(f.Reason, "is no revision") {
		t.Errorf("%+v", f)
	}
}

// TestProgressAndCancel cancels a call after its first sign of life. The server goes on.
func TestProgressAndCancel(t *testing.T) {
	dir := shop(t)
	ctx, cancel := context.WithCancel(t.Context())
	var told []string
	c := connect(t, Options{Dir: dir}, func(p *sdk.ProgressNotificationParams) {
		if p.ProgressToken == "cancelled" {
			cancel()
		} else {
			told = append(told, p.Message)
		}
	})
	params := func(token string) *sdk.CallToolParams {
		p := &sdk.CallToolParams{Name: "refactor", Arguments: object{"name": "extract", "target": "./pricing.Engine", "params": object{"name": "pricing"}}}
		p.SetProgressToken(token)
		return p
	}
	if res, err := c.CallTool(ctx, params("cancelled")); err == nil {
		t.Errorf("a cancelled call answers: %s", said(res))
	}
	res, err := c.CallTool(t.Context(), params("whole"))
	if err != nil || res.IsError {
		t.Fatalf("after a cancelled call: %v %v", err, res)
	}
	if err := c.Ping(t.Context(), nil); err != nil { // what was told before has come by now
		t.Fatal(err)
	}
	if len(told) == 0 {
		t.Error("no progress was told")
	}
}

// TestGarbage ends a server by what isn't the protocol, and by the end of its input.
func TestGarbage(t *testing.T) {
	dir := shop(t)
	for in, want := range map[string]string{
		"":                  "",
		"rubbish\n":         "isn't the Model Context Protocol",
		"{\"jsonrpc\":\n\n": "isn't the Model Context Protocol",
		"\x00\xff\n":        "isn't the Model Context Protocol",
	} {
		var out bytes.Buffer
		err := Serve(t.Context(), io.NopCloser(strings.NewReader(in)), nopCloser{&out}, Options{Dir: dir})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", in, err)
		}
	}
	if err := Serve(t.Context(), io.NopCloser(strings.NewReader("")), nopCloser{io.Discard}, Options{Dir: filepath.Join(dir, "nowhere")}); err == nil {
		t.Error("a folder that isn't there is taken")
	}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
