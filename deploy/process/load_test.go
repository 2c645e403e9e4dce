//go:build unix

package process

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/unweld/unweld/deploy"
	"github.com/unweld/unweld/internal/split"
)

func TestApplyUnderLoad(t *testing.T) { applyUnderLoad(t, 3, 5000) }

// BenchmarkApplyUnderLoad is the same with 20 moves during 100,000 calls.
func BenchmarkApplyUnderLoad(b *testing.B) {
	for b.Loop() {
		applyUnderLoad(b, 20, 100_000)
	}
}

// applyUnderLoad changes between the monolith and processes of their own while
// calls are made, and compares the calls that were made with those executed.
func applyUnderLoad(t testing.TB, applies int, calls int64) {
	r := start(t, planOf(t, split.Monolith, "file"))
	if _, err := io.WriteString(r.in, fmt.Sprintf("load %d\n", calls)); err != nil {
		t.Fatal(err)
	}
	r.out.Scan() // loading
	var took time.Duration
	for i := range applies {
		name := []string{split.Micro, split.Monolith}[i%2]
		begin := time.Now()
		if err := r.apply(planOf(t, name, "file"), deploy.ApplyOptions{}); err != nil {
			t.Fatalf("apply %d, %s: %v", i+1, name, err)
		}
		took += time.Since(begin)
		if units := len(r.status().Units); units != 1+2*((i+1)%2) {
			t.Fatalf("apply %d, %s: %d units run", i+1, name, units)
		}
	}
	var made, failed, wrong int64
	r.say("stop", "loaded %d %d %d", &made, &failed, &wrong)
	if failed != 0 || wrong != 0 || made < calls {
		t.Errorf("of %d calls %d failed and %d had wrong results", made, failed, wrong)
	}
	_, count := r.call(0) // id 0 once more than the load
	r.end()
	executed := r.executed()
	var lost, twice int
	for id := int64(0); id <= made; id++ {
		n := executed["plain"][id] + executed["ledger"][id]
		switch {
		case id == 0 && n == 2, n == 1:
		case n == 0:
			lost++
		default:
			twice++
		}
	}
	if b, ok := t.(*testing.B); ok {
		b.ReportMetric(float64(lost), "lost")
		b.ReportMetric(float64(twice), "twice")
		b.ReportMetric(float64(made), "calls")
	}
	if lost != 0 || twice != 0 {
		t.Errorf("of %d calls %d were not executed and %d more than once", made, lost, twice)
	}
	if want := (made+1)/2 + 1; count != want {
		t.Errorf("ledger's state counts %d calls, want %d", count, want)
	}
	t.Logf("%d applies in %v each during %d calls", applies, (took / time.Duration(applies)).Round(time.Millisecond), made)
}

// executed counts the calls by component and id that all processes wrote down.
func (r *running) executed() map[string]map[int64]int {
	all := map[string]map[int64]int{"plain": {}, "ledger": {}}
	files, err := filepath.Glob(filepath.Join(r.dir, "*.calls"))
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			r.t.Fatal(err)
		}
		name, _, _ := strings.Cut(filepath.Base(f), ".")
		for ; len(b) >= 8; b = b[8:] {
			all[name][int64(binary.LittleEndian.Uint64(b))]++
		}
	}
	return all
}
