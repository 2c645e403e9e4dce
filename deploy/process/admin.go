package process

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// The admin protocol, on a socket in the run folder that only this user can
// reach: the client sends one adminRequest, the supervisor answers with any
// number of events and then one reply with Done set, each a line of JSON. A
// client that closes its half of the connection takes its request back, and
// still gets the reply, which says what came of that.
type adminRequest struct {
	Do        string      `json:"do"` // apply, status
	Plan      *split.Plan `json:"plan,omitempty"`
	LoseState bool        `json:"loseState,omitempty"`
	DrainMS   int64       `json:"drainMs,omitempty"`
}

type adminReply struct {
	Event  *deploy.Event  `json:"event,omitempty"`
	Done   bool           `json:"done,omitempty"`
	Status *deploy.Status `json:"status,omitempty"`
	Error  *adminError    `json:"error,omitempty"`
}

// An adminError is an error on its way to another process: the kinds of errors
// that front ends tell apart stay what they are.
type adminError struct {
	Message string                `json:"message,omitempty"`
	Usage   *component.UsageError `json:"usage,omitempty"`
	Refusal *component.Refusal    `json:"refusal,omitempty"`
}

func packError(err error) *adminError {
	if err == nil {
		return nil
	}
	e := &adminError{Message: err.Error()}
	if u, ok := errors.AsType[*component.UsageError](err); ok {
		e.Usage = u
	} else if r, ok := errors.AsType[*component.Refusal](err); ok {
		e.Refusal = r
	}
	return e
}

func (e *adminError) unpack() error {
	switch {
	case e == nil:
		return nil
	case e.Usage != nil:
		return e.Usage
	case e.Refusal != nil:
		return e.Refusal
	}
	return errors.New(e.Message)
}

// record writes the state file by which other commands find the run.
func (s *supervisor) record() error {
	path, err := s.dir.socket("admin")
	if err != nil {
		return err
	}
	return s.dir.write(state{
		PID: os.Getpid(), Key: cmp.Or(s.opts.Key, s.opts.Dir, s.opts.Binary),
		Split: s.currentPlan().Split, Admin: path, Started: s.startedAt,
	})
}

func (s *supervisor) serveAdmin(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go s.answer(c)
	}
}

func (s *supervisor) answer(c net.Conn) {
	defer c.Close()
	var req adminRequest
	in := json.NewDecoder(c)
	if in.Decode(&req) != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, c) // returns when the client takes it back
	}()
	out := json.NewEncoder(c)
	var mu sync.Mutex
	send := func(r adminReply) {
		mu.Lock()
		defer mu.Unlock()
		_ = out.Encode(r)
	}
	reply := adminReply{Done: true}
	switch {
	case req.Do == "status":
		reply.Status = s.status(ctx)
	case req.Do == "apply" && req.Plan != nil:
		reply.Error = packError(s.apply(ctx, req.Plan, deploy.ApplyOptions{
			LoseState: req.LoseState, Drain: time.Duration(req.DrainMS) * time.Millisecond,
			Notify: func(e deploy.Event) { send(adminReply{Event: &e}) },
		}))
	default:
		reply.Error = packError(fmt.Errorf("the supervisor knows no request %q; it may be older than this unweld", req.Do))
	}
	send(reply)
}

// status tells what runs now.
func (s *supervisor) status(ctx context.Context) *deploy.Status {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	plan, units, waiting := s.inventory()
	st := &deploy.Status{Split: plan.Split, PID: os.Getpid(), Started: s.startedAt, Units: []deploy.UnitStatus{}, Links: plan.Links}
	all := make([]*deploy.UnitStatus, len(units))
	_ = each(units, func(u *unit) error {
		us := s.unitStatus(ctx, u)
		all[slices.Index(units, u)] = us
		return nil
	})
	for _, us := range all {
		st.Units = append(st.Units, *us)
	}
	for _, pu := range waiting {
		st.Units = append(st.Units, deploy.UnitStatus{Name: pu.Name, Entry: pu.Name == plan.Entry, Components: hostedBy(pu), Problem: "it isn't started yet"})
	}
	slices.SortStableFunc(st.Units, func(a, b deploy.UnitStatus) int { return cmp.Compare(a.Name, b.Name) })
	return st
}

func (s *supervisor) unitStatus(ctx context.Context, u *unit) *deploy.UnitStatus {
	plan, id := s.planFor(u)
	us := &deploy.UnitStatus{Name: u.name, Entry: u.entry, Components: []string{}}
	if pu := plan.Unit(id); pu != nil {
		us.Components = append(us.Components, hostedBy(pu)...)
	}
	child, k, _ := u.state()
	u.mu.Lock()
	us.Restarts, us.Problem = u.restarts, u.problem
	u.mu.Unlock()
	if child == nil || !child.runs() {
		return us
	}
	us.PID = child.pid()
	answers := len(plan.Components) == 0 // it has nothing to open, so nothing that would connect it
	if k != nil {
		ack, err := k.request(ctx, Message{Type: "stats"})
		if answers = err == nil; answers {
			us.Stats = ack.Stats
		}
	}
	s.mu.Lock()
	whole := s.started || !u.entry // what the entry unit does before is part of the start
	s.mu.Unlock()
	switch us.Ready = answers && whole && u.hosting(us.Components); {
	case !whole && us.Problem == "":
		us.Problem = "it waits for the other units"
	case us.Ready:
		us.Problem = ""
	case us.Problem != "":
	case k == nil:
		us.Problem = "it hasn't reached its composition root"
	case !answers:
		us.Problem = "it doesn't answer"
	default:
		us.Problem = "it hasn't opened what it hosts"
	}
	return us
}

// Apply changes the split that runs under key. See deploy.Target.
func Apply(ctx context.Context, key string, plan *split.Plan, opts deploy.ApplyOptions) error {
	r, err := ask(ctx, key, adminRequest{Do: "apply", Plan: plan, LoseState: opts.LoseState, DrainMS: opts.Drain.Milliseconds()}, opts.Notify)
	if err != nil {
		return err
	}
	return r.Error.unpack()
}

// Status tells what runs under key. See deploy.Target.
func Status(ctx context.Context, key string) (*deploy.Status, error) {
	r, err := ask(ctx, key, adminRequest{Do: "status"}, nil)
	if err != nil {
		return nil, err
	}
	return r.Status, r.Error.unpack()
}

// ask sends a request to the supervisor of key's split. When ctx ends, the
// request is taken back, and the reply says what came of it.
func ask(ctx context.Context, key string, req adminRequest, notify func(deploy.Event)) (adminReply, error) {
	st, err := findRunning(key)
	if err != nil {
		return adminReply{}, err
	}
	if ctx.Err() != nil {
		return adminReply{}, ctx.Err()
	}
	c, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: st.Admin, Net: "unix"})
	if err != nil {
		return adminReply{}, fmt.Errorf("the supervisor of split %s (process %d) doesn't answer: %w", st.Split, st.PID, err)
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.CloseWrite() })()
	if err := json.NewEncoder(c).Encode(req); err != nil {
		return adminReply{}, err
	}
	in := json.NewDecoder(c)
	for {
		var r adminReply
		if err := in.Decode(&r); err != nil {
			return adminReply{}, fmt.Errorf("split %s ended meanwhile: %w", st.Split, cmp.Or(ctx.Err(), err))
		}
		if r.Event != nil && notify != nil {
			notify(*r.Event)
		}
		if r.Done {
			return r, nil
		}
	}
}
