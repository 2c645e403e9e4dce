package lsp

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// TestGivesBack: what an analysis of many functions took goes back to the system
// when none came after it for a while, and what many small ones made as soon as it
// is much.
func TestGivesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memory
		ended := func(times int, what string) {
			t.Helper()
			m.ended()
			if synctest.Wait(); m.times != times {
				t.Fatalf("%s: it was collected %d times, want %d", what, m.times, times)
			}
		}
		rest := func(times int, what string) {
			t.Helper()
			time.Sleep(restTime + time.Millisecond)
			if synctest.Wait(); m.times != times {
				t.Fatalf("%s: it was collected %d times, want %d", what, m.times, times)
			}
		}
		m.begin()
		ended(0, "after an analysis that made nothing")
		grow()
		ended(0, "after the first analysis")
		rest(1, "at rest after it")
		before := readHeap().taken
		m.begin()
		grow()
		full := readHeap().taken
		if full < before+150<<20 {
			t.Fatalf("200 MB made the heap grow from %d to %d", before, full)
		}
		ended(1, "after a large analysis")
		m.begin()
		rest(1, "during another")
		grow()
		ended(1, "after it")
		rest(2, "at rest after it")
		if after := readHeap().taken; after > before+50<<20 {
			t.Errorf("the heap keeps %d of %d bytes; before it had %d", after, full, before)
		}
		made, analyses := m.made, 0
		for ; m.times == 2 && analyses < 1000; analyses++ {
			m.begin()
			kept = make([]byte, minGarbage/4)
			m.ended()
			synctest.Wait()
		}
		if m.times != 3 || analyses < 2 || m.made-made > max(m.used, 2*minGarbage) {
			t.Errorf("after %d small analyses, which made %d bytes where %d are used, it was collected %d times", analyses, m.made-made, m.used, m.times-2)
		}
	})
}

var kept []byte // so that it is on the heap

// grow makes 200 MB and leaves them.
func grow() {
	blocks := make([][]byte, 0, 100)
	for range cap(blocks) {
		blocks = append(blocks, make([]byte, 2<<20))
	}
	runtime.KeepAlive(blocks)
}
