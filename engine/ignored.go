package engine

import (
	"slices"
	"strings"
	"sync"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/rules"
)

// ignores are the directives of files, as they were read last. The zero value is ready;
// it may be used by several goroutines.
type ignores struct {
	mu sync.Mutex
	by map[string]fileIgnores
}

type fileIgnores struct {
	hash change.Hash
	all  []component.Ignore
}

// of returns the directives of a file of the session.
func (k *ignores) of(s *Session, file string) []component.Ignore {
	if !strings.HasSuffix(file, ".go") {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	known, ok := k.by[file]
	if ok && known.hash == s.Hash(file) {
		return known.all
	}
	content, hash, err := s.snap.Content(file)
	if err != nil {
		return nil
	}
	if k.by == nil {
		k.by = map[string]fileIgnores{}
	}
	all := component.Ignores(content)
	k.by[file] = fileIgnores{hash, all}
	return all
}

// A heed is a problem that a directive is about: its code on a line of a file.
type heed struct {
	file string
	line int
	code string
}

// heeds are the problems that directives are about, those without a reason too.
type heeds map[heed]bool

// ignored reports whether people said in the code that a problem is none, and adds it to
// what directives are about. One whose directive has no reason is told so.
func (s *Session) ignored(p *component.Problem, about heeds) bool {
	all := s.living.ignores.of(s, p.Span.File)
	if len(all) == 0 {
		return false
	}
	ignored, mistaken := component.Ignored(all, p.Span.Line, p.Code)
	if ignored || mistaken {
		about[heed{p.Span.File, p.Span.Line, p.Code}] = true
	}
	if mistaken && !strings.Contains(p.Hint, component.NoReason) {
		p.Hint = strings.TrimPrefix(p.Hint+"; "+component.NoReason, "; ")
	}
	return ignored
}

// heedIgnored takes what is to be ignored away from what was found.
func (s *Session) heedIgnored(found *component.Result) heeds {
	about, kept := heeds{}, []component.Hazard{}
	for _, h := range found.Hazards {
		if !s.ignored(&h.Problem, about) {
			h.Hint = h.Problem.Hint
			kept = append(kept, h)
		}
	}
	found.Hazards = kept
	return about
}

// heeded returns the violations of rules that aren't to be ignored.
func (s *Session) heeded(violations []rules.Violation) ([]rules.Violation, heeds) {
	about := heeds{}
	return slices.DeleteFunc(violations, func(v rules.Violation) bool { return s.ignored(&v.Problem, about) }), about
}
