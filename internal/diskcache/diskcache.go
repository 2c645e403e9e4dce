package diskcache

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// The limits of TrimDaily. MaxAge is that of the go command's build cache,
// which has no limit of size.
const (
	MaxAge    = 5 * 24 * time.Hour // since the last use of an entry
	MaxBytes  = 1 << 30            // of all entries together
	between   = 24 * time.Hour     // from one trim to the next
	timeSlack = time.Hour          // by which the time of the last use may be too early
)

const (
	suffix    = ".pack"
	temporary = "new-"
	stamp     = "trimmed.txt" // when the cache was trimmed last, in seconds since 1970
)

// A Cache is a folder of entries. It is safe for concurrent use, by several
// processes too.
type Cache struct {
	dir        string
	max        int64        // MaxBytes, but in tests
	lastLooked atomic.Int64 // when this process read the stamp last, in seconds since 1970
	trimmed    atomic.Bool  // this process is at it
}

// New returns the cache in a folder, which need not exist.
func New(dir string) *Cache { return &Cache{dir: dir, max: MaxBytes} }

// Used records that an entry was read at the time now. It changes the file's
// time only if that is much older: doing so at every use would be too
// expensive.
func Used(file string, now time.Time) {
	if info, err := os.Stat(file); err == nil && now.Sub(info.ModTime()) > timeSlack {
		_ = os.Chtimes(file, now, now)
	}
}

// TrimDaily trims the cache unless a process has done so within a day; then it
// costs almost nothing.
func (c *Cache) TrimDaily(now time.Time) {
	if last := c.lastLooked.Load(); last != 0 && now.Sub(time.Unix(last, 0)).Abs() < timeSlack {
		return
	}
	if !c.trimmed.CompareAndSwap(false, true) {
		return
	}
	defer c.trimmed.Store(false)
	c.lastLooked.Store(now.Unix())
	if _, err := os.Stat(c.dir); err != nil {
		return
	}
	file := filepath.Join(c.dir, stamp)
	if data, err := os.ReadFile(file); err == nil {
		at, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
		if age := now.Sub(time.Unix(at, 0)); err == nil && age < between && age > -timeSlack {
			return
		}
	}
	// Said first, so that processes which begin meanwhile don't do it again.
	_ = os.WriteFile(file, strconv.AppendInt(nil, now.Unix(), 10), 0o666)
	c.trim(now)
}

// An entry is a file of the cache.
type entry struct {
	path string
	size int64
	used time.Time
}

// trim removes what was used too long ago, and then what was used longest ago
// until the rest is small enough: by some more, so that it stays so for a while.
func (c *Cache) trim(now time.Time) {
	var kept []entry
	var total int64
	for _, e := range c.entries() {
		if now.Sub(e.used) > MaxAge+timeSlack || strings.HasPrefix(filepath.Base(e.path), temporary) && now.Sub(e.used) > timeSlack {
			os.Remove(e.path)
			continue
		}
		kept = append(kept, e)
		total += e.size
	}
	if total > c.max {
		slices.SortFunc(kept, func(a, b entry) int { return cmp.Or(a.used.Compare(b.used), strings.Compare(a.path, b.path)) })
		for _, e := range kept {
			if total <= c.max-c.max/4 {
				break
			}
			os.Remove(e.path)
			total -= e.size
		}
	}
	for _, build := range folders(c.dir) {
		for _, dir := range folders(build) {
			os.Remove(dir) // those that are empty
		}
		os.Remove(build)
	}
}

// entries lists the files of all builds. What doesn't look like one is left out.
func (c *Cache) entries() []entry {
	var all []entry
	for _, build := range folders(c.dir) {
		for _, dir := range folders(build) {
			files, _ := os.ReadDir(dir)
			for _, f := range files {
				name := f.Name()
				if !f.Type().IsRegular() || !strings.HasSuffix(name, suffix) && !strings.HasPrefix(name, temporary) {
					continue
				}
				if info, err := f.Info(); err == nil {
					all = append(all, entry{filepath.Join(dir, name), info.Size(), info.ModTime()})
				}
			}
		}
	}
	return all
}

// folders lists the folders in dir; links to others aren't followed.
func folders(dir string) []string {
	list, _ := os.ReadDir(dir)
	var out []string
	for _, d := range list {
		if d.IsDir() {
			out = append(out, filepath.Join(dir, d.Name()))
		}
	}
	return out
}

// A Size is the size of a cache.
type Size struct {
	Dir     string `json:"dir"` // absolute path
	Entries int    `json:"entries"`
	Bytes   int64  `json:"bytes"`
	Max     int64  `json:"max"` // the limit, in bytes
}

// Size reads the size of all entries.
func (c *Cache) Size() Size {
	u := Size{Dir: c.dir, Max: c.max}
	for _, e := range c.entries() {
		u.Entries++
		u.Bytes += e.size
	}
	return u
}
