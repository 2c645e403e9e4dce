package source

import (
	"cmp"
	"context"
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
)

// LoadOptions refine one Load.
type LoadOptions struct {
	Tests bool // also load test files: the test variants of packages, and external test packages
	// Once: the snapshot is what a change would lead to. Later requests don't go on
	// from what is checked for it.
	Once bool
	// Apart: with Tests, the function bodies of a package that aren't in test files are
	// checked in the package itself and not again in its variant for its tests, whose
	// Syntax lacks them. That takes half of the time and memory.
	Apart bool
}

// A Package is one package with its syntax and types. Packages of one Load
// share the file set and the identity of types.
type Package struct {
	ID      string // unique in one Load: "p", "p [p.test]", "p_test [p.test]"
	Pkg     component.Package
	Module  string // path of its module; "std" for the standard library
	ForTest string // import path of the package under test, for test variants

	Types  *types.Package
	Info   *types.Info
	Sizes  types.Sizes
	Syntax []*ast.File // parallel to GoFiles where every file parsed
	Fset   *token.FileSet

	GoFiles      []string // files of this build, relative to Root, sorted as the go command lists them
	IgnoredFiles []string // Go files that build constraints leave out
	OtherFiles   []string // assembly, C and so on
	Imports      []string // import paths, sorted

	// Problems are errors of listing, parsing and type-checking. A package with
	// problems still has what could be made of it.
	Problems []component.Problem
	// Stale: a file is no longer what it was when its key was made; what is said
	// of the package must not be kept under that key.
	Stale bool
	// Unsaved: a file of it is laid over the disk.
	Unsaved bool

	// Kept: the check is kept by the Store, to begin with after an edit.
	Kept bool

	// Outline identifies everything that stands outside of function bodies and what
	// it means, apart from where it stands; empty if that isn't known. Places are those of all
	// declarations of the files, in order. Both are given by Check.
	Outline string
	Places  []text.Span

	// DeclInfo is of the declarations where Check gives Info of function bodies alone;
	// otherwise the same as Info.
	DeclInfo *types.Info

	held     []*parsed                 // keeps the positions of Syntax known
	imported map[string]*types.Package // by path, as the files of it name it
	failed   bool                      // the type checker found errors
	listed   *listing                  // of Load: what it was loaded with
}

// IllTyped reports whether the package has problems, so that its types are
// incomplete.
func (p *Package) IllTyped() bool { return p.failed || len(p.Problems) > 0 }

// FilesOf returns the absolute names of the Go files of the package with an import
// path, of the same build, if p was loaded by Load together with it or with what
// imports it; nil otherwise. Nothing of them is read.
func (p *Package) FilesOf(path string) []string {
	if p.listed == nil {
		return nil
	}
	m := p.listed.packages[path]
	if m == nil {
		return nil
	}
	return slices.Concat(m.GoFiles, m.CompiledGoFiles)
}

// ImportsOf returns the import paths of what the package with an import path imports,
// sorted, as FilesOf knows it.
func (p *Package) ImportsOf(path string) []string {
	if p.listed == nil || p.listed.packages[path] == nil {
		return nil
	}
	var out []string
	for _, q := range p.listed.packages[path].imports {
		out = append(out, q.PkgPath)
	}
	slices.Sort(out)
	return out
}

func (s *Snapshot) config(ctx context.Context, mode packages.LoadMode) *packages.Config {
	env, flags := s.modFile()
	cfg := &packages.Config{Mode: mode, Context: ctx, Dir: s.dir, Env: env, BuildFlags: flags, Overlay: s.overlay}
	if len(s.tags) > 0 {
		cfg.BuildFlags = append(cfg.BuildFlags, "-tags="+strings.Join(s.tags, ","))
	}
	return cfg
}

