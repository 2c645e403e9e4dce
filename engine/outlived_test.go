package engine

import (
	"strings"
	"testing"
)

// TestMakerGivenStream extracts a type whose constructors are given streams: these end
// with the call, so such a constructor can't cross where they can't be lent for each call, whatever the bindings carry. One that
// is given bytes can, and so can a method that uses a stream up.
func TestMakerGivenStream(t *testing.T) {
	s := module(t, `-- go.mod --
module m

go 1.26
-- words/words.go --
package words

import "io"

// A Scanner counts.
type Scanner struct {
	r    io.Reader
	tell func(n int)
	n    int
}

func New(r io.Reader) *Scanner { return &Scanner{r: r} }

func Telling(tell func(n int)) (*Scanner, error) { return &Scanner{tell: tell}, nil }

func Of(text []byte) *Scanner { return &Scanner{n: len(text)} }

func (s *Scanner) Count() int { return s.n }

func (s *Scanner) Copy(w io.Writer) error { _, err := io.Copy(w, s.r); return err }

func (s *Scanner) Over(r io.Reader) *Scanner { return &Scanner{r: r} }
-- main.go --
package main

import (
	"os"

	"m/words"
)

func main() {
	s := words.New(os.Stdin).Over(os.Stdin)
	_, _ = words.Telling(func(int) {})
	println(s.Count(), words.Of(nil).Copy(os.Stdout))
}
`)
	set, err := s.Refactor(t.Context(), "extract", RefactorRequest{Target: "./words.Scanner", Params: map[string]string{"name": "words", "keep-signatures": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range set.Notes {
		got = append(got, n.Message)
	}
	const pinned = " can't cross a process, so the component is pinned to the process that calls it: "
	const later = " ends with the call, and the Scanner that is returned may use it later, and it can't be lent: Over takes or returns another"
	want := []string{
		"New" + pinned + "Reader: (io.Reader)" + later,
		"Telling" + pinned + "Telling(tell): (func(n int))" + later,
		"Over" + pinned + "Reader: (io.Reader)" + later,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestLentStreams extracts a type that keeps the streams which its constructor is given.
// Its values are in another process, and use the caller's streams while it calls
// them: a Read there is a Read here, errors are the same, and what is closed there is closed here.
func TestLentStreams(t *testing.T) {
	s := module(t, `-- go.mod --
module m

go 1.26
-- internal/lines/lines.go --
package lines

import "io"

// A Copier copies a few bytes at a time.
type Copier struct {
	in    io.Reader
	out   io.WriteCloser
	Size  int
	count int
}

func New(in io.Reader, out io.WriteCloser) (*Copier, error) {
	if _, err := out.Write([]byte("begun\n")); err != nil { // while it is made, too
		return nil, err
	}
	return &Copier{in: in, out: out, Size: 4}, nil
}

func (c *Copier) Next() (int, error) {
	p := make([]byte, c.Size)
	n, err := c.in.Read(p)
	if err != nil {
		return n, err
	}
	c.count += n
	return c.out.Write(p[:n])
}

func (c *Copier) Count() int { return c.count }

func (c *Copier) Reset(in io.Reader) { c.in = in }

func (c *Copier) Close() error { return c.out.Close() }

// Tap can't cross, and nobody uses it.
func (c *Copier) Tap(with func(io.Reader) io.Reader) { c.in = with(c.in) }

// Missing reports whether there is nothing to read.
func (c *Copier) Missing() bool { return c.in == nil }

// Later reads when nobody calls it any more.
func (c *Copier) Later() {
	go func() {
		_, err := c.in.Read(make([]byte, 1))
		for err == nil {
			_, err = c.in.Read(make([]byte, 1))
		}
		last <- err.Error()
	}()
}

// Last is how Later ended.
func (c *Copier) Last() string { return <-last }

var last = make(chan string, 1)
-- app/app.go --
package app

import (
	"io"

	"m/internal/lines"
)

func Open(in io.Reader, out io.WriteCloser) (*lines.Copier, error) { return lines.New(in, out) }
-- app/app_test.go --
package app

import (
	"errors"
	"io"
	"strings"
	"testing"
)

var errFull = errors.New("full")

type target struct {
	strings.Builder
	closed bool
	room   int
}

func (t *target) Write(p []byte) (int, error) {
	if t.Len()+len(p) > t.room {
		return 0, errFull
	}
	return t.Builder.Write(p)
}

func (t *target) Close() error { t.closed = true; return errFull }

func TestCopier(t *testing.T) {
	in, out := strings.NewReader("abcdefgh"), &target{room: 15}
	c, err := Open(in, out)
	if err != nil || c.Missing() {
		t.Fatal(err)
	}
	if n, err := c.Next(); n != 4 || err != nil || in.Len() != 4 || out.String() != "begun\nabcd" {
		t.Error(n, err, in.Len(), out.String())
	}
	c.Size = 3
	if n, err := c.Next(); n != 3 || err != nil || in.Len() != 1 {
		t.Error(n, err, in.Len())
	}
	c.Reset(strings.NewReader("xyz"))
	if _, err := c.Next(); err != errFull {
		t.Error(err)
	}
	if _, err := c.Next(); err != io.EOF {
		t.Error(err)
	}
	if err := c.Close(); err != errFull || !out.closed || c.Count() != 10 {
		t.Error(err, out.closed, c.Count())
	}
	if c, err := Open(nil, &target{room: 9}); err != nil || !c.Missing() {
		t.Error(err)
	}
	if _, err := Open(nil, &target{}); err == nil {
		t.Error("a constructor that fails")
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestLater(t *testing.T) {
	c, err := Open(endless{}, &target{room: 100})
	if err != nil {
		t.Fatal(err)
	}
	c.Later()
	if err := c.Last(); err == "" {
		t.Error("it read on")
	}
}
`)
	set, err := s.Refactor(t.Context(), "extract", RefactorRequest{Target: "./internal/lines.Copier", Params: map[string]string{"name": "lines", "keep-signatures": "true"}})
	if err != nil {
		t.Fatal(err)
	}
	lent, dropped := 0, 0
	for _, n := range set.Notes {
		if strings.Contains(n.Message, "is pinned") {
			t.Error(n.Message)
		}
		if strings.HasPrefix(n.Message, "a Copier keeps in (Read) and out (Close, Write) of New: ") {
			lent++
		}
		if strings.HasPrefix(n.Message, "Copier has no Tap any more, which nothing outside of the package uses") {
			dropped++
		}
	}
	if lent != 1 || dropped != 1 {
		t.Errorf("nothing tells that streams are lent, or that a method is no more: %+v", set.Notes)
	}
	if err := s.Apply(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	if set, err = s.Bind(t.Context(), BindOptions{Component: "lines", To: []string{"unix"}}); err == nil {
		err = s.Apply(t.Context(), set)
	}
	if err != nil {
		t.Fatal(err)
	}
	runs, err := s.TestSplits(t.Context(), []string{"monolith", "micro"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !runs[0].OK {
		t.Errorf("in one process: %s\n%s", runs[0].Reason, runs[0].Output)
	}
	crossings := crossingsOf(t, runs[1:])
	for _, endpoint := range []string{"New", "CopierNext", "CopierSetSize", "CopierReset", "CopierClose", "CopierCount"} {
		if crossings[endpoint] == 0 {
			t.Errorf("%s never ran in the other process; what did: %v", endpoint, crossings)
		}
	}
}
