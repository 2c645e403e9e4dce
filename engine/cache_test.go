package engine

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/unweld/unweld/internal/component"
)

// cachedModule writes a small module, and gives the test a cache of its own.
func cachedModule(t *testing.T) (dir string) {
	t.Helper()
	base := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", base)
	t.Setenv("HOME", base)
	t.Setenv("GOCACHE", goCache(t))
	dir = t.TempDir()
	for name, content := range map[string]string{
		"go.mod":  "module example.com/m\n\ngo 1.26\n",
		"a/a.go":  "package a\n\nimport \"sync\"\n\ntype T struct{ mu sync.Mutex; n []int }\n\nfunc (t *T) Set(ns []int) error { t.mu.Lock(); defer t.mu.Unlock(); ns[0] = 1; return g() }\n\nvar Count int\n\nfunc g() error { Count++; return nil }\n",
		"main.go": "package main\n\nimport \"example.com/m/a\"\n\nfunc main() { _ = new(a.T).Set([]int{a.Count}) }\n",
	} {
		putFile(t, filepath.Join(dir, name), content)
	}
	return dir
}

func putFile(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestCacheKeepsWhatWasFound: what comes out of the cache on disk is what went in.
func TestCacheKeepsWhatWasFound(t *testing.T) {
	dir := cachedModule(t)
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

// TestCacheKeepsComponents: what a later process takes from the disk is what it would find.
// Whatever that rests on changes, it isn't taken. An editor's session then makes up for what
// the next edit goes on from.
func TestCacheKeepsComponents(t *testing.T) {
	dir := cachedModule(t)
	find := func(off bool) (*Session, *component.Result) {
		t.Helper()
		s, err := Open(t.Context(), Options{Dir: dir, NoCache: off})
		if err != nil {
			t.Fatal(err)
		}
		found, err := s.Find(t.Context(), FindOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return s, found
	}
	main := "package main\n\nimport \"example.com/m/a\"\n\nfunc main() { _ = new(a.T).Set([]int{a.Count, 2}) }\n"
	for _, step := range []struct {
		what   string
		change func()
	}{
		{"nothing", func() {}},
		{"a body", func() { putFile(t, filepath.Join(dir, "main.go"), main) }},
		{"unweld.yaml", func() {
			putFile(t, filepath.Join(dir, "unweld.yaml"), "version: 1\ncomponents:\n  part: {packages: [./a]}\n")
		}},
		{"its contract", func() {
			putFile(t, filepath.Join(dir, "a", "b.go"), "package a\n\ntype C interface{ Set(ns []int) error }\n")
			putFile(t, filepath.Join(dir, "unweld.yaml"), "version: 1\ncomponents:\n  part: {packages: [./a], contract: ./a.C}\n")
		}},
	} {
		step.change()
		_, want := find(true)
		for i := range 2 {
			s, got := find(false)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: with a cache something else is found:\n%+v\nwant\n%+v", step.what, got, want)
			}
			if i > 0 && !s.living.recall.Load() {
				t.Errorf("%s: a second process took nothing from the disk", step.what)
			}
		}
	}
	s, want := find(false)
	if again, err := s.Find(t.Context(), FindOptions{}); err != nil || !reflect.DeepEqual(again, want) || !s.living.recall.Load() {
		t.Errorf("asked again before that, it finds %+v, %v", again, err)
	}
	if err := s.Prepare(t.Context(), nil); err != nil || s.living.recall.Load() {
		t.Errorf("what the next edit goes on from isn't known: %v", err)
	}
	if again, err := s.Find(t.Context(), FindOptions{}); err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("asked again after it, it finds %+v, %v", again, err)
	}
}
