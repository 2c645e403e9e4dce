package tui

import "github.com/unweld/unweld/tui/keymap"

// everywhere is what can be done on each screen.
var everywhere = keymap.Table{
	{Name: "back", Keys: []string{"esc", "backspace", "h", "left"}, Does: "take the filter away, or go back", Short: "back"},
	{Name: "help", Keys: []string{"?"}, Does: "show all keys and commands", Short: "help"},
	{Name: "quit", Keys: []string{"q", "ctrl+c"}, Does: "leave", Short: "quit"},
	{Name: "filter", Arg: "TEXT", Asks: true, Keys: []string{"/"}, Does: "show only what has these words", Short: "filter"},
	{Name: "command", Keys: []string{":"}, Does: "type a command; Tab completes it"},
	{Name: "next-view", Keys: []string{"tab"}, Does: "go to the next view", Short: "next view"},
	{Name: "previous-view", Keys: []string{"shift+tab"}, Does: "go to the previous view"},
	{Name: "components", Keys: []string{"1"}, Does: "go to the table of components"},
	{Name: "matrix", Keys: []string{"2"}, Does: "go to the matrix of who uses whom"},
	{Name: "hazards", Keys: []string{"3"}, Does: "go to the hazards by severity and code"},
	{Name: "split", Keys: []string{"4"}, Does: "go to the board on which a split is tried out"},
	{Name: "problems", Keys: []string{"5"}, Does: "go to what could not be read"},
	{Name: "top", Keys: []string{"6"}, Does: "go to the split that runs: calls, errors and durations, to move things while they run"},
	{Name: "open", Arg: "COMPONENT", Does: "show a component"},
	{Name: "code", Arg: "CODE", Does: "show the page of a code"},
	{Name: "actions", Keys: []string{"a"}, Does: "show what can be done at the selected place: refactorings, bindings, stores", Short: "actions"},
	{Name: "refactor", Arg: "NAME", Asks: true, Keys: []string{"A"}, Does: "carry a refactoring out by name, or bind, state, eject: parameters, change, then write it; without a name, list all"},
	{Name: "edit", Keys: []string{"e"}, Does: "open the selected place in $VISUAL or $EDITOR"},
	{Name: "copy", Keys: []string{"y"}, Does: "copy the selected name or place"},
	{Name: "refresh", Keys: []string{"R"}, Does: "read the files again"},
	{Name: "revert", Does: "take the last change back that was written; in top, the last move"},
	{Name: "redraw", Keys: []string{"ctrl+l"}, Does: "draw the screen again"},
	{Name: "suspend", Keys: []string{"ctrl+z"}, Does: "stop until the shell's fg"},
}
