package split

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
)

// A Completion is a word that can stand at a place of unweld.yaml.
type Completion struct {
	Label string
	Key   bool   // a key, and not a value
	Doc   string // what it is for
}

// Words are those that the code gives a meaning to.
type Words struct {
	Components []string // that were found or declared
	Undeclared []string // those that aren't in the file
	Endpoints  []string // pricing.Quote
	Packages   []string // ./orders
	Contracts  []string // ./orders.Service
	Splits     []string
}

// Complete lists what can stand at an offset of a configuration, which needn't be complete
// or right, and where the word begins that is being written there.
func Complete(content []byte, offset int, words Words, terms Terms) (all []Completion, start int) {
	offset = min(max(offset, 0), len(content))
	p := placeAt(content, offset)
	t, _ := typeAt(p.path)
	if t == nil {
		return nil, p.start
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	prefix := strings.ToLower(strings.Trim(string(content[p.start:offset]), `"'`))
	add := func(label, doc string, key bool) {
		if strings.HasPrefix(strings.ToLower(label), prefix) && !slices.ContainsFunc(all, func(c Completion) bool { return c.Label == label }) {
			all = append(all, Completion{label, key, doc})
		}
	}
	if t.Kind() == reflect.Struct && !p.value {
		for _, f := range yamlFields(t) {
			add(f.name, keyDocs[t][f.name], true)
		}
		return all, p.start
	}
	for _, w := range words.at(p.path, t, p.value, terms) {
		add(w, "", !p.value && t.Kind() == reflect.Map)
	}
	return all, p.start
}

// at lists the words for a place of a type.
func (w Words) at(path []string, t reflect.Type, value bool, terms Terms) []string {
	shape := strings.Join(path, ".")
	is := func(pattern string) bool { return matchesPath(path, strings.Split(pattern, ".")) }
	switch {
	case t.Kind() == reflect.Bool:
		return []string{"true", "false"}
	case shape == "version":
		return []string{"1"}
	case shape == "editor.split":
		return w.Splits
	case shape == "components":
		return w.Undeclared
	case shape == "rules.allow", is("splits.*.links") && !value, shape == "rules.layers.-", shape == "rules.layers":
		return w.Components
	case is("rules.allow.*.-"), is("rules.allow.*"), is("splits.*.units.*.components.-"), is("splits.*.units.*.components"):
		return append(slices.Clone(w.Components), `"*"`)
	case is("splits.*.units"):
		return append(slices.Clone(w.Components), MainUnit)
	case is("components.*.packages"), is("components.*.packages.-"), shape == "rules.private", shape == "rules.private.-":
		out := []string{}
		for _, p := range w.Packages {
			out = append(out, p, p+"/...")
		}
		return out
	case is("components.*.contract"):
		return w.Contracts
	case is("components.*.options"):
		return terms.Schemes.Bindings()
	case is("splits.*.units.*.endpoints.-"), is("splits.*.units.*.endpoints"):
		return w.Endpoints
	case is("splits.*.links.*"):
		return terms.Schemes.Bindings()
	case is("splits.*.units.*.state.store"):
		return terms.stores()
	}
	for _, a := range axes {
		if is("splits.*.units.*." + a.key) {
			return terms.values(a)
		}
	}
	return nil
}

func matchesPath(path, pattern []string) bool {
	return len(path) == len(pattern) && !slices.ContainsFunc(pattern, func(string) bool { return false }) && func() bool {
		for i, p := range pattern {
			if p != "*" && p != path[i] {
				return false
			}
		}
		return true
	}()
}

// A placeOf is where something is written: what it would be within, and where the word
// begins.
type writing struct {
	path  []string // keys, and "-" for an item of a list
	value bool     // of the last key; otherwise a key in it, or an item
	start int
}

// placeAt finds out what is written at an offset, by indentation and by the brackets of
// the same line: what is being written is no YAML yet.
func placeAt(content []byte, offset int) writing {
	type level struct {
		indent int
		step   string
	}
	var levels []level
	begin := bytes.LastIndexByte(content[:offset], '\n') + 1
	within := func(indent int) {
		for len(levels) > 0 && levels[len(levels)-1].indent >= indent {
			levels = levels[:len(levels)-1]
		}
	}
	itemAt := func(indent int) { // a list may stand as far in as its key
		for len(levels) > 0 && (levels[len(levels)-1].indent > indent || levels[len(levels)-1].indent == indent && levels[len(levels)-1].step == "-") {
			levels = levels[:len(levels)-1]
		}
	}
	for line := range bytes.Lines(content[:begin]) {
		text := strings.TrimRight(string(line), " \r\n")
		rest := strings.TrimLeft(text, " ")
		if rest == "" || rest[0] == '#' || strings.HasPrefix(rest, "---") {
			continue
		}
		indent := len(text) - len(rest)
		for strings.HasPrefix(rest, "- ") || rest == "-" {
			itemAt(indent)
			levels = append(levels, level{indent, "-"})
			after := strings.TrimLeft(rest[1:], " ")
			indent, rest = indent+len(rest)-len(after), after
		}
		if key, ok := keyOf(rest); ok {
			within(indent)
			levels = append(levels, level{indent, key})
		}
	}
	head := string(content[begin:offset])
	rest := strings.TrimLeft(head, " ")
	indent := len(head) - len(rest)
	var path []string
	item := strings.HasPrefix(rest, "- ") || rest == "-"
	if item {
		itemAt(indent)
	} else {
		within(indent)
	}
	for _, l := range levels {
		path = append(path, l.step)
	}
	if item {
		path = append(path, "-")
		after := strings.TrimLeft(rest[1:], " ")
		rest = after
	}
	return flow(path, rest, offset-len(rest), item)
}

// keyOf returns the key that a line begins with.
func keyOf(rest string) (string, bool) {
	i := strings.IndexByte(rest, ':')
	if i <= 0 || i+1 < len(rest) && rest[i+1] != ' ' {
		return "", false
	}
	return strings.Trim(rest[:i], ` "'`), true
}

// flow follows the rest of the line to its end.
func flow(path []string, rest string, at int, item bool) writing {
	w := writing{path: slices.Clone(path), value: item, start: at}
	var open []int // how long the path was where each bracket was opened
	lists := []bool{}
	word := 0
	for i := 0; i < len(rest); i++ {
		inList := len(lists) > 0 && lists[len(lists)-1]
		switch rest[i] {
		case ' ':
			if strings.TrimSpace(rest[word:i]) == "" {
				word = i + 1
			}
		case '"', '\'':
			if end := strings.IndexByte(rest[i+1:], rest[i]); end >= 0 {
				i += end + 1
			}
		case ':':
			if i+1 < len(rest) && rest[i+1] != ' ' || w.value {
				continue
			}
			w.path, w.value = append(w.path, strings.Trim(rest[word:i], ` "'`)), true
			word = i + 1
		case '{', '[':
			if strings.TrimSpace(rest[word:i]) != "" {
				continue
			}
			if inList {
				w.path = append(w.path[:open[len(open)-1]], "-")
			}
			open, lists = append(open, len(w.path)), append(lists, rest[i] == '[')
			if w.value = rest[i] == '['; w.value {
				w.path = append(w.path, "-")
			}
			word = i + 1
		case '}', ']':
			if len(open) == 0 {
				continue
			}
			w.path = w.path[:open[len(open)-1]]
			open, lists = open[:len(open)-1], lists[:len(lists)-1]
			w.value = true
			word = i + 1
		case ',':
			if len(open) == 0 {
				continue
			}
			w.path = w.path[:open[len(open)-1]]
			if w.value = inList; inList {
				w.path = append(w.path, "-")
			}
			word = i + 1
		}
	}
	for word < len(rest) && rest[word] == ' ' {
		word++
	}
	w.start = at + word
	return w
}
