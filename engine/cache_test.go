package engine

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// TestCacheKeepsWhatWasFound: what comes out of the cache on disk is what went in.
func TestCacheKeepsWhatWasFound(t *testing.T) {
	base := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", base)
	t.Setenv("HOME", base)
	t.Setenv("GOCACHE", goCache(t))
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod":  "module example.com/m\n\ngo 1.26\n",
		"a/a.go":  "package a\n\nimport \"sync\"\n\ntype T struct{ mu sync.Mutex; n []int }\n\nfunc (t *T) Set(ns []int) error { t.mu.Lock(); defer t.mu.Unlock(); ns[0] = 1; return g() }\n\nvar Count int\n\nfunc g() error { Count++; return nil }\n",
		"main.go": "package main\n\nimport \"example.com/m/a\"\n\nfunc main() { _ = new(a.T).Set([]int{a.Count}) }\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	summaries := func(off bool) ([]*component.Summary, int64) {
		t.Helper()
		s, err := Open(context.Background(), Options{Dir: dir, NoCache: off})
		if err != nil {
			t.Fatal(err)
		}
		all, err := s.summaries(context.Background(), nil)
		if err != nil || len(all) != 2 || len(all[0].Facts)+len(all[1].Facts) == 0 {
			t.Fatalf("%d summaries: %v", len(all), err)
		}
		return all, s.snap.Counters().Checked
	}
	fresh, _ := summaries(true)
	if _, checked := summaries(false); checked != 2 {
		t.Errorf("%d packages checked with an empty cache", checked)
	}
	kept, checked := summaries(false)
	if checked != 0 {
		t.Errorf("%d packages checked though nothing changed", checked)
	}
	if !reflect.DeepEqual(fresh, kept) {
		t.Errorf("out of the cache came\n%+v\nwant\n%+v", kept, fresh)
	}
}
