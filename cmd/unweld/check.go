package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
)

var checkFormats = []string{"text", "json", "sarif", "github", "junit"}

type checkFlags struct {
	engine.CheckOptions
	format                       string
	asJSON, strict, write, prune bool
}

func checkVerb(c *cli) *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check [PATTERN...]",
		Short: "Check the code against the rules of unweld.yaml",
		Long: `check reports every use between components that the rules of unweld.yaml forbid,
and exits with status 1 when there is one. Tests, and files for other systems and
build tags, are held to the rules by what they import; rules.tests: false leaves
tests alone. Code in the tree that no rule can be held to is noted.

Where the code doesn't keep the rules yet, --baseline names a file of accepted
violations, and --since a git revision whose violations don't count: only new
ones do.`,
		Example: "  unweld check\n  unweld check --since origin/main --format github\n  unweld check --baseline unweld.baseline.json --write   # accept today's violations\n  unweld check --baseline unweld.baseline.json --strict\n  unweld check --staged --baseline unweld.baseline.json --prune   # in a hook: what is mended is accepted no more",
		RunE: func(cmd *cobra.Command, patterns []string) error {
			f.Patterns = patterns
			return c.check(cmd, f)
		},
	}
	cmd.Flags().StringVar(&f.format, "format", "text", "output: text, json, sarif, github or junit")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "the same as --format json")
	cmd.Flags().StringVar(&f.Baseline, "baseline", "", "a file of accepted violations, relative to the module")
	cmd.Flags().BoolVarP(&f.write, "write", "w", false, "write all current violations to the baseline")
	cmd.Flags().StringVar(&f.Since, "since", "", "report only violations that aren't in this git revision")
	cmd.Flags().BoolVar(&f.Staged, "staged", false, "check what is staged in git instead of the working tree")
	cmd.Flags().BoolVar(&f.prune, "prune", false, "take out of the baseline what no code violates any more; with --staged, stage it")
	cmd.Flags().BoolVar(&f.strict, "strict", false, "fail on entries of the baseline that no code violates any more")
	completeValues(cmd, "format", checkFormats...)
	return cmd
}

func (c *cli) check(cmd *cobra.Command, f checkFlags) error {
	if f.asJSON {
		f.format = "json"
	}
	if err := oneOf("--format", f.format, checkFormats...); err != nil {
		return err
	}
	if err := f.agree(); err != nil {
		return err
	}
	delayGC()
	s, err := c.open(cmd.Context())
	if err != nil {
		return err
	}
	if f.write {
		return c.writeBaseline(cmd, s, f)
	}
	r, err := s.Check(cmd.Context(), f.CheckOptions)
	if err != nil {
		return err
	}
	c.progress("")
	if err := c.printChecked(checked{r, s.RepositoryPrefix(cmd.Context())}, f.format); err != nil {
		return err
	}
	for _, n := range r.Notes {
		c.note("note: %s: %s", n.Span, n.Message)
	}
	if err := broken(s.Root, r.Problems); err != nil {
		return err
	}
	return c.verdict(cmd.Context(), s, r, f)
}

func (c *cli) writeBaseline(cmd *cobra.Command, s *engine.Session, f checkFlags) error {
	set, r, err := s.Baseline(cmd.Context(), f.CheckOptions)
	if err != nil {
		return err
	}
	if err := broken(s.Root, r.Problems); err != nil {
		return err // what doesn't load would be missing from the baseline
	}
	if err := s.Apply(cmd.Context(), set); err != nil {
		return err
	}
	c.progress("")
	_, err = fmt.Fprintf(c.out, "wrote %s with %s\n", f.Baseline, plural(len(r.Violations), "violation", "violations"))
	return err
}

func (c *cli) verdict(ctx context.Context, s *engine.Session, r *engine.CheckResult, f checkFlags) error {
	if !r.OK {
		return findings{fmt.Sprintf("check: %s of unweld.yaml", plural(len(r.Violations), "violation", "violations"))}
	}
	if len(r.Stale) == 0 {
		return nil
	}
	if f.prune {
		return c.prune(ctx, s, r, f)
	}
	for _, e := range r.Stale {
		c.note("note: %s: stale: %s: %s no longer uses %s", f.Baseline, e.Rule, e.From, e.To)
	}
	if f.strict {
		return findings{fmt.Sprintf("check: %s of %s; unweld check --baseline %s --write removes them",
			plural(len(r.Stale), "stale entry", "stale entries"), f.Baseline, f.Baseline)}
	}
	return nil
}

// prune writes the baseline without its stale entries.
func (c *cli) prune(ctx context.Context, s *engine.Session, r *engine.CheckResult, f checkFlags) error {
	if err := s.Prune(ctx, f.CheckOptions, r); err != nil {
		return err
	}
	what := "took " + plural(len(r.Stale), "entry", "entries") + " out of " + f.Baseline + " that no code violates any more"
	if f.Staged {
		what += ", and staged it"
	}
	c.note("%s", what)
	return nil
}

// agree refuses flags that mean nothing together.
func (f checkFlags) agree() error {
	switch {
	case f.Baseline == "" && f.write:
		return usage("--write", "needs --baseline FILE", "unweld check --baseline unweld.baseline.json --write")
	case f.Baseline == "" && f.strict:
		return usage("--strict", "needs --baseline FILE", "it is about stale entries of a baseline")
	case f.Baseline == "" && f.prune:
		return usage("--prune", "needs --baseline FILE", "it takes stale entries out of a baseline")
	case f.prune && (f.write || f.strict):
		return usage("--prune", "takes stale entries out, so --write and --strict say something else", "leave one out")
	case f.prune && (len(f.Patterns) > 0 || f.Since != ""):
		return usage("--prune", "is about the baseline of the whole module", "leave out the patterns and --since")
	case f.write && (len(f.Patterns) > 0 || f.Since != ""):
		return usage("--write", "writes the baseline of the whole module", "leave out the patterns and --since")
	}
	return nil
}
