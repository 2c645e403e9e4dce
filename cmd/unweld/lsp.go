package main

import (
	"errors"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/lsp"
)

func lspVerb(*cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lsp",
		Short: "Run the language server on standard input and output",
		Long: `lsp is the language server that editors start beside gopls: it offers refactorings
as code actions, tells on hover what is known of a declaration, and does nothing that
gopls does. It finds the module of each file by itself.

Its diagnostics are what unweld.yaml asks for: mistakes in that file, uses that its
rules forbid, hazards of the contracts that it names, and hazards of the split
that "editor: {split: NAME}" chooses. Without unweld.yaml there are none. Clients
can set split, severity (by code), off (codes), scope (module or open) and confirm
(auto, always or never) in the section unweld of their configuration. Of files outside the folders that the client
has open, of the standard library and of dependencies nothing is said.`,
		Example: "  unweld lsp",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			// Analyses use all processors but one (see background.Workers). With one more than
			// there are, they have the whole machine, and a message that comes in needn't wait
			// until the Go scheduler stops one of them: the system gives it a share at once.
			runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 1)
			err := lsp.Serve(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
			if errors.Is(err, lsp.ErrNoShutdown) {
				return findings{err.Error()} // the protocol wants exit code 1
			}
			return err
		},
	}
	cmd.Flags().Bool("stdio", true, "accepted because many editors pass it")
	return cmd
}
