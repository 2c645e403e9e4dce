package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
)

func packVerb(c *cli) *cobra.Command {
	var o engine.PackOptions
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "pack COMPONENT",
		Short: "Build a component as a package for another language",
		Long: `pack builds a component as a library and makes packages of it that the tools of other
languages install. The component must be bound to these languages, and what was
generated must be up to date. Packages are for the system and processor that
pack runs on, and replace those of the same name.

It takes a C compiler; none of the module's code is run.`,
		Example: "  unweld bind semver --to python --write\n  unweld pack semver -o dist\n  pip install dist/semver-*.whl",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Component = args[0]
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			made, err := s.Pack(cmd.Context(), o, c.progress)
			c.progress("")
			if err != nil {
				return err
			}
			if asJSON {
				return c.json(made)
			}
			for _, p := range made {
				fmt.Fprintf(c.out, "%s  %.1f MB, for %s\n", filepath.Join(o.Dir, filepath.FromSlash(p.Path)), float64(p.Size)/1e6, p.For)
			}
			return nil
		},
	}
	cmd.Flags().StringSliceVar(&o.For, "for", nil, "languages, of those that it is bound to; all of them unless given: "+strings.Join(engine.Packagings(), ", "))
	cmd.Flags().StringVarP(&o.Dir, "output", "o", "dist", "folder for the packages")
	cmd.Flags().StringVar(&o.Version, "version", "", "version of the packages (default 0.0.0)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	completeValues(cmd, "for", engine.Packagings()...)
	return cmd
}
