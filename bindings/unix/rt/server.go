package unix

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// A listener serves every component that accept knows, each on connections of
// its own.
type listener struct {
	ln      net.Listener
	address link.Address
	accept  link.Accept

	mu       sync.Mutex
	closing  bool
	sessions map[*session]struct{}
	running  sync.WaitGroup
}

func listen(a link.Address, accept link.Accept) (link.Listener, error) {
	ln, err := listenSocket(a.Path)
	if err != nil {
		return nil, err
	}
	return newListener(ln, a, accept), nil
}

func newListener(ln net.Listener, a link.Address, accept link.Accept) *listener {
	l := &listener{ln: ln, address: a, accept: accept, sessions: make(map[*session]struct{})}
	l.running.Add(1)
	go l.run()
	return l
}

func (l *listener) Address() link.Address { return l.address }

func (l *listener) run() {
	defer l.running.Done()
	for {
		nc, err := l.ln.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // out of file descriptors, for one
			time.Sleep(10 * time.Millisecond)
			continue
		}
		s := newSession(nc)
		if !l.add(s) {
			_ = nc.Close()
			return
		}
		go func() {
			defer l.remove(s)
			s.run(l.accept)
		}()
	}
}

func (l *listener) add(s *session) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing {
		return false
	}
	l.sessions[s] = struct{}{}
	l.running.Add(1)
	return true
}

func (l *listener) remove(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.sessions, s)
	l.running.Done()
}

// Close tells every caller which of its calls were taken, lets those finish,
// and closes the connections; what lasts longer than ctx is cut off.
func (l *listener) Close(ctx context.Context) error {
	err := l.ln.Close()
	l.mu.Lock()
	l.closing = true
	for s := range l.sessions {
		s.shutDown()
	}
	l.mu.Unlock()
	done := make(chan struct{})
	go func() {
		l.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		if m, ok := l.ln.(*mux); ok {
			m.flush(ctx)
		}
		return err
	case <-ctx.Done():
	}
	l.mu.Lock()
	for s := range l.sessions {
		s.abort()
	}
	l.mu.Unlock()
	return errors.Join(err, ctx.Err())
}
