package change

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"syscall"
)

// disk is what the applier asks of the file system. Names are slash-separated
// and relative to the module root. Tests put one in that fails at any step.
type disk interface {
	ReadFile(name string) ([]byte, error)
	Lstat(name string) (fs.FileInfo, error)
	Empty(dir string) (bool, error)
	// Write makes a new file and returns once it is on the disk. Mode 0 leaves
	// the permissions to the user's umask; others are set exactly.
	Write(name string, content []byte, mode fs.FileMode) error
	Rename(from, to string) error
	Remove(name string) error
	RemoveAll(name string) error
	Mkdir(name string, mode fs.FileMode) error
	// SyncDir returns once the names in a folder are on the disk.
	SyncDir(name string) error
	List(dir string) ([]string, error) // sorted; none if dir doesn't exist
	Writable(dir string) error         // nil where files can be made
}

// rooted is the real disk below one folder. os.Root keeps every path inside
// it, symbolic links on the way included, with no race between check and use.
type rooted struct{ *os.Root }

func openDisk(root string) (rooted, error) {
	r, err := os.OpenRoot(root)
	return rooted{r}, err
}

func (d rooted) Empty(dir string) (bool, error) {
	names, err := d.List(dir)
	return len(names) == 0, err
}

func (d rooted) List(dir string) ([]string, error) {
	entries, err := fs.ReadDir(d.FS(), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (d rooted) Write(name string, content []byte, mode fs.FileMode) error {
	f, err := d.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil && mode != 0 {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (d rooted) SyncDir(name string) error {
	f, err := d.Open(name)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, fs.ErrPermission) {
		err = nil // some file systems, and Windows, can't sync a folder
	}
	return errors.Join(err, f.Close())
}

// exists reports whether name is there, links not followed.
func exists(d disk, name string) (fs.FileInfo, bool, error) {
	info, err := d.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, false, nil
	}
	return info, err == nil, err
}

// mkdirs makes the missing folders above name.
func mkdirs(d disk, name string) error {
	dir := path.Dir(name)
	if dir == "." {
		return nil
	}
	if _, ok, err := exists(d, dir); ok || err != nil {
		return err
	}
	if err := mkdirs(d, dir); err != nil {
		return err
	}
	return d.Mkdir(dir, 0o777)
}

// prune removes the folders above name that have become empty.
func prune(d disk, name string) error {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if empty, err := d.Empty(dir); err != nil || !empty {
			return err
		}
		if err := d.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
