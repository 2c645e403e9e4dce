package code

import (
	"bytes"
	"cmp"
	"context"
	"go/ast"
	"go/format"
	"go/scanner"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
)

// An edit replaces a range of a file. Its text is computed when the file is
// rendered, and may render ranges inside the one it replaces: that is how an
// expression moves together with the edits inside it.
type edit struct {
	start, end int
	text       func() string
}

// Insert inserts s at pos, after what was inserted there earlier.
func (f *File) Insert(pos token.Pos, s string) {
	o := f.Offset(pos)
	f.edits = append(f.edits, &edit{start: o, end: o, text: func() string { return s }})
}

// InsertFunc inserts at pos what text returns when the file is rendered.
func (f *File) InsertFunc(pos token.Pos, text func() string) {
	o := f.Offset(pos)
	f.edits = append(f.edits, &edit{start: o, end: o, text: text})
}

// Replace replaces the bytes between pos and end.
func (f *File) Replace(pos, end token.Pos, s string) {
	f.ReplaceFunc(pos, end, func() string { return s })
}

// ReplaceFunc replaces the bytes between pos and end by what text returns when
// the file is rendered.
func (f *File) ReplaceFunc(pos, end token.Pos, text func() string) {
	f.edits = append(f.edits, &edit{start: f.Offset(pos), end: f.Offset(end), text: text})
}

// InsertFirst inserts s at pos, before what was inserted there earlier.
func (f *File) InsertFirst(pos token.Pos, s string) {
	f.InsertFirstFunc(pos, func() string { return s })
}

// InsertFirstFunc is InsertFirst of what text returns when the file is rendered.
func (f *File) InsertFirstFunc(pos token.Pos, text func() string) {
	o := f.Offset(pos)
	f.edits = slices.Insert(f.edits, 0, &edit{start: o, end: o, text: text})
}

// Take removes the edit that replaces all of n and returns its text, or nil
// where there is none.
func (f *File) Take(n ast.Node) func() string {
	i := f.replacing(n)
	if i < 0 {
		return nil
	}
	e := f.edits[i]
	f.edits = slices.Delete(f.edits, i, i+1)
	return e.text
}

// RenderWhole returns the text of n, which an edit may replace as a whole.
func (f *File) RenderWhole(n ast.Node) string {
	if i := f.replacing(n); i >= 0 {
		return f.edits[i].text()
	}
	return f.Render(n)
}

// replacing returns the index of the edit that replaces all of n, or -1.
func (f *File) replacing(n ast.Node) int {
	start, end := f.Offset(n.Pos()), f.Offset(n.End())
	return slices.IndexFunc(f.edits, func(e *edit) bool { return e.start == start && e.end == end })
}

// ReplaceRange replaces the bytes between two offsets.
func (f *File) ReplaceRange(start, end int, s string) {
	f.edits = append(f.edits, &edit{start: start, end: end, text: func() string { return s }})
}

// Rewrites says that an edit changes the text of a comment: it isn't lost.
func (f *File) Rewrites(c *ast.Comment) {
	if f.rewritten == nil {
		f.rewritten = map[*ast.Comment]bool{}
	}
	f.rewritten[c] = true
}

// Lines returns the offsets of a node with the space before it and, where nothing
// follows it on its line, that line's end: what is to go with it.
func (f *File) Lines(n ast.Node) (start, end int) {
	start, end = f.Offset(n.Pos()), f.Offset(n.End())
	for start > 0 && (f.Before[start-1] == ' ' || f.Before[start-1] == '\t') {
		start--
	}
	at := end
	for at < len(f.Before) && (f.Before[at] == ' ' || f.Before[at] == '\t' || f.Before[at] == '\r') {
		at++
	}
	if at < len(f.Before) && f.Before[at] == '\n' {
		end = at + 1
	}
	return start, end
}

// Delete makes the file go. What it declared must stand elsewhere.
func (f *File) Delete() { f.deleted = true }

// Render returns the text of n with the edits inside it.
func (f *File) Render(n ast.Node) string {
	return f.render(f.Offset(n.Pos()), f.Offset(n.End()), false)
}

