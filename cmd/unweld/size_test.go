package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkSize reports how large the program is that `go build ./cmd/unweld`
// makes, with its symbols.
func BenchmarkSize(b *testing.B) {
	bin := filepath.Join(b.TempDir(), "unweld")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(bin)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/1e6, "MB")
}
