package commandlog

import (
	"path/filepath"
	"testing"
)

func BenchmarkKill50(b *testing.B) {
	for b.Loop() {
		acknowledged, lost := harness.Kill(b, filepath.Join(b.TempDir(), "c.db"), 50)
		b.ReportMetric(float64(acknowledged), "acknowledged")
		b.ReportMetric(float64(lost), "lost")
	}
}
