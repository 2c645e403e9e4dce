//go:build unweldnative

package conformance

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/bindings/python"
)

// archived opens the archive with a contract of every kind of value, and the tests of
// their codec.
func archived(t *testing.T) *scratch {
	t.Helper()
	content, err := os.ReadFile("../../testdata/contracts/codec.txtar")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "codec.txtar")
	content = append([]byte("contract: pricing.Service\nform: type\n"), bytes.ReplaceAll(content, []byte("example.com/shop"), []byte(module))...)
	if err := os.WriteFile(file, content, 0o666); err != nil {
		t.Fatal(err)
	}
	s := open(t, file)
	s.generate()
	return s
}

// TestCodecAbroad sends the values of every kind, at the edges of their types, through each
// other language: what comes back is the same in Go. What a language can't hold is in the
// list of those values.
func TestCodecAbroad(t *testing.T) {
	s := archived(t)
	dir := filepath.Join(s.dir, "pricing", "pricingunweld", "foreign", "python", "pricing")
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("_codec.py", string(python.Codec(s.request, true)))
	write("peer.py", pythonPeer)
	cmd := exec.Command("go", "test", "-v", "./pricing/pricingunweld")
	cmd.Dir, cmd.Env = s.dir, append(os.Environ(), "UNWELD_PEER=python3 -m pricing.peer", "PYTHONPATH="+filepath.Dir(dir))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	// A datetime has years 1 to 9999 only.
	for line := range strings.Lines(string(out)) {
		if _, reason, cant := strings.Cut(line, "abroad: "); cant && !strings.Contains(reason, "the years that a datetime can hold") {
			t.Errorf("Python can't hold a value: %s", reason)
		}
	}
	if n := strings.Count(string(out), "--- PASS: Test"); n < 8 {
		t.Errorf("%d tests of the codec passed:\n%s", n, out)
	}
}

const pythonPeer = `
import sys
from . import _codec

def frame(name):
    for end, suffix in (("Request", "_request"), ("Reply", "_reply")):
        if name.startswith("decode") and name.endswith(end):
            return name[len("decode"):-len(end)] + suffix
    return None

for line in sys.stdin:
    name, _, data = line.rstrip("\n").partition(" ")
    data = bytes.fromhex(data)
    try:
        n = frame(name)
        if n is None or not hasattr(_codec, "parse_" + n):
            raise NotImplementedError("no such frame")
        values = getattr(_codec, "parse_" + n)(data, 0, len(data))
        w = bytearray()
        getattr(_codec, "put_" + n)(w, *values)
        print(w.hex(), flush=True)
    except Exception as e:
        print("!%s: %s" % (type(e).__name__, str(e).replace("\n", " ")), flush=True)
`
