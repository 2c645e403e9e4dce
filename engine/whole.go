package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/background"
	"github.com/unweld/unweld/internal/cluster"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// whole finds components, couplings and hazards in summaries. The first time in a process,
// and as long as nothing is known that an edit could go on from, it takes them from the
// disk, if an earlier process found them in the same summaries: see recall.
func (s *Session) whole(ctx context.Context, cfg *split.Config, options FindOptions, summaries []*component.Summary) (*component.Result, error) {
	opts := cluster.Options{Module: s.Module, Unit: options.Unit, Declared: declared(cfg, s.Root, summaries)}
	contracts, asked := contracts(cfg, s.Root, summaries), s.askedInOut()
	store, key := openCache(s.options.NoCache), ""
	first := s.living.found.Load() == nil
	if len(options.Patterns) == 0 {
		opts.Memory = &s.living.clusters
		if first || s.living.recall.Load() {
			key = s.wholeKey(opts, contracts, asked, summaries)
		}
	}
	if key != "" {
		found := new(component.Result)
		if store.Read(key, found) {
			s.living.recall.Store(true)
			return found, nil
		}
	}
	found := cluster.Find(summaries, opts)
	if err := background.Yield(ctx); err != nil {
		return nil, err
	}
	found.AddHazards(s.programHazards(found, summaries, contracts, asked))
	if opts.Memory != nil {
		s.living.recall.Store(false)
	}
	if first && key != "" {
		store.Write(key, found)
	}
	return found, nil
}

// wholeKey identifies everything that whole finds components in; it is empty where a
// summary isn't kept on disk.
func (s *Session) wholeKey(opts cluster.Options, contracts map[component.DeclID]string, asked map[string][]string, summaries []*component.Summary) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n", opts.Module, cmp.Or(opts.Unit, "package"))
	for _, sum := range summaries {
		key := s.living.keyOf(sum)
		if key == "" || len(sum.Problems) > 0 {
			return ""
		}
		fmt.Fprintf(h, "package %s %s\n", sum.Package.Path, key)
	}
	for _, path := range slices.Sorted(maps.Keys(opts.Declared)) {
		fmt.Fprintf(h, "declared %s %q\n", path, opts.Declared[path])
	}
	for _, id := range slices.SortedFunc(maps.Keys(contracts), component.DeclID.Compare) {
		fmt.Fprintf(h, "contract %q %q %q\n", id.Pkg, id.Name, contracts[id])
	}
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		fmt.Fprintf(h, "asked %q %s\n", name, strings.Join(asked[name], " "))
	}
	return "found in " + hex.EncodeToString(h.Sum(nil))
}

// recall finds out what the next edit goes on from, if what was found came from the disk.
func (s *Session) recall(ctx context.Context) error {
	if !s.living.recall.Load() {
		return nil
	}
	cfg, _, err := s.Config()
	if err != nil {
		return nil // the analysis says so
	}
	summaries, err := s.summaries(ctx, nil)
	if err != nil || !s.living.recall.CompareAndSwap(true, false) {
		return err
	}
	if _, err = s.whole(ctx, cfg, FindOptions{}, summaries); err != nil {
		s.living.recall.Store(true)
	}
	return err
}
