//go:build unweldnative

package conformance

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/unweld/unweld/bindings/node"
	"github.com/unweld/unweld/bindings/python"
	"github.com/unweld/unweld/internal/generate"
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

// An abroad is another language: what sends frames through the codec that is generated for it.
type abroad struct {
	name, folder string            // the folder is that of the package, below foreign
	files        map[string]string // beside the package's own
	command      string            // of the peer; DIR is the package's folder
	cant         []string          // what of values the language can't hold
}

// TestCodecAbroad sends the values of every kind, at the edges of their types, through each
// other language: what comes back is the same in Go. What a language can't hold is in the
// list of those values.
func TestCodecAbroad(t *testing.T) {
	s := archived(t)
	exact := *s.request
	exact.Options = generate.Options{"int": "bigint"}
	for _, lang := range []abroad{
		{"python", "python/pricing", map[string]string{"_codec.py": string(python.Codec(s.request, true)), "peer.py": pythonPeer}, "env PYTHONPATH=DIR/.. python3 -m pricing.peer",
			[]string{"the years that a datetime can hold"}},
		{"node", "node", map[string]string{"codec.cjs": string(node.Codec(s.request, true)), "peer.cjs": nodePeer}, "node DIR/peer.cjs",
			[]string{"the years that a Date can hold", "is too large for an exact number"}},
		{"node with BigInts", "node", map[string]string{"codec.cjs": string(node.Codec(&exact, true)), "types.cjs": string(node.Types(&exact)), "peer.cjs": nodePeer}, "node DIR/peer.cjs",
			[]string{"the years that a Date can hold"}},
	} {
		t.Run(lang.name, func(t *testing.T) { s.abroad(t, lang) })
	}
}

func (s *scratch) abroad(t *testing.T, lang abroad) {
	dir := filepath.Join(s.dir, "pricing", "pricingunweld", "foreign", filepath.FromSlash(lang.folder))
	for name, content := range lang.files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "test", "-count=1", "-v", "./pricing/pricingunweld")
	cmd.Dir, cmd.Env = s.dir, append(os.Environ(), "UNWELD_PEER="+strings.ReplaceAll(lang.command, "DIR", dir))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		_, reason, cant := strings.Cut(line, "abroad: ")
		if cant && !slices.ContainsFunc(lang.cant, func(known string) bool { return strings.Contains(reason, known) }) {
			t.Errorf("%s can't hold a value: %s", lang.name, reason)
		}
	}
	if n := strings.Count(string(out), "--- PASS: Test"); n < 8 {
		t.Errorf("%d tests of the codec passed:\n%s", n, out)
	}
}

const nodePeer = `
const codec = require("./codec.cjs");
const { Reader, Writer } = require("./wire.cjs");

const frame = (name) => {
  const m = /^decode(.*)(Request|Reply)$/.exec(name);
  return m === null ? "" : m[1] + "_" + m[2].toLowerCase();
};

require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [name, hex = ""] = line.split(" ");
  const data = Buffer.from(hex, "hex");
  try {
    const parse = codec["parse_" + frame(name)];
    if (parse === undefined) throw new Error("no such frame");
    const values = parse(new Reader(data), data.length);
    const w = new Writer(64);
    codec["put_" + frame(name)](w, ...values);
    console.log(w.b.toString("hex", 0, w.i));
  } catch (e) {
    console.log("!" + e.name + ": " + e.message.replaceAll("\n", " "));
  }
});
`

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
