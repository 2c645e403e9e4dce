package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
)

// A Scan is a list of packages with a key of their content each, made without
// parsing or type-checking anything. Check then type-checks those whose
// results aren't known yet, one by one, so that no more than a few are in
// memory at a time.
type Scan struct {
	Packages []*Package // sorted by path, without syntax and types

	snap  *Snapshot
	keys  map[string]string // by package ID, of everything below
	local map[string]bool   // import paths whose source belongs to the workspace
}

const scanMode = packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedModule

// Scan lists the packages that match patterns (./... if there are none).
func (s *Snapshot) Scan(ctx context.Context, patterns ...string) (*Scan, error) {
	roots, err := s.list(s.config(ctx, scanMode), patterns)
	if err != nil {
		return nil, err
	}
	k := &keyer{snap: s, keys: map[string]string{}, local: map[string]bool{}}
	if k.base, k.goroot, err = s.buildIdentity(ctx); err != nil {
		return nil, err
	}
	sc := &Scan{snap: s, keys: k.keys, local: k.local}
	if s.Whole(patterns) {
		roots = append(roots, unlisted(roots)...)
	}
	for _, p := range roots {
		k.key(p)
		k.local[p.PkgPath] = true
		sc.Packages = append(sc.Packages, s.metadata(p))
	}
	slices.SortFunc(sc.Packages, func(a, b *Package) int { return strings.Compare(a.ID, b.ID) })
	return sc, nil
}

// Whole reports whether patterns ask for everything below Root.
func (s *Snapshot) Whole(patterns []string) bool {
	for _, p := range patterns {
		if dir, deep := strings.CutSuffix(p, "/..."); deep && filepath.Join(s.dir, filepath.FromSlash(dir)) == s.Root {
			return true
		}
	}
	return len(patterns) == 0 && s.dir == s.Root
}

// unlisted returns packages of the modules of roots that the build uses although
// ./... doesn't list them, sorted by ID: go.mod ignores their folder, its name
// begins with _ or ., or it is a symbolic link.
func unlisted(roots []*packages.Package) []*packages.Package {
	listed, modules := map[string]bool{}, map[string]bool{}
	for _, p := range roots {
		listed[p.ID] = true
		if inWorkspace(p) {
			modules[p.Module.Path] = true
		}
	}
	var more []*packages.Package
	packages.Visit(roots, func(p *packages.Package) bool {
		if !listed[p.ID] && inWorkspace(p) && modules[p.Module.Path] {
			more = append(more, p)
		}
		return true
	}, nil)
	return more
}

// Key identifies everything that the types and syntax of p depend on: its
// files, the packages it imports, the build configuration and the Go version.
func (sc *Scan) Key(p *Package) string { return sc.keys[p.ID] }

// Local reports whether the package with the given import path belongs to the
// module or workspace (or was asked for by name), as opposed to a dependency.
func (sc *Scan) Local(path string) bool { return sc.local[path] }

// buildIdentity describes the go command and its settings, and returns GOROOT.
func (s *Snapshot) buildIdentity(ctx context.Context) (identity, goroot string, err error) {
	cmd := exec.CommandContext(ctx, "go", "env", "-json", "GOVERSION", "GOOS", "GOARCH", "CGO_ENABLED", "GOFLAGS", "GOEXPERIMENT", "GOWORK", "GOAMD64", "GOARM64", "GOROOT")
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.Output()
	if err != nil {
		return "", "", &component.LoadError{Object: "go env", Reason: err.Error(), Hint: "install Go and put its bin directory on PATH"}
	}
	var env map[string]string
	if err := json.Unmarshal(out, &env); err != nil {
		return "", "", fmt.Errorf("go env: %w", err)
	}
	return fmt.Sprintf("%s tags=%s", out, strings.Join(s.tags, ",")), env["GOROOT"], nil
}

// A keyer computes keys bottom-up.
type keyer struct {
	snap   *Snapshot
	base   string
	goroot string
	keys   map[string]string
	local  map[string]bool
}

func (k *keyer) key(p *packages.Package) string {
	if key, ok := k.keys[p.ID]; ok {
		return key
	}
	k.keys[p.ID] = "" // import cycles are errors, but must not hang
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s %s\n", k.base, p.ID, p.Name)
	if m := p.Module; m != nil {
		fmt.Fprintf(h, "module %s %s %s\n", m.Path, m.Version, m.GoVersion)
	}
	if inWorkspace(p) {
		k.local[p.PkgPath] = true
	}
	if k.editable(p) {
		for _, list := range [][]string{p.GoFiles, p.OtherFiles, p.IgnoredFiles, p.EmbedFiles} {
			for _, f := range list {
				fmt.Fprintf(h, "file %s %s\n", filepath.Base(f), k.fileHash(f))
			}
		}
		for _, e := range p.Errors {
			fmt.Fprintf(h, "error %s %s\n", e.Pos, e.Msg)
		}
	}
	for _, path := range sortedKeys(p.Imports) {
		fmt.Fprintf(h, "import %s %s\n", path, k.key(p.Imports[path]))
	}
	key := hex.EncodeToString(h.Sum(nil))
	k.keys[p.ID] = key
	return key
}

func inWorkspace(p *packages.Package) bool { return p.Module != nil && p.Module.Main }

// editable reports whether the files of p can change while its module's
// version stays the same: workspace, replaced and vendored packages.
func (k *keyer) editable(p *packages.Package) bool {
	if p.Module == nil {
		return !strings.HasPrefix(p.Dir, k.goroot+string(filepath.Separator))
	}
	m := p.Module
	return m.Main || m.Version == "" || m.Replace != nil && m.Replace.Version == "" || !filepath.IsAbs(k.snap.Rel(p.Dir))
}

func (k *keyer) fileHash(abs string) change.Hash {
	data, ok := k.snap.overlay[abs]
	if !ok {
		var err error
		if data, err = os.ReadFile(abs); err != nil {
			return change.Hash(err.Error())
		}
	}
	return change.HashOf(data)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

const checkMode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps |
	packages.NeedModule | packages.NeedExportFile | packages.NeedTypesSizes

// Check parses and type-checks the given packages of the scan and calls visit
// with each, now with syntax and types, which visit must not keep. Calls may
// come from several goroutines; their order is not defined.
func (sc *Scan) Check(ctx context.Context, pkgs []*Package, visit func(*Package) error) error {
	if len(pkgs) == 0 {
		return nil
	}
	var paths []string
	for _, p := range pkgs {
		paths = append(paths, p.Pkg.Path)
	}
	roots, err := sc.snap.list(sc.snap.config(ctx, checkMode), paths)
	if err != nil {
		return err
	}
	c := newChecker(sc.snap, roots)
	return c.each(ctx, roots, visit)
}
