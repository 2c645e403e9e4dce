package process

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

const (
	tailLines = 12       // of a unit's stderr, kept for error messages
	maxLine   = 64 << 10 // longer lines are written in pieces
)

// A sink serialises the output of all units on one writer.
type sink struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *sink) write(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.w.Write(b) //nolint:errcheck // a reader that went away must not stop the units
}

// A lineWriter writes whole lines with a prefix, so that the output of units
// doesn't mix within a line, and remembers the last ones.
type lineWriter struct {
	to     *sink
	prefix string
	raw    bool // as they come, without a prefix

	mu   sync.Mutex
	part []byte
	tail []string
}

func (w *lineWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.raw {
		w.to.write(b)
	}
	n := len(b)
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			w.part = append(w.part, b...)
			if len(w.part) >= maxLine {
				w.flush()
			}
			break
		}
		w.part = append(w.part, b[:i]...)
		w.flush()
		b = b[i+1:]
	}
	return n, nil
}

// flush writes the line that was collected.
func (w *lineWriter) flush() {
	line := string(w.part)
	w.part = w.part[:0]
	if len(w.tail) == tailLines {
		copy(w.tail, w.tail[1:])
		w.tail = w.tail[:tailLines-1]
	}
	w.tail = append(w.tail, line)
	if !w.raw {
		w.to.write([]byte(w.prefix + line + "\n"))
	}
}

// Close writes what is left of a line that never ended.
func (w *lineWriter) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.part) > 0 {
		w.flush()
	}
	return nil
}

// last returns the last lines, indented for an error message, or "".
func (w *lineWriter) last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	lines := w.tail
	if len(w.part) > 0 {
		lines = append(lines[:len(lines):len(lines)], string(w.part))
	}
	if len(lines) == 0 {
		return ""
	}
	return "\n\t" + strings.Join(lines, "\n\t")
}
