// Package screen is what all screens of the explorer have in common, and what
// they show. A screen gets plain values and draws them; whatever else is to
// happen, such as opening another screen, it returns as an Effect.
package screen

import (
	"context"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/keymap"
)

// A Screen is one of those that are laid on each other.
type Screen interface {
	Title() string
	// Keys are what can be done here, beside what can be done everywhere.
	Keys() keymap.Table
	// Do carries out an entry of Keys. Arg is what was typed after its name.
	Do(name, arg string) Effect
	// Click is a click on a cell of what was drawn.
	Click(x, y int) Effect
	View(size draw.Size, t draw.Theme) []string
	// Renew shows the module as it was read again.
	Renew(w *World)
	// Copied is what is copied from here: the name or the place that is selected.
	Copied() string
	// Place is what is opened in an editor; it needn't be valid.
	Place() text.Span
}

// Filtered is a Screen of which a part can be shown.
type Filtered interface {
	Filter() string
	SetFilter(string)
	Shown() (shown, all int)
	// Bookmark returns what goes back to what is selected now, for a filter that is given up.
	Bookmark() (back func())
}

// About is a Screen with a problem selected, or nil.
type About interface{ Problem() *component.Problem }

// Starting is a Screen that does something when it is shown.
type Starting interface{ Start() Effect }

// Working is a Screen with Work. Done gets what came of it.
type Working interface {
	Screen
	Done(value any, err error) Effect
}

// Ticking is a Screen that shows what changes by itself. Tick is called each second while it is
// shown.
type Ticking interface{ Tick() Effect }

// Completing is a Screen that knows values of its commands' arguments, such as UNIT.
type Completing interface{ Values(arg string) []string }

// Reverting is a Screen that changes something other than files. Revert takes the last of that back.
type Reverting interface{ Revert() Effect }

// Reverted is a Screen that is told when a change was taken back.
type Reverted interface{ Reverted(title string) }

// Dropping is a Screen on which things are moved with the mouse. Drop says where the
// button was let go, if that is another cell than where it was pressed.
type Dropping interface{ Drop(x, y int) Effect }

// An Effect is what is to happen after a key: one of the types below, or nil.
type Effect any

type (
	// Push lays a screen upon the others.
	Push struct{ Screen Screen }
	// Say shows a line at the bottom.
	Say string
	// Ask lets a command be typed that begins so.
	Ask string
	// Refresh reads the module again, after it was changed, and shows a line.
	Refresh string
	// Work does something beside the program, which goes on meanwhile. Doing says
	// what, if it takes long; of that kind, one runs at a time.
	Work struct {
		Doing string
		Of    Working
		Do    func(context.Context) (any, error)
	}
	// Revert takes the last change back that was written.
	Revert struct{}
	// Apply shows a change, for the user to write it or not.
	Apply struct{ Set change.Set }
)

// Told is an error with its next step.
func Told(err error) string {
	if hint := component.HintOf(err); hint != "" {
		return err.Error() + "; " + hint
	}
	return err.Error()
}
