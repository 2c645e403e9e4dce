package catalogue

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/unweld/unweld/refactor"
)

// example renders the archive testdata/example.txtar of the refactoring's folder,
// which its tests run: the module before, and what the refactoring writes. A
// refactoring without one has an empty example.
func example(root string, r *refactor.Refactoring) (string, error) {
	name := filepath.Join(root, "refactor", strings.ReplaceAll(r.Name, "-", ""), "testdata", "example.txtar")
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	ar := txtar.Parse(data)
	sentence, command := "", "unweld refactor "+r.Name
	for line := range strings.Lines(string(ar.Comment)) {
		line = strings.TrimSpace(line)
		if target, ok := strings.CutPrefix(line, "target: "); ok {
			command += " " + quoted(target)
		} else if params, ok := strings.CutPrefix(line, "params: "); ok {
			for p := range strings.FieldsSeq(params) {
				name, value, _ := strings.Cut(p, "=")
				command += " --" + name + " " + quoted(value)
			}
		} else if line != "" {
			sentence += line + "\n"
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "### Before and after\n\n%s\n", sentence)
	diff := false
	for _, f := range ar.Files {
		switch content := bytes.TrimSpace(f.Data); f.Name {
		case "diff":
			diff = true
			fmt.Fprintf(&b, "`%s` writes:\n\n```diff\n%s\n```\n", command, content)
		case "notes":
			fmt.Fprintf(&b, "`%s` says:\n\n```\n%s\n```\n\n", command, content)
		default:
			if !strings.HasSuffix(f.Name, "_test.go") {
				fmt.Fprintf(&b, "```go\n// %s\n%s\n```\n\n", f.Name, content)
			}
		}
	}
	if !diff {
		return "", fmt.Errorf("%s: no diff in it", name)
	}
	return b.String(), nil
}

// quoted is a word as one would write it in a shell.
func quoted(word string) string {
	if strings.ContainsAny(word, "{};*'") {
		return "'" + word + "'"
	}
	return word
}
