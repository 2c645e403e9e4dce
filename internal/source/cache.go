package source

import (
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
)

// A Cache keeps values on disk by key, across processes. A nil Cache keeps
// nothing; a cache that can't be written is only slower.
type Cache struct{ dir, tool string }

// OpenCache returns the cache in dir, or in the user's cache directory if dir
// is empty. It returns nil when there is no place for one.
func OpenCache(dir string) *Cache {
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil
		}
		dir = filepath.Join(user, "unweld", "summaries")
	}
	return &Cache{dir: dir, tool: toolIdentity()}
}

// toolIdentity changes whenever this program is built anew.
func toolIdentity() string {
	exe, err := os.Executable()
	if err != nil {
		return "unknown"
	}
	info, err := os.Stat(exe)
	if err != nil {
		return exe
	}
	return fmt.Sprint(exe, info.Size(), info.ModTime().UnixNano())
}

func (c *Cache) file(key string) string {
	sum := sha256.Sum256([]byte(c.tool + "\n" + key))
	name := hex.EncodeToString(sum[:])
	return filepath.Join(c.dir, name[:2], name)
}

// Get fills value with what was put under key, and reports whether there was
// such a thing. A damaged entry counts as none.
func (c *Cache) Get(key string, value any) bool {
	if c == nil {
		return false
	}
	f, err := os.Open(c.file(key))
	if err != nil {
		return false
	}
	defer f.Close()
	return gob.NewDecoder(f).Decode(value) == nil
}

// Put keeps value under key.
func (c *Cache) Put(key string, value any) {
	if c == nil {
		return
	}
	name := c.file(key)
	if os.MkdirAll(filepath.Dir(name), 0o777) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(name), "put")
	if err != nil {
		return
	}
	err = gob.NewEncoder(f).Encode(value)
	if cerr := f.Close(); err != nil || cerr != nil || os.Rename(f.Name(), name) != nil {
		os.Remove(f.Name())
	}
}
