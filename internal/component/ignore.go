package component

import (
	"bytes"
	"go/scanner"
	"go/token"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/text"
)

// An Ignore is a directive that says why a problem of a line is none:
//
//	//unweld:ignore no-context it takes a microsecond and can't be waited for
//
// It stands at the end of the line, or in the comment above it. Without a reason it
// doesn't count.
type Ignore struct {
	Line   int       // that it is about, from 1; 0 where no code follows it
	At     text.Span // of the directive itself; its File is empty
	Codes  []string
	Reason string
}

// Ignores lists the directives of a Go file, in the order in which they stand there.
func Ignores(content []byte) []Ignore {
	prefix := []byte(Directive(IgnoreDirective))
	if !bytes.Contains(content, prefix) {
		return nil
	}
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(content))
	var s scanner.Scanner
	s.Init(file, content, func(token.Position, string) {}, scanner.ScanComments)
	var out []Ignore
	waiting, last := 0, 0 // the first of out that is about the next line of code; the line on which code stood last
	for {
		pos, tok, lit := s.Scan()
		line := file.Line(pos)
		switch {
		case tok == token.COMMENT:
			if args, ok := ParseDirective(strings.TrimRight(lit, "\r"), IgnoreDirective); ok {
				at := text.Span{Start: file.Offset(pos), Line: line, Col: file.Position(pos).Column}
				at.End = at.Start + len(strings.TrimRight(lit, "\r"))
				out = append(out, newIgnore(args, at))
				if line == last { // at the end of it
					out[len(out)-1].Line = line
				}
			}
			continue
		case tok == token.SEMICOLON && lit == "\n":
			continue // the scanner puts it there, behind a comment, too
		}
		for ; waiting < len(out); waiting++ {
			if out[waiting].Line == 0 && tok != token.EOF {
				out[waiting].Line = line
			}
		}
		if tok == token.EOF {
			return out
		}
		last = line + strings.Count(lit, "\n")
	}
}

func newIgnore(args []string, at text.Span) Ignore {
	if len(args) == 0 {
		return Ignore{At: at}
	}
	return Ignore{At: at, Codes: strings.Split(args[0], ","), Reason: strings.Join(args[1:], " ")}
}

// Ignored reports whether a directive says that a code is no problem on a line. Mistaken
// is one that would, if it had a reason.
func Ignored(all []Ignore, line int, code string) (ignored, mistaken bool) {
	for _, i := range all {
		if i.Line == line && line > 0 && slices.Contains(i.Codes, code) {
			ignored, mistaken = ignored || i.Reason != "", mistaken || i.Reason == ""
		}
	}
	return ignored, mistaken && !ignored
}

// NoReason is what is said beside a problem whose directive has no reason.
const NoReason = "the //unweld:ignore of this line gives no reason, so it doesn't count"
