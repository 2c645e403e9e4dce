package campaign

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// results keeps the trials of one corpus in a file, a line of JSON each, as they
// come. A last line that was cut off is done again.
type results struct {
	known map[string]Trial // by the key of the place
	file  *os.File         // nil where nothing is kept
}

// openResults reads what a folder has of a corpus, and opens it for more.
func openResults(dir, corpus string) (*results, error) {
	r := &results{known: map[string]Trial{}}
	if dir == "" {
		return r, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	name := filepath.Join(dir, strings.NewReplacer("/", "_", "@", "_", ":", "_", "\\", "_").Replace(corpus)+".jsonl")
	whole, err := r.read(name)
	if err != nil {
		return nil, err
	}
	if r.file, err = os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644); err != nil {
		return nil, err
	}
	if err := r.file.Truncate(whole); err != nil {
		return nil, errors.Join(err, r.file.Close())
	}
	if _, err := r.file.Seek(whole, 0); err != nil {
		return nil, errors.Join(err, r.file.Close())
	}
	return r, nil
}

// read reads the trials of a file, and returns how many bytes of it are whole
// lines.
func (r *results) read(name string) (whole int64, err error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewReader(f)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return whole, nil // the end, or a line that was cut off
		}
		var t Trial
		if err := json.Unmarshal(line, &t); err != nil {
			return 0, fmt.Errorf("%s:%d: %w (remove the file to begin again)", name, n, err)
		}
		r.known[t.key()] = t
		whole += int64(len(line))
	}
}

// add keeps a trial.
func (r *results) add(t Trial) error {
	if r.file == nil {
		return nil
	}
	line, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = r.file.Write(append(line, '\n'))
	return err
}

// close ends the keeping; it may be called again.
func (r *results) close() error {
	f := r.file
	r.file = nil
	if f == nil {
		return nil
	}
	return f.Close()
}
