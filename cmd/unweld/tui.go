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
	var o tui.Options
	var plain bool
	cmd := &cobra.Command{
		Use:   "tui",
		Short: "Explore components, couplings and hazards in the terminal",
		Long: `tui shows what find prints: a table of components, the matrix of who uses whom,
hazards by severity and code, the line of code behind each of them, and a board
on which a split is tried out: components and endpoints are moved between units, and
what that costs and breaks changes at once. Of a split that runs it shows calls, errors
and durations, and moves both while it runs. It writes only what you tell it to, after
it has shown the diff.

Enter shows what is selected, Esc goes back, Tab goes to the next view, / filters,
: takes commands, e opens your editor, y copies, R reads the files again, q quits,
and ? lists all keys. Colour is left out if NO_COLOR is set.`,
		Example: "  unweld tui",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			in := cmd.InOrStdin()
			open := func(ctx context.Context, progress func(string)) (*engine.Session, error) {
				return engine.Open(ctx, engine.Options{Dir: c.dir, Progress: progress, Checking: collector.expect})
			}
			if plain {
				delayGC()
				return tui.RunLines(cmd.Context(), open, in, c.out)
			}
			if err := c.interactive(in); err != nil {
				return err
			}
			delayGC()
			o.NoColour = !c.coloured(c.out)
			return tui.Run(cmd.Context(), open, in, c.out, o)
		},
	}
	cmd.Flags().BoolVar(&plain, "plain", false, "print lines and read commands from lines, for screen readers and pipes")
	cmd.Flags().BoolVar(&o.NoMouse, "no-mouse", false, "leave the mouse to the terminal, to select text with it")
	return cmd
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

const textInstead = "to explore line by line, run: unweld tui --plain; for text or JSON, run: unweld find"
