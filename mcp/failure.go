package mcp

import (
	"context"
	"errors"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/unweld/unweld/internal/component"
)

// A failure is the answer of a tool that could not do what was asked.
type failure struct {
	Reason string `json:"reason"`
	// Refused: the code, as it is, doesn't allow it. Otherwise the call was wrong, or
	// the code could not be loaded.
	Refused  bool      `json:"refused"`
	Hint     string    `json:"hint,omitempty"` // the next step
	Count    int       `json:"count"`          // of problems
	Problems []problem `json:"problems"`       // the first of them
}

// A problem is one place, or one cause, of a failure.
type problem struct {
	Name     string             `json:"name,omitempty"` // its code: see the tool code
	Severity component.Severity `json:"severity,omitempty"`
	Pos      string             `json:"pos,omitempty"`
	Message  string             `json:"message"`
	Hint     string             `json:"hint,omitempty"`
}

// mostProblems is how many problems an answer lists.
const mostProblems = 50

func problems(ps []component.Problem) []problem {
	out := []problem{}
	for _, p := range ps[:min(len(ps), mostProblems)] {
		out = append(out, problem{p.Code, p.Severity, p.Span.String(), p.Message, p.Hint})
	}
	return out
}

func failed(name string, err error) *sdk.CallToolResult {
	f := failure{Reason: err.Error(), Hint: component.HintOf(err), Problems: []problem{}}
	var all []component.Problem
	if r, ok := errors.AsType[*component.Refusal](err); ok {
		f.Refused, f.Reason, all = true, r.What+": refused", r.Problems
	} else if l, ok := errors.AsType[*component.LoadError](err); ok {
		f.Reason, all = l.Object+": "+l.Reason, l.Problems
	} else if u, ok := errors.AsType[*component.UsageError](err); ok {
		all = u.Problems
	} else if errors.Is(err, context.Canceled) {
		f.Reason = name + ": interrupted: nothing is left half-written"
	}
	f.Count, f.Problems = len(all), problems(all)
	return &sdk.CallToolResult{IsError: true, StructuredContent: f, Content: []sdk.Content{&sdk.TextContent{Text: f.text()}}}
}

// text is the failure as the command line prints it.
func (f failure) text() string {
	var b strings.Builder
	b.WriteString(f.Reason)
	for _, p := range f.Problems {
		if strings.Contains(f.Reason, p.Message) {
			continue // the only mistake in a file
		}
		b.WriteString("\n  ")
		if p.Pos != "" {
			b.WriteString(p.Pos + ": ")
		}
		if p.Name != "" {
			b.WriteString(p.Name + ": ")
		}
		b.WriteString(p.Message)
		if p.Hint != "" {
			b.WriteString(" (" + p.Hint + ")")
		}
	}
	if left := f.Count - len(f.Problems); left > 0 {
		b.WriteString("\n  and " + plural(left, "more problem", "more problems"))
	}
	if f.Hint != "" {
		b.WriteString("\nhint: " + f.Hint)
	}
	return b.String()
}
