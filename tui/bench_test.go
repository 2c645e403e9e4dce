package tui

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/corpus"
)

// many is a program with so many components, in folders of a hundred, each of which uses three
// others and has a hazard.
func many(n int) *component.Result {
	found := &component.Result{Module: "example.com/many"}
	name := func(i int) string { return fmt.Sprintf("component%05d", i%n) }
	for i := range n {
		found.Components = append(found.Components, component.Found{Name: name(i), Packages: []string{fmt.Sprintf("example.com/many/area%d/team%02d/%s", i/1000, i/100, name(i))},
			Metrics: component.Metrics{Ca: i % 17, Ce: 3, Cohesion: float64(i%100) / 100}})
		for j := 1; j <= 3; j++ {
			pos := fmt.Sprintf("%s/a.go:%d:2", name(i), j)
			found.Couplings = append(found.Couplings, component.Coupling{From: name(i), To: name(i + j*j), Weight: 1, Evidence: []component.Evidence{{Kind: "call", To: name(i + j), Pos: pos}}})
		}
		found.Hazards = append(found.Hazards, component.Hazard{Name: fmt.Sprint("code-", i%20), Severity: component.Warn, Component: name(i), Pos: name(i) + "/a.go:1:1", Message: "a message"})
	}
	return found
}

// BenchmarkKey is the time from a key to its frame with 10,000 components: what
// Update and View take, without the wait for the next frame, which is at most a 120th
// of a second. It reports the 95th percentile.
func BenchmarkKey(b *testing.B) {
	m := resize(ready(b, many(10_000)), 200, 50)
	keys := []string{"j", "k", "G", "g", "pgdown", ">", "s", "/", "c", "1", "2", "backspace", "enter", "esc", "2", "j", "l", "z", "j", "z", "G", "$", "Z", "G", "0", "Z", "f", "G", "$", "f", "3", "j", "1"}
	var times []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		press(m, keys[i%len(keys)])
		_ = m.View()
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(times[len(times)-1].Microseconds())/1000, "max-ms")
}

// BenchmarkOpen is what it takes to show 10,000 components that were found.
func BenchmarkOpen(b *testing.B) {
	found := many(10_000)
	for b.Loop() {
		m := resize(ready(b, found), 200, 50)
		_ = m.View()
	}
}

// BenchmarkMove is the time from the key that moves a component on the split board, in
// 150,000 lines of real code, to the frame with what that costs. Each component of the program
// is moved into a unit of its own and back.
func BenchmarkMove(b *testing.B) {
	dir := b.TempDir()
	if err := corpus.Module(dir, "github.com/nats-io/nats-server/v2@v2.15.2"); err != nil {
		b.Fatal(err)
	}
	download := exec.Command("go", "mod", "download")
	download.Dir = dir
	if out, err := download.CombinedOutput(); err != nil {
		b.Fatalf("go mod download: %v\n%s", err, out)
	}
	l := &loader{open: func(ctx context.Context, _ func(string)) (*engine.Session, error) {
		return engine.Open(ctx, engine.Options{Dir: dir})
	}, progress: func(string) {}}
	m := resize(newModel(nil), 120, 40)
	msg := l.load(b.Context()).(loaded)
	if msg.err != nil {
		b.Fatal(msg.err)
	}
	m.loaded(msg)
	press(m, "4", "g")
	if got := plain(m); !strings.Contains(got, "and all else") {
		b.Fatalf("there is no board:\n%s", got)
	}
	components := len(m.world.Found.Components)
	var times []time.Duration
	const rounds = 5
	move := func(key string) {
		start := time.Now()
		press(m, key)
		_ = m.View()
		times = append(times, time.Since(start))
	}
	for b.Loop() {
		for i := range rounds * components {
			press(m, "h", "h", "g")
			for range i % components {
				press(m, "j")
			}
			move("n")
			move("H")
		}
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
	b.ReportMetric(float64(times[len(times)-1].Microseconds())/1000, "max-ms")
	b.ReportMetric(float64(components), "components")
}
