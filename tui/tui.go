// Package tui is the terminal explorer: a list of the components that find
// sees, and for each of them its packages, couplings and hazards. It only
// looks; nothing in the module is changed.
//
// Colour is left out when NO_COLOR is set, and nothing is told by colour alone.
package tui

import (
	"context"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/tui/components"
	"github.com/unweld/unweld/tui/detail"
)

// An Option changes how Run shows things.
type Option = tea.ProgramOption

// WithoutColour is the Option for a terminal that isn't to be coloured.
func WithoutColour() Option { return tea.WithColorProfile(colorprofile.ASCII) }

// Run finds the components of the session's module and shows them in the
// terminal connected to in and out, until the user quits or ctx ends.
func Run(ctx context.Context, s *engine.Session, in io.Reader, out io.Writer, options ...Option) error {
	found, err := s.Find(ctx, engine.FindOptions{})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	options = append([]Option{tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler()}, options...)
	_, err = tea.NewProgram(newModel(found), options...).Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("terminal: %w", err)
	}
	return nil
}

// model is the whole program: the list, and on top of it one component.
type model struct {
	found         *component.Result
	list          components.Screen
	detail        *detail.Screen // nil while the list is shown
	width, height int
}

func newModel(found *component.Result) model {
	const width, height = 80, 24 // until the terminal says how large it is
	return model{found: found, list: components.New(found, width, height), width: width, height: height}
}

func (m model) Init() tea.Cmd { return nil }

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
		m.list = m.list.Resize(m.width, m.height)
		if m.detail != nil {
			d := m.detail.Resize(m.width, m.height)
			m.detail = &d
		}
		return m, nil
	case tea.KeyPressMsg:
		if msg.String() == "ctrl+c" || msg.String() == "q" && !m.typing() {
			return m, tea.Quit
		}
	case components.Chosen:
		d := detail.New(m.found, msg.Name, m.width, m.height)
		m.detail = &d
		return m, nil
	case detail.Closed:
		m.detail = nil
		return m, nil
	}
	var cmd tea.Cmd
	if _, key := msg.(tea.KeyPressMsg); key && m.detail != nil {
		var d detail.Screen
		d, cmd = m.detail.Update(msg)
		m.detail = &d
	} else {
		m.list, cmd = m.list.Update(msg)
	}
	return m, cmd
}

// typing reports whether letters go into the filter.
func (m model) typing() bool { return m.detail == nil && m.list.Typing() }

func (m model) View() tea.View {
	content := m.list.View()
	if m.detail != nil {
		content = m.detail.View()
	}
	view := tea.NewView(content)
	view.AltScreen = true
	view.WindowTitle = "unweld: " + m.found.Module
	return view
}