// ask runs the go command and returns the root packages, sorted by ID,
// without the mains that it makes up for tests.
func (s *Snapshot) ask(cfg *packages.Config, patterns []string) ([]*packages.Package, error) {
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	what := strings.Join(patterns, " ")
	patterns = s.Expand(patterns)
	roots, err := packages.Load(cfg, patterns...)
	if cfg.Context.Err() != nil {
		return nil, context.Cause(cfg.Context)
	}
	if err != nil {
		// Where the module can't be read, go/packages asks again outside of it.
		if strings.Contains(err.Error(), "only valid when using modules") {
			err = errors.New(cmp.Or(s.listFailure(cfg, patterns), err.Error()))
		}
		return nil, s.loadError(what, err)
	}
	roots = slices.DeleteFunc(roots, func(p *packages.Package) bool { return isTestMain(p) || isScratch(p) })
	slices.SortFunc(roots, func(a, b *packages.Package) int { return strings.Compare(a.ID, b.ID) })
	if len(roots) == 0 {
		if said := s.listFailure(cfg, patterns); said != "" {
			return nil, s.loadError(what, errors.New(said))
		}
		return nil, &component.LoadError{Object: what, Reason: "no packages matched", Hint: "see what matches: go list " + what}
	}
	if problems, none := s.nothingFound(roots); none {
		hint := "see what matches: go list " + what
		if slices.ContainsFunc(problems, func(p component.Problem) bool { return strings.Contains(p.Message, inWorkFile) }) {
			hint = leaveOut
		}
		return nil, &component.LoadError{Object: what, Reason: "no packages could be loaded", Hint: hint, Problems: problems}
	}
	return roots, nil
}

// Expand replaces DIR/... where DIR lies in no module of the workspace, which the go
// command refuses, by the modules of the workspace below DIR.
func (s *Snapshot) Expand(patterns []string) []string {
	if s.Module != "" {
		return patterns
	}
	used := s.workspace()
	var out []string
	for _, p := range patterns {
		out = append(out, s.modulesBelow(p, used)...)
	}
	return out
}

// modulesBelow is Expand of one pattern; used are the folders of the modules.
func (s *Snapshot) modulesBelow(pattern string, used []string) []string {
	dir, deep := strings.CutSuffix(pattern, "/...")
	if !deep || dir != "." && dir != ".." && !strings.HasPrefix(dir, "./") && !strings.HasPrefix(dir, "../") {
		return []string{pattern}
	}
	above := folder(s.dir, dir)
	var out []string
	for _, use := range used {
		if within(above, use) {
			return []string{pattern}
		}
		if rel, err := filepath.Rel(s.dir, use); err == nil && within(use, above) {
			out = append(out, "./"+path.Join(filepath.ToSlash(rel), "..."))
		}
	}
	if len(out) == 0 {
		return []string{pattern} // the go command says what is wrong
	}
	return out
}

// within reports whether a file or folder is dir or lies below it.
func within(name, dir string) bool {
	rel, err := filepath.Rel(dir, name)
	return err == nil && filepath.IsLocal(rel)
}

// isTestMain reports whether p is the main package that the go command writes
// for a test binary.
func isTestMain(p *packages.Package) bool {
	return p.Name == "main" && strings.HasSuffix(p.ID, ".test")
}

// nothingFound reports whether not one of the roots has a Go file.
func (s *Snapshot) nothingFound(roots []*packages.Package) ([]component.Problem, bool) {
	var problems []component.Problem
	for _, p := range roots {
		if len(p.GoFiles) > 0 || len(p.IgnoredFiles) > 0 && len(p.Errors) == 0 {
			return nil, false
		}
		problems = append(problems, s.problems(p)...)
	}
	return component.SortProblems(problems), true
}

// What the go command says where a module of the workspace is broken: then it
// loads none of them.
const (
	inWorkFile = "listed in go.work file"
	leaveOut   = "repair that module, or leave it out: go work edit -dropuse DIR"
)

// loadError turns what the go command said into an error with a next step.
func (s *Snapshot) loadError(what string, err error) error {
	msg := s.Shorten(strings.TrimSpace(err.Error()))
	if i := strings.Index(msg, "stderr: "); i >= 0 {
		msg = msg[i+len("stderr: "):]
	}
	hint := "see the go command's errors: go list " + what
	switch {
	case strings.Contains(msg, "executable file not found"):
		hint = "install Go and put its bin directory on PATH"
	case strings.Contains(msg, "build cache is required"):
		hint = "set HOME, or GOCACHE to a folder for the build cache"
	case strings.Contains(msg, inWorkFile):
		hint = leaveOut
	case strings.Contains(msg, "go mod tidy"), strings.Contains(msg, "missing go.sum entry"):
		hint = "run: go mod tidy"
	case strings.Contains(msg, "inconsistent vendoring"):
		hint = "run: go mod vendor"
	}
	return &component.LoadError{Object: what, Reason: strings.TrimSpace(msg), Hint: hint}
}

