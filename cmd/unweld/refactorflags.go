package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/unweld/unweld/engine"
)

// A paramValue is the flag of a refactoring's parameter. It takes any text:
// what is right is decided where the request is checked, so that every way to a
// refactoring gives the same answer.
type paramValue struct {
	param  engine.RefactorParam
	values map[string]string
}

func (v paramValue) String() string { return v.values[v.param.Name] }

func (v paramValue) Set(s string) error {
	old, given := v.values[v.param.Name]
	switch {
	case v.list() && old != "":
		s = old + "," + s
	case given && old != s:
		return fmt.Errorf("%s is given as %q, too", v.param.Name, old)
	}
	v.values[v.param.Name] = s
	return nil
}

func (v paramValue) Type() string { return string(v.param.Type) }

// IsBoolFlag lets a switch stand alone.
func (v paramValue) IsBoolFlag() bool { return v.param.Type == "bool" }

func (v paramValue) list() bool { return v.param.Type == "list" }

// paramFlag adds the flag of a parameter.
func paramFlag(cmd *cobra.Command, p engine.RefactorParam, values map[string]string) {
	v := paramValue{p, values}
	what := p.Doc
	if len(p.Values) > 0 {
		what += ": " + strings.Join(p.Values, ", ")
	}
	if v.list() {
		what += fmt.Sprintf(" (%ss, separated by commas; can be repeated)", p.Elem)
	}
	if p.Default != "" {
		what += " (default " + p.Default + ")"
	}
	flag := cmd.Flags().VarPF(v, p.Name, "", what)
	if v.IsBoolFlag() {
		flag.NoOptDefVal = "true"
		completeValues(cmd, p.Name, "true", "false")
		return
	}
	completeValues(cmd, p.Name, p.Values...)
}

// setFlag is --set NAME=VALUE, which says the same as --NAME=VALUE.
func setFlag(params []engine.RefactorParam, values map[string]string) setValue {
	return setValue{params, values}
}

type setValue struct {
	params []engine.RefactorParam
	values map[string]string
}

func (v setValue) String() string { return "" }

func (v setValue) Set(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok {
		return fmt.Errorf("%s is not NAME=VALUE", s)
	}
	param := engine.RefactorParam{Name: name} // an unknown one is refused where the request is checked
	if i := slices.IndexFunc(v.params, func(p engine.RefactorParam) bool { return p.Name == name }); i >= 0 {
		param = v.params[i]
	}
	return paramValue{param, v.values}.Set(value)
}

func (v setValue) Type() string { return "NAME=VALUE" }
