package extract_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/refactor"
)

const (
	tankFile = "package tank\n\n// Tank holds.\ntype Tank struct{ n int }\n\nfunc New() *Tank { return &Tank{} }\n\n// Take takes one.\nfunc (t *Tank) Take() int { t.n++; return t.n }\n"
	mainFile = "package main\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/m/tank\"\n)\n\nfunc main() {\n\tt := tank.New()\n\tif t.Take() > 0 {\n\t\tfmt.Println(\"go on\")\n\t}\n}\n"
)

// extractTank extracts the tank of a module whose files edit has changed, and
// returns the files afterwards.
func extractTank(t *testing.T, edit func(string) string) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	module := &txtar.Archive{Files: []txtar.File{
		{Name: "go.mod", Data: []byte("module example.com/m\n\ngo 1.26\n")},
		{Name: "tank/tank.go", Data: []byte(edit(tankFile))},
		{Name: "main.go", Data: []byte(edit(mainFile))},
	}}
	if err := txtar.Write(module, dir); err != nil {
		t.Fatal(err)
	}
	set, err := run(t, dir, refactor.Request{Target: "./tank.Tank", Params: map[string]string{"name": "tank"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := change.Apply(dir, set); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range []string{"main.go", "tank/tank.go", "tank/service.go"} {
		if files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	goCommand(t, dir, "vet", "./...")
	return files
}

// TestLineEnds: files with the line ends of Windows keep them, a new file
// beside them has them, and what comes out is the same but for them.
func TestLineEnds(t *testing.T) {
	unix := extractTank(t, func(s string) string { return s })
	windows := extractTank(t, func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") })
	for name, content := range windows {
		if bytes.Count(content, []byte("\n")) != bytes.Count(content, []byte("\r\n")) {
			t.Errorf("%s has lines that end in a line feed alone:\n%q", name, content)
		}
		if got := bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")); !bytes.Equal(got, unix[name]) {
			t.Errorf("%s differs:\n%s\nwithout the line ends of Windows:\n%s", name, got, unix[name])
		}
	}
}

// TestUnformatted: of a file that gofmt would change only the new lines are
// indented, as those around them.
func TestUnformatted(t *testing.T) {
	files := extractTank(t, func(s string) string { return strings.Replace(s, "t := tank.New()", "t  :=  tank.New()", 1) })
	got := string(files["main.go"])
	if !strings.Contains(got, "\tt  :=  tank.New()\n") {
		t.Errorf("a line that has nothing to do with it was formatted:\n%s", got)
	}
	if want := "\tn, err := t.Take(context.Background())\n\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n\tif n > 0 {\n"; !strings.Contains(got, want) {
		t.Errorf("the new lines aren't indented:\n%s", got)
	}
}
