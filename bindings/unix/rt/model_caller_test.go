package unix

import "testing"

// The caller's side: client.go and reader.go. Up to three callers make a call
// each, in any order. The peer answers some of the calls, in any order; the contexts
// of some may end at any time.
const callers = 3

// Where a caller is.
const (
	callerSends    = iota
	callerLoops    // await, at its top
	callerWaits    // for its wake-up alone
	callerSelects  // for its wake-up or the end of its context
	callerDelivers // read: deliverAll
	callerFinishes // deliver: between unlist and finish
	callerDecides  // read: holds the lock
	callerFills
	callerSignals // passRole has chosen the next reader, who isn't awake yet
	callerAbandons
	callerReturned
)

type modelCaller struct {
	at     uint8
	other  uint8 // whom it finishes or signals
	number uint8 // of its call, from 1; 0 before
	listed, done, awake, ended, lasting, gaveUp,
	armed, interrupting bool // its context has been asked to interrupt it; is about to
}

type callerState struct {
	c                     [callers]modelCaller
	reader                int8 // -1: nobody
	reading               bool // the reader's context is known
	interrupted, watching bool
	seen, last            uint8
	reply                 [callers]uint8
}

// Where the reply to a call is.
const (
	replyNowhere = iota
	replySent
	replyRead // in the reader's buffer
	replyTaken
)

func (s *callerState) releaseRole() {
	s.c[s.reader].armed = false
	s.reader, s.reading = -1, false
}

// oldest is the listed caller with the lowest number but for one, or -1.
func (s *callerState) oldest(but int) int {
	found := -1
	for i, c := range s.c {
		if i != but && c.listed && (found < 0 || c.number < s.c[found].number) {
			found = i
		}
	}
	return found
}

// passRole is conn.passRole and the way out of read or abandon, to a place.
func (s *callerState) passRole(i int) {
	s.releaseRole()
	next := s.oldest(i)
	if next < 0 {
		s.after(i)
		return
	}
	s.reader = int8(next)
	s.c[i].at, s.c[i].other = callerSignals, uint8(next)
}

// after is what await does after read.
func (s *callerState) after(i int) {
	c := &s.c[i]
	c.at = callerLoops
	if !c.done && c.ended {
		c.at = callerAbandons
	}
}

func (s *callerState) interruptible(i int) {
	if s.c[i].lasting {
		s.c[i].armed = true
	}
}

// markLasting is conn.markLasting.
func (s *callerState) markLasting() {
	newer := false
	for i := range s.c {
		c := &s.c[i]
		switch {
		case !c.listed:
		case c.number > s.seen:
			newer = true
		case !c.lasting:
			c.lasting = true
			if s.reader == int8(i) && s.reading {
				s.interruptible(i)
			} else {
				c.awake = true
			}
		}
	}
	s.seen, s.watching = s.last, newer
}

// A callerCase says which calls are answered and which may be given up. faulty
// leaves a wake-up out.
type callerCase struct {
	name          string
	answers, ends [callers]bool
	callers       int
	lasting       bool // the calls are so from the start
	faulty        string
}

