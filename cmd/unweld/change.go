package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
)

// offering is what verbs that change code have in common: they print the diff,
// or apply it.
type offering struct {
	write  bool
	asJSON bool
}

func (o *offering) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&o.write, "write", "w", false, "apply the change instead of printing it")
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print the change set as JSON")
}

// changed is the JSON of a change set, offered or applied.
type changed struct {
	Title   string        `json:"title"`
	Applied bool          `json:"applied"`
	Files   []changedFile `json:"files"`
	Notes   []change.Note `json:"notes"`
	Diff    string        `json:"diff"`
}

type changedFile struct {
	Path string    `json:"path"`
	Op   change.Op `json:"op"`
	To   string    `json:"to,omitempty"`
}

// offer prints set, or applies it and says what was done.
func (c *cli) offer(ctx context.Context, s *engine.Session, set change.Set, o offering) error {
	diff, err := s.Diff(set)
	if err != nil {
		return err
	}
	if o.write {
		if err := s.Apply(ctx, set); err != nil {
			return err
		}
	}
	c.progress("")
	if o.asJSON {
		out := changed{Title: set.Title, Applied: o.write, Files: []changedFile{}, Notes: set.Notes, Diff: diff}
		if out.Notes == nil {
			out.Notes = []change.Note{}
		}
		for _, f := range set.Files {
			out.Files = append(out.Files, changedFile{f.Path, f.Op, f.To})
		}
		return c.json(out)
	}
	switch {
	case len(set.Files) == 0:
		fmt.Fprintln(c.out, set.Title+": nothing to change")
	case !o.write:
		c.diff(diff)
	default:
		fmt.Fprintln(c.out, set.Title)
		for _, f := range set.Files {
			fmt.Fprintf(c.out, "  %-6s  %s\n", f.Op, f.Path)
		}
	}
	for _, n := range set.Notes {
		if n.Span.IsValid() {
			c.note("note: %s: %s", n.Span, n.Message)
		} else {
			c.note("note: %s", n.Message)
		}
	}
	if !o.write && len(set.Files) > 0 {
		c.note("nothing was written; --write applies it")
	}
	return nil
}
