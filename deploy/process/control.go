package process

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/unweld/unweld/deploy"
)

// controlVersion is the version of the control protocol that this supervisor speaks.
const controlVersion = 1

// A Message is one line of the control protocol between the supervisor and a
// unit. The run-time's link.Message is the other end: the two are kept apart
// because the run-time is copied into users' modules; a test holds them equal.
type Message struct {
	Type      string                 `json:"type"`
	ID        int64                  `json:"id,omitempty"`
	Unit      string                 `json:"unit,omitempty"`
	Split     string                 `json:"split,omitempty"`
	PID       int                    `json:"pid,omitempty"`
	Version   int                    `json:"version,omitempty"`
	Component string                 `json:"component,omitempty"`
	Hosted    bool                   `json:"hosted,omitempty"`
	Endpoints []string               `json:"endpoints,omitempty"`
	Address   string                 `json:"address,omitempty"`
	TimeoutMS int64                  `json:"timeoutMs,omitempty"`
	Error     string                 `json:"error,omitempty"`
	Stats     []deploy.EndpointStats `json:"stats,omitempty"`
}

var errUnitGone = errors.New("the unit ended")

// A conn is the supervisor's end of one unit's control connection.
type conn struct {
	c    net.Conn
	mu   sync.Mutex
	next int64
	wait map[int64]chan Message
	gone chan struct{}
}

// serveControl accepts the connections of units and hands each to hello, whose
// result receives the messages that follow; a nil one turns the unit away.
func serveControl(l net.Listener, hello func(*conn, Message) func(Message)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		k := &conn{c: c, wait: map[int64]chan Message{}, gone: make(chan struct{})}
		go k.read(hello)
	}
}

func (k *conn) read(hello func(*conn, Message) func(Message)) {
	defer k.close()
	lines := bufio.NewScanner(k.c)
	lines.Buffer(nil, 16<<20)
	var on func(Message)
	for lines.Scan() {
		var m Message
		if json.Unmarshal(lines.Bytes(), &m) != nil {
			return // not a unit
		}
		switch {
		case on == nil:
			if m.Type != "hello" || m.Version != controlVersion {
				return
			}
			if on = hello(k, m); on == nil {
				return
			}
		case m.Type == "ack":
			k.mu.Lock()
			ch := k.wait[m.ID]
			delete(k.wait, m.ID)
			k.mu.Unlock()
			if ch != nil {
				ch <- m
			}
		default:
			on(m)
		}
	}
}

// close ends the connection and every request on it. Only the reader calls it.
func (k *conn) close() {
	k.c.Close()
	close(k.gone)
}

// lost reports whether the connection has ended.
func (k *conn) lost() bool {
	select {
	case <-k.gone:
		return true
	default:
		return false
	}
}

// answerLimit is how long after its deadline a unit may answer a command.
const answerLimit = 2 * time.Second

// request sends a command and waits for its ack, which is the zero Message
// where none came.
func (k *conn) request(ctx context.Context, m Message) (Message, error) {
	if deadline, ok := ctx.Deadline(); ok {
		m.TimeoutMS = max(1, time.Until(deadline).Milliseconds())
	}
	ch := make(chan Message, 1)
	k.mu.Lock()
	k.next++
	m.ID = k.next
	k.wait[m.ID] = ch
	line, err := json.Marshal(m)
	if err == nil {
		if _, err = k.c.Write(append(line, '\n')); err != nil {
			err = errUnitGone
		}
	}
	k.mu.Unlock()
	if err != nil {
		return Message{}, fmt.Errorf("%s: %w", m.Type, err)
	}
	select {
	case ack := <-ch:
		return ack, ack.failure()
	case <-k.gone:
		return Message{}, errUnitGone
	case <-ctx.Done():
		// The unit works to the same deadline and answers a little later. A command
		// that was interrupted before goes on until then; without its answer, nobody
		// would know where calls go.
		limit := answerLimit
		if deadline, ok := ctx.Deadline(); ok && m.Type != "host" {
			limit += max(0, time.Until(deadline))
		}
		select {
		case ack := <-ch:
			return ack, ack.failure()
		case <-k.gone:
			return Message{}, errUnitGone
		case <-time.After(limit):
			return Message{}, ctx.Err()
		}
	}
}

// failure is the error in an ack.
func (m Message) failure() error {
	if m.Error == "" {
		return nil
	}
	return errors.New(m.Error)
}
