// Package vettool is the program that go vet runs for each package: the
// analyzers that need one package alone, on the contracts that unweld.yaml names.
// Without that file it has nothing to say.
//
// go vet caches results by tool, flags and sources, so the configuration is made
// part of the tool's version; where go vet runs above the module, -unweld.config
// with a hash of it does the same.
package vettool

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"

	allanalyzers "github.com/unweld/unweld/analyzers/all"
	"github.com/unweld/unweld/bindings"
	allbindings "github.com/unweld/unweld/bindings/all"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/split"
)

// Env names a variable that is set in the environment of a program which go vet is
// to run as its tool: to the root of the module or workspace that unweld vet works in.
const Env = "UNWELD_VETTOOL"

// Asked reports whether a program's arguments are those by which go vet asks its tool: for
// its version, its flags, or what it says of a package.
func Asked(args []string) bool {
	if len(args) == 0 {
		return false
	}
	if slices.ContainsFunc(args[:len(args)-1], func(arg string) bool { return !strings.HasPrefix(arg, "-") }) {
		return false
	}
	last := args[len(args)-1]
	return last == "-V=full" || last == "-flags" || filepath.Base(last) == "vet.cfg"
}

// Main is the program. Its arguments are those of the process.
func Main() {
	root, data, err := configuration()
	if err == nil && slices.Contains(os.Args[1:], "-V=full") {
		exitOn(printVersion(root, data))
		return
	}
	exitOn(err)
	outside, err := isOutside(os.Args[len(os.Args)-1])
	exitOn(err)
	rules, err := rulesOf(root, data)
	if !slices.Contains(os.Args[1:], "-flags") { // cmd/go hides what is said then
		exitOn(err)
	}
	flag.String("unweld.config", "", "`hash` of unweld.yaml, so that go vet's cache sees its changes")
	var all []*analysis.Analyzer
	for _, rule := range rules {
		named := underItsCode(rule.Code, rule.Analyzer)
		if outside {
			named.FactTypes = nil // so it isn't run
		}
		all = append(all, named)
	}
	unitchecker.Main(all...)
}

// A Rule is a rule that looks at one package at a time, with its code. It is the
// caller's, but for its flags.
type Rule struct {
	Code string
	*analysis.Analyzer
}

// Rules returns the rules under the unweld.yaml that counts in the current folder, and a
// hash of all that decides, beside the code, what they say. Without the file they say nothing.
func Rules() (rules []Rule, config string, err error) {
	root, data, err := configuration()
	if err != nil {
		return nil, "", err
	}
	h := sha256.New()
	if err := hashConfig(h, root, data); err != nil {
		return nil, "", err
	}
	rules, err = rulesOf(root, data)
	return rules, hex.EncodeToString(h.Sum(nil)), err
}

// rulesOf returns the rules for a configuration. If it can't be read they know of no
// component, and the error says why.
func rulesOf(root string, data []byte) ([]Rule, error) {
	config, failed := componentsOf(root, data)
	var rules []Rule
	for _, a := range allanalyzers.Analyzers {
		if a.Analysis == nil {
			continue // it takes the whole program
		}
		if err := config.set(a.Analysis); err != nil {
			panic(err) // every rule made by package hazard has the flags
		}
		rule := *a.Analysis
		rules = append(rules, Rule{a.Name, &rule})
	}
	return rules, failed
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "unweld:", err)
		os.Exit(1)
	}
}

// isOutside reports whether what go vet asks for are the facts of a package of
// the standard library or of a dependency. There are none: as in find, rules look
// at the modules that are worked on. Yet a change of unweld.yaml has go vet ask for
// all of them again. unit describes the package, in unitchecker's form.
func isOutside(unit string) (bool, error) {
	if !strings.HasSuffix(unit, ".cfg") {
		return false, nil
	}
	data, err := os.ReadFile(unit)
	if err != nil {
		return false, err
	}
	var cfg unitchecker.Config
	if err := json.Unmarshal(data, &cfg); err != nil {
		return false, fmt.Errorf("%s: %w", unit, err)
	}
	return cfg.VetxOnly && (cfg.ModulePath == "" || cfg.ModuleVersion != ""), nil
}

