//go:build unix

package process

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/bindings/rt/link/linktest"
	_ "github.com/unweld/unweld/bindings/unix/rt"
)

// The test binary as a user's program: two components, of which ledger keeps
// its state in a store. In the entry unit it does what its input says:
//
//	call ID   calls both components and prints what they answer
//	lock NAME lets its own later constructions of the component fail
//	unlock    lets them succeed again
//	wait      begins a call of plain that lasts until the next release
//	release   lets that call end
//	load N    makes N calls at least, and more until the next line
type program struct {
	plain  linktest.Service
	ledger linktest.Service
}

// journal is a component that writes down each call it executes.
type journal struct {
	linktest.Unimplemented
	name string
	file *os.File
}

var locked atomic.Value // of string

func newJournal(name string) func(context.Context) (linktest.Service, error) {
	return func(context.Context) (linktest.Service, error) {
		if locked.Load() == name {
			return nil, errors.New("no calls wanted here")
		}
		f, err := os.OpenFile(filepath.Join(os.Getenv("TEST_DIR"), fmt.Sprintf("%s.%d.calls", name, os.Getpid())), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		return &journal{name: name, file: f}, err
	}
}

func (j *journal) Add(_ context.Context, a, b int64) (int64, error) {
	_, err := j.file.Write(binary.LittleEndian.AppendUint64(nil, uint64(a)))
	return a + b, err
}

func (j *journal) Act(_ context.Context, what string) (string, error) {
	if what == "wait" {
		fmt.Println("waiting")
		<-released
	}
	return fmt.Sprint(os.Getpid()), nil
}

// released ends the call that waits for it.
var released = make(chan struct{})

// stored numbers the calls, across processes: its state is the length of a
// file that one process at a time may have open.
type stored struct {
	linktest.Service
	mu   sync.Mutex
	file *os.File
	n    int64
}

func openStored(_ context.Context, path string, impl linktest.Service) (linktest.Service, error) {
	if path == "" {
		return impl, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, fmt.Errorf("%s: another process has it open: %w", path, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return &stored{Service: impl, file: f, n: info.Size()}, nil
}

func (s *stored) Add(ctx context.Context, a, b int64) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.Service.Add(ctx, a, b); err != nil {
		return 0, err
	}
	if _, err := s.file.Write([]byte{'x'}); err != nil {
		return 0, err
	}
	s.n++
	return s.n, nil
}

func (s *stored) Close() error { return s.file.Close() }

func contractOf(component string, store bool) *link.Contract[linktest.Service] {
	c := *linktest.Contract
	c.Component = component
	if store {
		c.Store = link.StoreFunc[linktest.Service](openStored)
	}
	return &c
}

func runProgram() {
	ctx := context.Background()
	p := &program{}
	var err error
	if p.plain, err = link.Open(ctx, contractOf("plain", false), newJournal("plain")); err == nil {
		p.ledger, err = link.Open(ctx, contractOf("ledger", true), newJournal("ledger"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	p.serveInput(ctx)
}

func (p *program) serveInput(ctx context.Context) {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var n int64
		if strings.HasPrefix(in.Text(), "lock") {
			locked.Store(strings.TrimPrefix(in.Text(), "lock "))
			fmt.Println("locked")
		} else if in.Text() == "unlock" {
			locked.Store("")
			fmt.Println("unlocked")
		} else if in.Text() == "wait" {
			go p.plain.Act(ctx, "wait")
		} else if in.Text() == "release" {
			close(released)
			fmt.Println("released")
		} else if _, err := fmt.Sscanf(in.Text(), "call %d", &n); err == nil {
			sum, err1 := p.plain.Add(ctx, n, 1)
			where, err2 := p.plain.Act(ctx, "pid")
			count, err3 := p.ledger.Add(ctx, n, 1)
			fmt.Printf("called %d %s %d %v %v %v\n", sum, where, count, err1, err2, err3)
		} else if _, err := fmt.Sscanf(in.Text(), "load %d", &n); err == nil {
			p.load(ctx, n, in)
		}
	}
	os.Exit(0)
}

// load makes n calls from 8 goroutines and goes on until the next line.
func (p *program) load(ctx context.Context, n int64, in *bufio.Scanner) {
	var next, failed, wrong atomic.Int64
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for next.Load() < n || !stop.Load() {
				id := next.Add(1) // and made: none is given back
				var err error
				if id%2 == 0 {
					var sum int64
					if sum, err = p.plain.Add(ctx, id, 5); err == nil && sum != id+5 {
						wrong.Add(1)
					}
				} else {
					_, err = p.ledger.Add(ctx, id, 0)
				}
				if err != nil && failed.Add(1) < 5 {
					fmt.Fprintln(os.Stderr, "call failed:", err)
				}
			}
		})
	}
	fmt.Println("loading")
	in.Scan()
	stop.Store(true)
	wg.Wait()
	fmt.Printf("loaded %d %d %d\n", next.Load(), failed.Load(), wrong.Load())
}
