package engine

import (
	"slices"
	"sync"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor"
)

// keptSites is how many parsed files requests about places share, each as it is
// now: an editor asks again at each move of the cursor, in the few files that its
// user looks at.
const keptSites = 3

// sites are the files that were looked at last. The zero value is ready; it may
// be used by several goroutines.
type sites struct {
	mu   sync.Mutex
	kept []keptSite // the latest last
}

type keptSite struct {
	file string
	hash change.Hash
	site *refactor.Site // nil for a file without a package clause
}

// at returns the site of a span, or nil.
func (k *sites) at(content []byte, hash change.Hash, span text.Span, codes []string) *refactor.Site {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range k.kept {
		if s.file == span.File && s.hash == hash {
			return s.site.At(span, codes)
		}
	}
	site := refactor.NewSite(content, span, codes)
	k.kept = slices.DeleteFunc(k.kept, func(s keptSite) bool { return s.file == span.File })
	k.kept = append(k.kept, keptSite{span.File, hash, site})
	if len(k.kept) > keptSites {
		k.kept = slices.Delete(k.kept, 0, 1)
	}
	return site
}
