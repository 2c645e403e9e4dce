// Package tui is the terminal explorer: a list of the components that find
// sees, and for each of them its packages, couplings and hazards. It only
// looks; nothing in the module is changed.
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

// An Option changes how Run shows things.
type Option = tea.ProgramOption

// WithoutColour is the Option for a terminal that isn't to be coloured.
func WithoutColour() Option { return tea.WithColorProfile(colorprofile.ASCII) }

// An Opener opens the session that is explored. It tells progress what is being
// done, in a few words, and lets the session do so, too.
type Opener func(ctx context.Context, progress func(string)) (*engine.Session, error)

// Run shows the components of a session's module in the terminal connected to in
// and out, until the user quits or ctx ends. Meanwhile it shows how far open and
// find have come. Their error ends it; leaving while they work is none.
func Run(ctx context.Context, open Opener, in io.Reader, out io.Writer, options ...Option) error {
	return run(ctx, open, func(*tea.Program) {}, append([]Option{tea.WithInput(in), tea.WithOutput(out)}, options...)...)
}

// run is Run for tests, which are told of the program before it starts.
func run(ctx context.Context, open Opener, starting func(*tea.Program), options ...Option) error {
	work, cancel := context.WithCancel(ctx)
	l := &loader{open: open}
	options = append([]Option{tea.WithContext(ctx), tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond)}, options...)
	program := tea.NewProgram(newModel(func() tea.Msg { return l.load(work) }), options...)
	l.progress = func(what string) { program.Send(progress(what)) }
	starting(program)
	last, err := program.Run()
	cancel()
	l.wait()
	switch m, ok := last.(model); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("terminal: %w", err)
	case ok:
		return m.err
	}
	return nil
}
