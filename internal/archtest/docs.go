package archtest

import (
	"fmt"
	"regexp"
	"strings"
)

// A Document is one page of the documentation.
type Document struct {
	Path    string // relative to the module's root
	Content string
}

var (
	codeSpan = regexp.MustCompile("`([^`\n]+)`")
	markdown = regexp.MustCompile(`\]\(([^)#:]+)\)`)

	filePath    = regexp.MustCompile(`^[a-z][\w.-]*(/[\w.*-]+)+$`)
	declaration = regexp.MustCompile(`^([a-z]+)\.([A-Z]\w*)(\.[A-Z]\w*)?$`)
	testName    = regexp.MustCompile(`^Test[A-Z]\w*$`)
)

// CheckDocuments reports what pages name and the repository doesn't have: files
// and folders, linked or in code spans, declarations as package.Name, and tests.
// Exists tells whether anything matches a path, which may hold a *. Declared
// tells whether a package of a name has a declaration; a package that isn't the
// module's has all. It also reports a section that stands twice on a page, as it
// does after a merge. What stands in fenced blocks isn't looked at.
func CheckDocuments(documents []Document, exists func(path string) bool, declared func(pkg, name string) bool) []string {
	var problems []string
	for _, d := range documents {
		fenced := false
		n := 0
		sections := map[string]int{}
		for line := range strings.Lines(d.Content) {
			n++
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
			}
			if fenced {
				continue
			}
			if heading := strings.TrimSpace(line); strings.HasPrefix(line, "## ") {
				if first := sections[heading]; first != 0 {
					problems = append(problems, fmt.Sprintf("%s:%d: the section %q is on line %d already", d.Path, n, heading[3:], first))
				} else {
					sections[heading] = n
				}
			}
			for _, missing := range missingIn(line, exists, declared) {
				problems = append(problems, fmt.Sprintf("%s:%d: there is no %s", d.Path, n, missing))
			}
		}
	}
	return problems
}

// missingIn returns what a line names and isn't there.
func missingIn(line string, exists func(string) bool, declared func(pkg, name string) bool) []string {
	var missing []string
	for _, m := range markdown.FindAllStringSubmatch(line, -1) {
		if !exists(m[1]) {
			missing = append(missing, m[1])
		}
	}
	for _, m := range codeSpan.FindAllStringSubmatch(line, -1) {
		span := m[1]
		if d := declaration.FindStringSubmatch(span); d != nil {
			if !declared(d[1], d[2]) {
				missing = append(missing, span)
			}
			continue
		}
		if testName.MatchString(span) && !declared("", span) || filePath.MatchString(span) && !exists(span) {
			missing = append(missing, span)
		}
	}
	return missing
}
