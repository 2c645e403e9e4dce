package bind

import (
	"bytes"
	"slices"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// declare adds the component to unweld.yaml, unless it is there or was added by
// an earlier run: people may have taken it out since. The empty
// section for components is remembered apart from the entry: components share it.
func (g *generator) declare() error {
	c := g.target.Contract
	content, _, err := g.m.read(split.FileName)
	if err != nil {
		return err
	}
	cfg, err := g.m.Config()
	if err != nil {
		return err
	}
	if g.part.Declared() || cfg.Components[c.Component].Contract != "" {
		return nil
	}
	room := split.Section(content)
	entry := split.Component{Contract: g.part.Contract}
	if cfg.Owner(g.m.Root, c.Package) == "" {
		entry.Packages = []string{split.Relative(g.m.Path, c.Package.Path)}
	}
	after, err := split.Declare(room, c.Component, entry)
	if err != nil {
		g.set.Notes = append(g.set.Notes, change.Note{Span: text.Span{File: split.FileName, Line: 1, Col: 1},
			Message: "the component " + c.Component + " isn't added: " + err.Error() + "; add it by hand: contract: " + entry.Contract})
		return nil
	}
	if !bytes.Equal(room, content) {
		g.after.Config = append(g.after.Config, lock.EditOf(split.FileName, content, room, content != nil))
	}
	g.part.Edits = append(g.part.Edits, lock.EditOf(split.FileName, room, after, true))
	g.module(split.FileName, content, after)
	return nil
}

// undeclare takes a component's entry out of unweld.yaml. One that people went
// on to edit is theirs, and stays.
func (e *ejection) undeclare(fe lock.Edit) error {
	now, err := e.now(fe.File)
	if err != nil || now == nil {
		return err
	}
	out, problems := fe.Reverse(now)
	if len(problems) > 0 {
		e.notes = append(e.notes, change.Note{Span: problems[0].Span, Message: "the entry that bind added was edited since, and stays"})
		return nil
	}
	e.after[fe.File] = out
	return nil
}

// dropSection takes back the empty section of unweld.yaml that bind made for
// components, if nothing was added to it.
func (e *ejection) dropSection() error {
	for _, p := range e.lock.Components {
		if p.Declared() {
			return nil
		}
	}
	for _, fe := range slices.Backward(e.lock.Config) {
		now, err := e.now(fe.File)
		if err != nil || now == nil {
			return err
		}
		cfg, _ := split.Parse(fe.File, now)
		out, problems := fe.Reverse(now)
		_, broken := split.Parse(fe.File, out)
		switch {
		case len(problems) > 0 || len(cfg.Components) > 0:
		case fe.Before == "" && len(out) == 0:
			delete(e.after, fe.File)
		case split.Usage(broken) == nil:
			e.after[fe.File] = out
		}
	}
	e.lock.Config = nil
	return nil
}
