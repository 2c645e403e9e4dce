package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/unweld/unweld/lsp/wire"
)

// progressTime is how long work takes at least before the user is told of it.
const progressTime = 250 * time.Millisecond

// Progress of work under way, by its token: what the user may end.
type progresses struct {
	mu     sync.Mutex
	last   int
	cancel map[string]context.CancelFunc
}

// progress tells the user of work that takes longer than a moment: say is told what is
// being done, and done that it is over. A client that shows no progress is told nothing.
// If cancel isn't nil, the user may end the work.
func (s *server) progress(title string, cancel context.CancelFunc) (say func(string), done func()) {
	if !s.client.Load().Window.WorkDoneProgress {
		return func(string) {}, func() {}
	}
	p := &progress{s: s, title: title, cancel: cancel}
	p.timer = time.AfterFunc(progressTime, p.begin)
	return p.say, p.done
}

// A progress is one piece of work.
type progress struct {
	s      *server
	title  string
	cancel context.CancelFunc
	timer  *time.Timer

	mu    sync.Mutex
	token string // "" as long as the user isn't told
	doing string
	ended bool
}

// begin makes the client show it. The client must know the token before anything is
// said of it.
func (p *progress) begin() {
	all := &p.s.progresses
	all.mu.Lock()
	all.last++
	token := fmt.Sprintf("unweld-%d", all.last)
	if p.cancel != nil {
		if all.cancel == nil {
			all.cancel = map[string]context.CancelFunc{}
		}
		all.cancel[token] = p.cancel
	}
	all.mu.Unlock()
	if p.s.ask("window/workDoneProgress/create", wire.Progress{Token: token}, nil) != nil {
		p.s.forget(token)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.token = token
	p.notify(wire.ProgressValue{Kind: "begin", Title: p.title, Cancellable: p.cancel != nil, Message: p.doing})
	if p.ended {
		p.end()
	}
}

func (p *progress) say(doing string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.doing = doing; p.token != "" && !p.ended {
		p.notify(wire.ProgressValue{Kind: "report", Cancellable: p.cancel != nil, Message: doing})
	}
}

func (p *progress) done() {
	p.timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended = true; p.token != "" {
		p.end()
	}
}

// end takes it away, with mu held.
func (p *progress) end() {
	p.notify(wire.ProgressValue{Kind: "end"})
	p.s.forget(p.token)
}

func (p *progress) notify(v wire.ProgressValue) {
	p.s.conn.Notify(p.s.ctx, "$/progress", wire.Progress{Token: p.token, Value: &v})
}

func (s *server) forget(token string) {
	s.progresses.mu.Lock()
	defer s.progresses.mu.Unlock()
	delete(s.progresses.cancel, token)
}

// cancelProgress ends the work that the user has seen enough of.
func cancelProgress(s *server, _ *jsonrpc2.Conn, params json.RawMessage) error {
	var p wire.Progress
	if err := decode(params, &p); err != nil {
		return err
	}
	s.progresses.mu.Lock()
	cancel := s.progresses.cancel[p.Token]
	s.progresses.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	return nil
}
