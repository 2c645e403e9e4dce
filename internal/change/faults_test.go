package change

import (
	"errors"
	"io/fs"
)

// faulty is a disk on which the step numbered at fails with err. With crash,
// every later step fails too, as if the process had been killed there.
type faulty struct {
	disk
	at    int
	err   error
	crash bool
	steps int // steps asked for so far
}

var errCrash = errors.New("killed here")

func (f *faulty) step() error {
	f.steps++
	if f.steps == f.at || f.crash && f.steps > f.at {
		return f.err
	}
	return nil
}

func (f *faulty) Write(name string, content []byte, mode fs.FileMode) error {
	if err := f.step(); err != nil {
		if f.crash || errors.Is(err, errCrash) {
			return err
		}
		// A full disk leaves a file behind that is too short.
		return errors.Join(err, f.disk.Write(name, content[:len(content)/2], mode))
	}
	return f.disk.Write(name, content, mode)
}

func (f *faulty) Rename(from, to string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.disk.Rename(from, to)
}

func (f *faulty) Remove(name string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.disk.Remove(name)
}

func (f *faulty) RemoveAll(name string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.disk.RemoveAll(name)
}

func (f *faulty) Mkdir(name string, mode fs.FileMode) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.disk.Mkdir(name, mode)
}

func (f *faulty) SyncDir(name string) error {
	if err := f.step(); err != nil {
		return err
	}
	return f.disk.SyncDir(name)
}
