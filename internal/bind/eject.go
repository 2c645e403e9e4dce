package bind

import (
	"bytes"
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/gomod"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/text"
)

// Eject returns the change set that takes away what bind and state made for a
// component, or for all of them if name is empty, and puts the lines that they
// changed back. What was generated and then edited by hand is refused, with the
// place.
func Eject(ctx context.Context, m *Module, name string) (change.Set, error) {
	l, raw, err := lock.Read(m.Root)
	if err != nil {
		return change.Set{}, err
	}
	names := l.Names()
	switch {
	case name != "":
		if _, err := l.Part(name); err != nil {
			return change.Set{}, err
		}
		names = []string{name}
	case len(names) == 0:
		return change.Set{}, &component.UsageError{Object: "eject", Reason: "nothing is bound", Hint: "bind a component first: unweld bind NAME --to unix --write"}
	}
	e := &ejection{m: m, lock: l, what: strings.TrimSpace("eject " + name), before: map[string][]byte{}, after: map[string][]byte{}, current: m.runtimeIsCurrent(l)}
	for _, n := range slices.Backward(names) {
		if err := e.component(n); err != nil {
			return change.Set{}, err
		}
	}
	if err := e.shared(raw); err != nil {
		return change.Set{}, err
	}
	if err := ctx.Err(); err != nil {
		return change.Set{}, err
	}
	if len(e.problems) > 0 {
		return change.Set{}, component.Refuse(e.what, e.problems...)
	}
	set := change.Between("eject "+strings.Join(names, ", "), e.before, e.after)
	set.Notes = append(set.Notes, e.notes...)
	return set, nil
}

// An ejection is under way: files as they are and as they will be.
type ejection struct {
	m             *Module
	lock          *lock.File
	what          string
	current       bool // the copied run-time is of this release of unweld
	before, after map[string][]byte
	problems      []component.Problem
	notes         []change.Note
}

// component takes away what was made for one component.
func (e *ejection) component(name string) error {
	p := e.lock.Components[name]
	delete(e.lock.Components, name)
	for _, file := range slices.Sorted(maps.Keys(p.Generated)) {
		if err := e.remove(file, p.Generated[file]); err != nil {
			return err
		}
	}
	for _, fe := range slices.Backward(p.Edits) {
		if fe.OfConfig() {
			if err := e.undeclare(fe); err != nil {
				return err
			}
			continue
		}
		now, err := e.now(fe.File)
		if err != nil {
			return err
		}
		out, problems := fe.Reverse(now)
		e.problems = append(e.problems, problems...)
		e.after[fe.File] = out
	}
	return nil
}

// now returns a file as the ejection has it so far.
func (e *ejection) now(file string) ([]byte, error) {
	if content, ok := e.after[file]; ok {
		return content, nil
	}
	content, _, err := e.m.read(file)
	if content != nil {
		e.before[file], e.after[file] = content, content
	}
	return content, err
}

// remove deletes a generated file, unless it was edited. One that is gone
// already is fine.
func (e *ejection) remove(file string, hash change.Hash) error {
	content, now, err := e.m.read(file)
	if err != nil || content == nil {
		return err
	}
	if now != hash {
		e.problems = append(e.problems, component.Problem{Code: "generated-edited", Severity: component.Error,
			Span: text.Span{File: file, Line: 1, Col: 1}, Message: editedMessage(hash), Hint: "save what you need of it, delete it and eject again"})
	}
	e.before[file] = content
	return nil
}

// shared takes away what no component needs any more, and updates the lock.
func (e *ejection) shared(raw []byte) error {
	if err := e.runtime(); err != nil {
		return err
	}
	if !e.lock.Requires() {
		if err := e.module(); err != nil {
			return err
		}
	}
	if err := e.dropSection(); err != nil {
		return err
	}
	encoded, err := e.lock.Encode()
	if err != nil {
		return err
	}
	e.before[lock.Name] = raw
	if encoded != nil {
		e.after[lock.Name] = encoded
	}
	return nil
}

// runtime leaves of the copied run-time what the components that stay need. One
// that another release of unweld copied stays whole as long as one of them uses
// it: what that release generated may not fit the run-time of this one.
func (e *ejection) runtime() error {
	before := e.lock.Runtime
	if !e.current {
		for _, file := range slices.Sorted(maps.Keys(before)) {
			if e.lock.UsesRuntime(path.Base(path.Dir(file))) {
				continue
			}
			if err := e.remove(file, before[file]); err != nil {
				return err
			}
			delete(before, file)
		}
		return nil
	}
	after, err := e.m.copyRuntime(e.lock, e.future)
	if err != nil {
		return err
	}
	for _, file := range slices.Sorted(maps.Keys(before)) {
		if content, hash, err := e.m.read(file); err != nil {
			return err
		} else if after[file] != nil && bytes.Equal(content, after[file]) {
			delete(after, file)
		} else if after[file] == nil || hash != before[file] {
			if err := e.remove(file, before[file]); err != nil {
				return err
			}
		} else {
			e.before[file] = content
		}
	}
	maps.Copy(e.after, after)
	return nil
}

// future returns a file as it will be.
func (e *ejection) future(file string) ([]byte, error) {
	if content, ok := e.after[file]; ok {
		return content, nil
	}
	if _, gone := e.before[file]; gone {
		return nil, nil
	}
	content, _, err := e.m.read(file)
	return content, err
}

func (e *ejection) module() error {
	now := map[string][]byte{}
	for _, name := range gomod.Files {
		content, _, err := e.m.read(name)
		if err != nil {
			return err
		}
		now[name] = content
	}
	after, problems := e.lock.ReleaseModule(now)
	e.problems = append(e.problems, problems...)
	for name, content := range after {
		if now[name] != nil {
			e.before[name] = now[name]
		}
		if content != nil {
			e.after[name] = content
		}
	}
	return nil
}
