package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// program is this test program, which is unweld where it is called so.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "unweld")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	return exec.CommandContext(t.Context(), link, args...)
}

// TestMCP starts the program as a coding agent does, and asks it through the client of
// the protocol's SDK.
func TestMCP(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"unweld.yaml": "version: 1\ncomponents:\n  a: {packages: [./a]}\n  b: {packages: [./b]}\n",
		"go.mod":      "module example.com/m\n\ngo 1.26\n", "a/a.go": "package a\n\nfunc F() {}\n", "b/b.go": "package b\n\nimport \"example.com/m/a\"\n\nfunc G() { a.F() }\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, write := range []bool{false, true} {
		cmd := program(t, "-C", dir, "mcp")
		if write {
			cmd.Args = append(cmd.Args, "--write")
		}
		cmd.Stderr = os.Stderr
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		session, err := sdk.NewClient(&sdk.Implementation{Name: "test"}, nil).Connect(ctx, &sdk.CommandTransport{Command: cmd}, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := session.CallTool(ctx, &sdk.CallToolParams{Name: "explain", Arguments: map[string]any{"a": "b"}})
		if err != nil || res.IsError || !strings.Contains(res.Content[0].(*sdk.TextContent).Text, `"pos":"b/b.go:5:14"`) {
			t.Errorf("explain: %v %+v", err, res)
		}
		tools, err := session.ListTools(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, tool := range tools.Tools {
			names[tool.Name] = true
		}
		if names["apply"] != write || names["undo"] != write || !names["refactor"] {
			t.Errorf("--write=%t: the tools are %v", write, names)
		}
		if err := session.Close(); err != nil {
			t.Errorf("the server ends with %v", err)
		}
	}
}
