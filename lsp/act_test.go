package lsp_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"go.lsp.dev/protocol"
)

// TestAct: an editor that can't resolve an action gets a command in its place, which has it
// carry out the edit, unless the file was edited since.
func TestAct(t *testing.T) {
	ctx, dir := t.Context(), shop(t)
	file := filepath.Join(dir, "pricing", "pricing.go")
	e := start(t, applying)
	must(t, e.Open(ctx, file))
	action := extractAction(t, e, file)
	if action.Command == nil || action.Command.Command != "unweld.act" || len(action.Data) > 0 {
		t.Fatalf("the action is %+v", action)
	}
	params := protocol.ExecuteCommandParams{Command: action.Command.Command, Arguments: action.Command.Arguments}
	must(t, e.Replace(ctx, file, "package pricing", "package pricing "))
	var answer json.RawMessage
	if err := e.Conn.Call(ctx, "workspace/executeCommand", params, &answer); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("after an edit: %s, %v", answer, err)
	}
	params.Arguments = extractAction(t, e, file).Command.Arguments
	must(t, e.Conn.Call(ctx, "workspace/executeCommand", params, &answer))
	if text := e.Buffer(filepath.Join(dir, "pricing", "service.go")); !strings.Contains(text, "type Service interface") || !strings.Contains(string(answer), `"title":"extract pricing"`) {
		t.Errorf("the answer is %s, and the new file is:\n%s", answer, text)
	}
}
