package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/lsp/convert"
)

// hover tells what the last analysis knows of the declaration or call at a
// place: whose it is, who else uses it, and what would happen if it were to
// cross. It never analyses; where nothing is known the answer is null.
func hover(ctx context.Context, s *server, v view, params json.RawMessage) (any, error) {
	var p protocol.HoverParams
	if err := decode(params, &p); err != nil {
		return nil, err
	}
	if config := s.config(ctx, v, p.TextDocument.URI); config != nil {
		return configHover(config, p.Position), nil
	}
	path, ok := pathOf(p.TextDocument.URI)
	doc, open := v[path]
	if _, ours := s.workspace.rootOf(path); !ok || !open || !ours {
		return nil, nil
	}
	project, err := s.lastProject(ctx, v, path)
	if err != nil {
		return nil, nil
	}
	at := convert.Span(project.Rel(path), doc.text, protocol.Range{Start: p.Position, End: p.Position}, project.encoding)
	d, known := project.Describe(at)
	if !known {
		return nil, nil
	}
	lines, _, err := project.Lines(d.Span.File)
	if err != nil {
		return nil, nil
	}
	r := convert.Range(lines, d.Span.Start, d.Span.End)
	value := markdown(d) + crossingOf(project.LastOverview(), d, project.ImportPath(at.File))
	return protocol.Hover{Contents: protocol.MarkupContent{Kind: protocol.Markdown, Value: value}, Range: &r}, nil
}

// crossingOf says where something runs in the chosen split, and which calls of it cross a
// process, that of the package from among them.
func crossingOf(o *engine.Overview, d *engine.Description, from string) string {
	if o == nil || o.Split == "" || d.Shared || d.Component == "" {
		return ""
	}
	unit := o.Unit(d.Component)
	var crossing []string
	for _, u := range d.Uses {
		if other := o.Unit(u.Component); other != unit && other != "" {
			crossing = append(crossing, u.Component)
		}
	}
	said := fmt.Sprintf("- in split %s it runs in %s", o.Split, unit)
	here := o.UnitOfPackage(from)
	switch {
	case here != unit && d.Subject.Decl.Name != "":
		said += ": from here, in " + here + ", each call crosses a process"
	case len(crossing) > 0:
		said += ": calls from " + strings.Join(crossing, ", ") + " cross a process"
	case d.Endpoint:
		said += ", and so does what calls it"
	}
	return said + "\n"
}

// markdown spells a description for people.
func markdown(d *engine.Description) string {
	var b strings.Builder
	switch {
	case d.Shared:
		b.WriteString("**shared** by the components of the program")
	case d.Declared:
		fmt.Fprintf(&b, "component **%s**", d.Component)
	default:
		fmt.Fprintf(&b, "component **%s** (found, not declared)", d.Component)
	}
	if d.Contract != "" {
		fmt.Fprintf(&b, ", contract `%s`", d.Contract)
	}
	b.WriteString("\n\n")
	for _, u := range d.Uses {
		fmt.Fprintf(&b, "- %s uses it in %d %s\n", u.Component, u.Count, plural(u.Count, "declaration", "declarations"))
	}
	if len(d.Uses) == 0 && !d.Shared {
		b.WriteString("- no other component uses it\n")
	}
	if d.Endpoint {
		b.WriteString("- " + effect(d.Reads) + "\n")
	}
	if d.Endpoint && len(d.Hazards) == 0 {
		b.WriteString("- no reason is known why it couldn't cross a process\n")
	}
	for _, h := range together(d.Hazards) {
		fmt.Fprintf(&b, "- **%s**: %s", h.Code, h.Message)
		if h.Hint != "" {
			b.WriteString(" (" + h.Hint + ")")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// together says once what is said of several methods with the same words.
func together(hazards []component.Problem) []component.Problem {
	var out []component.Problem
	of := map[string][]string{} // what it is said of, by the rest of the message
	for _, h := range hazards {
		subject, rest, _ := strings.Cut(h.Message, " ")
		if of[h.Code+rest] = append(of[h.Code+rest], subject); len(of[h.Code+rest]) == 1 {
			out = append(out, h)
		}
	}
	for i, h := range out {
		_, rest, _ := strings.Cut(h.Message, " ")
		if subjects := of[h.Code+rest]; len(subjects) > 1 {
			out[i].Message = "each of " + strings.Join(subjects, ", ") + " " + rest
		}
	}
	return out
}

func effect(reads *bool) string {
	switch {
	case reads == nil:
		return "an endpoint; whether it changes state isn't known"
	case *reads:
		return "an endpoint that only reads"
	}
	return "an endpoint that changes state"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
