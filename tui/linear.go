package tui

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/unweld/unweld/tui/draw"
	"github.com/unweld/unweld/tui/screen"
)

// RunLines is Run for screen readers, and wherever nothing can be drawn: it reads a
// command from each line of in, and prints what is shown then, line by line, without
// moving a cursor, without colour and without marks for the eye alone. The commands
// are those after ":", the keys, and the number of a line to select it; an empty line asks
// again what changes by itself.
func RunLines(ctx context.Context, open Opener, in io.Reader, out io.Writer) error {
	l := &loader{open: open}
	last := ""
	l.progress = func(what string) {
		if what != last {
			fmt.Fprintln(out, what)
		}
		last = what
	}
	msg, _ := l.load(ctx).(loaded)
	if msg.err != nil {
		return msg.err
	}
	m := newModel(func() tea.Msg { return l.load(ctx) })
	m.context, m.ticking = ctx, true // an empty line is the tick
	m.size = draw.Size{Width: linearWidth, Height: linearLines + above + 1}
	m.loaded(msg)
	p := &linear{m: m, out: out}
	p.print()
	lines := bufio.NewScanner(in)
	for !p.ended && ctx.Err() == nil && p.ask() && lines.Scan() {
		p.line(strings.TrimSpace(lines.Text()))
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return lines.Err()
}

const (
	linearWidth = 100
	linearLines = 20 // that are read out at a time
)

// linear drives the model by lines.
type linear struct {
	m     *model
	out   io.Writer
	ended bool
}

func (p *linear) ask() bool {
	_, err := fmt.Fprintln(p.out, "command, or help:")
	return err == nil
}

// line carries out one line.
func (p *linear) line(text string) {
	m := p.m
	m.said, m.prompt = "", nil
	number, err := strconv.Atoi(text)
	e, isKey := m.top().Keys().ByKey(text)
	if !isKey {
		e, isKey = everywhere.ByKey(text)
	}
	switch {
	case text == "":
		p.do(m.tick())
	case strings.HasPrefix(text, "/"):
		p.do(m.command("filter " + text[1:]))
	case err == nil && number > 0:
		m.top().Do("first", "")
		for range number - 1 {
			m.top().Do("down", "")
		}
	case isKey && e.Name != "filter" && e.Name != "command":
		p.do(m.command(e.Name))
	default:
		p.do(m.command(strings.TrimPrefix(text, ":")))
	}
	if m.prompt != nil {
		m.said = "type it in one line: " + m.prompt.kind + string(m.prompt.text)
	}
	if !p.ended {
		p.print()
	}
}

// do does what a command says, and waits for it.
func (p *linear) do(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case tea.QuitMsg:
		p.ended = true
	case tea.BatchMsg:
		p.do(msg[0])
	case worked, loaded:
		_, next := p.m.Update(msg)
		p.do(next)
	}
}

// print says where one is, and what is there.
func (p *linear) print() {
	m := p.m
	body := m.top().View(draw.Size{Width: linearWidth, Height: linearLines}, draw.Theme{})
	what := m.views[m.at].name + ": " + draw.Clean(m.top().Title())
	if f, ok := m.top().(screen.Filtered); ok && f.Filter() != "" {
		shown, all := f.Shown()
		what += fmt.Sprintf("; filter %s, %d of %d", draw.Clean(f.Filter()), shown, all)
	}
	fmt.Fprintln(p.out, what)
	for _, line := range body {
		if line = readable.Replace(line); strings.TrimSpace(line) != "" {
			fmt.Fprintln(p.out, strings.TrimRight(line, " "))
		}
	}
	if m.said != "" {
		fmt.Fprintln(p.out, draw.Clean(m.said))
	}
}

// readable replaces what is for the eye.
var readable = strings.NewReplacer("> ", "selected: ", "▾ ", "", "▸ ", "folded: ", "─", "", "│", "; ", "—", "itself", "·", "0")
