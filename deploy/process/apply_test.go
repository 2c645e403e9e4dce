//go:build unix

package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/bindings/rt/link"
	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

func TestApplyRefusesToLoseState(t *testing.T) {
	r := start(t, planOf(t, split.Monolith, ""))
	r.call(1)
	err := r.apply(planOf(t, split.Micro, ""), deploy.ApplyOptions{})
	refusal, ok := errors.AsType[*component.Refusal](err)
	if !ok || len(refusal.Problems) != 1 || refusal.Problems[0].Component != "ledger" {
		t.Fatalf("err = %v, want a refusal to move ledger", err)
	}
	if pid, _ := r.call(2); pid != r.unit("main").PID {
		t.Errorf("plain moved to process %d though the split was refused", pid)
	}
}

func TestFailedMoveLeavesAllAsItWas(t *testing.T) {
	r := start(t, planOf(t, split.Micro, "file"))
	before, _ := r.call(1)
	plan := planOf(t, split.Monolith, "file")
	r.say("lock plain", "locked") // ledger moves first, and then plain can't
	err := r.apply(plan, deploy.ApplyOptions{Drain: 2 * time.Second})
	if err == nil || !strings.Contains(err.Error(), "no calls wanted here") {
		t.Fatalf("err = %v, want that of the constructor", err)
	}
	if pid, count := r.call(2); pid != before || count != 2 {
		t.Errorf("plain in process %d, was in %d; count %d", pid, before, count)
	}
	if st := r.status(); st.Split != split.Micro || len(st.Units) != 3 {
		t.Errorf("status: %+v", st)
	}
}

// interruptedAt applies the plan and takes that back when the command is sent.
func (r *running) interruptedAt(plan *split.Plan, command, component string) error {
	return r.interruptedWhen(plan, func(_ *unit, m Message) bool { return m.Type == command && m.Component == component })
}

// interruptedWhen applies the plan and takes that back when such a command is sent.
func (r *running) interruptedWhen(plan *split.Plan, such func(*unit, Message) bool) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	was := commanded
	defer func() { commanded = was }()
	commanded = func(u *unit, m Message, sent bool) {
		if !sent && such(u, m) {
			cancel()
			time.Sleep(50 * time.Millisecond) // until the supervisor knows
		}
	}
	return Apply(ctx, r.key, plan, deploy.ApplyOptions{})
}

func TestInterruptedApplyTellsWhatCameOfIt(t *testing.T) {
	r := start(t, planOf(t, split.Monolith, "file"))
	err := r.interruptedAt(planOf(t, split.Micro, "file"), "host", "ledger")
	if err == nil || !strings.Contains(err.Error(), "everything is where it was") {
		t.Errorf("err = %v", err)
	}
	if st := r.status(); st.Split != split.Monolith || len(st.Units) != 1 {
		t.Errorf("status: %+v", st)
	}
	if pid, count := r.call(1); pid != r.unit("main").PID || count != 1 {
		t.Errorf("plain in process %d, count %d", pid, count)
	}
	// Too late to be taken back, it is done.
	if err := r.interruptedAt(planOf(t, split.Micro, "file"), "unhost", "plain"); err != nil {
		t.Errorf("err = %v", err)
	}
	if pid, count := r.call(2); pid != r.unit("plain").PID || count != 2 {
		t.Errorf("plain in process %d, count %d", pid, count)
	}
}

// TestInterruptedDuringLongCall interrupts the change while the entry unit waits for
// a call to end before it directs new ones elsewhere: it never did, so nothing is
// left to take back, however long the call lasts.
func TestInterruptedDuringLongCall(t *testing.T) {
	r := start(t, planOf(t, split.Monolith, "file"))
	r.say("wait", "waiting")
	directed := func(u *unit, m Message) bool { return u.entry && m.Type == "route" && m.Component == "plain" }
	err := r.interruptedWhen(planOf(t, split.Micro, "file"), directed)
	if err == nil || !strings.Contains(err.Error(), "everything is where it was") {
		t.Errorf("err = %v", err)
	}
	if st := r.status(); st.Split != split.Monolith || len(st.Units) != 1 {
		t.Errorf("status: %+v", st)
	}
	r.say("release", "released")
	if pid, _ := r.call(1); pid != r.unit("main").PID {
		t.Errorf("plain in process %d", pid)
	}
}

