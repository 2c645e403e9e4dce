package unix

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
)

// A supervisor commands one unit by the control protocol.
type supervisor struct {
	t     *testing.T
	l     net.Listener
	conn  net.Conn
	lines *bufio.Scanner
	id    int64
	ready string // the address that the unit told of
}

func supervise(t *testing.T) *supervisor {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "c"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return &supervisor{t: t, l: l}
}

func (s *supervisor) env() string { return "UNWELD_CONTROL=" + s.l.Addr().String() }

// accept takes the unit's connection, once it is ready.
func (s *supervisor) accept() {
	s.t.Helper()
	conn, err := s.l.Accept()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	s.conn, s.lines = conn, bufio.NewScanner(conn)
	if m := s.next(); m.Type != "hello" || m.Unit != "child" || m.PID == 0 || m.Version != 1 {
		s.t.Fatalf("the unit begins with %+v", m)
	}
	m := s.next()
	if m.Type != "ready" {
		s.t.Fatalf("the unit goes on with %+v", m)
	}
	s.ready = m.Address
	if m := s.next(); m.Type != "open" || m.Component != "linktest" || !m.Hosted {
		s.t.Fatalf("the unit goes on with %+v", m)
	}
}

func (s *supervisor) next() (m link.Message) {
	s.t.Helper()
	_ = s.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if !s.lines.Scan() {
		s.t.Fatalf("the unit has gone: %v", s.lines.Err())
	}
	if err := json.Unmarshal(s.lines.Bytes(), &m); err != nil {
		s.t.Fatalf("%s: %v", s.lines.Bytes(), err)
	}
	return m
}

func (s *supervisor) ask(m link.Message) link.Message {
	s.t.Helper()
	s.id++
	m.ID = s.id
	line, err := json.Marshal(m)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.conn.Write(append(line, '\n')); err != nil {
		s.t.Fatal(err)
	}
	ack := s.next()
	if ack.Type != "ack" || ack.ID != m.ID {
		s.t.Fatalf("%s was answered with %+v", m.Type, ack)
	}
	return ack
}

func (s *supervisor) do(m link.Message) link.Message {
	s.t.Helper()
	m.Component = "linktest"
	ack := s.ask(m)
	if ack.Error != "" {
		s.t.Fatalf("%s: %s", m.Type, ack.Error)
	}
	return ack
}

// TestHostComesAndGoesUnderLoad takes a component away from its process and
// gives it back while callers of another process go on: the calls that come
// too late are repeated, and each is executed once.
func TestHostComesAndGoesUnderLoad(t *testing.T) {
	sup := supervise(t)
	p := start(t, "host", sup.env())
	sup.accept()
	s := remote(t, p.socket)
	var made atomic.Int64
	var stop atomic.Bool
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for !stop.Load() {
				n := made.Add(1)
				if sum, err := s.Add(context.Background(), n, 1); sum != n+1 || err != nil {
					t.Errorf("call %d: %d, %v", n, sum, err)
					return
				}
			}
		})
	}
	for range 10 {
		time.Sleep(5 * time.Millisecond)
		sup.do(link.Message{Type: "unhost"})
		time.Sleep(2 * time.Millisecond)
		sup.do(link.Message{Type: "host", Address: sup.ready})
		sup.do(link.Message{Type: "route", Address: "inproc:"})
	}
	stop.Store(true)
	callers.Wait()
	served := int64(0)
	for _, e := range sup.do(link.Message{Type: "stats"}).Stats {
		if e.Endpoint == "Add" {
			served = e.Served
		}
	}
	if served != made.Load() || served == 0 {
		t.Errorf("%d calls were made, %d executed", made.Load(), served)
	}
}

func TestCommandsOfTheSupervisor(t *testing.T) {
	sup := supervise(t)
	p := start(t, "host", sup.env())
	sup.accept()
	if sup.ready != "unix://"+p.socket {
		t.Errorf("the unit is ready at %s", sup.ready)
	}
	for _, m := range []link.Message{
		{Type: "dance"},
		{Type: "gate", Component: "none"},
		{Type: "gate", Component: "linktest", Endpoints: []string{"None"}},
		{Type: "route", Component: "linktest", Address: "carrier-pigeon://x"},
	} {
		if ack := sup.ask(m); ack.Error == "" {
			t.Errorf("%+v was done", m)
		}
	}
	if ack := sup.ask(link.Message{Type: "stop"}); ack.Error != "" {
		t.Errorf("stop: %s", ack.Error)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the unit ended with %v", err)
	}
}

func TestUnitEndsWithItsSupervisor(t *testing.T) {
	sup := supervise(t)
	p := start(t, "host", sup.env())
	sup.accept()
	_ = sup.conn.Close()
	done := make(chan error, 1)
	go func() { done <- p.cmd.Wait() }()
	select {
	case err := <-done:
		if err == nil {
			t.Error("the unit ended as if all were well")
		}
	case <-time.After(10 * time.Second):
		t.Error("the unit lives on")
	}
}

// TestIdleConnectionSurvivesARestart: nobody reads an idle connection, so its
// end is noticed by the next call, which was surely not executed.
func TestIdleConnectionSurvivesARestart(t *testing.T) {
	p := start(t, "host")
	s := remote(t, p.socket)
	for i := range 3 {
		if sum, err := s.Add(context.Background(), 1, 1); sum != 2 || err != nil {
			var e *link.Error
			t.Fatalf("after %d restarts: %v (a link error: %t)", i, err, errors.As(err, &e))
		}
		p.kill()
		p = startAt(t, "host", p.socket)
	}
}
