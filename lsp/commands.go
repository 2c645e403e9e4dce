package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sourcegraph/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/lsp/convert"
	"github.com/unweld/unweld/lsp/wire"
)

// commandParams are the one argument of a command. Each takes those that it knows.
type commandParams struct {
	splitParams
	Name      string            `json:"name"`      // of a component, or of a refactoring
	Target    string            `json:"target"`    // of a refactoring
	Params    map[string]string `json:"params"`    // of a refactoring
	To        []string          `json:"to"`        // bindings or stores
	Code      string            `json:"code"`      // that is explained
	Component string            `json:"component"` // that is explained
	Other     string            `json:"other"`     // the one whose coupling with it is
	File      string            `json:"file"`      // of the baseline
	Show      bool              `json:"show"`      // have the client show the page
}

// A page is the answer of a command that has something to read.
type page struct {
	Title    string `json:"title"`
	Markdown string `json:"markdown"`
}

// onModule is a command about a module.
func onModule(run func(context.Context, *server, *project, commandParams) (any, error)) command {
	return func(ctx context.Context, s *server, v view, arguments []json.RawMessage) (any, error) {
		p, err := commandArgument(arguments)
		if err != nil {
			return nil, err
		}
		project, err := s.module(ctx, v, p.URI)
		if err != nil {
			return nil, err
		}
		return run(ctx, s, project, p)
	}
}

// commandArgument reads the one argument of a command.
func commandArgument(arguments []json.RawMessage) (p commandParams, err error) {
	if len(arguments) > 1 {
		return p, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: "one object of parameters is expected"}
	}
	if len(arguments) == 1 {
		err = decode(arguments[0], &p)
	}
	return p, err
}

// changing is a command that changes files: it has the client carry the change out, and
// answers as the command after an action does. What is refused is told to the user.
func changing(title string, of func(context.Context, *project, commandParams) (change.Set, error)) command {
	return func(ctx context.Context, s *server, v view, arguments []json.RawMessage) (any, error) {
		p, err := commandArgument(arguments)
		if err != nil {
			return nil, err
		}
		return s.change(ctx, v, p.URI, title, func(ctx context.Context, project *project) (change.Set, error) { return of(ctx, project, p) })
	}
}

// change has the client carry out a change of the module that uri lies in.
func (s *server) change(ctx context.Context, v view, uri protocol.DocumentURI, title string, of func(context.Context, *project) (change.Set, error)) (any, error) {
	if !s.client.Load().Workspace.ApplyEdit {
		return nil, failed("%s: the editor doesn't let servers change files", title)
	}
	defer s.diagnoser.pause()()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	say, done := s.progress(title, cancel)
	defer done()
	project, err := s.module(ctx, v, uri)
	if err != nil {
		return nil, err
	}
	project.Session = project.WithProgress(say)
	set, err := of(ctx, project)
	var proposed proposal
	if err == nil {
		proposed, err = s.propose(project, set)
	}
	if ctx.Err() != nil {
		return nil, &jsonrpc2.Error{Code: wire.RequestCancelled, Message: title + ": cancelled"}
	}
	if err != nil {
		if isRefusal(err) {
			s.refused(project, title, err)
			return nil, nil
		}
		return nil, err
	}
	if err := s.unchanged(project, v, set); err != nil {
		return nil, err
	}
	done()
	return s.carryOut(project, set, proposed)
}

// carryOut has the client carry out a change, and says what there is to know of it.
func (s *server) carryOut(p *project, set change.Set, proposed proposal) (any, error) {
	answer, err := proposed.ask(s, set.Title)
	if err != nil {
		return nil, failed("%s: the editor didn't change the files: %v", set.Title, err)
	}
	if !answer.Applied {
		s.show(protocol.MessageTypeInfo, strings.TrimSuffix(set.Title+": nothing was changed: "+answer.FailureReason, ": "))
		return nil, nil
	}
	return s.wasApplied(madeEdit{project: p, set: set}), nil
}

// unchanged is an error if a file that a change is of was edited since v. One that was
// only opened is what it was.
func (s *server) unchanged(p *project, v view, set change.Set) error {
	now := s.docs.view()
	for _, f := range set.Files {
		abs := p.Abs(f.Path)
		was, wasOpen := v[abs]
		is, isOpen := now[abs]
		switch {
		case isOpen && !wasOpen && change.HashOf(is.text) == f.Base:
		case isOpen != wasOpen || is.version != was.version:
			return &change.ConflictError{Path: f.Path, Reason: "changed meanwhile; do it again"}
		}
	}
	return nil
}

// showPage answers with a page, and has the client show it if that is asked for.
func (s *server) showPage(p *project, params commandParams, pg page) (any, error) {
	if params.Show {
		file, err := p.WriteNotes("# " + pg.Title + "\n\n" + pg.Markdown)
		if err != nil {
			return nil, err
		}
		if !s.open(wire.ShowDocument{URI: convert.URI(file), TakeFocus: true}) {
			return nil, failed("%s: the editor can't show documents", pg.Title)
		}
	}
	return pg, nil
}