// render applies the outermost edits in [start, end). An edit that replaces the
// whole range is the one that is asking, and what is inserted at its ends
// belongs to what is around it, unless whole is set.
func (f *File) render(start, end int, whole bool) string {
	var in []*edit
	for _, e := range f.edits {
		switch {
		case e.start < start || e.end > end:
		case !whole && e.start == start && e.end == end && e.end > e.start:
		case !whole && e.start == e.end && (e.start == start || e.start == end):
		default:
			in = append(in, e)
		}
	}
	slices.SortStableFunc(in, func(a, b *edit) int {
		if a.start == b.start && (a.start == a.end) != (b.start == b.end) {
			return cmp.Compare(a.end-a.start, b.end-b.start)
		}
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	var out strings.Builder
	at := start
	for _, e := range in {
		if e.start < at {
			continue // inside a replaced range, whose text renders it
		}
		out.Write(f.Before[at:e.start])
		out.WriteString(f.indent(e.start, e.text()))
		at = e.end
	}
	out.Write(f.Before[at:end])
	return out.String()
}

// Edited reports whether f has edits, or goes.
func (f *File) Edited() bool { return len(f.edits) > 0 || len(f.added) > 0 || f.deleted }

// editedIn reports whether an edit touches what stands between two offsets.
func (f *File) editedIn(start, end int) bool {
	return slices.ContainsFunc(f.edits, func(e *edit) bool { return e.start <= end && e.end >= start })
}

// After returns the content of f with its edits, formatted if it was, and with
// the line ends that it has.
func (f *File) After() []byte {
	before := unixLines(f.Before)
	was, err := format.Source(before)
	f.unformatted = err != nil || !bytes.Equal(was, before)
	f.render(0, len(f.Before), true) // learns which imports the edits want
	f.writeImports()
	out := []byte(f.render(0, len(f.Before), true))
	windows := windowsLines(f.Before)
	if windows {
		out = unixLines(out)
	}
	if !f.unformatted {
		if formatted, err := format.Source(out); err == nil {
			out = formatted
		}
	}
	if windows {
		out = bytes.ReplaceAll(out, []byte("\n"), []byte("\r\n"))
	}
	return out
}

// FormatLike formats after if before was formatted, and gives it the line ends
// that before has.
func FormatLike(before, after []byte) []byte {
	plain, out := unixLines(before), after
	if was, err := format.Source(plain); err == nil && bytes.Equal(was, plain) {
		if formatted, err := format.Source(unixLines(after)); err == nil {
			out = formatted
		}
	}
	return LinesLike(before, out)
}

// LinesLike gives after the line ends that before has, if those are all alike.
func LinesLike(before, after []byte) []byte {
	if windowsLines(before) {
		return bytes.ReplaceAll(unixLines(after), []byte("\n"), []byte("\r\n"))
	}
	return after
}

// windowsLines reports whether every line ends as Windows ends it.
func windowsLines(content []byte) bool {
	n := bytes.Count(content, []byte("\n"))
	return n > 0 && n == bytes.Count(content, []byte("\r\n"))
}

func unixLines(content []byte) []byte {
	return bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
}

// indent indents the lines of a text that goes to an offset of a file which
// nothing formats afterwards. A raw string stays as it is.
func (f *File) indent(at int, text string) string {
	if !f.unformatted || !strings.Contains(text, "\n") || strings.Contains(text, "`") {
		return text
	}
	line := f.Before[bytes.LastIndexByte(f.Before[:at], '\n')+1:]
	base := string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
	depth := 0
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "}") || strings.HasPrefix(l, ")") {
			depth--
		}
		if i > 0 && (l == "" && i == len(lines)-1 || l != "" && l[0] != ' ' && l[0] != '\t') {
			lines[i] = base + strings.Repeat("\t", max(depth, 0)) + l
		}
		if strings.HasSuffix(l, "{") || strings.HasSuffix(l, "(") {
			depth++
		}
	}
	return strings.Join(lines, "\n")
}

// lostComments returns the comments in functions of edited files that no new content
// has.
func (w *World) lostComments(after map[string][]byte) []change.Note {
	have := map[string]int{}
	for _, content := range after {
		countComments(content, have)
	}
	var out []change.Note
	for _, f := range w.Files {
		if !f.Edited() {
			continue
		}
		for _, group := range f.AST.Comments {
			for _, c := range group.List {
				text := string(unixLines([]byte(c.Text)))
				if have[text]--; have[text] < 0 && !f.rewritten[c] && f.insideFunc(c.Pos()) {
					out = append(out, change.Note{Span: f.world.Span(c), Message: "this comment has no place in the new code: put it back by hand: " + text})
				}
			}
		}
	}
	return out
}

// countComments adds the comments of a Go file to have.
func countComments(content []byte, have map[string]int) {
	var s scanner.Scanner
	fset := token.NewFileSet()
	s.Init(fset.AddFile("", -1, len(content)), content, nil, scanner.ScanComments)
	for {
		_, tok, lit := s.Scan()
		if tok == token.EOF {
			return
		}
		if tok == token.COMMENT {
			have[lit]++
		}
	}
}

func (f *File) insideFunc(pos token.Pos) bool {
	for _, d := range f.AST.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil && fn.Body.Pos() < pos && pos < fn.Body.End() {
			return true
		}
	}
	return false
}

