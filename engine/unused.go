package engine

import (
	"fmt"
	"slices"
	"strings"

	allanalyzers "github.com/unweld/unweld/analyzers/all"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// Ignorable reports whether //unweld:ignore can take a code away: it is that of a hazard,
// or of a rule of unweld.yaml.
func Ignorable(code string) bool { return isRule(code) || analyzerOf(code) >= 0 }

func isRule(code string) bool { return strings.HasPrefix(code, "rule-") }

func analyzerOf(code string) int {
	for i, a := range allanalyzers.Analyzers {
		if a.Name == code && a.Severity != "" {
			return i
		}
	}
	return -1
}

// judged is what was looked at, by which directives are judged.
type judged struct {
	summaries []*component.Summary
	about     heeds
	rules     bool // the whole module was held to the rules of unweld.yaml
	hazards   bool // and its hazards were looked for
}

// unused are the directives that ignore what isn't there, as far as that is known.
func (r *reporting) unused() []component.Problem {
	return r.s.unusedIgnores(r.cfg, judged{r.summaries, r.about, r.checked, true})
}

// unusedIgnores are the directives that ignore what isn't there. It is silent where
// nobody has looked, or not at all: at other codes than these, in files of other builds and
// tests, and in a module that doesn't type-check. Hazards of what declared components do
// are looked for in all of the program, those of signatures are judged by the signature
// alone: go vet, which sees one package, reports those of a contract that nobody calls.
func (s *Session) unusedIgnores(cfg *split.Config, j judged) []component.Problem {
	for _, sum := range j.summaries {
		if slices.ContainsFunc(sum.Problems, func(p component.Problem) bool { return p.Severity == component.Error }) {
			return nil
		}
	}
	could := j.signatures()
	ownership := cfg.Ownership(s.Root)
	var out []component.Problem
	for _, sum := range j.summaries {
		declared := ownership.Owner(sum.Package) != ""
		for _, file := range files(sum) {
			for _, i := range s.living.ignores.of(s, file) {
				if len(i.Codes) == 0 {
					out = append(out, s.unusedIgnore(file, i, "", "this //unweld:ignore names no code"))
				}
				for _, code := range i.Codes {
					if why := j.uselessness(heed{file, i.Line, code}, could, declared); why != "" {
						out = append(out, s.unusedIgnore(file, i, code, why))
					}
				}
			}
		}
	}
	return component.SortProblems(out)
}

// signatures are the hazards that signatures would have, were they called from another
// component.
func (j judged) signatures() heeds {
	could := heeds{}
	if !j.hazards {
		return could
	}
	for _, sum := range j.summaries {
		for _, sig := range sum.Contracts {
			for _, p := range sig.Problems {
				could[heed{p.Span.File, p.Span.Line, p.Code}] = true
			}
		}
	}
	return could
}

// files are those of a package in which something is declared.
func files(sum *component.Summary) []string {
	var all []string
	for _, d := range sum.Decls {
		all = append(all, d.Span.File)
	}
	for _, sig := range sum.Contracts {
		all = append(all, sig.Span.File)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// uselessness says why a code of a directive takes nothing away, or "".
func (j judged) uselessness(h heed, could heeds, declared bool) string {
	i := analyzerOf(h.code)
	known := j.about[h] || could[h]
	switch {
	case isRule(h.code):
		known = known || !j.rules
	case i >= 0 && allanalyzers.Analyzers[i].Check != nil:
		known = known || !j.hazards
	case i >= 0:
		known = known || !j.hazards || !declared
	default:
		if _, err := ExplainCode(h.code); err != nil {
			return "no code " + h.code + " is known"
		}
		known = true // of a refusal, or of unweld.yaml
	}
	switch {
	case known:
		return ""
	case h.line == 0:
		return "no code follows this //unweld:ignore " + h.code
	}
	return fmt.Sprintf("line %d has no %s to be ignored", h.line, h.code)
}

func (s *Session) unusedIgnore(file string, i component.Ignore, code, message string) component.Problem {
	p := component.Problem{Code: "unused-ignore", Severity: component.Info, Message: message, Hint: "remove it", Span: i.At}
	p.Span.File = file
	directive := component.Directive(component.IgnoreDirective, strings.Join(i.Codes, ","))
	p.Span.End = min(p.Span.Start+len(strings.TrimRight(directive, " ")), p.Span.End)
	if code != "" {
		if _, err := ExplainCode(code); err != nil {
			p.Hint = component.HintOf(err)
		}
	}
	if content, _, err := s.snap.Content(file); err == nil {
		p.Fixes = []component.Fix{without(content, file, i, code)}
	}
	return p
}

// without takes a code out of a directive, and the directive if it was the last. A line of
// its own goes with it, and so does the empty comment that gofmt puts before directives, where nothing follows.
func without(content []byte, file string, i component.Ignore, code string) component.Fix {
	at := i.At
	at.File = file
	if rest := slices.DeleteFunc(slices.Clone(i.Codes), func(c string) bool { return c == code }); len(rest) > 0 {
		list := strings.Join(i.Codes, ",")
		at.Start += strings.Index(string(content[at.Start:at.End]), list)
		at.End = at.Start + len(list)
		return component.Fix{Title: "Remove " + code + " from this //unweld:ignore", Edits: []component.Edit{{Span: at, New: strings.Join(rest, ",")}}}
	}
	before, after := string(content[:at.Start]), string(content[at.End:])
	if trimmed := strings.TrimRight(before, " \t"); strings.HasSuffix(trimmed, "\n") || trimmed == "" {
		at.Start = len(trimmed)
		line, next, _ := strings.Cut(after, "\n")
		if at.End += len(line); at.End < len(content) {
			at.End++
		}
		empty := strings.TrimRight(strings.TrimSuffix(trimmed, "\n"), "\r")
		if last := empty[strings.LastIndexByte(empty, '\n')+1:]; strings.TrimSpace(last) == "//" && !strings.HasPrefix(strings.TrimLeft(next, " \t"), "//") {
			at.Start = len(empty) - len(last)
		}
	} else {
		at.Start = len(trimmed)
	}
	return component.Fix{Title: "Remove this //unweld:ignore", Edits: []component.Edit{{Span: at}}}
}
