package nats

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/scratch"
)

const (
	serverModule = "github.com/nats-io/nats-server/v2"
	// serverVersion is the release that is built where the machine has none, and
	// that the tests run on.
	serverVersion = "v2.15.2"
)

// tool is the program that links without an address need.
var tool = generate.Tool{
	Name: "nats-server", For: "running a split, or its tests, with links that name nats alone",
	Find: "it is built with Go when it is first needed; or install it: go install " + serverModule + "@" + serverVersion,
}

// serverBinary finds the server on PATH or among those that were built before,
// or builds it into the user's cache folder.
func serverBinary(ctx context.Context, progress func(string)) (string, error) {
	if path, err := exec.LookPath(tool.Name); err == nil {
		return path, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", unavailable(err.Error())
	}
	path := filepath.Join(cache, "unweld", "tools", tool.Name+"-"+serverVersion+executable)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if progress != nil {
		progress("building " + tool.Name + " " + serverVersion + ", once, into " + filepath.Dir(path))
	}
	if err := build(ctx, path); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", unavailable(err.Error())
	}
	return path, nil
}

func unavailable(reason string) error {
	return &component.UsageError{
		Object: tool.Name, Reason: "isn't on PATH and can't be built: " + reason,
		Hint: "install it, or give the link a whole address in the links of the split: nats://host:4222/subject",
	}
}

// build makes the server as `go install` does, with nothing of the module that
// unweld was called in, and moves it to its place when it is whole.
func build(ctx context.Context, path string) error {
	dir, remove, err := scratch.Dir("unweld-tool")
	if err != nil {
		return err
	}
	defer remove()
	cmd := exec.CommandContext(ctx, "go", "install", "-ldflags=-s -w", serverModule+"@"+serverVersion)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOFLAGS=", "GOWORK=off", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return errors.New(strings.TrimSpace(lines[len(lines)-1] + " (" + err.Error() + ")"))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return install(filepath.Join(dir, tool.Name+executable), path)
}

// install copies a program to a place that may be on another disk. Who looks
// there meanwhile finds nothing, or all of it.
func install(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(to), "new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o755), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), to)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
