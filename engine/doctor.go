package engine

import (
	"context"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	allbindings "github.com/unweld/unweld/bindings/all"
	alltargets "github.com/unweld/unweld/deploy/all"
	"github.com/unweld/unweld/internal/generate"
	allstores "github.com/unweld/unweld/stores/all"
)

// A Tool is a program that some part of unweld needs.
type Tool struct {
	Name     string `json:"name"`
	For      string `json:"for"` // what needs it
	Required bool   `json:"required"`
	OK       bool   `json:"ok"`
	Version  string `json:"version,omitempty"`
	Problem  string `json:"problem,omitempty"`
	Hint     string `json:"hint,omitempty"`
}

// oldestGo is the first Go release whose runtime the generated code needs
// (weak pointers and runtime.AddCleanup).
const oldestGo = "1.24"

type probe struct {
	Tool
	args    []string
	oldest  string
	missing string // the hint when the program isn't there
}

var probes = []probe{
	{Tool: Tool{Name: "go", For: "everything", Required: true}, args: []string{"version"}, oldest: oldestGo,
		missing: "install Go from https://go.dev/dl"},
	{Tool: Tool{Name: "git", For: "check --since, .ci/run"}, args: []string{"--version"},
		missing: "install git, for example: apt-get install git"},
	{Tool: Tool{Name: "gcc", For: "modules that use cgo; unweld pack; tests under the race detector"}, args: []string{"--version"},
		missing: "install a C compiler, for example: apt-get install gcc"},
	{Tool: Tool{Name: "nvim", For: "the Neovim client and its test"}, args: []string{"--version"},
		missing: "install Neovim, for example: apt-get install neovim"},
	{Tool: Tool{Name: "node", For: "building the VS Code extension"}, args: []string{"--version"}, oldest: "18",
		missing: "install Node.js 18 or newer"},
	{Tool: Tool{Name: "code", For: "the VS Code extension"}, args: []string{"--version"},
		missing: "install VS Code from https://code.visualstudio.com"},
}

// Doctor looks for the programs that unweld, its editors, its tests and its
// plug-ins need. It needs no module.
func Doctor(ctx context.Context) []Tool {
	var tools []Tool
	for _, p := range slices.Concat(probes, pluginProbes()) {
		tools = append(tools, p.run(ctx))
	}
	return tools
}

// pluginProbes look for what the tables of plug-ins name, each program once.
func pluginProbes() []probe {
	var list []probe
	add := func(owner string, tools []generate.Tool) {
		for _, t := range tools {
			what := owner + ": " + t.For
			if i := slices.IndexFunc(list, func(p probe) bool { return p.Name == t.Name }); i >= 0 {
				list[i].For += "; " + what
				continue
			}
			args := t.Version
			if len(args) == 0 {
				args = []string{"--version"}
			}
			list = append(list, probe{Tool: Tool{Name: t.Name, For: what}, args: args, missing: t.Find})
		}
	}
	for _, b := range allbindings.Bindings {
		add("binding "+b.Name, b.Tools)
	}
	for _, s := range allstores.Stores {
		add("store "+s.Name, s.Tools)
	}
	for _, t := range alltargets.Targets {
		add("target "+t.Name, t.Tools)
	}
	slices.SortFunc(list, func(a, b probe) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func (p probe) run(ctx context.Context) Tool {
	t := p.Tool
	path, err := exec.LookPath(t.Name)
	if err != nil {
		t.Problem, t.Hint = "not found", p.missing
		return t
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, p.args...)
	out, err := cmd.Output()
	if err != nil {
		t.Problem, t.Hint = "does not run: "+err.Error(), p.missing
		return t
	}
	t.Version = versionIn(string(out))
	t.OK = true
	if p.oldest != "" && semver.Compare("v"+t.Version, "v"+p.oldest) < 0 {
		t.OK, t.Problem, t.Hint = false, "is older than "+p.oldest, p.missing
	}
	return t
}

var versionPattern = regexp.MustCompile(`\d+\.\d+(\.\d+)?`)

// versionIn finds the version number in what a program prints of itself.
func versionIn(out string) string {
	line, _, _ := strings.Cut(out, "\n")
	return versionPattern.FindString(line)
}
