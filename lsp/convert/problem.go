package convert

import (
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// Files gives the content of a file by its path in the module, and its URI.
type Files interface {
	Lines(rel string) (*text.Lines, []byte, error)
	URI(rel string) protocol.DocumentURI
}

// Diagnostic converts a problem. The program works as it is, so that a hazard
// is never an error in an editor: what would stop a split is a warning. A mistake
// in unweld.yaml is one, since every verb refuses to go on with it.
func Diagnostic(files Files, p component.Problem) (protocol.Diagnostic, error) {
	lines, content, err := files.Lines(p.Span.File)
	if err != nil {
		return protocol.Diagnostic{}, err
	}
	d := protocol.Diagnostic{
		Range:           Word(lines, content, p.Span),
		Severity:        severity(p),
		Code:            p.Code,
		CodeDescription: &protocol.CodeDescription{Href: protocol.URI(codes.URL(p.Code))},
		Source:          "unweld",
		Message:         p.Message,
	}
	if p.Hint != "" {
		d.Message += "\n" + p.Hint
	}
	for _, r := range p.Related {
		lines, content, err := files.Lines(r.Span.File)
		if err != nil {
			continue // lies in a file that is gone, or in none
		}
		at := protocol.Location{URI: files.URI(r.Span.File), Range: Word(lines, content, r.Span)}
		d.RelatedInformation = append(d.RelatedInformation, protocol.DiagnosticRelatedInformation{Location: at, Message: r.Message})
	}
	return d, nil
}

// Word gives a span without length that of the word it stands at.
func Word(lines *text.Lines, content []byte, span text.Span) protocol.Range {
	start, end := span.Start, span.End
	if start == 0 && span.Line > 1 { // no offsets are known
		start = lines.Offset(span.Line-1, 0) + span.Col - 1
	}
	start = min(start, len(content))
	if end = min(end, len(content)); end <= start {
		for end = start; end < len(content) && inWord(content[end]); end++ {
		}
	}
	return Range(lines, start, end)
}

func inWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

func severity(p component.Problem) protocol.DiagnosticSeverity {
	switch {
	case p.Severity == component.Error && p.Span.File == split.FileName:
		return protocol.DiagnosticSeverityError
	case p.Severity == component.Error:
		return protocol.DiagnosticSeverityWarning
	case p.Severity == component.Warn:
		return protocol.DiagnosticSeverityInformation
	}
	return protocol.DiagnosticSeverityHint
}
