package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
)

func bindVerb(c *cli) *cobra.Command {
	var o offering
	var options engine.BindOptions
	var check bool
	cmd := &cobra.Command{
		Use:   "bind COMPONENT --to LIST",
		Short: "Generate bindings to reach a component from another process",
		Long: `bind generates a client and a server for a component's contract, copies the small
run-time that they need under internal/unweld, and opens the component where it
is made. In one process a call stays a function call; unweld split decides where
the component runs.

COMPONENT is the name that it was extracted under or that unweld.yaml gives it, or
that of a package with an interface Service, or the contract itself:
./pricing.Service. Its entry is added to unweld.yaml.

It can also be the import path of a package of another module or of the standard
library that the module imports. A package of the module's own then stands in
between (unweld refactor wrap-dependency), below ./internal, with the contract
and what is generated. Its functions cross; the methods of its types are called
where their values are. With a type behind it, PATH.Type, what crosses are calls of
that type's methods and constructors, and its values stay in the component.`,
		Example: "  unweld bind pricing --to unix,grpc\n  unweld bind golang.org/x/mod/semver --name semver --to unix\n  unweld bind pricing --to unix --write\n  unweld bind pricing --check",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			options.Component = args[0]
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			set, err := s.Bind(cmd.Context(), options)
			if check {
				return c.upToDate(set, err, args[0])
			}
			if err != nil {
				return err
			}
			return c.offer(cmd.Context(), s, set, o)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringSliceVar(&options.To, "to", nil, "bindings, by name: "+strings.Join(engine.BindingNames(), ", "))
	cmd.Flags().StringVar(&options.Name, "name", "", "the name of the component that a package of another module becomes; its own unless given")
	cmd.Flags().StringArrayVar(&options.Options, "opt", nil, "an option of a binding, or of otel: BINDING.OPTION=VALUE; an empty value removes it")
	cmd.Flags().StringSliceVar(&options.InOut, "inout", nil, "in-out arguments, whose changes are copied back to the caller: Method.param, or all")
	cmd.Flags().BoolVar(&check, "check", false, "exit with status 1 if generated code is stale or doesn't match the contract")
	completeValues(cmd, "to", engine.BindingNames()...)
	cmd.MarkFlagsMutuallyExclusive("write", "check")
	return cmd
}

// upToDate turns what Bind says of a bound component into a finding.
func (c *cli) upToDate(set change.Set, err error, name string) error {
	if is[*component.Refusal](err) {
		return findings{err.Error()}
	}
	if err != nil {
		return err
	}
	c.progress("")
	for _, f := range set.Files {
		fmt.Fprintf(c.out, "%s: stale\n", f.Path)
	}
	if len(set.Files) > 0 {
		return findings{fmt.Sprintf("bind %s: %d files are stale; regenerate them: unweld bind %s --write", name, len(set.Files), name)}
	}
	_, err = fmt.Fprintf(c.out, "%s: up to date\n", name)
	return err
}

func ejectVerb(c *cli) *cobra.Command {
	var o offering
	cmd := &cobra.Command{
		Use:   "eject [COMPONENT]",
		Short: "Remove what bind and state generated",
		Long: `eject removes the files that bind and state generated and reverts the lines that
they changed, so that the code is the same as before, byte for byte. Without a
COMPONENT it does so for all components.`,
		Example: "  unweld eject pricing\n  unweld eject --write",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			set, err := s.Eject(cmd.Context(), append(args, "")[0])
			if err != nil {
				return err
			}
			return c.offer(cmd.Context(), s, set, o)
		},
	}
	o.flags(cmd)
	return cmd
}
