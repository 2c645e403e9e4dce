package main

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
)

func refactorVerb(c *cli) *cobra.Command {
	var undo bool
	cmd := &cobra.Command{
		Use:   "refactor NAME TARGET",
		Short: "Run a refactoring by its name",
		Long: `refactor runs one of the refactorings that docs/refactorings.md describes.
It prints the diff; with --write it applies it. unweld refactor --undo takes back
what was applied last.`,
		Example: "  unweld refactor extract ./pricing.Engine --name pricing\n  unweld refactor extract --help\n  unweld refactor --undo",
		Args:    cobra.ArbitraryArgs,

		SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, args []string) error {
			if undo {
				return c.undo(cmd.Context(), args)
			}
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownRefactoring(cmd, args[0])
		},
	}
	cmd.Flags().BoolVar(&undo, "undo", false, "revert the last applied change")
	for _, r := range engine.Refactorings() {
		cmd.AddCommand(refactoring(c, r, "refactor "))
	}
	// A name that no refactoring has is what is wrong, and not the flags after it.
	cmd.SetFlagErrorFunc(func(failed *cobra.Command, err error) error {
		if args := failed.Flags().Args(); failed == cmd && len(args) > 0 {
			return unknownRefactoring(cmd, args[0])
		}
		return failed.Root().FlagErrorFunc()(failed, err)
	})
	return cmd
}

func unknownRefactoring(cmd *cobra.Command, name string) error {
	var known []string
	for _, sub := range cmd.Commands() {
		known = append(known, sub.Name())
	}
	hint := "there are: " + strings.Join(known, ", ")
	if near := cmd.SuggestionsFor(name); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage(name, "no such refactoring", hint)
}

// refactoringVerbs returns the verbs of the refactorings that have one.
func refactoringVerbs(c *cli) []*cobra.Command {
	var verbs []*cobra.Command
	for _, r := range engine.Refactorings() {
		if r.Verb {
			verbs = append(verbs, refactoring(c, r, ""))
		}
	}
	return verbs
}

// refactoring makes the command of one refactoring: each of its parameters is a
// flag.
func refactoring(c *cli, r engine.Refactoring, prefix string) *cobra.Command {
	var o offering
	var undo bool
	summary, rest, _ := strings.Cut(r.Doc, "\n")
	cmd := &cobra.Command{
		Use:   r.Name + " TARGET" + more(r) + requiredFlags(r.Params),
		Short: strings.ToUpper(summary[:1]) + summary[1:],
		Long:  strings.TrimSpace(rest) + "\n\nTARGET is " + r.Target.Doc + ".",
		Args:  targetArgs(r),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 && !r.Several {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	for _, example := range r.Examples {
		cmd.Example += "  unweld " + prefix + r.Name + " " + example + "\n"
	}
	cmd.Example += "  unweld " + prefix + r.Name + " --undo"
	req := engine.RefactorRequest{Params: map[string]string{}}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if undo {
			return c.undo(cmd.Context(), args)
		}
		if len(args) == 0 {
			return usage(r.Name, "no target", "usage: "+cmd.UseLine())
		}
		req.Target = strings.Join(args, ",")
		delayGC()
		s, err := c.open(cmd.Context())
		if err != nil {
			return err
		}
		if o.series != "" {
			return c.series(cmd.Context(), s, r.Name, req, o)
		}
		if o.noVerify {
			return usage("--no-verify", "is about --series", "leave it out")
		}
		set, err := s.Refactor(cmd.Context(), r.Name, req)
		if err != nil {
			return err
		}
		if !o.asJSON {
			c.summary(r, req, set)
		}
		return c.offer(cmd.Context(), s, set, o)
	}
	o.flags(cmd)
	o.verifyFlags(cmd)
	o.seriesFlags(cmd)
	cmd.Flags().BoolVar(&req.RunGenerators, "run-generators", false, "where mocks, or other generated files, are written from what changes, run the programs that go:generate directives and mockery's configuration name, in a copy of the module with the change applied, and make what they write part of the change")
	cmd.Flags().BoolVar(&undo, "undo", false, "revert the last applied change")
	for _, p := range r.Params {
		paramFlag(cmd, p, req.Params)
	}
	cmd.Flags().Var(setFlag(r.Params, req.Params), "set", "a parameter as `NAME=VALUE`; the same as --NAME=VALUE")
	return cmd
}

// targetArgs says how many targets there may be.
func targetArgs(r engine.Refactoring) cobra.PositionalArgs {
	if r.Several {
		return cobra.ArbitraryArgs
	}
	return cobra.MaximumNArgs(1)
}

// more shows that there may be several targets.
func more(r engine.Refactoring) string {
	if r.Several {
		return "..."
	}
	return ""
}

// summary says what to know of a change before it is shown: what comes of it, and how
// large it is.
func (c *cli) summary(r engine.Refactoring, req engine.RefactorRequest, set change.Set) {
	for _, line := range set.Summary {
		c.note("%s", line)
	}
	if len(set.Files) > 0 {
		c.size(r, req, set)
	}
}

// size says how large a change is before it is shown, and that there are steps.
func (c *cli) size(r engine.Refactoring, req engine.RefactorRequest, set change.Set) {
	packages := map[string]bool{}
	for _, f := range set.Files {
		packages[path.Dir(f.Path)] = true
	}
	contexts, local := 0, 0
	for _, n := range set.Notes {
		switch {
		case strings.Contains(n.Message, " gets context.Background()"), strings.Contains(n.Message, " gets context.TODO()"):
			contexts++
		case strings.Contains(n.Message, "stays in its caller's process"), strings.Contains(n.Message, "stays out of the contract"):
			local++
		}
	}
	line := fmt.Sprintf("%s: %s in %s", set.Title, count(len(set.Files), "file"), count(len(packages), "package"))
	if local > 0 {
		line += "; local: " + count(local, "method")
	}
	if contexts > 0 {
		line += "; without a context to pass: " + count(contexts, "call")
	}
	c.note("%s", line)
	const large = 12
	stepped := slices.ContainsFunc(r.Params, func(p engine.RefactorParam) bool { return p.Name == "step" }) && req.Params["step"] == ""
	if stepped && len(set.Files) > large {
		c.note("in steps: --step boundary, then --step context, errors or remote; --series DIR writes a patch for each")
	}
}

func requiredFlags(params []engine.RefactorParam) string {
	var b strings.Builder
	for _, p := range params {
		if p.Required {
			b.WriteString(" --" + p.Name + " " + strings.ToUpper(p.Name))
		}
	}
	return b.String()
}

// undo takes back what was applied last.
func (c *cli) undo(ctx context.Context, args []string) error {
	if len(args) > 0 {
		return &component.UsageError{Object: "--undo", Reason: "takes no target", Hint: "it reverts the last applied change"}
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	title, err := s.Undo()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.out, "taken back: %s\n", title)
	return err
}
