package conformance

import (
	"os"
	"os/exec"
	"testing"
)

func TestZZDump(t *testing.T) {
	s := bind(t, "../../testdata/contracts/conformance/handle.txtar")
	out := os.Getenv("DUMP")
	if out == "" {
		t.Skip()
	}
	if b, err := exec.Command("cp", "-r", s.dir, out).CombinedOutput(); err != nil {
		t.Fatal(string(b))
	}
}
