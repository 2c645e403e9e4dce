// Package keymap says what keys and commands do. Each screen has a table of its
// own; the help page, the line at the bottom and the commands after ":" are all
// made from the tables, so that they can't differ from what a key does.
package keymap

import (
	"slices"
	"strings"
)

// An Entry is one thing that a user can do.
type Entry struct {
	Name  string   // the command after ":"
	Arg   string   // what the command takes, in capitals; empty: nothing
	Asks  bool     // without what it takes, the command asks for it
	Keys  []string // as Bubble Tea names them; the first is shown at the bottom
	Does  string   // lower case, no full stop
	Short string   // the same in a word, for the line at the bottom; empty: it isn't there
}

// A Table lists entries in the order in which they are explained.
type Table []Entry

// ByKey returns the entry of a key.
func (t Table) ByKey(key string) (Entry, bool) {
	for _, e := range t {
		if slices.Contains(e.Keys, key) {
			return e, true
		}
	}
	return Entry{}, false
}

// ByName returns the entry with that name, or the only ones that begin with it.
func (t Table) ByName(name string) []Entry {
	var near []Entry
	for _, e := range t {
		switch {
		case e.Name == name:
			return []Entry{e}
		case strings.HasPrefix(e.Name, name):
			near = append(near, e)
		}
	}
	return near
}

// Usage is how the command is typed.
func (e Entry) Usage() string { return strings.TrimSpace(":" + e.Name + " " + e.Arg) }

var labels = map[string]string{
	"up": "↑", "down": "↓", "left": "←", "right": "→", "pgup": "PgUp", "pgdown": "PgDn", "home": "Home", "end": "End",
	"enter": "Enter", "esc": "Esc", "tab": "Tab", "backspace": "Backspace", "space": "Space",
}

// Label is a key as it is written for people.
func Label(key string) string {
	if l, ok := labels[key]; ok {
		return l
	}
	if letter, ok := strings.CutPrefix(key, "ctrl+"); ok {
		return "Ctrl-" + strings.ToUpper(letter)
	}
	if other, ok := strings.CutPrefix(key, "shift+"); ok {
		return "Shift-" + Label(other)
	}
	return key
}

// Labels are all keys of an entry.
func (e Entry) Labels() string {
	var all []string
	for _, k := range e.Keys {
		all = append(all, Label(k))
	}
	return strings.Join(all, " ")
}

// Line is as much of the tables as fits into the width, for the bottom of a screen.
// No entry is cut.
func Line(width int, length func(string) int, tables ...Table) string {
	line := ""
	for _, t := range tables {
		for _, e := range t {
			if e.Short == "" || len(e.Keys) == 0 {
				continue
			}
			next := Label(e.Keys[0]) + " " + e.Short
			if line != "" {
				next = line + "  " + next
			}
			if length(next) > width {
				return line
			}
			line = next
		}
	}
	return line
}
