package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
)

func doctorVerb(c *cli) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "List the external programs that unweld uses, and which are missing",
		Long: `doctor looks for the programs that unweld, its editor clients, its tests and
single bindings, stores and targets use, and says how to get each. Only Go is
needed for the main work. It exits with status 1 when that is missing
or too old. The last line says how large the cache on disk is. What
nobody used for five days goes by itself, and of more than 1024 MB what was used
longest ago; to remove all of it at any time, delete its folder.`,
		Example: "  unweld doctor",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			tools := engine.Doctor(cmd.Context())
			cache, noCache := engine.CacheSize()
			if asJSON {
				said := map[string]any{"ok": healthy(tools), "tools": tools}
				if noCache == nil {
					said["cache"] = cache
				}
				if err := c.json(said); err != nil {
					return err
				}
			} else {
				if err := printTools(c, tools); err != nil {
					return err
				}
				if noCache != nil {
					fmt.Fprintf(c.out, "cache: none, so that every run analyses everything again: %v\n", noCache)
				} else {
					fmt.Fprintf(c.out, "cache: %.1f MB in %d files, of at most %.0f MB, in %s\n", megabytes(cache.Bytes), cache.Entries, megabytes(cache.Max), cache.Dir)
				}
			}
			if !healthy(tools) {
				return findings{"doctor: a required program is missing"}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }

func healthy(tools []engine.Tool) bool {
	for _, t := range tools {
		if t.Required && !t.OK {
			return false
		}
	}
	return true
}

func printTools(c *cli, tools []engine.Tool) error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	var hints []string
	for _, t := range tools {
		state, detail := "ok", t.Version
		if !t.OK {
			state, detail = "optional", t.Problem
			if t.Required {
				state = "missing"
			}
			if t.Hint != "" {
				hints = append(hints, t.Name+": "+t.Hint)
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\tfor %s\n", state, t.Name, detail, t.For)
	}
	if err := w.Flush(); err != nil || hints == nil {
		return err
	}
	_, err := fmt.Fprintf(c.out, "\nto install what is missing:\n  %s\n", strings.Join(hints, "\n  "))
	return err
}
