package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/token"
	"path"
	"slices"
	"strings"

	modpath "golang.org/x/mod/module"

	"github.com/unweld/unweld/internal/bind"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/lock"
)

// dependency returns the import path of a package that isn't of the module, where
// that is what bind is asked for, and "" otherwise.
func (s *Session) dependency(options BindOptions) (string, error) {
	what := options.Component
	inside := what == s.Module || strings.HasPrefix(what, s.Module+"/") || strings.HasPrefix(what, ".")
	if s.Module == "" || inside || !strings.Contains(what, "/") && options.Name == "" {
		if options.Name != "" {
			return "", &component.UsageError{Object: "--name", Reason: "is for a package that isn't of this module", Hint: "a component of this module has the name that it was extracted under: unweld extract --name"}
		}
		return "", nil
	}
	config, _, err := s.Config()
	if err != nil {
		return "", err
	}
	if _, ok := config.Components[what]; ok {
		return "", nil
	}
	return what, nil
}

// bindDependency makes a package that isn't of the module a component, in three
// changes, each on what the one before leads to: a package of the module's own in
// between, the contract of its functions, or of one of its types, and their bindings.
// Callers keep their calls.
func (s *Session) bindDependency(ctx context.Context, imported string, options BindOptions) (change.Set, error) {
	imported, typ := ofPackage(imported)
	known, _, err := lock.Read(s.Root)
	if err != nil {
		return change.Set{}, err
	}
	name := options.Name
	if name == "" {
		name = calledAfter(imported)
	}
	if p := known.Components[name]; p != nil {
		return change.Set{}, &component.UsageError{Object: imported, Reason: "there is a bound component " + name + ": " + p.Contract, Hint: "bind it again by its name: unweld bind " + name + "; or choose another with --name"}
	}
	folder := "./internal/" + strings.ReplaceAll(name, "-", "")
	wrap, extract := map[string]string{"to": folder}, folder
	if typ != "" {
		wrap["types"], extract = typ, folder+"."+typ
	}
	options.Component, options.Name = name, ""
	d := &dependencyChange{session: s, before: map[string][]byte{}, after: map[string][]byte{}}
	for _, step := range []func(*Session) (change.Set, error){
		func(s *Session) (change.Set, error) {
			set, err := s.Refactor(ctx, "wrap-dependency", RefactorRequest{Target: imported, Params: wrap})
			if inner := innerPackage(folder, set); inner != "" {
				extract = inner
			}
			return set, err
		},
		func(s *Session) (change.Set, error) {
			return s.Refactor(ctx, "extract", RefactorRequest{Target: extract, Params: map[string]string{
				"name": name, "keep-signatures": "true", "inout": strings.Join(options.InOut, ",")}})
		},
		func(s *Session) (change.Set, error) { return bind.Bind(ctx, s.bindable(), options) },
	} {
		set, err := step(d.session)
		if err != nil {
			return change.Set{}, d.because(err)
		}
		if err := d.add(set); err != nil {
			return change.Set{}, err
		}
	}
	set := change.Between(fmt.Sprintf("make %s the component %s; %s", imported, name, d.title), d.before, d.after)
	set.Notes = d.notes
	return set, nil
}

// innerPackage returns the package below the wrapper that has the functions, if there
// is one.
func innerPackage(folder string, set change.Set) string {
	for _, f := range set.Files {
		if dir := "./" + path.Dir(f.Path); f.Op == change.Create && strings.HasPrefix(dir, folder+"/") {
			return dir
		}
	}
	return ""
}

// ofPackage takes PATH.Type apart. The last part of a path may have a dot in it, as in
// gopkg.in/yaml.v3; types begin with a capital letter.
func ofPackage(what string) (imported, typ string) {
	dot := strings.LastIndexByte(what, '.')
	if dot > strings.LastIndexByte(what, '/') && token.IsExported(what[dot+1:]) {
		return what[:dot], what[dot+1:]
	}
	return what, ""
}

// calledAfter is the name of the component that a package becomes: the last part of
// its path that is no version.
func calledAfter(imported string) string {
	if prefix, _, ok := modpath.SplitPathVersion(imported); ok {
		imported = prefix
	}
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(path.Base(imported)))
}

// A dependencyChange collects change sets that build on one another.
type dependencyChange struct {
	session       *Session // sees what they lead to so far
	before, after map[string][]byte
	title         string // of the last
	notes         []change.Note
}

// because adds to a refusal what the steps before it said of the functions and methods that
// keep the component in its callers' process: nobody has seen these notes.
func (d *dependencyChange) because(err error) error {
	refusal, ok := errors.AsType[*component.Refusal](err)
	if !ok {
		return err
	}
	problems := slices.Clone(refusal.Problems)
	for _, n := range d.notes {
		if strings.Contains(n.Message, "so the component is pinned to the process that calls it") {
			problems = append(problems, component.Problem{Code: "stays-local", Severity: component.Error, Span: n.Span, Message: n.Message, Hint: "leave it out of what the module uses of the package"})
		}
	}
	return component.Refuse(refusal.What, problems...)
}

// add makes a change set part of the change.
func (d *dependencyChange) add(set change.Set) error {
	s := d.session
	for _, f := range set.Files {
		if f.Op == change.Delete || f.To != "" {
			return fmt.Errorf("bug: %s takes %s away", set.Title, f.Path)
		}
		before, after := s.contents(f)
		if _, ok := d.after[f.Path]; !ok && before != nil {
			d.before[f.Path] = bytes.Clone(before)
		}
		d.after[f.Path] = after
	}
	t := *s
	t.snap, t.living, t.config = s.snap.WithOverlay(s.overlayOf(set)), newLiving(), nil
	d.session, d.title = &t, set.Title
	for _, n := range set.Notes {
		if !slices.Contains(d.notes, n) {
			d.notes = append(d.notes, n)
		}
	}
	return nil
}
