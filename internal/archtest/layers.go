// Package archtest checks that the module keeps to its architecture: which
// package may import which, who may write files, and how large functions and
// files may grow. The checks take a list of packages as data, so that the test
// of this package can show each of them failing.
//
// All but Codes look at imports and syntax only. Codes follows constants through
// type-checked code.
package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Module is the module path that the layers are written for.
const Module = "github.com/unweld/unweld"

// A Package is what the checks need of a package.
type Package struct {
	Path    string // import path
	Dir     string
	Imports []string // without those of tests
	Files   []string // absolute, without tests
	Cgo     bool
}

// rel is the package's path in the module; "." is its root.
func (p Package) rel() string { return relative(p.Path) }

func relative(importPath string) string {
	if importPath == Module {
		return "."
	}
	return strings.TrimPrefix(importPath, Module+"/")
}

// A layer is one row of the table: the packages in it and what of this module
// they may import. A pattern ending in /... covers the folder and all below.
type layer struct {
	row      int
	packages []string
	imports  []string
}

// layers is the table of ARCHITECTURE.md. The first matching line counts.
var layers = []layer{
	{0, []string{"internal/text", "internal/scratch", "internal/pack", "internal/scc", "internal/diskcache", "internal/corpus", "internal/debian", "internal/tmux", "internal/background", "internal/subprocess"}, nil},
	{1, []string{"internal/change", "internal/component"}, []string{"internal/text"}},
	{2, []string{"internal/source"}, rows01},
	{2, []string{"internal/effects"}, append([]string{"internal/source"}, rows01...)},
	{2, []string{"internal/callgraph"}, append([]string{"internal/source", "internal/crossing"}, rows01...)},
	{2, []string{"internal/crossing/behind"}, append([]string{"internal/source", "internal/effects", "internal/crossing/typeref"}, rows01...)},
	{2, []string{"internal/crossing/..."}, append([]string{"internal/effects", "internal/crossing/..."}, rows01...)},
	{2, []string{"internal/contract/comments"}, nil},
	{2, []string{"internal/contract/lookup"}, append([]string{"internal/source", "internal/effects", "internal/crossing/...", "internal/contract", "internal/contract/comments", "internal/lock", "internal/split"}, rows01...)},
	{2, []string{"internal/contract"}, append([]string{"internal/source", "internal/contract/comments", "internal/effects", "internal/crossing/..."}, rows01...)},
	{2, []string{"internal/split", "internal/schema", "internal/codes", "internal/cluster"}, rows01},
	{2, []string{"internal/prune"}, nil},
	{2, []string{"internal/matrix"}, rows01},
	{2, []string{"internal/corpus/used"}, []string{"internal/source"}},
	{2, []string{"internal/gomod"}, append([]string{"internal/scratch"}, rows01...)},
	{2, []string{"internal/lock"}, append([]string{"internal/split", "internal/schema"}, rows01...)},
	{2, []string{"internal/generate"}, append([]string{"internal/schema"}, rows01...)},
	{2, []string{"internal/revision"}, append([]string{"internal/source", "internal/scratch"}, rows01...)},
	{2, []string{"internal/patches"}, append([]string{"internal/scratch"}, rows01...)},
	{2, []string{"internal/verify/driver"}, nil},
	{2, []string{"internal/verify"}, append([]string{"internal/verify/driver", "internal/scratch", "internal/subprocess"}, rows01...)},
	{2, []string{"internal/generators"}, append([]string{"internal/revision", "internal/subprocess"}, rows01...)},
	{2, []string{"internal/rules"}, append([]string{"internal/source", "internal/split", "internal/lock"}, rows01...)},
	{2, []string{"internal/preview"}, append([]string{"internal/source", "internal/callgraph", "internal/crossing", "internal/split", "internal/lock"}, rows01...)},
	{2, []string{"internal/splittest"}, append([]string{"internal/split", "internal/scratch"}, rows01...)},

	{3, []string{"analyzers"}, append([]string{"internal/source", "internal/crossing/...", "internal/codes"}, rows01...)},
	{3, []string{"bindings", "stores", "deploy"}, append([]string{"internal/source", "internal/split", "internal/generate"}, rows01...)},
	{3, []string{"refactor"}, append([]string{"internal/source", "internal/split", "internal/effects"}, rows01...)},
	{4, []string{"analyzers/all"}, []string{"analyzers/..."}},
	{4, []string{"refactor/all"}, []string{"refactor/..."}},
	{4, []string{"bindings/all"}, []string{"bindings/..."}},
	{4, []string{"stores/all"}, []string{"stores/..."}},
	{4, []string{"deploy/all"}, []string{"deploy/..."}},
	{4, []string{"internal/describe"}, append([]string{"internal/source", "refactor"}, rows01...)},
	{4, []string{"internal/bind"}, slices.Concat(rows01, generators, []string{"internal/source", "internal/effects", "internal/split", "internal/gomod", "internal/lock", "internal/contract/lookup",
		"bindings", "bindings/codegen", "bindings/rt", "stores", "refactor/compose"})},
	{3, []string{"analyzers/..."}, append([]string{"internal/source", "internal/split", "internal/crossing/...", "internal/codes", "analyzers", "analyzers/summary", "analyzers/hazard", "analyzers/calls"}, rows01...)},
	{3, []string{"refactor/internal/archive"}, append([]string{"internal/source", "internal/split", "refactor"}, rows01...)},
	{3, []string{"refactor/internal/everywhere"}, append([]string{"internal/corpus/used", "internal/source", "internal/crossing/...", "refactor", "refactor/internal/..."}, rows01...)},
	{3, []string{"refactor/..."}, append([]string{"internal/source", "internal/crossing/...", "internal/contract", "internal/effects", "internal/generators", "internal/revision", "refactor", "refactor/internal/..."}, rows01...)},
	{3, []string{"bindings/conformance/..."}, append([]string{"bindings/..."}, generators...)},
	{3, []string{"bindings/rt"}, []string{"internal/generate"}},
	{3, []string{"bindings/rt/..."}, []string{"bindings/rt/..."}},
	{3, []string{"bindings/codegen/..."}, append([]string{"bindings", "internal/split", "bindings/rt/...", "bindings/codegen", "internal/prune"}, generators...)},
	{3, []string{"bindings/..."}, append([]string{"bindings", "internal/split", "bindings/rt/...", "bindings/codegen/...", "bindings/unix/rt", "bindings/grpc/rt", "internal/scratch"}, generators...)},
	{3, []string{"stores/..."}, append([]string{"stores", "internal/split", "stores/calllog", "stores/calllog/rt", "stores/commandlog/rt", "bindings/rt/...", "bindings/codegen"}, generators...)},
	{3, []string{"deploy/..."}, append([]string{"internal/split", "internal/generate", "deploy"}, rows01...)},

	{5, []string{"engine/..."}, []string{"internal/...", "analyzers/...", "refactor/...", "bindings/...", "stores/...", "deploy/...", "engine/..."}},
	{6, []string{"lsp/..."}, append([]string{"engine", "lsp/...", "internal/split", "internal/codes"}, rows01...)},
	{6, []string{"mcp"}, append([]string{"engine", "internal/split"}, rows01...)},
	{6, []string{"tui/..."}, append([]string{"engine", "tui/...", "internal/split", "internal/codes", "internal/matrix"}, rows01...)},
	{7, []string{"golangci"}, []string{"engine/vettool"}},
	{7, []string{"unweldtest"}, append([]string{"engine"}, rows01...)},
	{7, []string{"cmd/unweld"}, []string{"engine/...", "lsp", "mcp", "tui", "testdata/modules", "internal/change", "internal/codes", "internal/component", "internal/split", "internal/splittest", "internal/text", "internal/verify"}},

	// Beside the product: they see everything and nothing sees them.
	{9, []string{"internal/catalogue/...", "internal/archtest", "internal/bench/...", "internal/campaign/...", "internal/truth/...", "nvim"}, []string{"..."}},
	{9, []string{"internal/debian/fetch"}, []string{"internal/debian"}},
	{0, []string{"testdata/modules"}, nil},
}

var (
	rows01     = []string{"internal/text", "internal/scc", "internal/pack", "internal/background", "internal/change", "internal/component"}
	generators = append([]string{"internal/generate", "internal/schema"}, rows01...)
)

// outside lists modules that only some packages may import.
var outside = []struct {
	module string
	allow  []string
	why    string
}{
	{"golang.org/x/tools/go/packages", []string{"internal/source"}, "code is loaded by internal/source alone"},
	{"github.com/spf13/cobra", []string{"cmd/unweld"}, "the command line is the outermost layer"},
	{"charm.land", []string{"tui/..."}, "a terminal is known to tui alone"},
	{"github.com/charmbracelet", []string{"tui/..."}, "a terminal is known to tui alone"},
	{"go.lsp.dev", []string{"lsp/..."}, "editor protocols are known to lsp alone"},
	{"github.com/golangci", []string{"golangci"}, "plug-ins of golangci-lint are known to golangci alone"},
	{"github.com/modelcontextprotocol", []string{"mcp"}, "the protocol of agents is known to mcp alone"},
	{"github.com/sourcegraph/jsonrpc2", []string{"lsp/..."}, "editor protocols are known to lsp alone"},
	{"github.com/goccy/go-yaml", []string{"internal/split", "internal/generators"}, "unweld.yaml is read by internal/split alone, mockery's configuration by internal/generators"},
}