// metadata converts everything but syntax and types.
func (s *Snapshot) metadata(p *packages.Package) *Package {
	q := &Package{
		ID:           p.ID,
		Pkg:          component.Package{Path: p.PkgPath, Name: p.Name, Dir: s.Rel(p.Dir)},
		Module:       "std",
		ForTest:      p.ForTest,
		GoFiles:      s.relAll(p.GoFiles),
		IgnoredFiles: s.relAll(goOnly(p.IgnoredFiles)),
		OtherFiles:   s.relAll(p.OtherFiles),
		Problems:     s.problems(p),
	}
	if p.Module != nil {
		q.Module = p.Module.Path
	}
	for path := range p.Imports {
		q.Imports = append(q.Imports, path)
	}
	slices.Sort(q.Imports)
	return q
}

func (s *Snapshot) relAll(files []string) []string {
	var rels []string
	for _, f := range files {
		rels = append(rels, s.Rel(f))
	}
	return rels
}

func goOnly(files []string) []string {
	return slices.DeleteFunc(slices.Clone(files), func(f string) bool { return filepath.Ext(f) != ".go" })
}

// problems converts the errors of one package.
func (s *Snapshot) problems(p *packages.Package) []component.Problem {
	var ps []component.Problem
	for _, e := range p.Errors {
		ps = append(ps, component.Problem{
			Code:     errorCode(e),
			Severity: component.Error,
			Span:     s.spanAt(e.Pos),
			Message:  s.Shorten(strings.TrimSpace(e.Msg)),
		})
	}
	return component.SortProblems(ps)
}

// Shorten makes the paths in what the go command says relative to Root, as those
// of spans are, and leaves the folders out that it makes for itself.
func (s *Snapshot) Shorten(said string) string {
	said = strings.ReplaceAll(said, s.Root+string(filepath.Separator), "")
	for _, temp := range temporary() {
		said = temp.ReplaceAllString(said, "")
	}
	return said
}

// temporary finds the folders in which the go command, and what drives it, keep copies of
// files while they work.
var temporary = sync.OnceValue(func() []*regexp.Regexp {
	all := []*regexp.Regexp{regexp.MustCompile(`\$WORK/b\d+/`)}
	dirs := []string{os.TempDir()}
	if real, err := filepath.EvalSymlinks(dirs[0]); err == nil && real != dirs[0] {
		dirs = append(dirs, real)
	}
	for _, dir := range dirs {
		all = append(all, regexp.MustCompile(regexp.QuoteMeta(dir+string(filepath.Separator))+`(?:go-build|gocommand-|gopackages-)[^\s:]*[/\\]`))
	}
	return all
})

// EmbedMissing is the code of a go:embed directive that finds nothing. The package has all
// its types, so that it can be analysed and changed, but it doesn't build.
const EmbedMissing = "embed-missing"

// noEmbed is how the go command says that a pattern of go:embed finds nothing.
var noEmbed = regexp.MustCompile(`^pattern \S+: (no matching files found|cannot embed )`)

func errorCode(e packages.Error) string {
	switch {
	case e.Kind == packages.ParseError:
		return "parse-error"
	case e.Kind == packages.TypeError:
		return "type-error"
	case noEmbed.MatchString(e.Msg):
		return EmbedMissing
	}
	return "list-error"
}

// spanAt parses "file:line:col", "file:line", "-" or nothing.
func (s *Snapshot) spanAt(pos string) text.Span {
	if pos == "" || pos == "-" {
		return text.Span{}
	}
	file, line, col := pos, 0, 0
	if i := strings.LastIndexByte(file, ':'); i > 0 {
		if n, err := strconv.Atoi(file[i+1:]); err == nil {
			file, line = file[:i], n
		}
	}
	if i := strings.LastIndexByte(file, ':'); i > 0 && line > 0 {
		if n, err := strconv.Atoi(file[i+1:]); err == nil {
			file, line, col = file[:i], n, line
		}
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(s.dir, file)
	}
	return text.Span{File: s.Rel(file), Line: line, Col: max(col, 1)}
}
