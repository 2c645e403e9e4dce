package lsp

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/wire"
)

// shownReasons is how many reasons a message has; the log has all.
const shownReasons = 3

// refused tells the user why an action can't be done: each reason with its place and
// the next step. Editors show of a failed request only that it failed, so that it is
// answered with the action as it was, which changes nothing.
func (s *server) refused(project *project, title string, err error) {
	problems, what := reasons(err)
	message := title + ": " + what
	shown := problems[:min(len(problems), shownReasons)]
	for i, p := range shown {
		message += separator(i, len(shown)) + reason(p)
	}
	if more := len(problems) - len(shown); more > 0 {
		message += fmt.Sprintf("; and %d more, which the log has", more)
		s.log(s.ctx, s.conn, protocol.MessageTypeInfo, title+": "+err.Error())
	}
	if hint := component.HintOf(err); hint != "" && len(problems) == 0 {
		message += ". Next: " + hint
	}
	if len(problems) == 0 || !s.hasButtons() {
		s.show(protocol.MessageTypeWarning, message)
		return
	}
	s.running.Go(func() { s.refusedWithButtons(project, message, problems[0]) })
}

// reasons are the problems that an error holds, and what it says if it has none.
func reasons(err error) (problems []component.Problem, what string) {
	if refusal, ok := errors.AsType[*component.Refusal](err); ok {
		return refusal.Problems, "it can't be done on this code"
	}
	if load, ok := errors.AsType[*component.LoadError](err); ok {
		return load.Problems, load.Object + ": " + load.Reason
	}
	if usage, ok := errors.AsType[*component.UsageError](err); ok {
		return usage.Problems, usage.Error()
	}
	return nil, err.Error()
}

func separator(i, n int) string {
	switch {
	case i == 0 && n == 1:
		return ". "
	case i == 0:
		return ". (1) "
	}
	return fmt.Sprintf(" (%d) ", i+1)
}

func reason(p component.Problem) string {
	s := p.AtPlace()
	if p.Hint != "" {
		s += ". Next: " + p.Hint
	}
	if p.Code != "" {
		s += " [" + p.Code + "]"
	}
	return strings.ReplaceAll(s, "\n", " ")
}

const showPlace = "Show place"

func (s *server) refusedWithButtons(project *project, message string, first component.Problem) {
	about := "About " + first.Code
	var buttons []string
	lines, _, err := project.Lines(first.Span.File) // not in $GOROOT, which is no folder
	if err == nil && first.Span.IsValid() && s.client.Load().Window.ShowDocument.Support {
		buttons = append(buttons, showPlace)
	}
	if first.Code != "" && s.client.Load().Window.ShowDocument.Support {
		buttons = append(buttons, about)
	}
	switch s.choose(protocol.MessageTypeWarning, message, buttons...) {
	case showPlace:
		at := convert.Range(lines, first.Span.Start, max(first.Span.Start, first.Span.End))
		s.open(wire.ShowDocument{URI: project.URI(first.Span.File), TakeFocus: true, Selection: &at})
	case about:
		s.open(wire.ShowDocument{URI: protocol.DocumentURI(codes.URL(first.Code)), External: true})
	}
}

// isRefusal reports whether an error is for the user to read. A text that changed
// meanwhile is for the client, too, and so is a request that is wrong or cancelled.
func isRefusal(err error) bool {
	_, conflict := errors.AsType[*change.ConflictError](err)
	_, protocol := errors.AsType[*jsonrpc2.Error](err)
	return !conflict && !protocol
}
