package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/mcp"
)

func mcpVerb(c *cli) *cobra.Command {
	var write bool
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Run the server for coding agents on standard input and output",
		Long: `mcp is a server of the Model Context Protocol: it offers find, explain, preview,
check, the refactorings, bind, state and eject as tools, which answer with data and
diffs. It works in the module of the folder that it is started in, or that -C names,
and reads nothing outside of it but the code that it imports.

Without --write no tool changes a file. With it there are two more: apply writes a
change that another tool answered with, and undo takes the last one back. The
client asks for each of them, unless it was told not to. docs/agents.md has more.`,
		Example: "  unweld mcp\n  unweld mcp --write\n  claude mcp add unweld -- unweld -C /path/to/module mcp",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return mcp.Serve(cmd.Context(), io.NopCloser(cmd.InOrStdin()), unclosed{cmd.OutOrStdout()}, mcp.Options{Dir: c.dir, Write: write})
		},
	}
	cmd.Flags().BoolVarP(&write, "write", "w", false, "offer tools that write changes and take them back")
	return cmd
}

// unclosed is standard output, which stays open when a connection ends.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }
