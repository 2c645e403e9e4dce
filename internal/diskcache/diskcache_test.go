package diskcache

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

var now = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)

// put writes an entry of some size that was used some time ago.
func put(t *testing.T, c *Cache, name string, size int, ago time.Duration) string {
	t.Helper()
	file := filepath.Join(c.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, make([]byte, size), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, now.Add(-ago), now.Add(-ago)); err != nil {
		t.Fatal(err)
	}
	return file
}

func left(t *testing.T, files ...string) (there []bool) {
	t.Helper()
	for _, f := range files {
		_, err := os.Lstat(f)
		there = append(there, err == nil)
	}
	return there
}

func TestTrimByAge(t *testing.T) {
	c := New(t.TempDir())
	day := 24 * time.Hour
	files := []string{
		put(t, c, "old/ab/ab1.pack", 10, 6*day),
		put(t, c, "old/ab/ab2.pack", 10, 4*day),
		put(t, c, "gone/cd/cd1.pack", 10, 30*day),
		put(t, c, "now/ef/new-17", 10, 2*time.Hour), // of a process that was killed
		put(t, c, "now/ef/new-18", 10, time.Minute), // of one at work
		put(t, c, "now/ef/notes.txt", 10, 30*day),   // somebody else's
		put(t, c, "notes.pack", 10, 30*day),
	}
	c.TrimDaily(now)
	if got, want := left(t, files...), []bool{false, true, false, false, true, true, true}; !slices.Equal(got, want) {
		t.Errorf("there is %v of %q, want %v", got, files, want)
	}
	if there := left(t, filepath.Join(c.dir, "gone")); there[0] {
		t.Error("an empty folder stays")
	}
}

// TestTrimBySize: what was used last stays, whatever build it is of, and there is
// room then.
func TestTrimBySize(t *testing.T) {
	c := New(t.TempDir())
	c.max = 100
	var files []string
	for i := range 11 {
		files = append(files, put(t, c, fmt.Sprintf("b%d/ab/ab%d.pack", i%2, i), 10, time.Duration(i)*time.Hour))
	}
	c.TrimDaily(now)
	got := left(t, files...)
	for i, there := range got {
		if there != (i < 7) { // 75 bytes at most
			t.Fatalf("there is %v", got)
		}
	}
	if u := c.Size(); u.Entries != 7 || u.Bytes != 70 || u.Max != 100 || u.Dir != c.dir {
		t.Errorf("%+v", u)
	}
	// At its limit it isn't touched.
	d := New(t.TempDir())
	d.max = 20
	files = []string{put(t, d, "b/ab/ab1.pack", 10, 0), put(t, d, "b/ab/ab2.pack", 10, time.Hour)}
	d.TrimDaily(now)
	if got := left(t, files...); !got[0] || !got[1] {
		t.Errorf("there is %v", got)
	}
}

func TestTrimOnceADay(t *testing.T) {
	dir := t.TempDir()
	step := func(after time.Duration, gone bool) {
		t.Helper()
		c := New(dir) // another process
		file := put(t, c, "b/ab/ab1.pack", 1, 30*24*time.Hour)
		c.TrimDaily(now.Add(after))
		if there := left(t, file)[0]; there == gone {
			t.Errorf("after %v the old entry is there: %v", after, there)
		}
	}
	step(0, true)
	step(time.Hour, false)
	step(23*time.Hour, false)
	step(25*time.Hour, true)
	step(26*time.Hour, false)
	step(-48*time.Hour, true) // the clock was wrong before: what it said doesn't count
	if err := os.WriteFile(filepath.Join(dir, stamp), []byte("?"), 0o666); err != nil {
		t.Fatal(err)
	}
	step(-47*time.Hour, true)
	// A process that lives on looks again by itself.
	c := New(dir)
	c.TrimDaily(now)
	file := put(t, c, "b/ab/ab1.pack", 1, 30*24*time.Hour)
	c.TrimDaily(now.Add(30 * time.Minute))
	c.TrimDaily(now.Add(30 * time.Hour))
	if left(t, file)[0] {
		t.Error("a process that has trimmed once never does again")
	}
}

func TestUsed(t *testing.T) {
	c := New(t.TempDir())
	file := put(t, c, "b/ab/ab1.pack", 1, 4*24*time.Hour)
	Used(file, now)
	Used(filepath.Join(c.dir, "b/ab/none.pack"), now)
	c.TrimDaily(now.Add(4 * 24 * time.Hour))
	if !left(t, file)[0] {
		t.Error("an entry that was used goes")
	}
}

// TestLinksAreLeft: a link in the cache leads to files that are no entries.
func TestLinksAreLeft(t *testing.T) {
	c, other := New(t.TempDir()), New(t.TempDir())
	file := put(t, other, "b/ab/ab1.pack", 1, 30*24*time.Hour)
	for from, to := range map[string]string{"b": filepath.Join(other.dir, "b"), "c/ab": filepath.Join(other.dir, "b", "ab"), "d/ab/ab2.pack": file} {
		at := filepath.Join(c.dir, filepath.FromSlash(from))
		if err := os.MkdirAll(filepath.Dir(at), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, at); err != nil {
			if runtime.GOOS == "windows" { // which lets only some users make them
				t.Skip("needs symbolic links: ", err)
			}
			t.Fatal(err)
		}
	}
	c.TrimDaily(now)
	if !left(t, file)[0] {
		t.Error("an entry of another folder went")
	}
}

// TestTogether trims and fills one cache from several sides at once.
func TestTogether(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for side := range 4 {
		all.Go(func() {
			c := New(dir)
			c.max = 50
			for i := range 50 {
				file := filepath.Join(dir, "b", fmt.Sprintf("%02d", i%7), fmt.Sprintf("%d%d.pack", side, i))
				_ = os.MkdirAll(filepath.Dir(file), 0o777)
				_ = os.WriteFile(file, []byte("0123456789"), 0o666)
				c.trim(time.Now())
			}
		})
	}
	all.Wait()
	c := New(dir)
	c.max = 50
	c.trim(time.Now())
	if u := c.Size(); u.Bytes > 50 {
		t.Errorf("%+v", u)
	}
}
