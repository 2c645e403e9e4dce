package generate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// An Option is a setting of a generator, declared in its table entry. Flags,
// validation, completion and documentation are derived from it.
type Option struct {
	Name    string // lower case: "proto"
	Doc     string // one sentence, lower case, without a full stop
	Kind    OptionKind
	Values  []string // Choice, List: the accepted values; List: empty accepts any
	Default string   // in the form in which a user gives it
	// Check returns why a value of the right kind is invalid. May be nil.
	Check func(value string) error
}

// OptionKind is the type of an option's values.
type OptionKind string

// The kinds of options.
const (
	Text   OptionKind = "text"
	Bool   OptionKind = "bool"   // true or false
	Number OptionKind = "number" // an integer, 0 and up
	Choice OptionKind = "choice" // one of Values
	List   OptionKind = "list"   // words separated by commas
)

// Options are the values of a generator's options, by name. They were validated
// by Resolve: the accessors don't fail.
type Options map[string]string

// Text returns the value of an option in the form in which it was given.
func (o Options) Text(name string) string { return o[name] }

// Bool returns the value of an option of kind Bool.
func (o Options) Bool(name string) bool { return o[name] == "true" }

// Number returns the value of an option of kind Number.
func (o Options) Number(name string) int {
	n, _ := strconv.Atoi(o[name])
	return n
}

// List returns the value of an option of kind List.
func (o Options) List(name string) []string {
	return strings.FieldsFunc(o[name], func(r rune) bool { return r == ',' || r == ' ' })
}

// Resolve validates the given values of the options that owner (a binding, say)
// declares, and adds the defaults. An unknown option or invalid value is a
// *component.UsageError that names the option as users write it: grpc.proto.
func Resolve(owner string, declared []Option, given map[string]string) (Options, error) {
	values := Options{}
	for _, o := range declared {
		values[o.Name] = o.Default
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		i := slices.IndexFunc(declared, func(o Option) bool { return o.Name == name })
		if i < 0 {
			return nil, &component.UsageError{Object: owner + "." + name, Reason: "is no option of " + owner, Hint: optionHint(owner, declared)}
		}
		if why := declared[i].problem(given[name]); why != "" {
			return nil, &component.UsageError{Object: owner + "." + name, Reason: why, Hint: "it says " + declared[i].Doc}
		}
		values[name] = given[name]
	}
	return values, nil
}

func optionHint(owner string, declared []Option) string {
	if len(declared) == 0 {
		return owner + " has no options"
	}
	var names []string
	for _, o := range declared {
		names = append(names, owner+"."+o.Name)
	}
	return "there are: " + strings.Join(names, ", ")
}

// problem says why a value can't be given, or "".
func (o *Option) problem(value string) string {
	switch o.Kind {
	case Bool:
		if value != "true" && value != "false" {
			return fmt.Sprintf("%q is neither true nor false", value)
		}
	case Number:
		if n, err := strconv.Atoi(value); err != nil || n < 0 {
			return fmt.Sprintf("%q is no number", value)
		}
	case Choice:
		if !slices.Contains(o.Values, value) {
			return fmt.Sprintf("%q is none of %s", value, strings.Join(o.Values, ", "))
		}
	case List:
		for _, v := range (Options{"": value}).List("") {
			if len(o.Values) > 0 && !slices.Contains(o.Values, v) {
				return fmt.Sprintf("%q is none of %s", v, strings.Join(o.Values, ", "))
			}
		}
	}
	if o.Check != nil {
		if err := o.Check(value); err != nil {
			return err.Error()
		}
	}
	return ""
}
