package split

import (
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/text"
)

// An Element is what stands at a place of a configuration.
type Element struct {
	Path []string // of keys and indexes
	Key  bool     // it is the key, and not its value
	Span text.Span
	Doc  string // what the key is for, or that of the list or mapping that it is in
}

// ElementAt returns the smallest key or value at an offset, or the one that ends there.
func (c *Config) ElementAt(offset int) (e Element, ok bool) {
	for path, span := range c.spans {
		if span.End <= span.Start || offset < span.Start || offset > span.End {
			continue
		}
		better := !ok || span.End-span.Start < e.Span.End-e.Span.Start
		if ends, ended := offset == span.End, offset == e.Span.End; ok && ends != ended {
			better = ended
		} else if ok && span == e.Span { // of a mapping, the place is its first key
			better = len(path) > len(strings.Join(e.Path, "."))
		}
		if better {
			name, key := strings.CutSuffix(path, "#key")
			e, ok = Element{Path: strings.Split(name, "."), Key: key, Span: span}, true
		}
	}
	if !ok {
		return e, false
	}
	var steps []string
	for _, s := range e.Path {
		if _, err := strconv.Atoi(s); err == nil {
			s = "-"
		}
		steps = append(steps, s)
	}
	for n := len(steps); n > 0 && e.Doc == ""; n-- {
		_, e.Doc = typeAt(steps[:n])
	}
	return e, true
}

// Elements lists the values at all paths that match a pattern, in which "*" is any step,
// in the order of the file.
func (c *Config) Elements(pattern string) []Element {
	var out []Element
	for path, span := range c.spans {
		steps := strings.Split(path, ".")
		if !strings.HasSuffix(path, "#key") && matchesPath(steps, strings.Split(pattern, ".")) {
			out = append(out, Element{Path: steps, Span: span})
		}
	}
	slices.SortFunc(out, func(a, b Element) int { return a.Span.Compare(b.Span) })
	return out
}
