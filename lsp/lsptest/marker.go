package lsptest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/lsp/convert"
)

// A Marker is a line of a test file that says what an editor must show there:
//
//	func (c *Carts) Drop(id string) //@diag("Drop", "no-context", "takes no context")
//
// Its first argument is a text of the same line, before the marker. In YAML it
// begins with #@.
type Marker struct {
	File string // as it was given
	Line int    // from 1
	Name string
	Args []string
	At   protocol.Range // of the first argument
}

// String names the marker in a message.
func (m Marker) String() string {
	quoted := make([]string, len(m.Args))
	for i, a := range m.Args {
		quoted[i] = strconv.Quote(a)
	}
	return fmt.Sprintf("%s:%d: %s(%s)", m.File, m.Line, m.Name, strings.Join(quoted, ", "))
}

var (
	markerStart = regexp.MustCompile(`(//|#)@([a-z]+)\(`)
	markerArg   = regexp.MustCompile("^\\s*,?\\s*(\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)")
)

// Markers reads the markers of a file. Their columns are in the encoding of the editor.
func (e *Editor) Markers(file string, content []byte) ([]Marker, error) {
	var out []Marker
	lines := text.NewLines(content).In(e.encoding)
	start := 0
	for n, line := range strings.SplitAfter(string(content), "\n") {
		for _, at := range markerStart.FindAllStringSubmatchIndex(line, -1) {
			m := Marker{File: file, Line: n + 1, Name: line[at[4]:at[5]]}
			rest := line[at[1]:]
			for {
				arg := markerArg.FindStringSubmatch(rest)
				if arg == nil {
					break
				}
				value, err := strconv.Unquote(arg[1])
				if err != nil {
					return nil, fmt.Errorf("%s: %w", m, err)
				}
				m.Args = append(m.Args, value)
				rest = rest[len(arg[0]):]
			}
			if !strings.HasPrefix(strings.TrimSpace(rest), ")") || len(m.Args) == 0 {
				return nil, fmt.Errorf("%s:%d: not a marker: %s", file, m.Line, strings.TrimSpace(line[at[0]:]))
			}
			i := strings.Index(line[:at[0]], m.Args[0])
			if i < 0 {
				return nil, fmt.Errorf("%s: the line has no such text before it", m)
			}
			m.At = convert.Range(lines, start+i, start+i+len(m.Args[0]))
			out = append(out, m)
		}
		start += len(line)
	}
	return out, nil
}

// Unmatched holds diagnostics, by the names of files that markers have, against the
// markers that expect some. It returns what is missing and what nobody expected.
func Unmatched(markers []Marker, diagnostics map[string][]protocol.Diagnostic) []string {
	var out []string
	taken := map[string][]bool{}
	for file, ds := range diagnostics {
		taken[file] = make([]bool, len(ds))
	}
	for _, m := range markers {
		if m.Name != "diag" {
			continue
		}
		i := slices.IndexFunc(diagnostics[m.File], func(d protocol.Diagnostic) bool { return m.matches(d) })
		for i >= 0 && taken[m.File][i] {
			next := slices.IndexFunc(diagnostics[m.File][i+1:], func(d protocol.Diagnostic) bool { return m.matches(d) })
			if i += next + 1; next < 0 {
				i = -1
			}
		}
		if i < 0 {
			out = append(out, m.String()+": no such diagnostic")
			continue
		}
		taken[m.File][i] = true
	}
	for file, ds := range diagnostics {
		for i, d := range ds {
			if !taken[file][i] {
				out = append(out, fmt.Sprintf("%s:%d: nobody expects %v: %s", file, d.Range.Start.Line+1, d.Code, d.Message))
			}
		}
	}
	slices.Sort(out)
	return out
}

// matches reports whether a diagnostic is the one that a marker expects: at its text,
// with its code and severity and a part of its message, as far as these are given.
func (m Marker) matches(d protocol.Diagnostic) bool {
	if d.Range != m.At {
		return false
	}
	return (len(m.Args) < 2 || d.Code == m.Args[1]) && (len(m.Args) < 3 || strings.Contains(d.Message, m.Args[2])) &&
		(len(m.Args) < 4 || strings.EqualFold(d.Severity.String(), m.Args[3]))
}
