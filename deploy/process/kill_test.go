//go:build unix

package process

import (
	"fmt"
	"io"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/split"
)

// besiege runs attack while calls are made. Calls may fail then, but none is
// executed twice, callers are told of each that wasn't executed, and the split
// can be changed afterwards.
func besiege(t *testing.T, attack func(r *running)) {
	r := start(t, planOf(t, split.Monolith, "file"))
	if _, err := io.WriteString(r.in, "load 1\n"); err != nil {
		t.Fatal(err)
	}
	r.out.Scan() // loading
	attack(r)
	r.goHome()
	var made, failed, wrong int64
	r.say("stop", "loaded %d %d %d", &made, &failed, &wrong)
	if pid, _ := r.call(0); pid != r.unit("main").PID {
		t.Errorf("plain runs in process %d", pid)
	}
	r.end()
	executed := r.executed()
	var lost, twice int64
	for id := int64(1); id <= made; id++ {
		switch executed["plain"][id] + executed["ledger"][id] {
		case 0:
			lost++
		case 1:
		default:
			twice++
		}
	}
	if twice != 0 || wrong != 0 || lost > failed {
		t.Errorf("of %d calls %d were executed twice, %d not and %d were wrong; %d callers were told", made, twice, lost, wrong, failed)
	}
	t.Logf("%d of %d calls failed", failed, made)
}

// goHome brings all into one process again.
func (r *running) goHome() {
	r.t.Helper()
	if err := r.apply(planOf(r.t, split.Monolith, "file"), deploy.ApplyOptions{}); err != nil {
		r.t.Errorf("back to one process: %v", err)
	}
	if st := r.status(); st.Split != split.Monolith || len(st.Units) != 1 || !st.Units[0].Ready {
		r.t.Errorf("back in one process: %+v", st)
	}
}

// kill kills the first unit that isn't the entry unit; with a name, that one.
func (r *running) kill(name string) {
	for _, u := range r.status().Units {
		if !u.Entry && u.PID != 0 && (name == "" || name == u.Name) {
			_ = syscall.Kill(u.PID, syscall.SIGKILL) // it may have ended
			return
		}
	}
}

// TestKilledWhileMoving kills a unit that components move to or from, at
// different moments.
func TestKilledWhileMoving(t *testing.T) {
	besiege(t, func(r *running) {
		for i := range 8 {
			done := make(chan error, 1)
			go func() {
				done <- r.apply(planOf(t, []string{split.Micro, split.Monolith}[i%2], "file"), deploy.ApplyOptions{Drain: 2 * time.Second})
			}()
			time.Sleep(time.Duration(i*7) * time.Millisecond)
			r.kill("")
			if err := <-done; err != nil {
				t.Logf("apply %d: %v", i, err)
			}
		}
	})
}

// TestKilledAtEachStep kills, in one apply after the other, a unit before and
// after each command of the protocol.
func TestKilledAtEachStep(t *testing.T) {
	var left atomic.Int64
	var r *running
	was := commanded
	t.Cleanup(func() { commanded = was })
	commanded = func(u *unit, m Message, sent bool) {
		if left.Add(-1) == 0 {
			t.Logf("killed for %s of %s in %s, sent %v", m.Type, m.Component, u.name, sent)
			if u.entry {
				r.kill(m.Component)
			} else {
				r.kill(u.name)
			}
		}
	}
	besiege(t, func(run *running) {
		r = run
		for _, name := range []string{split.Micro, split.Monolith} {
			step, stride := int64(1), int64(1)
			if testing.Short() {
				stride = 4
			}
			for ; ; step += stride {
				if name == split.Monolith {
					if err := r.apply(planOf(t, split.Micro, "file"), deploy.ApplyOptions{}); err != nil {
						t.Fatal(err)
					}
				}
				left.Store(step)
				begin := time.Now()
				err := r.apply(planOf(t, name, "file"), deploy.ApplyOptions{})
				spared := left.Swap(0) > 0
				took := time.Since(begin)
				r.goHome()
				t.Logf("%s, step %d in %v and %v: %v", name, step, took, time.Since(begin)-took, err)
				if spared {
					break
				}
			}
			if step < 8 {
				t.Errorf("only %d steps to %s", step, name)
			}
		}
	})
}

// TestAllAreKilledWhileMoving kills every unit but the entry unit, again and
// again until the change is over.
func TestAllAreKilledWhileMoving(t *testing.T) {
	besiege(t, func(r *running) {
		for i := range 4 {
			done := make(chan error, 1)
			go func() {
				done <- r.apply(planOf(t, []string{split.Micro, split.Monolith}[i%2], "file"), deploy.ApplyOptions{Drain: 2 * time.Second})
			}()
			for n := range 5 {
				time.Sleep(time.Duration(10+i) * time.Millisecond)
				r.kill([]string{"ledger", "plain"}[n%2])
			}
			t.Log(fmt.Sprint(i, " ", <-done))
		}
	})
}
