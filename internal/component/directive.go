package component

import "strings"

// The directives that people, and extract, write into comments. They are
// comments to the compiler, so that code which has them imports nothing.
const (
	// ContractDirective in the comment of an interface says of which component
	// it is the contract: //unweld:contract pricing
	ContractDirective = "contract"
	// IdempotentDirective in the comment of a contract's method says that a
	// call of it may be repeated.
	IdempotentDirective = "idempotent"
	// SlowDirective in the comment of a contract's method says that a call of it
	// may take long.
	SlowDirective = "slow"
	// InOutDirective in the comment of a contract's method names parameters whose
	// memory the method changes and that travel back: //unweld:inout p q
	InOutDirective = "inout"
)

const directivePrefix = "//unweld:"

// Directive spells a directive as it stands in a comment.
func Directive(name string, args ...string) string {
	return strings.Join(append([]string{directivePrefix + name}, args...), " ")
}

// ParseDirective returns what follows a directive's name in a line of a comment,
// markers included, and whether the line is that directive.
func ParseDirective(line, name string) (args []string, ok bool) {
	rest, ok := strings.CutPrefix(line, directivePrefix+name)
	if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return nil, false
	}
	return strings.Fields(rest), true
}

// Announcement is the first sentence in the comment of the contract that extract
// writes, for people. Releases that knew no directives took the component's
// name from it: see Announced.
func Announcement(iface, name string) string {
	return iface + announces + name + announced
}

const (
	announces = " is what "
	announced = " offers the rest of the program."
)

// Announced returns the component that the text of an interface's comment names
// as its own by the sentence of Announcement, or "". It counts only where the
// comment has no ContractDirective, in trees that earlier releases made.
func Announced(iface, comment string) string {
	rest, ok := strings.CutPrefix(strings.Join(strings.Fields(comment), " "), iface+announces)
	name, _, end := strings.Cut(rest, announced)
	if !ok || !end || strings.Contains(name, " ") {
		return ""
	}
	return name
}
