package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/rules"
	"github.com/unweld/unweld/internal/split"
)

// An Initial is the unweld.yaml that Init proposes, and what could not be
// loaded when it was made.
type Initial struct {
	Set        change.Set
	Components int
	Problems   []component.Problem
}

// Init proposes an unweld.yaml with the components that Find proposes, and
// with rules that allow what each of them uses today: Check accepts the code as
// it is, and reports every use that is new. It refuses when there is a file
// already.
func (s *Session) Init(ctx context.Context) (*Initial, error) {
	if _, ok, err := s.Config(); err != nil || ok {
		if ok && err == nil {
			err = &component.UsageError{Object: split.FileName, Reason: "exists already", Hint: "edit it, or delete it to start again"}
		}
		return nil, err
	}
	code, err := s.codeUnder(ctx, &split.Config{Version: 1})
	if err != nil {
		return nil, err
	}
	found := code.Found
	content, err := s.proposed(code)
	if err != nil {
		return nil, err
	}
	set := change.Set{Title: "write " + split.FileName,
		Files: []change.File{{Path: split.FileName, Op: change.Create, Content: content}}}
	return &Initial{set, len(found.Components), found.Problems}, nil
}

// proposed is the configuration for code as it is now. Its patterns say which component the
// packages are in that only other builds have, so what these use is known after them.
func (s *Session) proposed(code *rules.Code) ([]byte, error) {
	cfg, problems := split.Parse(split.FileName, configFor(code.Found, s.Module, code.Imports()))
	if err := split.Usage(problems); err != nil {
		return nil, fmt.Errorf("bug: the proposed configuration is invalid: %w", err)
	}
	return configFor(code.Found, s.Module, s.codeOf(cfg, code.Summaries, code.Found, code.Folders).Imports()), nil
}

const configHead = `# The components of this module, as unweld found them. The file is yours: rename,
# merge and split them as you see fit. unweld find shows what comes of it, and
# unweld check holds the code to it.
version: 1
`

const configRules = `rules:
  # What each component uses today. Take an entry away to forbid the use; a
  # component that isn't listed may use all others.
  allow:
`

const configTail = `  # layers: [web, domain, storage]   # from top to bottom: only downward use
  # private: [internal/orders/db]    # folders that only their own component may use

# Which parts run in one process, once unweld bind has been there. "*" is all
# that no other unit claims.
# splits:
#   monolith: {units: {all: {components: ["*"]}}}
#   micro:
#     units:
#       main: {components: ["*"]}
#       %[1]s: {components: [%[1]s]}
#     links: {%[1]s: unix}
`

// configFor writes a configuration for people to edit.
func configFor(found *component.Result, module string, imports map[string][]string) []byte {
	var b strings.Builder
	b.WriteString(configHead)
	if len(found.Components) == 0 {
		return []byte(b.String())
	}
	owners := packageOwners(found, module)
	b.WriteString("components:\n")
	for _, c := range found.Components {
		writePatterns(&b, c.Name, owners.patterns(c.Name))
	}
	if len(found.Shared) > 0 {
		b.WriteString("# Used by many and owned by none, so in no component:\n")
	}
	for _, p := range found.Shared {
		fmt.Fprintf(&b, "#   %s\n", split.Relative(module, p))
	}
	writeAllow(&b, found, imports)
	fmt.Fprintf(&b, configTail, found.Components[len(found.Components)-1].Name)
	return []byte(b.String())
}

// writeAllow lists what each component uses in this build, and what its tests and
// the files of other builds import.
func writeAllow(b *strings.Builder, found *component.Result, uses map[string][]string) {
	for _, c := range found.Couplings {
		uses[c.From] = append(uses[c.From], c.To)
	}
	b.WriteString(configRules)
	for _, c := range found.Components {
		slices.Sort(uses[c.Name])
		uses[c.Name] = slices.Compact(uses[c.Name])
		fmt.Fprintf(b, "    %s: [%s]\n", c.Name, strings.Join(uses[c.Name], ", "))
	}
}

func writePatterns(b *strings.Builder, name string, patterns []string) {
	if line := fmt.Sprintf("  %s: {packages: [%s]}\n", name, strings.Join(patterns, ", ")); len(line) <= 100 {
		b.WriteString(line)
		return
	}
	fmt.Fprintf(b, "  %s:\n    packages:\n", name)
	for _, p := range patterns {
		fmt.Fprintf(b, "      - %s\n", p)
	}
}

// owners says which component packages are in, as ./folder; shared ones in "".
type owners struct {
	packages map[string][]string // by component
	divided  map[string]bool     // folders with packages of several, themselves included
}

func packageOwners(found *component.Result, module string) owners {
	o := owners{packages: map[string][]string{}, divided: map[string]bool{}}
	first := map[string]string{} // folder -> component of a package there or below
	add := func(path, name string) {
		pkg := split.Relative(module, path)
		o.packages[name] = append(o.packages[name], pkg)
		for dir := pkg; strings.HasPrefix(dir, "./"); dir = dir[:strings.LastIndexByte(dir, '/')] {
			if other, ok := first[dir]; !ok {
				first[dir] = name
			} else if other != name {
				o.divided[dir] = true
			}
		}
	}
	for _, p := range found.Shared {
		add(p, "")
	}
	for _, c := range found.Components {
		for _, p := range c.Packages {
			add(p, c.Name)
		}
	}
	return o
}

// patterns lists the packages of a component, whole folders as ./folder/... where
// nothing below belongs to anyone else: what is added there later is in it too.
func (o owners) patterns(name string) []string {
	var all []string
	for _, p := range o.packages[name] {
		all = append(all, o.widest(p))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// widest returns the pattern of the topmost folder around a package in which all
// packages are its owner's, or the package itself.
func (o owners) widest(pkg string) string {
	widest := pkg
	for dir := pkg; strings.HasPrefix(dir, "./") && !o.divided[dir]; dir = dir[:strings.LastIndexByte(dir, '/')] {
		widest = dir + "/..."
	}
	return widest
}
