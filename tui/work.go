package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/unweld/unweld/tui/changeset"
	"github.com/unweld/unweld/tui/screen"
)

// worked is the message that work of a screen has ended.
type worked struct {
	of    screen.Working
	long  bool // it said what it does, and no other did meanwhile
	value any
	err   error
}

// effect carries out what a screen wants.
func (m *model) effect(e screen.Effect) tea.Cmd {
	switch e := e.(type) {
	case screen.Push:
		v := m.views[m.at]
		v.stack = append(v.stack, e.Screen)
		return m.started()
	case screen.Say:
		m.said = string(e)
	case screen.Ask:
		m.prompt = &prompt{kind: ":", text: []rune(string(e))}
	case screen.Refresh:
		cmd := m.refresh()
		m.said = string(e)
		return cmd
	case screen.Apply:
		return m.effect(screen.Push{Screen: changeset.New(m.world.World, e.Set)})
	case screen.Revert:
		return m.undo()
	case screen.Work:
		return m.work(e)
	}
	return nil
}

// work lets something be done beside the program.
func (m *model) work(w screen.Work) tea.Cmd {
	long := w.Doing != ""
	do := func() tea.Msg {
		value, err := w.Do(m.context)
		return worked{w.Of, long, value, err}
	}
	switch {
	case !long:
		return do
	case m.doing != "":
		m.said = "wait: " + m.doing
		return nil
	}
	m.doing, m.seconds = w.Doing, 0
	return tea.Batch(do, eachSecond())
}

func (m *model) worked(msg worked) tea.Cmd {
	if msg.long {
		m.doing = ""
	}
	return m.effect(msg.of.Done(msg.value, msg.err))
}

// started begins what the screen that is shown now begins with.
func (m *model) started() tea.Cmd {
	var start tea.Cmd
	if s, ok := m.top().(screen.Starting); ok && m.doing == "" {
		start = m.effect(s.Start())
	}
	if _, ok := m.top().(screen.Ticking); ok && !m.ticking {
		m.ticking = true
		return tea.Batch(start, eachTick())
	}
	return start
}

// tick is the message that one has passed since a screen was shown that changes by
// itself, or since the last one.
type tick struct{}

func eachTick() tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return tick{} })
}

// tick tells the screen that is shown, if it is one that changes by itself.
func (m *model) tick() tea.Cmd {
	if s, ok := m.top().(screen.Ticking); ok {
		return m.effect(s.Tick())
	}
	return nil
}

// undo takes the last change back that was written, or that the screen has made elsewhere.
func (m *model) undo() tea.Cmd {
	if s, ok := m.top().(screen.Reverting); ok {
		return m.effect(s.Revert())
	}
	return m.work(screen.Work{Doing: "taking the last change back", Of: undoing{m.top(), m}, Do: func(ctx context.Context) (any, error) { return m.world.Undo(ctx) }})
}

// undoing gets what came of undo.
type undoing struct {
	screen.Screen
	m *model
}

// Done is documented in screen.Working.
func (u undoing) Done(title any, err error) screen.Effect {
	if err != nil {
		return screen.Say("nothing was taken back: " + screen.Told(err))
	}
	what, _ := title.(string)
	for _, v := range u.m.views {
		for _, s := range v.stack {
			if s, ok := s.(screen.Reverted); ok {
				s.Reverted(what)
			}
		}
	}
	return screen.Refresh("taken back: " + what)
}
