// Package tui is the terminal explorer: a table of the components that find
// sees, the matrix of who uses whom, hazards, the code behind all of that, and a board
// on which a split is tried out. Nothing in the module is changed but what the user
// says is to be written, after its diff was shown.
//
// Each screen has a package of its own below this one, and knows nothing of the
// others but those that it opens. This package lays them upon each other, gives
// them keys, and reads the module.
//
// The program takes the terminal before it reads any code, so that no key is
// lost and it can be left at any time. Colour is left out when NO_COLOR is set,
// and nothing is told by colour alone.
package tui

import (
	"context"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/unweld/unweld/engine"
)

// framesPerSecond is twice of what Bubble Tea does by itself: a key waits for the
// next frame, and a sixtieth of a second is noticed.
const framesPerSecond = 120

// Options say how Run shows things.
type Options struct {
	NoColour bool
	NoMouse  bool // the mouse is left to the terminal, to select text with it
}

// An Opener opens the session that is explored. It tells progress what is being
// done, in a few words, and lets the session do so, too.
type Opener func(ctx context.Context, progress func(string)) (*engine.Session, error)

// Run shows the components of a session's module in the terminal connected to in
// and out, until the user quits or ctx ends. Meanwhile it shows how far open and
// find have come. Their error ends it; leaving while they work is none.
func Run(ctx context.Context, open Opener, in io.Reader, out io.Writer, o Options) error {
	return run(ctx, open, o, func(*tea.Program) {}, tea.WithInput(in), tea.WithOutput(out))
}

// run is Run for tests, which are told of the program before it starts.
func run(ctx context.Context, open Opener, o Options, starting func(*tea.Program), options ...tea.ProgramOption) error {
	work, cancel := context.WithCancel(ctx)
	l := &loader{open: open}
	m := newModel(func() tea.Msg { return l.load(work) })
	m.changed, m.mouse, m.context = watch, !o.NoMouse, work
	options = append([]tea.ProgramOption{tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond)}, options...)
	if o.NoColour {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	program := tea.NewProgram(m, options...)
	l.progress = func(what string) { program.Send(progress(what)) }
	starting(program)
	_, err := program.Run()
	cancel()
	l.wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("terminal: %w", err)
	}
	return m.err
}
