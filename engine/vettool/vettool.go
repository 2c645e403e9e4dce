// Package vettool is the program that go vet runs for each package: the
// analyzers that need one package alone, on the contracts that unweld.yaml names.
// Without that file it has nothing to say.
//
// go vet caches results by tool, flags and sources, so the configuration is made
// part of the tool's version; where go vet runs above the module, -unweld.config
// with a hash of it does the same.
package vettool

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/unweld/unweld/analyzers/all"
	"github.com/unweld/unweld/internal/split"
)

// Main is the program. Its arguments are those of the process.
func Main() {
	root, data := configuration()
	if slices.Contains(os.Args[1:], "-V=full") {
		if err := printVersion(data); err != nil {
			fmt.Fprintln(os.Stderr, "unweld-vet:", err)
			os.Exit(1)
		}
		return
	}
	contracts, err := contractsOf(root, data)
	if err != nil && !slices.Contains(os.Args[1:], "-flags") { // cmd/go hides what is said then
		fmt.Fprintln(os.Stderr, "unweld-vet:", err)
		os.Exit(1)
	}
	flag.String("unweld.config", "", "`hash` of unweld.yaml, so that go vet's cache sees its changes")
	var rules []*analysis.Analyzer
	for _, a := range all.Analyzers {
		if a.Analysis == nil {
			continue // it takes the whole program
		}
		if err := a.Analysis.Flags.Set("contracts", strings.Join(contracts, ",")); err != nil {
			panic(err) // every rule made by hazard.Vet has the flag
		}
		rules = append(rules, a.Analysis)
	}
	unitchecker.Main(rules...)
}

// configuration returns the nearest folder upward with an unweld.yaml, and its
// content; both are empty when there is none.
func configuration() (root string, data []byte) {
	dir, err := os.Getwd()
	if err != nil {
		return "", nil
	}
	for {
		if data, err := os.ReadFile(filepath.Join(dir, split.FileName)); err == nil {
			return dir, data
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", nil
		}
		dir = up
	}
}

// printVersion answers -V=full in the form that cmd/go expects, with the hash
// of this program and of the configuration.
func printVersion(config []byte) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	program, err := os.ReadFile(exe)
	if err != nil {
		return err
	}
	h := sha256.New()
	h.Write(program)
	h.Write(config)
	name := strings.TrimSuffix(filepath.Base(exe), ".exe")
	fmt.Printf("%s version devel unweld buildID=%s\n", name, hex.EncodeToString(h.Sum(nil)))
	return nil
}

// contractsOf returns the contracts of a configuration as import/path.Name.
func contractsOf(root string, data []byte) ([]string, error) {
	if root == "" {
		return nil, nil
	}
	cfg, problems := split.Parse(filepath.Join(root, split.FileName), data)
	if err := split.Usage(problems); err != nil {
		return nil, err
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	var contracts []string
	for _, c := range cfg.Components {
		if c.Contract == "" {
			continue
		}
		target := c.Contract
		if rel, ok := strings.CutPrefix(target, "./"); ok {
			target = path.Join(modulePath(mod), rel)
		}
		contracts = append(contracts, target)
	}
	slices.Sort(contracts)
	return contracts, nil
}

// modulePath returns the path in the module line of a go.mod.
func modulePath(mod []byte) string {
	for line := range strings.Lines(string(mod)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "module" {
			return strings.Trim(f[1], `"`)
		}
	}
	return ""
}
