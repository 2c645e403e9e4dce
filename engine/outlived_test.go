package engine

import (
	"strings"
	"testing"
)

// TestMakerGivenStream extracts a type whose constructors are given streams: these end
// with the call, so such a constructor can't cross, whatever the bindings carry. One that
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
	const later = " ends with the call, and the Scanner that is returned may use it later"
	want := []string{
		"New" + pinned + "Reader: (io.Reader)" + later,
		"Telling" + pinned + "Telling(tell): (func(n int))" + later,
		"Over" + pinned + "Reader: (io.Reader)" + later,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
