package lsp

import (
	"context"
	"encoding/json"
	"slices"
	"sync"

	"github.com/unweld/unweld/lsp/wire"
)

// ahead loads a module while the user still looks through the actions that were asked
// for: whichever is chosen, most of the time that it takes goes into that. The zero
// value is ready.
type ahead struct {
	mu     sync.Mutex
	end    context.CancelFunc // nil: nothing is loaded
	asking int                // counts those that began
}

// invoked is the kind of a request for code actions that the user made, and not the
// editor on its own because the cursor moved.
const invoked = 1

// load begins to load the module of path if the user asked for the actions of a list and
// one of them is a refactoring that can be done. It returns at once.
func (a *ahead) load(s *server, v view, path string, params json.RawMessage, actions []wire.CodeAction) {
	var p struct {
		Context struct {
			TriggerKind int `json:"triggerKind"`
		} `json:"context"`
	}
	refactors := func(c wire.CodeAction) bool {
		var data actionData
		return c.Disabled == nil && json.Unmarshal(c.Data, &data) == nil && data.Offer.Refactoring != ""
	}
	if json.Unmarshal(params, &p) != nil || p.Context.TriggerKind != invoked || !slices.ContainsFunc(actions, refactors) {
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.end != nil {
		cancel() // it is being loaded; what changed since was given up
		return
	}
	a.end = cancel
	a.asking++
	asking := a.asking
	s.running.Go(func() {
		defer a.ended(asking)
		if project, err := s.project(ctx, v, path); err == nil {
			_ = project.LoadAhead(ctx) // who chooses an action is told what is wrong
		}
	})
}

func (a *ahead) ended(asking int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.asking == asking && a.end != nil {
		a.end()
		a.end = nil
	}
}

// giveUp ends the loading, if there is one: the text is another now.
func (a *ahead) giveUp() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.end != nil {
		a.end()
		a.end = nil
	}
}
