package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// cli is what every verb works with.
type cli struct {
	*terminal
	dir string // --dir
}

// open starts the engine on the module the user works in.
func (c *cli) open(ctx context.Context) (*engine.Session, error) {
	return engine.Open(ctx, engine.Options{Dir: c.dir, Progress: c.progress, Checking: collector.expect})
}

func newRoot(t *terminal) *cobra.Command {
	c := &cli{terminal: t}
	root := &cobra.Command{
		Use:                        "unweld",
		SuggestionsMinimumDistance: 2,
		Short:                      "Find the components of a Go codebase, and run it as one or several processes",
		Long: `unweld finds the components of an existing Go codebase, separates them by
refactoring, generates the bindings to reach them, and runs the same code as one
process or as several. Where a component runs is decided when the program
starts, not when it is written.`,
		Example: "  unweld tour                                      # everything, on an example shop in a temporary folder\n" +
			"  unweld find                                      # in a module of yours\n" +
			"  unweld explain web pricing\n" +
			"  unweld extract ./pricing.Engine --name pricing   # prints a diff; --write applies it",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return oneOf("--color", t.colour, "auto", "always", "never")
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringVar(&t.colour, "color", "auto", "colour the output: auto, always or never")
	root.PersistentFlags().StringVarP(&c.dir, "dir", "C", ".", "work in this folder")
	addVerbs(root, verbs(c))
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &component.UsageError{Object: cmd.Name(), Reason: err.Error(), Hint: flagHint(cmd, err)}
	})
	for _, cmd := range everyCommand(root) {
		cmd.Args = usageArgs(cmd.Args)
	}
	return root
}

// flagHint is the next step after a flag that is wrong: the one of cmd that was meant,
// if its name is close, otherwise the help text.
func flagHint(cmd *cobra.Command, err error) string {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if w := cmd.Flags().Lookup("write"); ok && w != nil && w.Usage == applyDoc && slices.Contains([]string{"diff", "dry-run", "dryrun"}, unknown.GetSpecifiedName()) {
		return "the diff is what " + cmd.CommandPath() + " prints without --write; leave the flag out"
	}
	if ok && unknown.GetSpecifiedShortnames() == "" {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, f.Name)
			}
		})
		if near := split.Nearest(unknown.GetSpecifiedName(), names); near != "" {
			return "did you mean --" + near + "?"
		}
	}
	return "see " + cmd.CommandPath() + " --help"
}

// A verbGroup is a heading of the help text with the verbs below it.
type verbGroup struct {
	title string
	verbs []*cobra.Command
}

// verbs lists the verbs in the order in which a newcomer needs them.
func verbs(c *cli) []verbGroup {
	return []verbGroup{
		{"Analyse the code:", []*cobra.Command{tourVerb(c), findVerb(c), explainVerb(c), tuiVerb(c)}},
		{"Enforce rules:", []*cobra.Command{initVerb(c), checkVerb(c), vetVerb(c)}},
		{"Extract a component:", slices.Concat(refactoringVerbs(c), []*cobra.Command{refactorVerb(c), bindVerb(c), stateVerb(c), packVerb(c), ejectVerb(c)})},
		{"Run the program:", []*cobra.Command{testVerb(c), splitVerb(c)}},
		{"Other:", []*cobra.Command{doctorVerb(c), lspVerb(c), mcpVerb(c), versionVerb(c)}},
	}
}

func addVerbs(root *cobra.Command, groups []verbGroup) {
	cobra.EnableCommandSorting = false
	for _, g := range groups {
		root.AddGroup(&cobra.Group{ID: g.title, Title: g.title})
		for _, v := range g.verbs {
			v.GroupID = g.title
			root.AddCommand(v)
		}
	}
	other := groups[len(groups)-1].title
	root.SetHelpCommandGroupID(other)
	root.SetCompletionCommandGroupID(other)
}

func everyCommand(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		all = append(all, everyCommand(sub)...)
	}
	return all
}

// usageArgs makes wrong arguments a UsageError with a hint.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check == nil {
			return nil
		}
		err := check(cmd, args)
		if err == nil {
			return nil
		}
		if !cmd.HasParent() && len(args) > 0 {
			return unknownVerb(cmd, args[0])
		}
		object := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
		return &component.UsageError{Object: object, Reason: wrongArgs(cmd.Use, args, err), Hint: "usage: " + cmd.UseLine()}
	}
}

// positional is an argument as a usage line writes it, where it is required.
var positional = regexp.MustCompile(`^[A-Z]+$`)

// wrongArgs says which argument is missing or one too many, by a verb's usage
// line: "state COMPONENT --to STORE". Err says it where the line doesn't.
func wrongArgs(use string, args []string, err error) string {
	var names []string
	for _, word := range strings.Fields(use)[1:] {
		if !positional.MatchString(word) {
			break
		}
		names = append(names, word)
	}
	switch {
	case len(args) < len(names):
		return "no " + names[len(args)] + " is given"
	case strings.Contains(use, "|") || strings.Contains(use, "..."):
		return err.Error()
	case strings.Contains(use, "["):
		return fmt.Sprintf("takes no argument %q", args[len(args)-1])
	}
	return fmt.Sprintf("takes no argument %q", args[len(names)])
}

// unknownVerb is the error of a name that is no verb of cmd. What it may have meant
// is looked for among the verbs of these, too.
func unknownVerb(cmd *cobra.Command, name string) error {
	object, prefix := name, ""
	if cmd.HasParent() {
		object, prefix = cmd.Name()+" "+name, cmd.Name()+" "
	}
	var near []string
	for _, verb := range cmd.SuggestionsFor(name) {
		near = append(near, prefix+verb)
	}
	for _, group := range cmd.Commands() {
		for _, verb := range group.SuggestionsFor(name) {
			near = append(near, prefix+group.Name()+" "+verb)
		}
	}
	e := &component.UsageError{Object: object, Reason: "no such verb", Hint: "see unweld " + prefix + "--help"}
	if len(near) > 0 {
		e.Hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return e
}

func oneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return &component.UsageError{Object: flag, Reason: fmt.Sprintf("%q is none of %s", value, strings.Join(allowed, ", "))}
}

func usage(object, reason, hint string) error {
	return &component.UsageError{Object: object, Reason: reason, Hint: hint}
}
