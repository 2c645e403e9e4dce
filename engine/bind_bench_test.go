package engine

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/lock"
)

// BenchmarkBind binds one component of the shop to unix, and reports what that
// puts into the module: bytes of run-time, and the CPU with all child processes
// that building the module's own packages takes, against the same module before
// it was bound.
func BenchmarkBind(b *testing.B) {
	plain, bound := b.TempDir(), b.TempDir()
	copyTo(b, "../testdata/modules/shop", plain)
	edit := func(dir string, what func(*Session) (change.Set, error)) {
		b.Helper()
		s, err := Open(b.Context(), Options{Dir: dir})
		if err != nil {
			b.Fatal(err)
		}
		set, err := what(s)
		if err == nil {
			err = s.Apply(b.Context(), set)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	edit(plain, func(s *Session) (change.Set, error) {
		return s.Refactor(b.Context(), "extract", RefactorRequest{Target: "./pricing.Engine", Params: map[string]string{"name": "pricing"}})
	})
	copyTo(b, plain, bound)
	edit(bound, func(s *Session) (change.Set, error) {
		return s.Bind(b.Context(), BindOptions{Component: "pricing", To: []string{"unix"}})
	})
	ownBuild(b, plain) // compiles the dependencies
	ownBuild(b, bound)
	var before, after []usage
	for range 5 {
		before = append(before, ownBuild(b, plain))
		after = append(after, ownBuild(b, bound))
	}
	for b.Loop() { // what is reported was measured above
	}
	b.ReportMetric(float64(goBytes(b, filepath.Join(bound, lock.RuntimeFolder))), "runtime-bytes")
	b.ReportMetric(median(after).cpu.Seconds()/median(before).cpu.Seconds(), "build-cpu/unbound")
}

func copyTo(b *testing.B, from, to string) {
	b.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		b.Fatal(err)
	}
}

// ownBuild compiles and links a module in a folder that is new, so that the build
// cache has all of its dependencies and none of its own packages.
func ownBuild(b *testing.B, from string) usage {
	b.Helper()
	dir := b.TempDir()
	copyTo(b, from, dir)
	cmd := exec.Command("go", "build", "-o", os.DevNull, "./cmd/shop")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath=false")
	u := measure(b, cmd)
	if !cmd.ProcessState.Success() {
		b.Fatalf("%s doesn't build", from)
	}
	return u
}

func goBytes(b *testing.B, dir string) (total int64) {
	b.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && filepath.Ext(d.Name()) == ".go" {
			info, err := d.Info()
			if err != nil {
				return err
			}
			total += info.Size()
		}
		return err
	})
	if err != nil || total == 0 {
		b.Fatalf("%d bytes in %s: %v", total, dir, err)
	}
	return total
}
