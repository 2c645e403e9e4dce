package engine

import (
	"os"
	"path/filepath"
	"sync"

	"github.com/unweld/unweld/internal/scratch"
)

// notesFolder is where this process writes what an editor is to show as a document. It
// is gone with the process.
var notesFolder = sync.OnceValues(func() (string, error) {
	dir, _, err := scratch.Dir("unweld-notes")
	return dir, err
})

// WriteNotes writes a document for an editor to show, outside of the module, and
// returns its absolute path. It takes the place of the last one.
func (s *Session) WriteNotes(text string) (string, error) {
	dir, err := notesFolder()
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "notes.md")
	return file, os.WriteFile(file, []byte(text), 0o666)
}
