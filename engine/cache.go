package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/unweld/unweld/analyzers/summary"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/diskcache"
	"github.com/unweld/unweld/internal/pack"
)

// A cache keeps summaries on disk across processes, by the content key of
// their package and the identity of this program. Losing it costs time only,
// so its failures are not reported. What nobody uses any more goes, see diskcache.
type cache struct {
	dir string           // of this build's entries; empty: nothing is kept
	all *diskcache.Cache // of all builds
}

// openCache returns a cache that keeps nothing when there is no place for one.
func openCache(off bool) cache {
	base, err := cacheFolder()
	if off || err != nil {
		return cache{}
	}
	all := diskcache.New(base)
	all.TrimDaily(time.Now())
	return cache{filepath.Join(base, programIdentity()), all}
}

func cacheFolder() (string, error) {
	base, err := os.UserCacheDir()
	return filepath.Join(base, "unweld", "summaries"), err
}

// CacheSize says how large the cache on disk is. The error is that there is no place
// for one.
func CacheSize() (diskcache.Size, error) {
	base, err := cacheFolder()
	if err != nil {
		return diskcache.Size{}, err
	}
	return diskcache.New(base).Size(), nil
}

// programIdentity changes whenever the program does, so that summaries of
// another version are never used.
var programIdentity = sync.OnceValue(func() string {
	exe, err := os.Executable()
	if err != nil {
		return "unknown"
	}
	info, err := os.Stat(exe)
	if err != nil {
		return "unknown"
	}
	id := fmt.Sprint(ReadVersion(), info.Size(), info.ModTime().UnixNano())
	return string(change.HashOf([]byte(id)))[:16]
})

func (c cache) file(key string) string {
	h := string(change.HashOf([]byte(key)))
	return filepath.Join(c.dir, h[:2], h+".pack")
}

// get returns a summary: as it was put, or that of the package before an edit with
// what the edit changed.
func (c cache) get(key string) *component.Summary {
	s, e := new(component.Summary), new(summary.Edit)
	switch {
	case c.Read(key, s):
		return s
	case c.Read("edit of "+key, e) && c.Read(e.Base, s):
		e.Apply(s)
		return s
	}
	return nil
}

// putEdit keeps a summary as what is different from one that was put. Losing that
// one loses it.
func (c cache) putEdit(key string, e *summary.Edit) { c.Write("edit of "+key, e) }

// assembly returns what the summary that was put under key was made of, or nil.
func (c cache) assembly(key string) *summary.Kept {
	k := new(summary.Kept)
	if !c.Read("assembly of "+key, k) {
		return nil
	}
	return k
}

func (c cache) putAssembly(key string, a *summary.Assembly) {
	if k, err := a.Keep(); err == nil {
		c.Write("assembly of "+key, k)
	}
}

func (c cache) put(key string, s *component.Summary) { c.Write(key, s) }

// parts returns what was found in the functions of a package in some context.
func (c cache) parts(id, context string) map[string]*part {
	parts := map[string]*part{}
	if !c.Read("parts of "+id+" in "+context, &parts) {
		return map[string]*part{}
	}
	return parts
}

func (c cache) putParts(id, context string, parts map[string]*part) {
	c.Write("parts of "+id+" in "+context, parts)
}

// Read and Write make a cache the store of a snapshot.
func (c cache) Read(key string, v any) bool {
	if c.dir == "" {
		return false
	}
	file := c.file(key)
	data, err := os.ReadFile(file)
	if err != nil || pack.Unmarshal(data, v) != nil {
		return false
	}
	diskcache.Used(file, time.Now())
	return true
}

func (c cache) Write(key string, v any) {
	if c.dir == "" {
		return
	}
	c.all.TrimDaily(time.Now())
	data, err := pack.Marshal(v)
	if err != nil {
		return
	}
	file := c.file(key)
	if os.MkdirAll(filepath.Dir(file), 0o777) != nil {
		return
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), "new-*")
	if err != nil {
		return
	}
	_, err = tmp.Write(data)
	if tmp.Close() != nil || err != nil || os.Rename(tmp.Name(), file) != nil {
		os.Remove(tmp.Name())
	}
}