func (k callerCase) steps(s callerState) (out []step[callerState]) {
	add := func(name string, change func(*callerState)) {
		to := s
		change(&to)
		out = append(out, step[callerState]{name, to})
	}
	for i, c := range s.c {
		me := func(s *callerState) *modelCaller { return &s.c[i] }
		switch c.at {
		case callerSends:
			add("send", func(s *callerState) {
				s.last++
				m := me(s)
				m.at, m.number, m.listed, m.lasting = callerLoops, s.last, true, k.lasting
				s.watching = s.watching || !k.lasting && k.ends[i]
			})
		case callerLoops:
			add("await", func(s *callerState) {
				m := me(s)
				switch {
				case m.done:
					*m = modelCaller{at: callerReturned}
				case m.listed && s.reader == -1, s.reader == int8(i):
					s.reader, m.at = int8(i), callerDelivers
				case !m.lasting || m.gaveUp:
					m.at = callerWaits
				default:
					m.at = callerSelects
				}
			})
		case callerWaits, callerSelects:
			if c.awake {
				add("wakes", func(s *callerState) { me(s).awake, me(s).at = false, callerLoops })
			}
			if c.at == callerSelects && c.ended {
				add("context has ended", func(s *callerState) { me(s).at, me(s).gaveUp = callerAbandons, true })
			}
		case callerDelivers:
			some := false
			for j, r := range s.reply {
				if r != replyRead {
					continue
				}
				some = true
				add("deliver: unlists", func(s *callerState) {
					s.reply[j] = replyTaken
					if s.c[j].listed {
						s.c[j].listed = false
						me(s).at, me(s).other = callerFinishes, uint8(j)
					}
				})
			}
			if !some {
				add("deliverAll: no more", func(s *callerState) { me(s).at = callerDecides })
			}
		case callerFinishes:
			add("deliver: finishes", func(s *callerState) {
				me(s).at, me(s).other = callerDelivers, 0
				s.c[c.other].done = true
				s.c[c.other].awake = s.c[c.other].awake || int(c.other) != i
			})
		case callerDecides:
			add("read: decides", func(s *callerState) {
				s.interrupted = false
				if m := me(s); !m.listed || m.ended {
					s.passRole(i)
					return
				}
				s.reading = true
				s.interruptible(i)
				me(s).at = callerFills
			})
		case callerFills:
			if s.interrupted {
				add("fill: interrupted", func(s *callerState) { me(s).at = callerDelivers })
				break
			}
			for j, r := range s.reply {
				if r == replySent {
					add("fill: a reply", func(s *callerState) { s.reply[j], me(s).at = replyRead, callerDelivers })
				}
			}
		case callerSignals:
			add("signals the next reader", func(s *callerState) {
				if k.faulty != "next reader" {
					s.c[c.other].awake = true
				}
				me(s).other = 0
				s.after(i)
			})
		case callerAbandons:
			add("abandon", func(s *callerState) {
				m := me(s)
				if m.at = callerLoops; !m.listed {
					return
				}
				m.listed, m.done = false, true
				if s.reader == int8(i) {
					s.passRole(i)
				}
			})
		}
		if k.ends[i] && !c.ended && c.number != 0 {
			add("a context ends", func(s *callerState) { me(s).ended = true })
		}
		if c.armed && c.ended && !c.interrupting {
			add("AfterFunc starts", func(s *callerState) { me(s).armed, me(s).interrupting = false, true })
		}
		if c.interrupting {
			add("interrupt", func(s *callerState) {
				me(s).interrupting = false
				if s.reader == int8(i) && k.faulty != "interrupt" {
					s.interrupted = true
				}
			})
		}
		if k.answers[i] && c.number != 0 && s.reply[i] == replyNowhere {
			add("the peer answers", func(s *callerState) { s.reply[i] = replySent })
		}
	}
	if s.watching && k.faulty != "watchdog" {
		add("markLasting", func(s *callerState) { s.markLasting() })
	}
	return out
}

func (k callerCase) model() model[callerState] {
	m := model[callerState]{next: k.steps}
	m.start.reader = -1
	for i := k.callers; i < callers; i++ {
		m.start.c[i].at = callerReturned
	}
	m.goal = func(s callerState) bool {
		for _, c := range s.c {
			if c.at != callerReturned {
				return false
			}
		}
		return true
	}
	m.wrong = func(s callerState) string {
		readers := 0
		for i, c := range s.c {
			switch c.at {
			case callerDelivers, callerFinishes, callerDecides, callerFills:
				readers++
				if s.reader != int8(i) {
					return "somebody reads without the role"
				}
			}
			if c.at == callerReturned && c.listed {
				return "a call that has returned is listed"
			}
		}
		if readers > 1 {
			return "two readers"
		}
		return ""
	}
	return m
}

func TestModelOfTheCaller(t *testing.T) {
	all := [callers]bool{true, true, true}
	cases := []callerCase{
		{name: "three are answered", callers: 3, answers: all},
		{name: "two are answered or given up", callers: 2, answers: all, ends: all},
		{name: "one is given up, one answered", callers: 2, answers: [callers]bool{false, true}, ends: [callers]bool{true}},
		{name: "three are given up, lasting", callers: 3, ends: all, lasting: true},
		{name: "one of three is answered, lasting", callers: 3, answers: [callers]bool{true}, ends: [callers]bool{false, true, true}, lasting: true},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			n, fault, trace := k.model().explore(t)
			if fault != "" {
				t.Errorf("%s after %q", fault, trace)
			}
			t.Logf("%d states", n)
		})
	}
	// The model finds what it is there for.
	for _, k := range []callerCase{
		{faulty: "next reader", callers: 2, answers: all},
		{faulty: "interrupt", callers: 2, ends: all, lasting: true},
		{faulty: "watchdog", callers: 2, ends: all},
	} {
		if _, fault, _ := k.model().explore(t); fault != "stuck" {
			t.Errorf("without the %s: %q", k.faulty, fault)
		}
	}
}
