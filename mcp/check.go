package mcp

import (
	"strings"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

type checkIn struct {
	Patterns []string `json:"patterns,omitempty" jsonschema:"packages whose uses are reported, for example ./orders/...; all if empty"`
	Baseline string   `json:"baseline,omitempty" jsonschema:"a file of accepted violations, relative to the module"`
	Since    string   `json:"since,omitempty" jsonschema:"a git revision: violations that were there don't count"`
	paged
}

type checkOut struct {
	OK         bool        `json:"ok"`
	Packages   int         `json:"packages"`
	Count      int         `json:"count"`    // of violations
	Accepted   int         `json:"accepted"` // left out, for the baseline or the revision
	Stale      int         `json:"stale"`    // entries of the baseline that nothing breaks any more
	Violations []violation `json:"violations"`
	Next       string      `json:"next,omitempty"`
	Notes      []problem   `json:"notes"` // what could not be decided, or was not looked at
	NotesCount int         `json:"notesCount"`
	unloaded
}

type violation struct {
	problem
	From string `json:"from"`
	To   string `json:"to"`
}

func (s *server) check(c *call, in checkIn) (any, error) {
	if err := inside("patterns", in.Patterns...); err != nil {
		return nil, err
	}
	if err := inside("baseline", in.Baseline); err != nil {
		return nil, err
	}
	if strings.HasPrefix(in.Since, "-") {
		return nil, &component.UsageError{Object: "since", Reason: in.Since + " is no revision", Hint: "name a branch, a tag or a commit"}
	}
	session, err := c.session()
	if err != nil {
		return nil, err
	}
	r, err := session.Check(c.ctx, engine.CheckOptions{Patterns: in.Patterns, Baseline: in.Baseline, Since: in.Since})
	if err != nil {
		return nil, err
	}
	out := checkOut{OK: r.OK, Packages: r.Packages, Count: len(r.Violations), Accepted: r.Accepted, Stale: len(r.Stale),
		Notes: problems(r.Notes), NotesCount: len(r.Notes), unloaded: notLoaded(r.Problems)}
	var all []violation
	for _, v := range r.Violations {
		all = append(all, violation{problem{v.Code, v.Severity, v.Span.String(), v.Message, v.Hint}, v.From, v.To})
	}
	out.Violations, out.Next, err = cut(in.paged, all)
	return out, err
}
