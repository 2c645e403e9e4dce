package source

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

// modFile takes -modfile out of the flags that the go command reads from the
// environment and returns it as a flag of the command itself: go/packages asks
// some of its questions outside of modules, where the flag is an error.
func (s *Snapshot) modFile() (env, flags []string) {
	value, ok := lookup(s.env, "GOFLAGS")
	if !ok {
		value = s.configured("GOFLAGS")
	}
	var rest []string
	for _, f := range strings.Fields(value) {
		if name := strings.TrimPrefix(f, "-"); strings.HasPrefix(name, "modfile=") || strings.HasPrefix(name, "-modfile=") {
			flags = append(flags, "-"+strings.TrimPrefix(name, "-"))
			continue
		}
		rest = append(rest, f)
	}
	if len(flags) == 0 {
		return s.env, nil
	}
	return append(s.Env(), "GOFLAGS="+strings.Join(rest, " ")), flags
}

// lookup returns the value of a variable in an environment: the last counts.
func lookup(env []string, name string) (value string, ok bool) {
	for _, kv := range env {
		if v, found := strings.CutPrefix(kv, name+"="); found {
			value, ok = v, true
		}
	}
	return value, ok
}

// configured returns what `go env -w` set for a variable, or "".
func (s *Snapshot) configured(name string) string {
	data, err := os.ReadFile(s.configFile())
	if err != nil {
		return ""
	}
	value, _ := lookup(strings.Split(strings.ReplaceAll(string(data), "\r", ""), "\n"), name)
	return value
}

// configFile is where `go env -w` writes, or "".
func (s *Snapshot) configFile() string {
	file, ok := lookup(s.env, "GOENV")
	switch {
	case file == "off":
		return ""
	case ok && file != "":
		return file
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "go", "env")
}

// listFailure asks the go command why it lists no packages. It returns the first line
// of what it complains of, or "" where it finds that there are none.
func (s *Snapshot) listFailure(cfg *packages.Config, patterns []string) string {
	args := append([]string{"list"}, cfg.BuildFlags...)
	if cfg.Mode&packages.NeedExportFile != 0 {
		args = append(args, "-export")
	}
	ctx := cfg.Context
	if ctx == nil {
		ctx = context.Background()
	}
	cmd := exec.CommandContext(ctx, "go", append(append(args, "--"), patterns...)...)
	cmd.Dir, cmd.Env = cfg.Dir, cfg.Env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if cmd.Run() == nil {
		return ""
	}
	line, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
	return strings.TrimPrefix(line, "go: ")
}

// isScratch reports whether a package is a file of an overlay that go/packages
// wrote for the go command: it is below the module where the folder for temporary
// files is.
func isScratch(p *packages.Package) bool {
	temp := os.TempDir()
	if real, err := filepath.EvalSymlinks(temp); err == nil {
		temp = real
	}
	rel, err := filepath.Rel(temp, p.Dir)
	return err == nil && strings.HasPrefix(rel, "gocommand-")
}
