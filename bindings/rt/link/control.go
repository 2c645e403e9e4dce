//go:build !unweldplain

package link

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// The control protocol. A unit dials the unix socket named by UNWELD_CONTROL;
// both sides write one JSON object per line (a Message; fields that don't apply
// are left out). The unit begins:
//
//	{"type":"hello","unit":"pricing","split":"micro","pid":4711,"version":1}
//
// and then tells, as it happens:
//
//	{"type":"open","component":"pricing","hosted":true}       it takes commands now
//	{"type":"ready","component":"pricing","address":"unix:///run/p.sock"}
//
// The supervisor sends commands with an id; the unit answers each with
// {"type":"ack","id":N} and, if it failed, "error". Commands run one after the
// other, so a later one isn't begun before the earlier one's ack.
//
//	{"type":"gate","id":1,"component":"pricing","endpoints":["Quote"],"timeoutMs":5000}
//	    park new calls and wait for those executed here; those under way to another
//	    unit are that one's affair. On an error nothing has changed.
//	{"type":"route","id":2,"component":"pricing","endpoints":[],"address":"inproc:"}
//	    send calls there and open the gate; gates first if that wasn't done.
//	    No endpoints means all. Also undoes a gate: route to the old address.
//	{"type":"host","id":3,"component":"pricing","address":"unix:///run/q.sock"}
//	    construct here (replaying the store) and listen; the ack has "address".
//	    Where it is hosted already, only listen.
//	{"type":"unhost","id":4,"component":"pricing"}
//	    wait for its calls, close it and its store; late calls are answered "moved".
//	    Nothing happens where it isn't hosted. On an error it still is.
//	{"type":"stats","id":5}   the ack has "stats": [EndpointStats]
//	{"type":"stop","id":6}    acknowledged, then the unit drains and exits with 0
//
// To move a component: gate in every unit but the host, unhost at the host,
// host at the new place, route in every unit. A unit that loses the connection
// ends: its supervisor is gone.

// controlVersion is the version of the protocol, in the hello.
const controlVersion = 1

// A Message is one line of the control protocol.
type Message struct {
	Type      string          `json:"type"`
	ID        int64           `json:"id,omitempty"`
	Unit      string          `json:"unit,omitempty"`
	Split     string          `json:"split,omitempty"`
	PID       int             `json:"pid,omitempty"`
	Version   int             `json:"version,omitempty"`
	Component string          `json:"component,omitempty"`
	Hosted    bool            `json:"hosted,omitempty"`
	Endpoints []string        `json:"endpoints,omitempty"`
	Address   string          `json:"address,omitempty"`
	TimeoutMS int64           `json:"timeoutMs,omitempty"`
	Error     string          `json:"error,omitempty"`
	Stats     []EndpointStats `json:"stats,omitempty"`
}

// control is the connection to the supervisor, if there is one.
type control = *controlConn

type controlConn struct {
	mu   sync.Mutex
	conn net.Conn
}

// dialControl connects to the supervisor, if there is one.
func (u *unit) dialControl() error {
	path := u.getenv(envControl)
	if path == "" {
		return nil
	}
	conn, err := net.DialTimeout("unix", path, 5*time.Second)
	if err != nil {
		return fmt.Errorf("%s: %w; start the program with unweld split run", envControl, err)
	}
	u.control = &controlConn{conn: conn}
	u.tell(Message{Type: "hello", Unit: u.getenv(envUnit), Split: u.getenv(envSplit), PID: os.Getpid(), Version: controlVersion})
	go u.runCommands(conn)
	return nil
}

// tell sends a message to the supervisor. A lost connection is noticed by runCommands.
func (u *unit) tell(m Message) {
	if u.control == nil {
		return
	}
	line, err := json.Marshal(m)
	if err != nil {
		return
	}
	u.control.mu.Lock()
	defer u.control.mu.Unlock()
	_, _ = u.control.conn.Write(append(line, '\n'))
}

func (u *unit) runCommands(conn net.Conn) {
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m Message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			u.tell(Message{Type: "ack", Error: "not a message: " + err.Error()})
			continue
		}
		ack := u.execute(m)
		u.tell(ack)
		if m.Type == "stop" {
			u.stop(10 * time.Second)
			u.exit(0)
			return
		}
	}
	u.orphaned()
}

// orphaned ends the unit: nobody looks after it any more. The program of an
// entry unit gets the chance to end in its own way.
func (u *unit) orphaned() {
	fmt.Fprintln(os.Stderr, "unweld: the supervisor is gone; this unit ends")
	if u.entry {
		if p, err := os.FindProcess(os.Getpid()); err == nil && p.Signal(syscall.SIGTERM) == nil {
			time.Sleep(5 * time.Second)
		}
		u.exit(1)
		return
	}
	u.stop(5 * time.Second)
	u.exit(1)
}

func (u *unit) execute(m Message) Message {
	ack := Message{Type: "ack", ID: m.ID}
	ctx := context.Background()
	if m.TimeoutMS > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(m.TimeoutMS)*time.Millisecond)
		defer cancel()
	}
	var err error
	switch m.Type {
	case "stats":
		ack.Stats = u.stats()
	case "stop":
	case "gate", "route", "host", "unhost":
		ack.Address, err = u.change(ctx, m)
	default:
		err = fmt.Errorf("unknown command %q", m.Type)
	}
	if err != nil {
		ack.Error = err.Error()
	}
	return ack
}

func (u *unit) change(ctx context.Context, m Message) (string, error) {
	ins, err := u.all(m.Component)
	if err != nil {
		return "", err
	}
	switch m.Type {
	case "host":
		return ins[0].host(ctx, m.Address)
	case "unhost":
		return "", ins[0].unhost(ctx)
	}
	for _, in := range ins {
		if m.Type == "gate" {
			err = in.gate(ctx, m.Endpoints)
		} else {
			err = in.redirect(ctx, m.Endpoints, m.Address)
		}
		if err != nil {
			return "", err
		}
	}
	return m.Address, nil
}

func (u *unit) all(component string) ([]*instance, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	var out []*instance
	for _, in := range u.instances {
		if in.component == component {
			out = append(out, in)
		}
	}
	if out == nil {
		return nil, fmt.Errorf("%s has not been opened in this unit", component)
	}
	return out, nil
}
