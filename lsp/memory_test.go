package lsp

import (
	"runtime"
	"testing"
)

// TestGivesBack: memory that an analysis took and doesn't need any more goes back
// to the system, and what is little stays for the next.
func TestGivesBack(t *testing.T) {
	var m memory
	m.giveBack()
	before := readHeap().taken
	blocks := make([][]byte, 0, 100)
	for range cap(blocks) {
		blocks = append(blocks, make([]byte, 2<<20))
	}
	full := readHeap().taken
	runtime.KeepAlive(blocks)
	if full < before+150<<20 {
		t.Fatalf("200 MB made the heap grow from %d to %d", before, full)
	}
	blocks = nil
	m.giveBack()
	if after := readHeap().taken; after > before+50<<20 {
		t.Errorf("the heap keeps %d of %d bytes; before it had %d", after, full, before)
	}
	used := m.used
	m.giveBack()
	if m.used != used {
		t.Error("it was collected though there was little to give back")
	}
	for range 100 { // an edit makes little, however much garbage there is
		m.giveBack()
		runtime.KeepAlive(make([]byte, used/2))
	}
	if m.used != used {
		t.Error("an analysis that took little made it collect")
	}
}
