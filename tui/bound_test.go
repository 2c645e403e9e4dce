package tui

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
)

// counter is a program with two bound components, which it calls until it is told to
// stop: tax has no state, stock has.
var counter = map[string]string{
	"go.mod": "module example.com/counter\n\ngo 1.26\n",
	"main.go": `package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"example.com/counter/stock"
	"example.com/counter/tax"
)

func main() {
	rates, store := tax.New(), stock.New()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	for {
		select {
		case <-stop:
			return
		case <-time.After(5 * time.Millisecond):
		}
		_, _ = rates.Rate(context.Background(), "DE")
		_, _ = store.Take(context.Background(), 1)
	}
}
`,
	"tax/tax.go": `package tax

import "context"

type Service interface {
	Rate(ctx context.Context, country string) (int, error)
	Reduced(ctx context.Context, country string) (int, error)
}

type Rates struct{}

func New() *Rates { return &Rates{} }

func (*Rates) Rate(_ context.Context, country string) (int, error) { return 10 * len(country), nil }

func (*Rates) Reduced(_ context.Context, country string) (int, error) { return len(country), nil }
`,
	"stock/stock.go": `package stock

import (
	"context"
	"errors"
)

type Service interface {
	Take(ctx context.Context, n int) (int, error)
}

type Store struct{ taken int }

func New() *Store { return &Store{} }

func (s *Store) Take(_ context.Context, n int) (int, error) {
	s.taken += n
	return s.taken, errors.New("sold out")
}
`,
	"unweld.yaml": "version: 1\ncomponents:\n  tax: {packages: [./tax], contract: ./tax.Service}\n  stock: {packages: [./stock], contract: ./stock.Service}\n",
}

// boundCounter writes the counter, binds its components, and returns an Opener for it.
func boundCounter(t *testing.T) (dir string, open Opener) {
	t.Helper()
	dir, open = module(t, counter)
	s, err := open(t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{"tax", "stock"} {
		set, err := s.Bind(t.Context(), engine.BindOptions{Component: c, To: []string{"unix"}})
		if err == nil {
			err = s.Apply(t.Context(), set)
		}
		if err != nil {
			t.Fatal(err, component.HintOf(err))
		}
	}
	return dir, open
}

// TestEndpoints tries out to serve an endpoint apart, writes that, and is told why another
// can't be parted from its state. Then the split runs, and its top shows and moves the
// same.
func TestEndpoints(t *testing.T) {
	dir, open := boundCounter(t)
	r := start(t, 120, 36, open)
	r.sees("> ").press("4").sees("main (", "nothing crosses").press("/", "ta").misses("stock").press("esc").sees("stock")
	r.press("G", "z").sees("▾ tax", "    Rate", "    Reduced").press("j", ":move edge\r").sees("│edge (1)", "│>   tax.Rate", "1 (+1)").misses("    Rate")
	r.press("h", "g", "j", "z", "j").sees("▾ stock", ">     Take").press("n").sees("this split can't be:", "stock.Take can't run in unit stock-take: it touches the state of stock", "two half-states would exist")
	r.press(":write two\r").sees("two half-states").press("u").misses("this split can't be")
	r.press(":write two\r").sees("not written yet", "edge: {endpoints: [tax.Rate]}").press("w").sees("the files were read again").press("esc").sees("│edge (1)", "tax.Rate")
	if content, err := os.ReadFile(filepath.Join(dir, "unweld.yaml")); err != nil || !strings.Contains(string(content), "edge: {endpoints: [tax.Rate]}") {
		t.Errorf("%v\n%s", err, content)
	}
	if testing.Short() {
		t.Skip("builds and runs a program in several processes")
	}
	r.press("6").sees("no split of this module is running; start one")
	ended := runSplit(t, open, "micro")
	r.sees("split micro runs", "tax.Rate", "stock: ready", "tax: ready").press("g").sees("µs")
	r.press("/", "tax.rate\r").sees("2 of 5").press("m", "new\r").sees("tax.Rate is in unit new now", "new: ready").sees("hosts tax.Rate")
	r.press("u").sees("taken back: tax.Rate to unit new").misses("hosts tax.Rate").press(":revert\r").sees("nothing was moved from this screen")
	r.press("esc", "/", "take\r").sees("1 of").press("M", "main\r").sees("not moved: ", "stock has state in the memory of unit stock", "here that is :lose-state")
	r.press(":lose-state main\r").sees("stock is in unit main now", "main   main ").press("u").sees("not taken back: ", "here that is", ":undo-losing-state")
	r.press(":undo-losing-state\r").sees("taken back: stock to unit main").misses("main   main ").press(":apply two\r").sees("not moved: ", ":apply-losing-state").press(":apply-losing-state two\r").sees("split two runs now").press(":undo-losing-state\r").sees("taken back: split two").press("q")
	if err := r.leaves(); err != nil {
		t.Error(err)
	}
	if err := ended(); err != nil {
		t.Error(err)
	}
}

// runSplit runs a split of the module beside the test. The function ends it.
func runSplit(t *testing.T, open Opener, split string) (end func() error) {
	t.Helper()
	s, err := open(t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	signals, ended := make(chan os.Signal, 1), make(chan error, 1)
	var o engine.SplitRunOptions
	o.Signals = signals
	go func() { ended <- s.SplitRun(context.WithoutCancel(t.Context()), split, o) }()
	const building = 2 * time.Minute // on a machine that is busy
	for deadline := time.Now().Add(building); ; time.Sleep(100 * time.Millisecond) {
		if _, err := s.SplitStatus(t.Context(), ""); err == nil {
			break
		} else if time.Now().After(deadline) {
			t.Fatal("the split doesn't start: ", err)
		}
	}
	return func() error {
		signals <- os.Interrupt
		select {
		case err := <-ended:
			return err
		case <-time.After(slow):
			t.Fatal("the split doesn't end")
			return nil
		}
	}
}
