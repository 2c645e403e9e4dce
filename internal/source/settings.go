package source

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// A build is what the go command says of itself.
type build struct {
	identity string // everything that decides what is compiled, and how
	goroot   string
	work     string // go.work, if there is one
	sizes    types.Sizes
	// lasting: what the go command says depends on nothing but what fingerprint
	// covers, so another process may take it over.
	lasting bool
}

// settings describes what the go command's answers depend on beside the source
// of the workspace: its environment, the files that `go env -w` and the
// distribution keep, the command itself, and whether there is a C compiler, by
// which it decides about cgo.
func (s *Snapshot) settings() string {
	h := sha256.New()
	for _, name := range s.variables() {
		value, _ := lookup(s.env, name)
		fmt.Fprintf(h, "%s=%s\n", name, value)
	}
	fmt.Fprintf(h, "tags=%q\n", s.tags)
	if file := s.configFile(); file != "" {
		s.note(h, file)
	}
	for _, program := range []string{"go", "gcc", "clang", "cc"} {
		fmt.Fprintf(h, "%s %s\n", program, identityOf(program))
	}
	return sum(h)
}

// variables are the names of the variables that the go command reads. GOWORK
// isn't among them: what counts is the file.
func (s *Snapshot) variables() []string {
	others := []string{"PATH", "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "CC", "CXX", "AR", "FC", "PKG_CONFIG"}
	seen := map[string]bool{}
	for _, kv := range s.env {
		name, _, _ := strings.Cut(kv, "=")
		if name != "GOWORK" && (strings.HasPrefix(name, "GO") || strings.HasPrefix(name, "CGO_") || slices.Contains(others, name)) {
			seen[name] = true
		}
	}
	return sortedKeys(seen)
}

// identityOf tells a program on the path from another of the same name.
func identityOf(program string) string {
	name, err := exec.LookPath(program)
	if err != nil {
		return "none"
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	info, err := os.Stat(name)
	if err != nil {
		return "none"
	}
	return fmt.Sprint(name, info.Size(), info.ModTime().UnixNano())
}

// identityVariables are those that decide what is compiled, and how.
var identityVariables = []string{"GOVERSION", "GOOS", "GOARCH", "CGO_ENABLED", "GOFLAGS", "GOEXPERIMENT", "GOWORK", "GOAMD64", "GOARM64", "GOROOT"}

// A keptEnv is what `go env` said once.
type keptEnv struct {
	Env       map[string]string // without GOWORK
	Workspace bool
	Root      string // a hash of the files of GOROOT that say what it is
}

// buildIdentity describes the go command and its settings.
func (s *Snapshot) buildIdentity(ctx context.Context) (*build, error) {
	key := s.envKey()
	if kept, ok := s.work.keptEnv(key); ok && kept.Root == s.distribution(kept.Env["GOROOT"]) {
		b := newBuild(kept.Env, kept.Workspace, s.tags)
		b.work, b.lasting = s.WorkFile(), true
		return b, nil
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"env", "-json"}, identityVariables...)...)
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.Output()
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, &component.LoadError{Object: "go env", Reason: err.Error(), Hint: "install Go and put its bin directory on PATH"}
	}
	var env map[string]string
	if err := json.Unmarshal(out, &env); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	work := env["GOWORK"]
	if work == "off" {
		work = ""
	}
	workspace := work != ""
	delete(env, "GOWORK")
	b := newBuild(env, workspace, s.tags)
	b.work = work
	b.lasting = work == s.WorkFile() && lasting(env)
	if b.lasting {
		s.work.keepEnv(key, keptEnv{env, workspace, s.distribution(b.goroot)})
	}
	return b, nil
}

// keptEnv returns what `go env` said before, here or in an earlier process.
func (w *Workspace) keptEnv(key string) (kept keptEnv, ok bool) {
	w.mu.Lock()
	kept, ok = w.env[key]
	w.mu.Unlock()
	if !ok && w.store != nil {
		ok = w.store.Read(key, &kept)
	}
	return kept, ok
}

// keepEnv keeps what `go env` said, in place of what it said to another question.
func (w *Workspace) keepEnv(key string, said keptEnv) {
	w.mu.Lock()
	w.env = map[string]keptEnv{key: said}
	w.mu.Unlock()
	if w.store != nil {
		w.store.Write(key, &said)
	}
}

// envKey is what the answer of `go env` depends on: the settings, and what go.mod
// or go.work say of the toolchain.
func (s *Snapshot) envKey() string {
	h := sha256.New()
	fmt.Fprintln(h, s.settings())
	s.note(h, filepath.Join(s.Root, "go.mod"))
	if work := s.WorkFile(); work != "" {
		s.note(h, work)
	}
	return "go env of " + sum(h)
}

func newBuild(env map[string]string, workspace bool, tags []string) *build {
	b := &build{goroot: env["GOROOT"], sizes: types.SizesFor("gc", env["GOARCH"])}
	for _, name := range slices.Sorted(slices.Values(identityVariables)) {
		value := env[name]
		if name == "GOWORK" && workspace { // where it lies makes no difference to what is compiled
			value = "on"
		}
		b.identity += name + "=" + value + "\n"
	}
	b.identity += "tags=" + strings.Join(tags, ",")
	return b
}

// lasting reports whether the go command is the one on the path, a release, and
// its flags lead to no other files. A wrapper may answer otherwise any time; so
// may a command that runs another version, because go.mod wants it.
func lasting(env map[string]string) bool {
	name, err := exec.LookPath("go")
	if err != nil {
		return false
	}
	name, err = filepath.EvalSymlinks(name)
	if err != nil {
		return false
	}
	goroot, err := filepath.EvalSymlinks(env["GOROOT"])
	if err != nil || filepath.Dir(filepath.Dir(name)) != goroot || !release.MatchString(env["GOVERSION"]) {
		return false
	}
	for f := range strings.FieldsSeq(env["GOFLAGS"]) {
		flag, _, _ := strings.Cut(strings.TrimLeft(f, "-"), "=")
		if !slices.Contains(harmless, flag) {
			return false
		}
	}
	return true
}

var (
	release  = regexp.MustCompile(`^go1(\.[0-9]+)*((beta|rc)[0-9]+)?$`)
	harmless = []string{"mod", "tags", "trimpath", "buildvcs", "race", "modcacherw"}
)

// distribution covers the files by which a GOROOT says what it is.
func (s *Snapshot) distribution(goroot string) string {
	h := sha256.New()
	for _, name := range []string{"VERSION", "go.env"} {
		s.note(h, filepath.Join(goroot, name))
	}
	return sum(h)
}
