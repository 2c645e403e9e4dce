package lsp

import (
	"reflect"
	"slices"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/lsp/convert"
)

// Conversions are the problems of one module as the protocol has them, by the file
// that they are in. An edit changes those of few files.
type conversions map[string]*conversion

// A conversion is that of the problems of one file. It isn't changed once it is
// made.
type conversion struct {
	under       *settings
	problems    []component.Problem
	on          map[string]version // of each file that they have a place in
	diagnostics []protocol.Diagnostic
	shown       []shown
	id          string // that clients know the diagnostics by; empty as long as none asks
}

// A version of a file is its text, and the name that the editor has for it.
type version struct {
	hash change.Hash
	uri  protocol.DocumentURI
}

// next converts problems, and takes over those of files of which the same is said
// as in last.
func (last conversions) next(p *project, st *settings, found []component.Problem) conversions {
	problems := map[string][]component.Problem{}
	for _, f := range found {
		problems[f.Span.File] = append(problems[f.Span.File], f)
	}
	files := &indexed{project: p, settings: st, lines: map[string]linesOf{}}
	next := conversions{}
	for rel, ps := range problems {
		if c := last[rel]; c != nil && c.under == st && c.holds(p, ps) {
			next[rel] = c
		} else {
			next[rel] = files.convert(ps)
		}
	}
	return next
}

// holds reports whether c is what is to be said of problems now.
func (c *conversion) holds(p *project, problems []component.Problem) bool {
	for rel, v := range c.on {
		if p.Hash(rel) != v.hash || p.URI(rel) != v.uri {
			return false
		}
	}
	return slices.EqualFunc(c.problems, problems, func(a, b component.Problem) bool {
		return a.Span == b.Span && a.Code == b.Code && a.Severity == b.Severity && a.Message == b.Message && a.Hint == b.Hint &&
			slices.Equal(a.Related, b.Related) && (len(a.Fixes)+len(b.Fixes) == 0 || reflect.DeepEqual(a.Fixes, b.Fixes))
	})
}

// indexed is a project in which each file is read and indexed once.
type indexed struct {
	*project
	settings *settings
	lines    map[string]linesOf
	on       map[string]version // that the conversion under way looked at
}

type linesOf struct {
	version
	lines   *text.Lines
	content []byte
	err     error
}

// Lines indexes a file.
func (f *indexed) Lines(rel string) (*text.Lines, []byte, error) {
	l, ok := f.lines[rel]
	if !ok {
		l.uri = f.URI(rel)
		if l.content, l.hash, l.err = f.Content(rel); l.err == nil {
			l.lines = text.NewLines(l.content).In(f.encoding)
		}
		f.lines[rel] = l
	}
	f.on[rel] = l.version
	return l.lines, l.content, l.err
}

// convert converts what is said of one file.
func (f *indexed) convert(problems []component.Problem) *conversion {
	c := &conversion{under: f.settings, problems: problems, on: map[string]version{}}
	f.on = c.on
	for _, p := range problems {
		diagnostic, err := convert.Diagnostic(f, p)
		if err != nil {
			continue // the file is gone since
		}
		if severity := f.settings.severity(p.Code); severity != 0 {
			diagnostic.Severity = severity
		}
		c.diagnostics = append(c.diagnostics, diagnostic)
		inFile := slices.DeleteFunc(slices.Clone(p.Fixes), func(fix engine.Fix) bool { // of other files the version isn't watched
			return slices.ContainsFunc(fix.Edits, func(e engine.Edit) bool { return e.Span.File != p.Span.File })
		})
		c.shown = append(c.shown, shown{diagnostic: diagnostic, problem: p, fixes: inFile})
	}
	return c
}
