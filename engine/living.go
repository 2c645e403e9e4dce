package engine

import (
	"sync"
	"sync/atomic"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/analyzers/summary"
	"github.com/unweld/unweld/internal/cluster"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
)

// living is what the sessions of one module pass on, from one snapshot to the
// next: what was found in each package and in each function. Any number of
// sessions may use it at once.
type living struct {
	mu        sync.Mutex
	summaries map[string]keyed         // by import path
	packages  map[string]*packageParts // by ID
	assembled map[string]*assembled    // by ID

	rules    analyzers.Memory
	clusters cluster.Memory

	sites   sites
	ignores ignores

	config atomic.Pointer[configuration] // as it was read last
	good   atomic.Pointer[configuration] // the last without mistakes

	looked atomic.Pointer[looked] // what Report looked at last; nil before

	found  atomic.Pointer[component.Result] // of the whole module, as it was looked at last; nil before
	recall atomic.Bool                      // it came from the disk
}

// keyed is a summary with the key of the package that it is of.
type keyed struct {
	key     string
	summary *component.Summary
}

// packageParts are the functions of a package that were looked at in one
// context: what they mean holds as long as that is the same.
type packageParts struct {
	context string
	parts   map[string]*part
}

// A part is everything that is known of one function, and moves with it.
type part struct {
	Body    source.BodyFacts          `json:"body"`
	Summary *summary.Part             `json:"summary"`
	Facts   []component.AnalyzerFacts `json:"facts,omitempty"` // their spans relative to the function
	Of      component.Subject         `json:"of,omitzero"`     // what they are of

	loose bool // a place in it lies elsewhere, and would not move with the function
}

// facts returns what analyzers found in the function, which stands at a place, or
// nil.
func (p *part) facts(at text.Span) *component.FunctionFacts {
	if len(p.Facts) == 0 {
		return nil
	}
	return &component.FunctionFacts{Of: p.Of, At: at, By: p.Facts}
}

// assembled is the summary of a package as it was put together last. What it
// says of declarations holds as long as the outline is the same.
type assembled struct {
	outline  string
	assembly *summary.Assembly
}

func newLiving() *living {
	return &living{summaries: map[string]keyed{}, packages: map[string]*packageParts{}, assembled: map[string]*assembled{}}
}

// assembly returns what a package was put together from last, or nil if its
// declarations changed since.
func (l *living) assembly(id, outline string) *summary.Assembly {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a := l.assembled[id]; a != nil && outline != "" && a.outline == outline {
		return a.assembly
	}
	return nil
}

func (l *living) keepAssembly(id, outline string, a *summary.Assembly) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.assembled[id] = &assembled{outline, a}
}

func (l *living) summary(path, key string) *component.Summary {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k := l.summaries[path]; k.key == key {
		return k.summary
	}
	return nil
}

// keyOf returns the key under which a summary is known, or "".
func (l *living) keyOf(s *component.Summary) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k := l.summaries[s.Package.Path]; k.summary == s {
		return k.key
	}
	return ""
}

func (l *living) keep(path, key string, s *component.Summary) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.summaries[path] = keyed{key, s}
}

// part returns what is known of a function, from the disk if nothing of its
// package is known in this context.
func (l *living) part(store cache, id, context, key string) *part {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.packages[id]
	if p == nil || p.context != context {
		p = &packageParts{context, store.parts(id, context)}
		l.packages[id] = p
	}
	return p.parts[key]
}

// knows reports whether anything is known of the functions of a package.
func (l *living) knows(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.packages[id] != nil
}

// replace keeps the functions of a package, those that it still has, and
// reports whether so much is new that the disk should have it.
func (l *living) replace(id, context string, parts map[string]*part) (much bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fresh := 0
	if p := l.packages[id]; p != nil && p.context == context {
		for key := range parts {
			if p.parts[key] == nil {
				fresh++
			}
		}
	} else {
		fresh = len(parts)
	}
	l.packages[id] = &packageParts{context, parts}
	return fresh*5 > len(parts)
}
