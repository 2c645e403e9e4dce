package commandlog

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/unweld/unweld/stores/calllog/calllogtest"
	"github.com/unweld/unweld/stores/calllog/rt"
)

// crashed returns the files of a log as a process that was killed leaves them,
// by suffix, with the given number of records in the write-ahead log.
func crashed(t *testing.T, records int) map[string][]byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.db")
	var c calllogtest.Counters
	l := harness.Log(t, path, &c)
	calllogtest.Load(t, l, &c, 1, records)
	files := map[string][]byte{}
	for _, suffix := range []string{"", "-wal", ".owner"} {
		data, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		files[suffix] = data
	}
	return files
}

// place writes files to a new folder and returns the path of the log.
func place(t *testing.T, files map[string][]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.db")
	for suffix, data := range files {
		if err := os.WriteFile(path+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestDamagedWAL(t *testing.T) {
	const records = 12
	files := crashed(t, records)
	page := int(files["-wal"][8])<<24 | int(files["-wal"][9])<<16 | int(files["-wal"][10])<<8 | int(files["-wal"][11])
	frame := frameHeader + page
	size := len(files["-wal"])
	cases := []struct {
		name   string
		change func(wal []byte) []byte
		owner  bool   // the owner file was kept
		want   string // in the error; empty: opens
		least  uint64 // records replayed
	}{
		{"whole", func(w []byte) []byte { return w }, true, "", records},
		{"page in the middle", func(w []byte) []byte { w[size-5*frame+100] ^= 1; return w }, false, "is not the end of it: 4 writes follow", 0},
		{"frame header in the middle", func(w []byte) []byte { w[size-5*frame+1] ^= 1; return w }, false, "is not the end of it: 4 writes follow", 0},
		{"salt in the middle", func(w []byte) []byte { w[size-5*frame+9] ^= 1; return w }, false, "is not the end of it", 0},
		{"checksum in the middle", func(w []byte) []byte { w[size-5*frame+17] ^= 1; return w }, false, "is not the end of it: 3 writes follow", 0},
		{"header", func(w []byte) []byte { w[20] ^= 1; return w }, false, "header of its write-ahead log", 0},
		{"no magic", func(w []byte) []byte { w[0] = 0; return w }, false, "header of its write-ahead log", 0},
		{"torn in a page", func(w []byte) []byte { return w[:size-page/2] }, false, "", records - 1},
		{"torn in a frame header", func(w []byte) []byte { return w[:size-page-4] }, false, "", records - 1},
		{"torn, zeros", func(w []byte) []byte { clear(w[size-page/2:]); return w }, false, "", records - 1},
		{"torn, acknowledged", func(w []byte) []byte { return w[:size-page/2] }, true, "record 13: the log ends before it, but 13 records were acknowledged", 0},
		{"last page, acknowledged", func(w []byte) []byte { w[size-3] ^= 1; return w }, true, "13 records were acknowledged", 0},
		{"empty", func(w []byte) []byte { return nil }, true, "records were acknowledged", 0},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			now := maps.Clone(files)
			now["-wal"] = tc.change(bytes.Clone(files["-wal"]))
			if !tc.owner {
				delete(now, ".owner")
			}
			path := place(t, now)
			var c calllogtest.Counters
			l, err := calllog.Open(context.Background(), harness.Config(path, &c))
			if tc.want == "" {
				if err != nil || c.N[0] != tc.least {
					t.Fatalf("%d records, %v", c.N[0], err)
				}
				if err := l.Close(); err != nil {
					t.Error(err)
				}
				return
			}
			if e, ok := errors.AsType[*calllog.CorruptError](err); !ok || !strings.Contains(err.Error(), tc.want) || e.Path != path {
				t.Fatalf("got %v, want %q", err, tc.want)
			}
			kept := path + "-wal"
			if tc.owner {
				kept += ".damaged"
			}
			if data, err := os.ReadFile(kept); err != nil || !bytes.Equal(data, now["-wal"]) {
				t.Errorf("%s isn't what it was: %v", kept, err)
			}
		})
	}
}

// The hints of the errors lead on.
func TestGoingOnWithoutTheDamage(t *testing.T) {
	files := crashed(t, 6)
	files["-wal"][len(files["-wal"])-2*(frameHeader+4096)-100] ^= 1
	path := place(t, files)
	var c calllogtest.Counters
	_, err := calllog.Open(context.Background(), harness.Config(path, &c))
	if err == nil || !strings.Contains(err.Error(), "truncate -s ") {
		t.Fatalf("got %v", err)
	}
	at, _ := errors.AsType[*damageError](err)
	if err := os.Truncate(path+"-wal", int64(at.Offset)); err != nil {
		t.Fatal(err)
	}
	if _, err = calllog.Open(context.Background(), harness.Config(path, &c)); err == nil || !strings.Contains(err.Error(), "remove "+path+".owner") {
		t.Fatalf("got %v", err)
	}
	if err := os.Remove(path + ".owner"); err != nil {
		t.Fatal(err)
	}
	l := harness.Log(t, path, &c)
	if l.Records() != 4 { // three calls, and that failures are noted
		t.Errorf("%d records, want 4", l.Records())
	}
	calllogtest.Load(t, l, &c, 1, 2)
}

func FuzzDamage(f *testing.F) {
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0x37, 0x7f, 0x06, 0x82}, 40))
	f.Fuzz(func(t *testing.T, data []byte) { _ = damage(data) })
}
