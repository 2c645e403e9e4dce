package component

import "strings"

// Directives that users, and extract, write in comments. The compiler ignores
// them, so code with directives doesn't import anything of unweld.
const (
	// ContractDirective, in the comment of an interface, names the component
	// whose contract it is: //unweld:contract pricing
	ContractDirective = "contract"
	// IdempotentDirective, in the comment of a contract's method, says that a
	// call may be repeated.
	IdempotentDirective = "idempotent"
	// SlowDirective, in the comment of a contract's method, says that a call
	// may take long.
	SlowDirective = "slow"
	// InOutDirective, in the comment of a contract's method, names in-out
	// parameters: the method changes their memory, and the changes are copied
	// back to the caller: //unweld:inout p q
	InOutDirective = "inout"
	// LocalDirective, in the comment of a contract's method, says that its calls
	// stay in their caller's process: //unweld:local
	LocalDirective = "local"
	// IgnoreDirective says why a problem of a line is none; see Ignore.
	IgnoreDirective = "ignore"
)

const directivePrefix = "//unweld:"

// Directive returns a directive as it is written in a comment.
func Directive(name string, args ...string) string {
	return strings.Join(append([]string{directivePrefix + name}, args...), " ")
}

// ParseDirective parses one line of a comment, with its comment markers. It
// returns the words after the directive's name, and whether the line is that
// directive.
func ParseDirective(line, name string) (args []string, ok bool) {
	rest, ok := strings.CutPrefix(line, directivePrefix+name)
	if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return nil, false
	}
	return strings.Fields(rest), true
}

// AnyDirective returns what follows the common beginning of a directive, and
// whether a line of a comment is one.
func AnyDirective(line string) (rest string, ok bool) {
	return strings.CutPrefix(line, directivePrefix)
}

// Announcement returns the first sentence of the comment that extract writes
// above a contract, for readers. Releases without directives took the
// component's name from it; see Announced.
func Announcement(iface, name string) string {
	return iface + announces + name + announced
}

const (
	announces = " is what "
	announced = " offers the rest of the program."
)

// Announced returns the component that an interface's comment names in the
// sentence of Announcement, or "". Only trees made by earlier releases, which
// have no ContractDirective, are read that way.
func Announced(iface, comment string) string {
	rest, ok := strings.CutPrefix(strings.Join(strings.Fields(comment), " "), iface+announces)
	name, _, end := strings.Cut(rest, announced)
	if !ok || !end || strings.Contains(name, " ") {
		return ""
	}
	return name
}
