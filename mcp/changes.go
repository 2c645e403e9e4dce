package mcp

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/unweld/unweld/engine"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
)

// keptChanges is how many change sets are kept for apply and diff.
const keptChanges = 16

// changes are the change sets that were computed last.
type changes struct {
	mu   sync.Mutex
	last []kept // oldest first
}

type kept struct {
	name string
	set  change.Set
	diff string
}

// keep returns the name of a change set, which depends on what it changes alone.
func (c *changes) keep(set change.Set, diff string) (string, error) {
	encoded, err := json.Marshal(set)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(encoded)
	name := hex.EncodeToString(sum[:6])
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, k := range c.last {
		if k.name == name {
			c.last = append(c.last[:i], c.last[i+1:]...)
			break
		}
	}
	c.last = append(c.last, kept{name, set, diff})
	if len(c.last) > keptChanges {
		c.last = c.last[1:]
	}
	return name, nil
}

func (c *changes) get(name string) (kept, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.last {
		if k.name == name {
			return k, nil
		}
	}
	return kept{}, &component.UsageError{Object: "change", Reason: fmt.Sprintf("no change %q is known", name), Hint: "compute it again: the answer of refactor, bind, state and eject has its name"}
}

// lines is the part of an input that says how much of a diff is wanted.
type lines struct {
	Lines int `json:"lines,omitempty" jsonschema:"how many lines of the diff; default 400, at most 5000"`
}

const (
	defaultLines = 400
	maxLines     = 5000
)

// offeredOut is the answer of a tool that computes a change.
type offeredOut struct {
	Change string `json:"change,omitempty"` // its name, for apply and diff; none where nothing changes
	engine.Offered
	Lines int    `json:"diffLines"`      // of the whole diff
	Next  string `json:"next,omitempty"` // for diff, where this isn't all of it
}

func (s *server) offered(session *engine.Session, set change.Set, err error, l lines) (any, error) {
	if err != nil {
		return nil, err
	}
	diff, err := session.Diff(set)
	if err != nil {
		return nil, err
	}
	out := offeredOut{}
	if len(set.Files) > 0 {
		if out.Change, err = s.changes.keep(set, diff); err != nil {
			return nil, err
		}
	}
	part, next, total, err := cutLines(diff, l, "")
	if err != nil {
		return nil, err
	}
	out.Offered, out.Next, out.Lines = engine.NewOffered(set, part), next, total
	return out, nil
}

type diffIn struct {
	Change string `json:"change" jsonschema:"the name of a change"`
	Cursor string `json:"cursor,omitempty" jsonschema:"next of the answer before; empty for the beginning"`
	lines
}

type diffOut struct {
	Change string `json:"change"`
	Diff   string `json:"diff"`
	Lines  int    `json:"diffLines"`
	Next   string `json:"next,omitempty"`
}

func (s *server) diff(_ *call, in diffIn) (any, error) {
	k, err := s.changes.get(in.Change)
	if err != nil {
		return nil, err
	}
	part, next, total, err := cutLines(k.diff, in.lines, in.Cursor)
	return diffOut{in.Change, part, total, next}, err
}

// cutLines returns lines of a diff, from the cursor on, and how many it has. The diff of
// a change is always the same, so that the cursor is a line.
func cutLines(diff string, l lines, cursor string) (part, next string, total int, err error) {
	limit, start := l.Lines, 0
	if limit == 0 {
		limit = defaultLines
	}
	if limit < 0 || limit > maxLines {
		return "", "", 0, &component.UsageError{Object: "lines", Reason: fmt.Sprintf("%d is not between 1 and %d", l.Lines, maxLines)}
	}
	all := slices.Collect(strings.Lines(diff))
	if cursor != "" {
		if start, err = strconv.Atoi(cursor); err != nil || start < 0 || start > len(all) {
			return "", "", 0, &component.UsageError{Object: "cursor", Reason: fmt.Sprintf("%q is not one of this change", cursor), Hint: "take next of the answer before, or leave it out"}
		}
	}
	end := min(start+limit, len(all))
	if end < len(all) {
		next = strconv.Itoa(end)
	}
	return strings.Join(all[start:end], ""), next, len(all), nil
}