// TestTakenBackLater has the entry unit refuse, for a while, to take back what
// moved away from it.
func TestTakenBackLater(t *testing.T) {
	r := start(t, planOf(t, split.Monolith, "file"))
	r.call(1)
	r.say("lock ledger", "locked")
	err := r.interruptedAt(planOf(t, split.Micro, "file"), "host", "ledger")
	if err == nil || !strings.Contains(err.Error(), "it is being retried: ledger: ") || !strings.Contains(err.Error(), "no calls wanted here") {
		t.Errorf("err = %v", err)
	}
	if err := r.apply(planOf(t, split.Monolith, "file"), deploy.ApplyOptions{}); err == nil || !strings.Contains(err.Error(), "still being reverted") {
		t.Errorf("another apply meanwhile: %v", err)
	}
	r.say("unlock", "unlocked")
	if _, count := r.call(2); count != 2 { // waits for its host
		t.Errorf("count %d", count)
	}
	eventually(t, "the change is taken back", func() error {
		if st := r.status(); st.Split != split.Monolith || len(st.Units) != 1 {
			return fmt.Errorf("status: %+v", st)
		}
		return nil
	})
	if err := r.apply(planOf(t, split.Micro, "file"), deploy.ApplyOptions{}); err != nil {
		t.Error(err)
	}
}

// TestUnitTakesInWhatItHasNotOpened gives a unit that stopped at its first Open
// a component of a later one.
func TestUnitTakesInWhatItHasNotOpened(t *testing.T) {
	cfg := &split.Config{Splits: map[string]split.Split{
		"one": {Units: map[string]split.Unit{"main": {Components: []string{"*"}}, "back": {Components: []string{"plain"}}}},
		"two": {Units: map[string]split.Unit{"main": {Components: []string{"*"}}, "back": {Components: []string{"plain", "ledger"}}}},
	}}
	plan := func(name string) *split.Plan {
		p, err := split.New(cfg, name, facts("file"))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	r := start(t, plan("one"))
	first, _ := r.call(1)
	for i, name := range []string{"two", "one", "two"} {
		if err := r.apply(plan(name), deploy.ApplyOptions{}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		pid, count := r.call(i + 2)
		back := r.unit("back")
		if pid == first || pid != back.PID || count != int64(i+2) {
			t.Errorf("%s: plain in process %d (was %d), count %d; unit back is %+v", name, pid, first, count, back)
		}
	}
	if units := r.status().Units; len(units) != 2 {
		t.Errorf("units: %+v", units)
	}
	// Killed, it comes back with what it hosts by now.
	pid, _ := r.call(5)
	p, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	r.ev.await(t, "back", "restarting")
	if again, count := r.call(6); again == pid || count != 6 {
		t.Errorf("process %d after %d, count %d", again, pid, count)
	}
}

// TestEndpointApart serves one endpoint beside its component's unit, from the
// start and by an apply.
func TestEndpointApart(t *testing.T) {
	cfg := &split.Config{Splits: map[string]split.Split{"apart": {Units: map[string]split.Unit{
		"main": {Components: []string{"*"}}, "side": {Endpoints: []string{"plain.Act"}},
	}}}}
	apart, err := split.New(cfg, "apart", facts("file"))
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, apart)
	side := r.unit("side").PID
	eventually(t, "Act is served apart", func() error {
		if pid, _ := r.call(1); pid != side {
			return fmt.Errorf("in process %d, unit side is %d", pid, side)
		}
		return nil
	})
	if err := r.apply(planOf(t, split.Monolith, "file"), deploy.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if pid, _ := r.call(2); pid != r.unit("main").PID {
		t.Errorf("in process %d after all went into main", pid)
	}
	if err := r.apply(apart, deploy.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	if pid, _ := r.call(3); pid != r.unit("side").PID {
		t.Errorf("in process %d, unit side is %d", pid, r.unit("side").PID)
	}
	if files, err := filepath.Glob(filepath.Join(r.dir, fmt.Sprintf("plain.%d.calls", r.unit("side").PID))); err != nil || len(files) != 1 {
		t.Errorf("journals of unit side: %v %v", files, err)
	} else if info, err := os.Stat(files[0]); err != nil || info.Size() != 0 {
		t.Errorf("Add ran in unit side, which serves Act alone: %v %v", info, err)
	}
}

// TestMessageIsTheRunTimes holds the two ends of the control protocol together.
func TestMessageIsTheRunTimes(t *testing.T) {
	var same func(a, b reflect.Type)
	same = func(a, b reflect.Type) {
		if a.Kind() != b.Kind() {
			t.Errorf("%v is a %v, %v a %v", a, a.Kind(), b, b.Kind())
			return
		}
		switch a.Kind() {
		case reflect.Slice:
			same(a.Elem(), b.Elem())
		case reflect.Struct:
			if a.NumField() != b.NumField() {
				t.Errorf("%v has %d fields, %v has %d", a, a.NumField(), b, b.NumField())
				return
			}
			for i := range a.NumField() {
				if fa, fb := a.Field(i), b.Field(i); fa.Name != fb.Name || fa.Tag != fb.Tag {
					t.Errorf("%v.%s %s, %v.%s %s", a, fa.Name, fa.Tag, b, fb.Name, fb.Tag)
				} else {
					same(fa.Type, fb.Type)
				}
			}
		}
	}
	same(reflect.TypeFor[Message](), reflect.TypeFor[link.Message]())
}
