package archtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var emphasised = regexp.MustCompile(`\*([^*]+)\*`)

// CheckGlossary reports what is wrong with the table below the heading Glossary
// of a page: rows that aren't sorted, and terms that no name in the code uses.
// names are declared identifiers and folders; a term is used where a name
// contains its words, or the last of them, in any case.
func CheckGlossary(page Document, names []string) []string {
	_, glossary, ok := strings.Cut(page.Content, "\n## Glossary\n")
	if !ok {
		return []string{page.Path + ": there is no glossary"}
	}
	all := strings.ToLower(strings.Join(names, "\n"))
	var problems, terms []string
	for line := range strings.Lines(glossary) {
		cells := strings.Split(line, " | ")
		if len(cells) != 3 || cells[0] == "| term" {
			continue
		}
		row := strings.Split(strings.TrimPrefix(cells[0], "| "), ", ")
		terms = append(terms, row[0])
		for _, m := range emphasised.FindAllStringSubmatch(cells[1], -1) {
			row = append(row, m[1])
		}
		for _, term := range row {
			words := strings.FieldsFunc(strings.ToLower(term), func(r rune) bool { return r == ' ' || r == '-' })
			if !strings.Contains(all, strings.Join(words, "")) && !strings.Contains(all, words[len(words)-1]) {
				problems = append(problems, fmt.Sprintf("%s: the glossary explains %q, which no name uses", page.Path, term))
			}
		}
	}
	if len(terms) == 0 {
		problems = append(problems, page.Path+": the glossary has no rows")
	}
	if !slices.IsSorted(terms) {
		problems = append(problems, page.Path+": the glossary isn't sorted")
	}
	return problems
}
