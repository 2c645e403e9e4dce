// Package codes documents every code that a front end can print beside a
// message: what it means, why it matters, and what code or configuration looks
// like before and after. The reference page, editors, SARIF reports and
// `unweld explain --code` read it.
//
// The codes of analyzers are documented by the analyzers themselves, in the same
// form. A test walks the whole repository and fails for a code that is in neither
// place. This package is plain data and knows nothing of who reports a code.
package codes

import (
	"cmp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// Doc is what is to be known of a code, in plain text.
type Doc struct {
	Family string `json:"family"` // heading of the reference page
	Title  string `json:"title"`  // one line, lower case, no full stop: what was found
	Why    string `json:"why"`    // what goes wrong, in full sentences

	// Before is input for which the code is reported, and After the same input
	// put right: the file svc/svc.go of a module example.com/m, a txtar archive, or
	// unweld.yaml. Where only a sequence of steps leads to the code, it is told in
	// lines of plain text.
	Before string `json:"before"`
	After  string `json:"after"`
	// Run is the command that reports the code on Before, without the name of
	// the program: "bind svc --to unix". Empty where it takes more than one.
	Run string `json:"run,omitempty"`

	Since string `json:"since"` // the version of unweld that reported it first
}

// A Code is one documented code. Its name never changes its meaning: baselines,
// directives and scripts hold on to it.
type Code struct {
	Name     string             `json:"name"`     // lower case, words joined by "-": chan-in-contract
	Severity component.Severity `json:"severity"` // the usual one; a report may lower it
	Doc
}

// The families, in the order of the reference page.
const (
	Crossing = "What can't cross a process"
	Behaves  = "What behaves differently across a process"
	Rules    = "Rules of unweld.yaml"
	Extract  = "What extract and refactor refuse"
	Generate = "What bind, state and eject refuse"
	Config   = "What is wrong in unweld.yaml"
	Splits   = "What a split can't do"
	Loading  = "What could not be loaded"
)

// Families lists the families in the order of the reference page.
var Families = []string{Crossing, Behaves, Rules, Extract, Generate, Config, Splits, Loading}

// All returns the codes of this package, by name. The slice is the caller's.
func All() []Code {
	all := slices.Concat(crossing, behaves, rules, extract, changes, move, shapes, state, generate, config, splits, loading)
	slices.SortFunc(all, func(a, b Code) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Page is the reference page of all codes; each has a heading of its name.
const Page = "https://github.com/unweld/unweld/blob/main/docs/hazards.md"

// URL returns the address of what the reference page says of a code.
func URL(name string) string { return Page + "#" + name }

// Example returns the files of an example of the code by their paths, or nil
// where it is told in sentences.
func (c Code) Example(text string) map[string]string {
	switch {
	case strings.HasPrefix(text, "-- "):
		files, name := map[string]string{}, ""
		for line := range strings.Lines(text) {
			if rest, ok := strings.CutPrefix(line, "-- "); ok {
				name = strings.TrimSuffix(strings.TrimSpace(rest), " --")
				files[name] = ""
				continue
			}
			files[name] += line
		}
		return files
	case strings.HasPrefix(text, "package "):
		return map[string]string{"svc/svc.go": text}
	case c.Family == Config || strings.HasPrefix(text, "version:"):
		return map[string]string{"unweld.yaml": text}
	}
	return nil
}

// Language returns what an example is written in, as Markdown names it.
func (c Code) Language(text string) string {
	for name := range c.Example(text) {
		if strings.HasSuffix(name, ".go") {
			return "go"
		}
	}
	if c.Example(text) != nil {
		return "yaml"
	}
	return "text"
}
