package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/tui"
)

func tuiVerb(c *cli) *cobra.Command {
	return &cobra.Command{
		Use:   "tui",
		Short: "Explore components, couplings and hazards in the terminal",
		Long: `tui shows what find prints, one component at a time. It changes nothing.

Enter shows a component, Esc goes back, / filters by name, q quits.`,
		Example: "  unweld tui",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			in := cmd.InOrStdin()
			if err := c.interactive(in); err != nil {
				return err
			}
			delayGC()
			var options []tui.Option
			if !c.coloured(c.out) {
				options = append(options, tui.WithoutColour())
			}
			open := func(ctx context.Context, progress func(string)) (*engine.Session, error) {
				return engine.Open(ctx, engine.Options{Dir: c.dir, Progress: progress, Checking: collector.expect})
			}
			return tui.Run(cmd.Context(), open, in, c.out, options...)
		},
	}
}

// interactive refuses what the explorer can't draw on, or can't read keys from.
func (c *cli) interactive(in io.Reader) error {
	file, _ := in.(io.Writer)
	switch term := os.Getenv("TERM"); {
	case !isTerminal(c.out):
		return usage("tui", "standard output is not a terminal", textInstead)
	case !isTerminal(file):
		return usage("tui", "standard input is not a terminal, so that no key could be read", textInstead)
	case runtime.GOOS != "windows" && (term == "" || term == "dumb"):
		return usage("tui", fmt.Sprintf("a terminal of the type TERM=%s can't be drawn on", term), textInstead)
	}
	return nil
}

const textInstead = "for text or JSON, run: unweld find"
