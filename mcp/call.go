package mcp

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

// A tool is what a client shows of one.
type tool struct{ name, title, doc string }

// writes reports whether a tool changes files.
func (t tool) writes() bool { return t.name == "apply" || t.name == "undo" }

// add makes a method of s a tool. The schema of its input comes from In.
func add[In any](s *server, p *sdk.Server, t tool, do func(*call, In) (any, error)) {
	closed, destructive := false, t.writes()
	sdk.AddTool(p, &sdk.Tool{Name: t.name, Title: t.title, Description: t.doc, Annotations: &sdk.ToolAnnotations{
		Title: t.title, ReadOnlyHint: !t.writes(), DestructiveHint: &destructive, IdempotentHint: !t.writes(), OpenWorldHint: &closed,
	}}, func(ctx context.Context, req *sdk.CallToolRequest, in In) (*sdk.CallToolResult, any, error) {
		out, err := do(&call{ctx: ctx, req: req, server: s}, in)
		if err != nil {
			return failed(t.name, err), nil, nil
		}
		text, err := compact(out)
		return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: text}}}, out, err
	})
}

// compact is an answer as a model reads it: JSON without the escapes of HTML.
func compact(out any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(out)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// A call is one call of a tool.
type call struct {
	ctx    context.Context
	req    *sdk.CallToolRequest
	server *server
	told   int // how often the client was told of progress
}

// session is the module as it is on the disk now. All calls share what they find out.
func (c *call) session() (*engine.Session, error) {
	s, err := c.server.sessions.Open(c.ctx, filepath.Join(c.server.root, "go.mod"), nil)
	if err != nil {
		return nil, err
	}
	return s.WithProgress(c.progress), nil
}

// progress tells a client that asked for it what is being done.
func (c *call) progress(what string) {
	token := c.req.Params.GetProgressToken()
	if token == nil || what == "" {
		return
	}
	c.told++
	// A client that is gone gets no answer either.
	_ = c.req.Session.NotifyProgress(c.ctx, &sdk.ProgressNotificationParams{ProgressToken: token, Message: what, Progress: float64(c.told)})
}

// inside refuses paths that lead out of the module. The engine writes nowhere else in
// any case; what a client may read of the disk ends there, too.
func inside(object string, values ...string) error {
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			part = filepath.ToSlash(strings.TrimSpace(part))
			if filepath.IsAbs(part) || strings.HasPrefix(part, "/") || strings.HasPrefix(part, "~") || goesUp(part) {
				return &component.UsageError{Object: object, Reason: v + " leads out of the module", Hint: "name it relative to the module: ./pricing, or by its import path"}
			}
		}
	}
	return nil
}

func goesUp(path string) bool {
	for element := range strings.SplitSeq(path, "/") {
		if element == ".." {
			return true
		}
	}
	return false
}
