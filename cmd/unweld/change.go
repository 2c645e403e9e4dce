package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/verify"
)

// offering is what verbs that change code have in common: they print the diff,
// or apply it.
type offering struct {
	write  bool
	asJSON bool

	verify     bool
	verifyTime time.Duration
	series     string // the folder for patches
	noVerify   bool
}

// applyDoc is what the help says of --write, where the verb prints a diff without it.
const applyDoc = "apply the change; without it, the diff is printed and nothing is written"

func (o *offering) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&o.write, "write", "w", false, applyDoc)
	cmd.Flags().BoolVar(&o.asJSON, "json", false, "print the change set as JSON")
}

// verifyFlags adds those of verbs whose change can be held to what the code did
// before.
func (o *offering) verifyFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.verify, "verify", false, "run go vet, the tests and the changed functions before and after the change, in a copy of the module, and refuse a change after which they differ; this runs the module's code")
	cmd.Flags().DurationVar(&o.verifyTime, "verify-time", 5*time.Minute, "how long --verify may take; what isn't done by then is listed")
}

// seriesFlags adds those of verbs whose change can be written as patches.
func (o *offering) seriesFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.series, "series", "", "write patches for git am into `DIR`, one for each step, each of which builds, vets and passes the tests in a copy of the module; this runs the module's code")
	cmd.Flags().BoolVar(&o.noVerify, "no-verify", false, "with --series: don't run go vet and the tests")
}

// offer prints set, or applies it and says what was done.
func (c *cli) offer(ctx context.Context, s *engine.Session, set change.Set, o offering) error {
	diff, err := s.Diff(set)
	if err != nil {
		return err
	}
	var report *verify.Report
	var differs error
	if o.verify {
		if report, err = s.Verify(ctx, set, engine.VerifyOptions{Time: o.verifyTime}); err != nil {
			return err
		}
		differs = engine.VerifyRefusal(set.Title, report)
	}
	if o.write && differs == nil {
		if err := s.Apply(ctx, set); err != nil {
			return err
		}
	}
	c.progress("")
	if o.asJSON {
		out := engine.NewOffered(set, diff)
		out.Applied, out.Verified = o.write && differs == nil, report
		return errors.Join(c.json(out), differs)
	}
	if differs != nil {
		c.unverified(report)
		return differs
	}
	c.offered(set, diff, o)
	if report != nil {
		c.verified(report)
	}
	if !o.write && len(set.Files) > 0 {
		c.note("nothing was written; --write applies it")
	}
	return nil
}

// offered prints the change and what there is to say of it.
func (c *cli) offered(set change.Set, diff string, o offering) {
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
}

// verified says what a change was held to.
func (c *cli) verified(r *verify.Report) {
	calls := 0
	for _, d := range r.Driven {
		calls += d.Inputs
	}
	c.note("verified: %s of %s pass as before; %s with random arguments, %s",
		count(r.Tests, "test"), count(len(r.Packages), "package"), count(len(r.Driven), "function"), count(calls, "call"))
	if n := len(r.Failing); n > 0 {
		c.note("not counted: %s before the change: %s", count(n, "failure"), list(r.Failing, 5))
	}
	c.unverified(r)
}

// unverified lists what couldn't be looked at.
func (c *cli) unverified(r *verify.Report) {
	var reasons []string
	objects := map[string][]string{}
	for _, g := range r.Unverified {
		if objects[g.Reason] == nil {
			reasons = append(reasons, g.Reason)
		}
		objects[g.Reason] = append(objects[g.Reason], g.Object)
	}
	for _, reason := range reasons {
		c.note("not verified: %s: %s", list(objects[reason], 6), reason)
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// list joins the first of some names.
func list(names []string, most int) string {
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
