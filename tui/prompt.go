package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/keymap"
)

// A prompt is the line in which a filter or a command is typed.
type prompt struct {
	kind string // "/" or ":"
	text []rune
	was  string // the filter of before, for esc
	back func() // to what was selected then
}

// edit handles a key that changes the text. It reports whether it is one.
func (p *prompt) edit(key tea.KeyPressMsg) bool {
	switch name := key.String(); {
	case name == "backspace":
		p.text = p.text[:max(len(p.text)-1, 0)]
	case name == "ctrl+u":
		p.text = nil
	case name == "ctrl+w":
		s := strings.TrimRight(string(p.text), " ")
		p.text = []rune(s[:strings.LastIndexByte(s, ' ')+1])
	case key.Text != "":
		p.paste(key.Text)
	default:
		return false
	}
	return true
}

// paste appends text, as one line.
func (p *prompt) paste(text string) {
	p.text = append(p.text, []rune(strings.Join(strings.Fields(text), " "))...)
	if strings.TrimSpace(text) == "" && text != "" {
		p.text = append(p.text, ' ')
	}
}

// view draws the prompt, and behind it what could be meant.
func (p *prompt) view(width int, t draw.Theme, hint string) string {
	typed := draw.CutLeft(p.kind+draw.Clean(string(p.text)), width-1)
	line := typed + t.Current.Render(" ")
	if left := width - draw.Width(typed) - 3; hint != "" && left > 0 {
		line += "  " + t.Faint.Render(draw.Cut(hint, left))
	}
	return line
}

// A command is what was typed after ":".
type command struct{ name, arg string }

func parseCommand(text string) command {
	name, arg, _ := strings.Cut(strings.TrimSpace(text), " ")
	return command{name, strings.TrimSpace(arg)}
}

// complete returns the text that the typed one is surely the beginning of.
// names are the values that a command may take.
func complete(typed string, all []keymap.Entry, names func(e keymap.Entry) []string) string {
	name, arg, hasArg := strings.Cut(strings.TrimLeft(typed, " "), " ")
	var choices []string
	before := ""
	if hasArg {
		if e := keymap.Table(all).ByName(name); len(e) == 1 {
			choices = names(e[0])
		}
		before = name + " "
		name = arg
	} else {
		for _, e := range all {
			choices = append(choices, e.Name)
		}
	}
	choices = slices.DeleteFunc(slices.Clone(choices), func(c string) bool { return !strings.HasPrefix(c, name) })
	if len(choices) == 0 {
		return typed
	}
	common := choices[0]
	for _, c := range choices[1:] {
		for !strings.HasPrefix(c, common) {
			common = common[:len(common)-1]
		}
	}
	if len(choices) == 1 && !hasArg {
		for _, e := range all {
			if e.Name == common && e.Arg != "" {
				common += " "
			}
		}
	}
	return before + common
}

// hint says which commands begin as what was typed, or which values of the command's argument.
func hint(typed string, all []keymap.Entry, of func(e keymap.Entry) []string) string {
	c := parseCommand(typed)
	var near []keymap.Entry
	for _, e := range all {
		if strings.HasPrefix(e.Name, c.name) {
			near = append(near, e)
		}
	}
	if named := keymap.Table(all).ByName(c.name); len(named) == 1 && strings.Contains(typed, " ") {
		near = named
	}
	switch {
	case len(near) == 0:
		return "no such command; ? lists them"
	case len(near) == 1:
		if values := beginning(of(near[0]), c.arg); strings.Contains(typed, " ") && values != "" {
			return values
		}
		return near[0].Usage() + ": " + near[0].Does
	}
	var names []string
	for _, e := range near {
		names = append(names, e.Name)
	}
	return strings.Join(names, " ")
}

// beginning lists the first values that begin so, unless the only one is what was typed.
func beginning(values []string, with string) string {
	const most = 20
	var near []string
	for _, v := range values {
		if strings.HasPrefix(v, with) && len(near) < most {
			near = append(near, v)
		}
	}
	if len(near) == 1 && near[0] == with {
		return ""
	}
	return strings.Join(near, " ")
}
