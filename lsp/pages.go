package lsp

import (
	"fmt"
	"strings"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/codes"
)

// previewPage spells a preview for people.
func previewPage(p *engine.Preview) string {
	var b strings.Builder
	b.WriteString("| unit | components |\n|---|---|\n")
	for _, u := range p.Units {
		what := strings.Join(append(append([]string{}, u.Components...), u.Endpoints...), ", ")
		if u.Name == p.Entry {
			what = strings.TrimPrefix(what+", and all else", ", ")
		}
		fmt.Fprintf(&b, "| %s | %s |\n", u.Name, what)
	}
	b.WriteString("\n| entry point | crossings | per item | bytes |\n|---|---|---|---|\n")
	quiet := 0
	for _, e := range p.Entries {
		switch {
		case !e.Followed:
			fmt.Fprintf(&b, "| %s | not known: the handler is computed | | |\n", e.Name)
		case len(e.Calls) == 0:
			quiet++
		default:
			fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", e.Name, e.Crossings.Calls, e.PerItem.Calls, e.Crossings.Bytes+e.PerItem.Bytes)
		}
	}
	fmt.Fprintf(&b, "\n%d of %d entry points stay in one process.\n", quiet, len(p.Entries))
	for _, d := range p.Down {
		fmt.Fprintf(&b, "\nIf %s is down, %d entry points fail and %d stay.\n", d.Unit, len(d.Fails), len(d.Stays))
	}
	previewLists(&b, p)
	return b.String()
}

func previewLists(b *strings.Builder, p *engine.Preview) {
	list := func(title string, n int, line func(int) string) {
		if n == 0 {
			return
		}
		fmt.Fprintf(b, "\n## %s\n\n", title)
		for i := range n {
			fmt.Fprintf(b, "- %s\n", line(i))
		}
	}
	list("Hazards", len(p.Hazards), func(i int) string {
		h := p.Hazards[i]
		return strings.TrimSuffix(fmt.Sprintf("%s: **%s**: %s. %s", h.Pos, h.Name, h.Message, h.Hint), " ")
	})
	list("Can't cross a process", len(p.Local), func(i int) string { return p.Local[i].Endpoint + ": " + p.Local[i].Reason })
	list("Could not be followed", len(p.Unknown), func(i int) string { return p.Unknown[i].Pos + ": " + p.Unknown[i].Reason })
	list("Not bound yet", len(p.Unbound), func(i int) string { return p.Unbound[i].Component })
	list("Targets", len(p.Targets), func(i int) string {
		if t := p.Targets[i]; t.Problem != "" {
			return t.Name + ": " + t.Problem
		}
		return p.Targets[i].Name + " takes it"
	})
}

// codePage is the documentation of a code.
func codePage(c codes.Code) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s.\n\n%s\n", c.Severity, c.Title, c.Why)
	if c.Before != "" {
		fmt.Fprintf(&b, "\nBefore:\n\n```\n%s\n```\n", strings.TrimSpace(c.Before))
	}
	if c.After != "" {
		fmt.Fprintf(&b, "\nAfter:\n\n```\n%s\n```\n", strings.TrimSpace(c.After))
	}
	return b.String()
}

// explanationPage spells why components are coupled, and what cutting would take.
func explanationPage(e *engine.Explanation) string {
	var b strings.Builder
	for _, c := range e.Couplings {
		fmt.Fprintf(&b, "## %s uses %s\n\n", c.From, c.To)
		for i, ev := range c.Evidence {
			if i == fewReferences {
				fmt.Fprintf(&b, "- and %d more\n", len(c.Evidence)-i)
				break
			}
			fmt.Fprintf(&b, "- %s: %s %s\n", ev.Pos, ev.Kind, ev.To)
		}
		b.WriteString("\n")
	}
	if len(e.Cut) > 0 {
		b.WriteString("## To part them\n\n")
		for _, step := range e.Cut {
			b.WriteString("1. " + step + "\n")
		}
	}
	if len(e.Couplings) == 0 {
		b.WriteString("Nothing ties them together.\n")
	}
	return b.String()
}
