package stream

import (
	"errors"
	"sync"

	"github.com/unweld/unweld/bindings/rt/link"
)

// A Sink takes what comes of a call whose caller sends a request and nothing else.
// Its methods are called one at a time. The error of one ends the call.
type Sink interface {
	// Reply takes the encoded results, before everything else, and returns the places
	// of the streams that are among them.
	Reply(results []byte) (places []int, err error)
	// Fail takes the reply of a call that failed. Nothing else comes.
	Fail(reply link.Reply) error
	// Element takes an element of a stream: bytes, or the message of a value. The next
	// one is asked for when it has returned.
	Element(place int, element []byte) error
	// End says that nothing more comes of a stream: because of the error with this
	// tree, or without one.
	End(place int, tree string) error
}

// A Result is a stream among the results of an endpoint, which its caller reads.
type Result struct {
	Place  int
	Bytes  bool // a reader
	Closes bool // which is closed at its end
}

// Results returns the pipe of a call whose streams are all results, for a caller that
// asks for nothing: each element is taken by to before another one is made. Close has
// no effect on what to gets, but what the call returns after that is all it gets.
func Results(request string, results []Result, to Sink) link.Pipe {
	p := &resultPipe{request: request, results: map[int]*result{}, to: to}
	for _, r := range results {
		p.results[r.Place] = &result{Result: r}
	}
	p.wake.L = &p.mu
	return p
}

type result struct {
	Result
	live bool
	tree string // of the error at its end, while it is being closed
}

// A resultPipe is the caller's side of such a call.
type resultPipe struct {
	request string
	to      Sink

	turn    sync.Mutex // held while to takes something
	results map[int]*result
	live    int
	replied bool

	mu    sync.Mutex
	wake  sync.Cond
	begun bool
	asked []saying // for the component
	over  bool
}

// A saying is a message.
type saying struct {
	number  int
	message []byte
}

var errOver = errors.New("the call is over")

// Receive implements link.Pipe.
func (p *resultPipe) Receive(buf []byte) (int, []byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.begun {
		p.begun = true
		return numberCall, append(buf[:0], p.request...), nil
	}
	for len(p.asked) == 0 && !p.over {
		p.wake.Wait()
	}
	if p.over {
		return 0, nil, errOver
	}
	next := p.asked[0]
	p.asked[0] = saying{}
	p.asked = p.asked[1:]
	return next.number, append(buf[:0], next.message...), nil
}

// Close implements link.Pipe.
func (p *resultPipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	p.wake.Broadcast()
	return nil
}

func (p *resultPipe) ask(place int, op uint64, n int64) {
	_ = p.say(numberControl, control{stream: 2 * place, op: op, n: uint64(n)}.append(nil))
}

// say sends the component a message, whose memory it keeps.
func (p *resultPipe) say(number int, message []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return errOver
	}
	p.asked = append(p.asked, saying{number, message})
	p.wake.Broadcast()
	return nil
}

// joined are the parts of a message in one.
func joined(parts [][]byte) []byte {
	if len(parts) == 1 {
		return parts[0]
	}
	var message []byte
	for _, part := range parts {
		message = append(message, part...)
	}
	return message
}

// Send implements link.Pipe.
func (p *resultPipe) Send(number int, parts ...[]byte) error {
	message := joined(parts)
	p.turn.Lock()
	defer p.turn.Unlock()
	switch {
	case number == numberCall && !p.replied:
		return p.reply(message)
	case number == numberFailure && !p.replied:
		r, err := link.ParseFailure(string(message))
		if err == nil {
			err = p.to.Fail(r)
		}
		_ = p.Close()
		return err
	case number == numberControl:
		return p.controlled(message)
	case number < numberData:
		return errOver
	}
	r := p.results[(number-numberData)/2]
	if r == nil || !r.live {
		return errOver
	}
	if err := p.to.Element(r.Place, message); err != nil {
		return err
	}
	n := int64(len(message))
	if !r.Bytes {
		n = cost(len(message))
	}
	if n > 0 {
		p.ask(r.Place, opCredit, n)
	}
	return nil
}

// reply takes the results, and asks for the elements of the streams among them.
func (p *resultPipe) reply(message []byte) error {
	p.replied = true
	places, err := p.to.Reply(message)
	if err != nil {
		return err
	}
	for _, place := range places {
		r := p.results[place]
		if r == nil {
			return violation("a stream that there isn't: %d", place)
		}
		r.live = true
		p.live++
		if r.Bytes {
			p.ask(place, opCredit, firstAhead)
		} else {
			p.ask(place, opStart, 1)
		}
	}
	if p.live == 0 {
		return p.Close()
	}
	return nil
}

// controlled takes what the component says of a stream.
func (p *resultPipe) controlled(message []byte) error {
	c, err := parseControl(string(message))
	if err != nil {
		return err
	}
	r := p.results[c.stream/2]
	if r == nil || !r.live {
		return errOver
	}
	switch c.op {
	case opEnd:
		if r.tree = c.err; r.Closes {
			p.ask(r.Place, opClose, 0)
			return nil
		}
	case opClosed:
		if r.tree == "" {
			r.tree = c.err
		}
	default:
		return violation("control %d of a result", c.op)
	}
	r.live = false
	err = p.to.End(r.Place, r.tree)
	if p.live--; p.live == 0 {
		_ = p.Close()
	}
	return err
}