// plain are packages in which Go syntax and types are unknown.
var plain = []string{"internal/text", "internal/scratch", "internal/pack", "internal/scc", "internal/background", "internal/change", "internal/component", "internal/split", "internal/schema", "internal/generate", "internal/codes", "internal/cluster", "internal/matrix", "internal/lock",
	"bindings/...", "stores/...", "deploy/...", "lsp/...", "mcp", "tui/..."}

var syntaxPackages = []string{"go/ast", "go/types", "golang.org/x/tools/go/analysis"}

// CheckImports reports every import that the layers forbid.
func CheckImports(packages []Package) []string {
	var problems []string
	for _, p := range packages {
		l, ok := layerOf(p.rel())
		if !ok {
			problems = append(problems, fmt.Sprintf("%s: is in no layer; give it a row in internal/archtest", p.rel()))
			continue
		}
		for _, imported := range p.Imports {
			if why := forbidden(p.rel(), l, imported); why != "" {
				problems = append(problems, fmt.Sprintf("%s imports %s: %s", p.rel(), relative(imported), why))
			}
		}
	}
	return problems
}

func layerOf(rel string) (layer, bool) {
	for _, l := range layers {
		if within(rel, l.packages) {
			return l, true
		}
	}
	return layer{}, false
}

// forbidden says why a package of layer l may not import imported, or "".
func forbidden(rel string, l layer, imported string) string {
	if strings.HasPrefix(imported, Module+"/") || imported == Module {
		to := relative(imported)
		if strings.HasPrefix(to, rel+"/") || within(to, l.imports) {
			return "" // what lies below a package's own folder is part of it
		}
		return fmt.Sprintf("row %d may not", l.row)
	}
	for _, o := range outside {
		if under(imported, o.module) && !within(rel, o.allow) {
			return o.why
		}
	}
	if slices.Contains(syntaxPackages, imported) && within(rel, plain) {
		return "it works on plain data, without syntax or types"
	}
	return ""
}

func within(rel string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		dir, deep := strings.CutSuffix(p, "...")
		if !deep {
			return rel == p
		}
		return dir == "" || under(rel, path.Clean(dir))
	})
}

func under(importPath, root string) bool {
	return importPath == root || strings.HasPrefix(importPath, root+"/")
}
