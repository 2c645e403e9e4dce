package refactor

import (
	"errors"
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// A ParamType says what values a parameter has.
type ParamType string

const (
	Bool        ParamType = "bool"
	Number      ParamType = "number" // a whole number that isn't negative
	Text        ParamType = "string"
	Identifier  ParamType = "identifier" // a Go identifier, no keyword
	Enum        ParamType = "enum"       // one of Values
	Declaration ParamType = "declaration"
	List        ParamType = "list" // of Elem, separated by commas
	// Component is the name of a component that has no contract yet.
	Component ParamType = "component"
)

// A Param describes a parameter of a refactoring, from which the flag of the
// command line, the field of an editor's form and the reference page are
// derived.
type Param struct {
	Name     string    `json:"name"` // of the flag: "keep-signatures"
	Type     ParamType `json:"type"`
	Elem     ParamType `json:"elem,omitempty"`   // of a List
	Values   []string  `json:"values,omitempty"` // of an Enum
	Default  string    `json:"default,omitempty"`
	Required bool      `json:"required,omitempty"` // has no default
	// Derive makes defaults of the target, the best first: the first one that can be
	// taken is the default. Nil: Default is all there is.
	Derive func(in Input, target string) []string `json:"-"`
	// Suggestions are values that a form may offer at some place. Offers have them.
	Suggestions []string `json:"suggestions,omitempty"`

	Example string `json:"example,omitempty"`
	Doc     string `json:"doc"` // lower case, no full stop
}

// check returns value in the one spelling that the parameter knows it by.
// object is what messages call the parameter.
func (p *Param) check(in Input, object, value string) (string, error) {
	if value == "" {
		if p.Required || p.Derive != nil {
			return "", p.wrong(object, "is missing")
		}
		return value, nil
	}
	if p.Type != List {
		return p.checkOne(in, object, p.Type, value)
	}
	var out []string
	for _, v := range SplitList(value) {
		v, err := p.checkOne(in, object, p.Elem, v)
		if err != nil {
			return "", err
		}
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return strings.Join(out, ","), nil
}

// derived is the default for a target: the first one that can be taken, or else the
// first that is a value at all. It is "" if the target doesn't tell one.
func (p *Param) derived(in Input, target string) string {
	first := ""
	for _, value := range p.Derive(in, target) {
		if value == "" || p.Type == Component && split.NameProblem(value) != "" {
			continue
		}
		if p.Type != Component || NameProblem(in, value) == nil {
			return value
		}
		if first == "" {
			first = value
		}
	}
	return first
}

func (p *Param) checkOne(in Input, object string, typ ParamType, value string) (string, error) {
	switch typ {
	case Bool:
		b, err := strconv.ParseBool(value)
		if err != nil {
			return "", p.wrong(object, fmt.Sprintf("%q is neither true nor false", value))
		}
		return strconv.FormatBool(b), nil
	case Number:
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return "", p.wrong(object, fmt.Sprintf("%q is no whole number, or too large", value))
		}
		return strconv.FormatUint(n, 10), nil
	case Identifier:
		if !token.IsIdentifier(value) || value == "_" {
			return "", p.wrong(object, fmt.Sprintf("%q is no name that Go allows", value))
		}
	case Enum:
		if !slices.Contains(p.Values, value) {
			return "", p.wrong(object, fmt.Sprintf("%q is none of %s", value, strings.Join(p.Values, ", ")))
		}
	case Declaration:
		if reason := declarationProblem(value); reason != "" {
			return "", p.wrong(object, reason)
		}
	case Component:
		if problem := NameProblem(in, value); problem != nil {
			problem.Object = object
			return "", problem
		}
	}
	return value, nil
}

// declarationProblem says why value can't name a declaration, or "". Whether
// there is one of that name is found out when the module is loaded.
func declarationProblem(value string) string {
	if strings.ContainsAny(value, " \t\r\n\x00") && !strings.Contains(value, ".{") {
		return fmt.Sprintf("%q has spaces in it", value)
	}
	return ""
}

// NameProblem returns why a new component can't have the name: it isn't one, or
// another component has it already.
func NameProblem(in Input, name string) *component.UsageError {
	if problem := split.NameProblem(name); problem != "" {
		return &component.UsageError{Object: name, Reason: problem, Hint: "for example: --name pricing"}
	}
	config, err := in.Config()
	if err != nil {
		return &component.UsageError{Object: name, Reason: err.Error(), Hint: component.HintOf(err)}
	}
	lock, err := in.Lock()
	if err != nil {
		return &component.UsageError{Object: name, Reason: err.Error(), Hint: component.HintOf(err)}
	}
	taken := config.Components[name].Contract
	if c := lock[name]; c != "" {
		taken = c
	}
	if taken == "" {
		return nil
	}
	return &component.UsageError{Object: name, Reason: fmt.Sprintf("component %s has a contract already: %s", name, taken), Hint: "give the new one another name"}
}

func (p *Param) wrong(object, reason string) error {
	e := &component.UsageError{Object: object, Reason: reason}
	switch {
	case p.Example != "" && object == "target":
		e.Hint = "for example: " + p.Example
	case p.Example != "":
		e.Hint = "for example: " + object + " " + p.Example
	case p.Type == Bool:
		e.Hint = "write " + object + " or " + object + "=false"
	}
	return e
}

// SplitList splits at commas outside braces: ./a.{F,G} is one declaration.
func SplitList(s string) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i <= len(s); i++ {
		switch {
		case i == len(s) || s[i] == ',' && depth == 0:
			if v := strings.TrimSpace(s[start:i]); v != "" {
				out = append(out, v)
			}
			start = i + 1
		case s[i] == '{':
			depth++
		case s[i] == '}':
			depth--
		}
	}
	return out
}

func names(ps []Param) string {
	var out []string
	for _, p := range ps {
		out = append(out, "--"+p.Name)
	}
	return strings.Join(out, ", ")
}

// Bool returns the value of a Bool parameter of a checked request.
func (r Request) Bool(name string) bool { return r.Params[name] == "true" }

// Text returns the value of a parameter of a checked request.
func (r Request) Text(name string) string { return r.Params[name] }

// Number returns the value of a Number parameter of a checked request; 0 where
// it has none.
func (r Request) Number(name string) int {
	n, err := strconv.Atoi(r.Params[name])
	if err != nil {
		return 0
	}
	return n
}

// List returns the values of a List parameter of a checked request.
func (r Request) List(name string) []string { return SplitList(r.Params[name]) }

// A Field is a parameter as a form shows it.
type Field struct {
	Param
	Value   string `json:"value"`             // in the request, or what counts without one
	Problem string `json:"problem,omitempty"` // why the value can't be taken; empty if it can
}

// Fill returns the target and the parameters of a request as a form shows them, each with
// what is wrong with it. It loads no code.
func (r *Refactoring) Fill(in Input, req Request) (target Field, params []Field) {
	field := func(p Param, object, value string) Field {
		f := Field{Param: p, Value: value}
		checked, err := p.check(in, object, value)
		if err != nil {
			f.Problem = err.Error()
			if usage, ok := errors.AsType[*component.UsageError](err); ok {
				f.Problem = usage.Reason
			}
			return f
		}
		f.Value = checked
		return f
	}
	target = field(r.Target, "target", req.Target)
	for _, p := range r.Params {
		value, given := req.Params[p.Name]
		if !given {
			if value = p.Default; p.Derive != nil {
				value = p.derived(in, req.Target)
			}
		}
		params = append(params, field(p, "--"+p.Name, value))
	}
	return target, params
}
