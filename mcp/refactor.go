package mcp

import (
	"fmt"
	"strings"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

type refactoringsIn struct {
	Name string `json:"name,omitempty" jsonschema:"everything on this one; a list of all if empty"`
}

// oneRefactoring is a refactoring in the list of all.
type oneRefactoring struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Summary string `json:"summary"`
}

type refactoringsOut struct {
	Count        int              `json:"count"`
	Refactorings []oneRefactoring `json:"refactorings"`
}

func (s *server) refactorings(_ *call, in refactoringsIn) (any, error) {
	all := engine.Refactorings()
	out := refactoringsOut{Count: len(all)}
	var names []string
	for _, r := range all {
		if r.Name == in.Name {
			return r, nil
		}
		names = append(names, r.Name)
		summary, _, _ := strings.Cut(r.Doc, "\n")
		out.Refactorings = append(out.Refactorings, oneRefactoring{r.Name, r.Title, summary})
	}
	if in.Name == "" {
		return out, nil
	}
	hint := "there are: " + strings.Join(names, ", ")
	if near := split.Nearest(in.Name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return nil, &component.UsageError{Object: in.Name, Reason: "no such refactoring", Hint: hint}
}

type refactorIn struct {
	Name   string         `json:"name" jsonschema:"of the refactoring, for example extract"`
	Target string         `json:"target" jsonschema:"what it works on: ./pricing, ./pricing.Engine, ./pricing.Engine.Quote; several separated by commas where refactorings says so"`
	Params map[string]any `json:"params,omitempty" jsonschema:"its parameters by name; lists as arrays or separated by commas"`
	lines
}

func (s *server) refactor(c *call, in refactorIn) (any, error) {
	if err := inside("target", in.Target); err != nil {
		return nil, err
	}
	req := engine.RefactorRequest{Target: in.Target, Params: map[string]string{}}
	for name, value := range in.Params {
		text, ok := paramText(value)
		if !ok {
			return nil, &component.UsageError{Object: name, Reason: "is neither a text, a number, true or false, nor a list of these"}
		}
		if err := inside(name, text); err != nil {
			return nil, err
		}
		req.Params[name] = text
	}
	session, err := c.session()
	if err != nil {
		return nil, err
	}
	set, err := session.Refactor(c.ctx, in.Name, req)
	return s.offered(session, set, err, in.lines)
}

// paramText is a parameter as requests have it.
func paramText(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case bool, float64:
		return fmt.Sprint(value), true
	case []any:
		var list []string
		for _, v := range value {
			text, ok := v.(string)
			if !ok {
				return "", false
			}
			list = append(list, text)
		}
		return strings.Join(list, ","), true
	}
	return "", false
}
