//go:build unweldtest

package link

import (
	"regexp"
	"strings"
)

// dropped are the flags of a test binary that a process must not share with the
// one that started it; true: the flag has a value.
var dropped = map[string]bool{
	"run": true, "v": false, "count": true, "list": true, "shuffle": true, "cpu": true,
	"bench": true, "benchtime": true, "benchmem": false, "fuzz": true, "fuzztime": true, "fuzzminimizetime": true, "fuzzworker": false,
	"coverprofile": true, "gocoverdir": true, "cpuprofile": true, "memprofile": true, "memprofilerate": true,
	"blockprofile": true, "blockprofilerate": true, "mutexprofile": true, "mutexprofilefraction": true,
	"trace": true, "outputdir": true, "testlogfile": true, "paniconexit0": false, "artifacts": false,
}

// testArgs are the arguments to run one test with, or none: those of this
// process, with the subtests that they select.
func testArgs(args []string, test string) []string {
	out := []string{"-test.run=^$", "-test.count=1", "-test.v=false"}
	if test != "" {
		out[0] = "-test.run=^" + test + "$"
	}
	for i := 0; i < len(args); i++ {
		name, ok := strings.CutPrefix(strings.TrimLeft(args[i], "-"), "test.")
		if !ok || args[i][0] != '-' {
			out = append(out, args[i])
			continue
		}
		name, value, joined := strings.Cut(name, "=")
		takes, drop := dropped[name]
		if !drop {
			out = append(out, args[i])
			continue
		}
		if takes && !joined && i+1 < len(args) {
			i++
			value = args[i]
		}
		if name == "run" && test != "" {
			out[0] = "-test.run=" + runPattern(value, test)
		}
	}
	return out
}

// runPattern narrows a pattern of -test.run to one test; what it says of
// subtests, behind a slash, stays.
func runPattern(pattern, test string) string {
	exact := "^" + test + "$"
	var out []string
	for _, alternative := range splitPattern(pattern, '|') {
		parts := splitPattern(alternative, '/')
		if ok, err := regexp.MatchString(parts[0], test); err != nil || !ok {
			continue
		}
		if len(parts) == 1 {
			return exact
		}
		parts[0] = exact
		out = append(out, strings.Join(parts, "/"))
	}
	if out == nil {
		return exact
	}
	return strings.Join(out, "|")
}

// splitPattern splits at a separator outside brackets and parentheses, as
// package testing does.
func splitPattern(pattern string, at byte) []string {
	var out []string
	start, square, round := 0, 0, 0
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '[':
			square++
		case ']':
			square = max(square-1, 0)
		case '(':
			if square == 0 {
				round++
			}
		case ')':
			if square == 0 {
				round--
			}
		case '\\':
			i++
		case at:
			if square == 0 && round == 0 {
				out = append(out, pattern[start:i])
				start = i + 1
			}
		}
	}
	return append(out, pattern[start:])
}