// Result makes the change set of all edits and of the created files, after
// checking that the module builds with it. Where the request lets generators run, what
// they write is part of it.
func (w *World) Result(ctx context.Context, what, title string, created map[string][]byte, notes []change.Note) (change.Set, error) {
	before, after := map[string][]byte{}, map[string][]byte{}
	outdated := w.outdated()
	for _, f := range w.Files {
		if !f.Edited() {
			continue
		}
		if f.Generated() && !f.deleted && w.Generator(f) == nil {
			notes = append(notes, NoteEdited(f.Rel))
		}
		before[f.Rel] = f.Before
		if !f.deleted {
			after[f.Rel] = f.After()
		}
	}
	for rel, content := range created {
		if w.windowsFolder(path.Dir(rel)) {
			content = bytes.ReplaceAll(unixLines(content), []byte("\n"), []byte("\r\n"))
		}
		after[rel] = content
	}
	lost := w.lostComments(after)
	if w.runs && len(outdated) > 0 {
		said, err := w.writeAnew(ctx, what, outdated, before, after)
		if err != nil {
			return change.Set{}, err
		}
		notes = append(notes, said...)
	} else {
		for _, f := range outdated {
			notes = append(notes, w.NoteOutdated(f))
		}
	}
	changed := w.Snapshot.WithOverlay(w.overlay(before, after))
	if err := w.Check(ctx, changed, what); err != nil {
		return change.Set{}, err
	}
	if err := w.checkBuilds(ctx, changed, what, after); err != nil {
		return change.Set{}, err
	}
	notes = append(notes, lost...)
	for _, p := range w.unembedded {
		notes = append(notes, change.Note{Span: p.Span, Message: "the package doesn't build, before and after: " + p.Message})
	}
	set := change.Between(title, before, after)
	slices.SortStableFunc(notes, func(a, b change.Note) int {
		return cmp.Or(a.Span.Compare(b.Span), strings.Compare(a.Message, b.Message))
	})
	set.Notes = slices.Compact(notes)
	return set, nil
}

// overlay is what a snapshot lays over the module for a change: of a file that goes an
// empty one of its package.
func (w *World) overlay(before, after map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for rel, content := range before {
		if path.Ext(rel) == ".go" {
			out[w.Snapshot.Abs(rel)] = []byte("package " + packageName(content) + "\n")
		}
	}
	for rel, content := range after {
		out[w.Snapshot.Abs(rel)] = content
	}
	return out
}

// writeAnew has generated files written from what a change leads to, and makes what
// comes out part of it.
func (w *World) writeAnew(ctx context.Context, what string, outdated []*File, before, after map[string][]byte) ([]change.Note, error) {
	now, stale := maps.Clone(after), map[*File]string{}
	for _, f := range w.Files {
		if !f.deleted && now[f.Rel] == nil {
			now[f.Rel] = f.Before
		}
	}
	for _, f := range outdated {
		stale[f] = f.Rel
	}
	written, notes, err := w.Regenerate(ctx, what, change.Between("", before, after), now, stale)
	if err != nil {
		return nil, err
	}
	for rel, content := range written {
		if _, known := before[rel]; !known {
			if old, _, err := w.Snapshot.Content(rel); err == nil {
				before[rel] = old
			}
		}
		if after[rel] = content; content == nil {
			delete(after, rel)
		}
	}
	return notes, nil
}

// windowsFolder reports whether every file of a folder has the line ends of
// Windows.
func (w *World) windowsFolder(dir string) bool {
	any := false
	for _, f := range w.Files {
		if path.Dir(f.Rel) != dir {
			continue
		}
		if !windowsLines(f.Before) {
			return false
		}
		any = true
	}
	return any
}

// withoutEmbeds separates problems from go:embed directives that find nothing, which are
// nothing that a refactoring needs; of each place one.
func withoutEmbeds(problems []component.Problem) (others, embeds []component.Problem) {
	for _, p := range component.SortProblems(problems) {
		switch {
		case p.Code != source.EmbedMissing:
			others = append(others, p)
		case len(embeds) == 0 || embeds[len(embeds)-1].Span != p.Span:
			embeds = append(embeds, p)
		}
	}
	return others, embeds
}

// Check type-checks the module as snap has it, with its tests: what w would lead to.
func (w *World) Check(ctx context.Context, snap *source.Snapshot, what string) error {
	found, err := snap.Problems(ctx, w.Packages, refactor.Everything(snap))
	found, _ = withoutEmbeds(found)
	if err != nil || len(found) == 0 {
		return err
	}
	for i := range found {
		found[i].Message = "the code that would come out doesn't type-check here: " + found[i].Message
	}
	return component.Refuse(what, found...)
}