// previewCommand shows what a split would cost.
func previewCommand(ctx context.Context, s *server, v view, arguments []json.RawMessage) (any, error) {
	p, err := commandArgument(arguments)
	if err != nil {
		return nil, err
	}
	project, preview, err := s.preview(ctx, v, p.splitParams)
	if err != nil {
		return nil, err
	}
	return s.showPage(project, p, page{"Split " + preview.Split, previewPage(preview)})
}

// explainCommand shows the page of a code, or why components are coupled.
func explainCommand(ctx context.Context, s *server, project *project, p commandParams) (any, error) {
	if p.Code != "" {
		code, err := engine.ExplainCode(p.Code)
		if err != nil {
			return nil, failed("%s is neither a code that is known nor a component", p.Code)
		}
		return s.showPage(project, p, page{code.Name, codePage(code)})
	}
	e, err := project.Explain(ctx, p.Component, p.Other)
	if err != nil {
		return nil, err
	}
	title := e.A
	if e.B != "" {
		title += " and " + e.B
	}
	return s.showPage(project, p, page{title, explanationPage(e)})
}

// checkCommand shows where the code breaks the rules of unweld.yaml.
func checkCommand(ctx context.Context, s *server, project *project, p commandParams) (any, error) {
	r, err := project.Check(ctx, engine.CheckOptions{Baseline: p.File})
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	for _, v := range r.Violations {
		fmt.Fprintf(&b, "- %s: %s\n", v.Span, v.Message)
	}
	if r.OK {
		b.WriteString("The code keeps to the rules of unweld.yaml.\n")
	}
	return s.showPage(project, p, page{"Rules", b.String()})
}

// undoCommand takes the last change back, on the disk. What isn't saved would hide that.
func undoCommand(_ context.Context, s *server, project *project, _ commandParams) (any, error) {
	for path := range project.view.unsaved() {
		if rel := project.Rel(path); rel != path {
			return nil, failed("undo: %s isn't saved: save all files first, or undo in the editor", rel)
		}
	}
	title, err := project.Undo()
	if err != nil {
		return nil, failed("%v", err)
	}
	s.diagnoser.schedule(s.conn)
	return map[string]string{"title": title}, nil
}

// noSplit is the button that chooses none.
const noSplit = "none"

// chooseSplit makes a split the one whose hazards are shown, until the server ends. If
// none is named, the user is asked.
func chooseSplit(ctx context.Context, s *server, project *project, p commandParams) (any, error) {
	o, err := project.Overview(ctx, "")
	if err != nil {
		return nil, err
	}
	if p.Split == "" {
		if len(o.Splits) == 0 {
			return nil, failed("there are no splits: write one into unweld.yaml, or bind a component")
		}
		p.Split = s.choose(protocol.MessageTypeInfo, "Which split's hazards are to be shown?", append(slices.Clone(o.Splits), noSplit)...)
		if p.Split == "" {
			return nil, nil // the user went away
		}
	}
	switch {
	case p.Split == noSplit:
		p.Split = ""
	case !slices.Contains(o.Splits, p.Split):
		return nil, failed("there is no split %s: the splits are %s", p.Split, strings.Join(o.Splits, ", "))
	}
	s.chosen.set(project.Root, p.Split)
	s.diagnoser.schedule(s.conn)
	return map[string]string{"split": p.Split}, nil
}

func initCommand(ctx context.Context, p *project, _ commandParams) (change.Set, error) {
	initial, err := p.Init(ctx)
	if err != nil {
		return change.Set{}, err
	}
	return initial.Set, nil
}

func addComponentCommand(ctx context.Context, p *project, params commandParams) (change.Set, error) {
	return p.Declare(ctx, params.Name)
}

func baselineCommand(ctx context.Context, p *project, params commandParams) (change.Set, error) {
	if params.File == "" {
		params.File = engine.BaselineName
	}
	set, _, err := p.Baseline(ctx, engine.CheckOptions{Baseline: params.File})
	return set, err
}

func refactorCommand(ctx context.Context, p *project, params commandParams) (change.Set, error) {
	return p.Refactor(ctx, params.Name, engine.RefactorRequest{Target: params.Target, Params: params.Params})
}

func operationCommand(op string) func(context.Context, *project, commandParams) (change.Set, error) {
	return func(ctx context.Context, p *project, params commandParams) (change.Set, error) {
		of := params.Component
		if of == "" {
			return change.Set{}, &component.UsageError{Object: op, Reason: "names no component"}
		}
		return p.Do(ctx, engine.Offer{Operation: op, Request: engine.RefactorRequest{Target: of, Params: map[string]string{"to": strings.Join(params.To, ",")}}})
	}
}

// told makes what an operation says of wrong use, or of code that it can't take, an
// answer that editors show.
func told(err error) error {
	if _, ok := errors.AsType[*component.UsageError](err); ok {
		return failed("%v", withHint(err))
	}
	return err
}

func withHint(err error) string {
	if hint := component.HintOf(err); hint != "" {
		return err.Error() + " (" + hint + ")"
	}
	return err.Error()
}
