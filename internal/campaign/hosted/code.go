package hosted

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A Code is a package whose tests are run.
type Code struct {
	Path    string // its import path
	Version string // of its module; empty for the standard library
	Module  string // that it is of
}

// Codes are the packages that the page is about.
var Codes = []Code{
	{Path: "archive/zip"},
	{Path: "compress/flate"},
	{Path: "encoding/csv"},
	{Path: "github.com/BurntSushi/toml", Module: "github.com/BurntSushi/toml", Version: "v1.6.0"},
	{Path: "github.com/google/cel-go/cel", Module: "github.com/google/cel-go", Version: "v0.30.0"},
	{Path: "github.com/hashicorp/golang-lru/v2", Module: "github.com/hashicorp/golang-lru/v2", Version: "v2.0.7"},
	{Path: "github.com/yuin/gopher-lua", Module: "github.com/yuin/gopher-lua", Version: "v1.1.1"},
	{Path: "golang.org/x/text/unicode/norm", Module: "golang.org/x/text", Version: "v0.43.0"},
}

// explained says of tests that fail elsewhere what about them can't be had there. One that
// isn't in the list is a fault.
var explained = map[string]string{
	"golang.org/x/text/unicode/norm TestSpan":      otherSentinel,
	"golang.org/x/text/unicode/norm TestTransform": otherSentinel,
}

const otherSentinel = "the error is a variable of golang.org/x/text/transform, which the contract doesn't mention: it comes back with the same text, as another value"

// String is the import path, with the version of its module.
func (c Code) String() string {
	if c.Version == "" {
		return c.Path
	}
	return c.Path + " (" + c.Module + "@" + c.Version + ")"
}

// modulePath is that of the scratch module.
const modulePath = "example.com/hosted"

// Folders of the scratch module: tests that were in the package, and those that were
// beside it, whose declarations may have the same names.
const (
	insideFolder  = "inside"
	outsideFolder = "outside"
)

// prepare writes the scratch module without tests, and returns the package's folder.
func (c Code) prepare(ctx context.Context, root string) (dir string, err error) {
	if err := writeFile(filepath.Join(root, "go.mod"), "module "+modulePath+"\n\ngo 1.26\n"); err != nil {
		return "", err
	}
	for _, folder := range []string{insideFolder, outsideFolder} {
		if err := writeFile(filepath.Join(root, folder, folder+".go"), "// Package "+folder+" has tests.\npackage "+folder+"\n"); err != nil {
			return "", err
		}
	}
	if c.Module != "" {
		if _, err := goCommand(ctx, root, "get", c.Path+"@"+c.Version); err != nil {
			return "", err
		}
	}
	out, err := goCommand(ctx, root, "list", "-find", "-json=Dir", c.Path)
	if err != nil {
		return "", err
	}
	var listed struct{ Dir string }
	err = json.Unmarshal(out, &listed)
	return listed.Dir, err
}

// goCommand runs the go command, and returns what it prints.
func goCommand(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return out, err
}

func writeFile(path, content string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}
