package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
)

func explainVerb(c *cli) *cobra.Command {
	var asJSON, all bool
	var code, contract string
	cmd := &cobra.Command{
		Use:   "explain A [B] | --contract NAME | --code NAME",
		Short: "Explain why two components are coupled, and what separating them would take",
		Long: `explain lists the evidence of every coupling between A and B, or between A and
all others. A and B are components, import paths or folders like ./orders.

With --contract it prints what the contract of a component says: endpoints with
what they do, the types that cross, and the docs of all of them. NAME is a
component, or ./pkg.Interface.

With --code it says what a code beside a message means, and how code looks
before and after. It needs no module for that.`,
		Example: "  unweld explain web pricing\n  unweld explain --contract pricing --json\n  unweld explain --code shared-global",
		Args: func(cmd *cobra.Command, args []string) error {
			switch flag := instead(cmd); {
			case flag == "":
				return cobra.RangeArgs(1, 2)(cmd, args)
			case len(args) > 0:
				return &component.UsageError{Object: "explain", Reason: "--" + flag + " takes no components beside it"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch instead(cmd) {
			case "code":
				return c.explainCode(code, asJSON)
			case "contract":
				return c.explainContract(cmd, contract, asJSON)
			}
			return c.explainCoupling(cmd, append(args, "")[:2], asJSON, all)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&all, "all", false, "print every piece of evidence and every hazard")
	cmd.Flags().StringVar(&code, "code", "", "explain the code beside a message, by `name`")
	cmd.Flags().StringVar(&contract, "contract", "", "explain the contract of the component `name`")
	cmd.MarkFlagsMutuallyExclusive("code", "contract")
	cmd.ValidArgsFunction = c.components(2)
	var names []string
	for _, code := range engine.Codes() {
		names = append(names, code.Name+"\t"+code.Title)
	}
	completeValues(cmd, "code", names...)
	return cmd
}

// instead is the flag that says what is explained in place of a coupling, or "".
func instead(cmd *cobra.Command) string {
	for _, flag := range []string{"code", "contract"} {
		if cmd.Flags().Changed(flag) {
			return flag
		}
	}
	return ""
}

func (c *cli) explainCoupling(cmd *cobra.Command, ab []string, asJSON, all bool) error {
	delayGC()
	s, err := c.open(cmd.Context())
	if err != nil {
		return err
	}
	e, err := s.Explain(cmd.Context(), ab[0], ab[1])
	if err != nil {
		return err
	}
	c.progress("")
	if asJSON {
		err = c.json(e)
	} else {
		c.report(s.Module, all).explanation(e)
	}
	if err != nil {
		return err
	}
	return broken(s.Root, e.Problems)
}

func (c *cli) explainCode(name string, asJSON bool) error {
	code, err := engine.ExplainCode(name)
	if err != nil {
		return err
	}
	if asJSON {
		return c.json(code)
	}
	indent := func(text string) string {
		return "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ") + "\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (%s, since %s)\n\n%s\n", code.Name, code.Title, code.Severity, code.Since, code.Why)
	if code.Run != "" {
		fmt.Fprintf(&b, "\nreported by: unweld %s\n", code.Run)
	}
	fmt.Fprintf(&b, "\nbefore:\n\n%s\nafter:\n\n%s\n%s\n", indent(code.Before), indent(code.After), codes.URL(code.Name))
	_, err = fmt.Fprint(c.out, b.String())
	return err
}
