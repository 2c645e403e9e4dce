package unweldtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A recorder is a test whose failure is looked at.
type recorder struct {
	testing.TB
	said  []string
	fatal bool
}

func (r *recorder) Helper() {}

func (r *recorder) Logf(format string, args ...any) {
	r.said = append(r.said, "log: "+fmt.Sprintf(format, args...))
}
func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = true
	r.Errorf(format, args...)
}
func (r *recorder) Fatal(args ...any) { r.Fatalf("%s", fmt.Sprint(args...)) }

func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const components = "version: 1\ncomponents:\n  a: {packages: [./a]}\n  b: {packages: [./b]}\nrules:\n  layers: [a, b]\n"

func files(yaml string) map[string]string {
	return map[string]string{"go.mod": "module example.com/m\n\ngo 1.26\n", "a/a.go": "package a\n\nfunc F() {}\n",
		"b/b.go": "package b\n\nimport \"example.com/m/a\"\n\nfunc G() { a.F() }\n", "unweld.yaml": yaml}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name, yaml, file, content string
		options                   []Option
		want                      string
		fatal                     bool
	}{
		{name: "kept", yaml: strings.Replace(components, "[a, b]", "[b, a]", 1)},
		{name: "broken", yaml: components, want: "b/b.go:5:14: rule-layers: b lies below a and may not use it"},
		{name: "other packages", yaml: components, options: []Option{Patterns("./a")}},
		{name: "accepted", yaml: components, file: "base.json", options: []Option{Baseline("base.json")},
			content: `{"version": 1, "violations": [{"rule": "rule-layers", "from": "example.com/m/b.G", "to": "example.com/m/a.F"}]}`},
		{name: "no such baseline", yaml: components, options: []Option{Baseline("base.json")}, want: "base.json: doesn't exist\nhint: ", fatal: true},
		{name: "a mistake", yaml: "version: 1\nrules: {layer: [a]}\n", want: "unweld.yaml:2:9: unknown key", fatal: true},
		{name: "doesn't load", yaml: components, file: "b/x.go", content: "package b\n\nvar _ int = \"\"\n", want: "b/x.go:3:13: ", fatal: true},
		{name: "no module", yaml: components, options: []Option{Dir("nowhere")}, want: "nowhere: is not a folder\nhint: ", fatal: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := files(c.yaml)
			if c.file != "" {
				all[c.file] = c.content
			}
			r := &recorder{TB: t}
			Check(r, append([]Option{Dir(module(t, all))}, c.options...)...)
			if got := strings.Join(r.said, "\n"); r.fatal != c.fatal || (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
				t.Errorf("said (fatal %t):\n%s\nwant %q", r.fatal, got, c.want)
			}
		})
	}
}

// TestThisModule holds unweld to its own rules, as people do with theirs.
func TestThisModule(t *testing.T) {
	if testing.Short() {
		t.Skip("it analyses all of unweld")
	}
	Check(t)
}
