package lock

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// An Edit is a change made in a user's file, in a form that can be reversed
// after the user has edited the file further.
type Edit struct {
	File   string      `json:"file"`
	Before change.Hash `json:"before,omitempty"` // empty: there was no such file
	After  change.Hash `json:"after"`
	Hunks  []Hunk      `json:"hunks"`
}

// A Hunk is a run of whole lines that was replaced by another.
type Hunk struct {
	Line   int    `json:"line"` // first line of After in the new file, from 1
	Before string `json:"before"`
	After  string `json:"after"`
	Above  string `json:"above,omitempty"` // the line before it
	Below  string `json:"below,omitempty"` // the line after it
}

// EditOf describes the change of a file from before to after. Edits are
// those of change.Between: whole lines, sorted.
func EditOf(name string, before, after []byte, existed bool) Edit {
	fe := Edit{File: name, After: change.HashOf(after), Hunks: []Hunk{}}
	if existed {
		fe.Before = change.HashOf(before)
	}
	if !existed {
		fe.Hunks = append(fe.Hunks, Hunk{Line: 1, After: string(after)})
		return fe
	}
	set := change.Between("", map[string][]byte{name: before}, map[string][]byte{name: after})
	if len(set.Files) == 0 {
		return fe
	}
	shift := 0
	for _, e := range set.Files[0].Edits {
		start := e.Start + shift
		end := start + len(e.New)
		fe.Hunks = append(fe.Hunks, Hunk{
			Line: strings.Count(string(after[:start]), "\n") + 1, Before: string(before[e.Start:e.End]), After: e.New,
			Above: lineBefore(string(after), start), Below: lineAfter(string(after), end),
		})
		shift += len(e.New) - (e.End - e.Start)
	}
	return fe
}

func lineBefore(s string, at int) string {
	if at == 0 {
		return ""
	}
	return s[strings.LastIndexByte(s[:at-1], '\n')+1 : at]
}

func lineAfter(s string, at int) string {
	line, _, more := strings.Cut(s[at:], "\n")
	if more {
		line += "\n"
	}
	return line
}

// Reverse reverses the edit in the file's present content. Lines of it that
// were edited since are reported as problems with their position.
func (fe Edit) Reverse(now []byte) ([]byte, []component.Problem) {
	lines := slices.Collect(strings.Lines(string(now)))
	var problems []component.Problem
	for _, h := range slices.Backward(fe.Hunks) {
		after := slices.Collect(strings.Lines(h.After))
		at := h.find(lines, after)
		if at < 0 {
			what := "what bind wrote here was edited since: " + strings.TrimSpace(firstOf(h.After, h.Above))
			problems = append(problems, component.Problem{Code: "edited-since", Severity: component.Error,
				Span: text.Span{File: fe.File, Line: min(h.Line, len(lines)+1), Col: 1}, Message: what,
				Hint: fmt.Sprintf("put back %q and eject again", strings.TrimSpace(firstOf(h.After, h.Before)))})
			continue
		}
		lines = slices.Replace(lines, at, at+len(after), slices.Collect(strings.Lines(h.Before))...)
	}
	return []byte(strings.Join(lines, "")), problems
}

// ReverseSet reverses an edit of a file whose lines are a set, like go.sum: the
// go command may have inserted other lines between them.
func (fe Edit) ReverseSet(now []byte) []byte {
	lines := slices.Collect(strings.Lines(string(now)))
	for _, h := range fe.Hunks {
		for line := range strings.Lines(h.After) {
			lines = slices.DeleteFunc(lines, func(l string) bool { return l == line })
		}
		lines = slices.AppendSeq(lines, strings.Lines(h.Before))
	}
	if fe.Before != "" {
		slices.Sort(lines)
	}
	return []byte(strings.Join(lines, ""))
}

// firstOf returns the first line of the first argument that has one.
func firstOf(texts ...string) string {
	for _, t := range texts {
		if line, _, _ := strings.Cut(t, "\n"); strings.TrimSpace(line) != "" {
			return line
		}
	}
	return ""
}

// find returns the index at which the hunk's new lines stand: between the same
// neighbours if possible, nearest to where they were; -1 if nowhere, or if
// several places are equally good.
func (h Hunk) find(lines, after []string) int {
	best, score, ties := -1, -1, 0
	for at := 0; at+len(after) <= len(lines); at++ {
		if !slices.Equal(lines[at:at+len(after)], after) {
			continue
		}
		n := h.neighbours(lines, at, at+len(after))
		if len(after) == 0 && n < 2 {
			continue // a removed line is found by both its neighbours alone
		}
		switch {
		case at == h.Line-1 && n == 2:
			return at
		case n > score:
			best, score, ties = at, n, 1
		case n == score:
			ties++
			if abs(at-h.Line+1) < abs(best-h.Line+1) {
				best = at
			}
		}
	}
	if ties > 1 && score < 2 {
		return -1
	}
	return best
}

func (h Hunk) neighbours(lines []string, start, end int) int {
	n := 0
	if start == 0 && h.Above == "" || start > 0 && lines[start-1] == h.Above {
		n++
	}
	if end == len(lines) && h.Below == "" || end < len(lines) && lines[end] == h.Below {
		n++
	}
	return n
}

func abs(n int) int { return max(n, -n) }

// Declared reports whether bind added the component to unweld.yaml.
func (p *Part) Declared() bool { return slices.ContainsFunc(p.Edits, Edit.OfConfig) }

// OfConfig reports whether the edited file is unweld.yaml.
func (fe Edit) OfConfig() bool { return fe.File == split.FileName }