// configuration returns the root of the module or workspace that counts, and the
// content of its unweld.yaml: the one that unweld vet works in, otherwise the
// nearest upward that has the file. Without the file both are empty.
func configuration() (root string, data []byte, err error) {
	if root := os.Getenv(Env); root != "" {
		if data, err = read(root, split.FileName); data == nil {
			root = ""
		}
		return root, data, err
	}
	dir, err := os.Getwd()
	for err == nil {
		if isFile(filepath.Join(dir, "go.mod")) || isFile(filepath.Join(dir, "go.work")) {
			if data, err := read(dir, split.FileName); data != nil || err != nil {
				return dir, data, err
			}
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	return "", nil, err
}

// read returns the content of a file in root, nil where there is none.
func read(root, name string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(root, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && data == nil {
		data = []byte{}
	}
	return data, err
}

// hashConfig writes the configuration, and what else counts with it, to a hash.
func hashConfig(h io.Writer, root string, config []byte) error {
	all := [][]byte{config}
	for _, name := range []string{lock.Name, "go.work"} {
		data, err := read(root, name)
		if err != nil {
			return err
		}
		all = append(all, data)
	}
	_, err := h.Write(bytes.Join(all, nil))
	return err
}

// printVersion answers -V=full in the form that cmd/go expects, with the hash
// of this program, of the configuration, and of what else counts with it: which
// modules there are, and unweld.lock, which says what travels back.
func printVersion(root string, config []byte) error {
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
	if err := hashConfig(h, root, config); err != nil {
		return err
	}
	name := strings.TrimSuffix(filepath.Base(exe), ".exe")
	fmt.Printf("%s version devel unweld buildID=%s\n", name, hex.EncodeToString(h.Sum(nil)))
	return nil
}

// components are what unweld.yaml says of them, as the rules' flags take it.
type components struct {
	contracts []string // import/path.Name
	named     []string // name=import/path.Name
	members   []string // name=import/path, or name=import/path/...
	inOut     []string // name=Method.param, or name=all
}

// set sets the flags of a rule.
func (c components) set(a *analysis.Analyzer) error {
	if a.Flags.Lookup("components") == nil {
		if err := a.Flags.Set("carries", carried()); err != nil {
			return err
		}
		return a.Flags.Set("contracts", strings.Join(c.contracts, ","))
	}
	if err := a.Flags.Set("components", strings.Join(c.members, ",")); err != nil {
		return err
	}
	if err := a.Flags.Set("inout", strings.Join(c.inOut, ",")); err != nil {
		return err
	}
	return a.Flags.Set("contracts", strings.Join(c.named, ","))
}

// carried is what the bindings carry beside values, as the rules' flags take it.
func carried() string {
	var list []string
	for _, c := range bindings.Carriers(allbindings.Bindings, nil).All {
		for _, mode := range c.Modes {
			list = append(list, c.Name+"="+string(mode))
		}
	}
	return strings.Join(list, ",")
}

// componentsOf reads a configuration.
func componentsOf(root string, data []byte) (components, error) {
	var out components
	if root == "" {
		return out, nil
	}
	cfg, problems := split.Parse(filepath.Join(root, split.FileName), data)
	if err := split.Usage(problems); err != nil {
		return out, err
	}
	t, err := treeAt(root)
	if err != nil {
		return out, err
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Components)) {
		c := cfg.Components[name]
		if contract, ok := t.contract(c.Contract); ok {
			if wrong := t.missing(contract); wrong != "" {
				return out, fmt.Errorf("%s: contract %s: %s", cfg.At("components", name, "contract"), c.Contract, wrong)
			}
			out.contracts = append(out.contracts, contract)
			out.named = append(out.named, name+"="+contract)
		}
		for _, p := range c.Packages {
			for _, full := range t.importPaths(p) {
				out.members = append(out.members, name+"="+full)
			}
		}
	}
	slices.Sort(out.contracts)
	l, _, err := lock.Read(root)
	if err != nil {
		return out, err
	}
	for _, name := range slices.Sorted(maps.Keys(l.Components)) {
		if part := l.Components[name]; part != nil {
			for _, argument := range part.InOut {
				out.inOut = append(out.inOut, name+"="+argument)
			}
		}
	}
	return out, nil
}

// missing says why a contract of the modules, as import/path.Name, isn't there, or
// "". go vet shows one package at a time, so nobody else would.
func (t tree) missing(contract string) string {
	dot := strings.LastIndexByte(contract, '.')
	dir, inside := t.inModule(contract[:dot])
	if !inside {
		return ""
	}
	files, _ := filepath.Glob(filepath.Join(t.root, filepath.FromSlash(dir), "*.go"))
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return "" // the compiler says what is wrong
		}
		if kind, found := source.Declared(f, contract[dot+1:]); kind != "" {
			return contract[dot+1:] + " is " + kind + ", and a contract is an interface"
		} else if found {
			return ""
		}
	}
	if len(files) == 0 {
		return "no such package in this module"
	}
	return "package " + contract[:dot] + " declares no " + contract[dot+1:]
}
