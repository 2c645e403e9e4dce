package engine

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// A Completion is a word that can stand at a place of unweld.yaml.
type Completion = split.Completion

// CompleteConfig lists what can stand at an offset of unweld.yaml as the session sees it,
// and where the word begins that is being written. It knows the code as it was looked at
// last, and analyses nothing.
func (s *Session) CompleteConfig(offset int) (all []Completion, start int) {
	content, _, err := s.snap.Content(split.FileName)
	if err != nil {
		return nil, offset
	}
	words := split.Words{}
	cfg := s.lastConfig()
	words.Components = slices.Sorted(maps.Keys(cfg.Components))
	if o := s.LastOverview(); o != nil {
		words.Splits = o.Splits
		for i := range o.Found.Components {
			c := &o.Found.Components[i]
			if _, declared := cfg.Components[c.Name]; !declared {
				words.Components = append(words.Components, c.Name)
				words.Undeclared = append(words.Undeclared, c.Name)
			}
			for _, e := range c.Endpoints {
				words.Endpoints = append(words.Endpoints, c.Name+"."+e.Name[strings.LastIndexByte(e.Name, '.')+1:])
			}
		}
		for p := range o.packages {
			words.Packages = append(words.Packages, split.Relative(s.Module, p))
		}
		for subject := range o.endpoints {
			if subject.Member != "" {
				words.Contracts = append(words.Contracts, split.Relative(s.Module, subject.Decl.Pkg)+"."+subject.Decl.Name)
			}
		}
	}
	for _, list := range []*[]string{&words.Components, &words.Endpoints, &words.Packages, &words.Contracts} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return split.Complete(content, offset, words, Terms())
}

// lastConfig is what can be understood of unweld.yaml.
func (s *Session) lastConfig() *split.Config {
	c, err := s.configuration()
	if err != nil || c.config == nil {
		return &split.Config{Version: 1}
	}
	return c.config
}

// A ConfigElement is something in unweld.yaml, and what it stands for in the code.
type ConfigElement struct {
	split.Element
	About string      // what is known of it, in a few words of Markdown
	To    []text.Span // where what it names is declared: packages, a contract, a component
}

// ConfigAt says what stands at an offset of unweld.yaml.
func (s *Session) ConfigAt(offset int) (ConfigElement, bool) {
	cfg := s.lastConfig()
	e, ok := cfg.ElementAt(offset)
	if !ok {
		return ConfigElement{}, false
	}
	return s.resolved(cfg, s.LastOverview(), e), true
}

// ConfigLinks lists the patterns and contracts of unweld.yaml that name something.
func (s *Session) ConfigLinks() []ConfigElement {
	cfg, o := s.lastConfig(), s.LastOverview()
	var out []ConfigElement
	for _, pattern := range []string{"components.*.packages.*", "components.*.contract", "rules.private.*"} {
		for _, e := range cfg.Elements(pattern) {
			if r := s.resolved(cfg, o, e); len(r.To) > 0 {
				out = append(out, r)
			}
		}
	}
	return out
}

// resolved finds what an element names.
func (s *Session) resolved(cfg *split.Config, o *Overview, e split.Element) ConfigElement {
	r := ConfigElement{Element: e}
	p := e.Path
	value := func(i int) string { // of a list at the path before its index
		var list []string
		switch {
		case len(p) == 4 && p[0] == "components":
			list = cfg.Components[p[1]].Packages
		case len(p) == 3 && p[1] == "private":
			list = cfg.Rules.Private
		case len(p) == 3 && p[1] == "layers":
			list = cfg.Rules.Layers
		case len(p) == 4 && p[1] == "allow":
			list = cfg.Rules.Allow[p[2]]
		case len(p) == 6 && p[0] == "splits" && p[4] == "components":
			list = cfg.Splits[p[1]].Units[p[3]].Components
		}
		if i < 0 || i >= len(list) {
			return ""
		}
		return list[i]
	}
	index := -1
	if n := len(p); n > 0 {
		fmt.Sscanf(p[n-1], "%d", &index)
	}
	switch {
	case len(p) == 4 && p[0] == "components" && p[2] == "packages", len(p) == 3 && p[0] == "rules" && p[1] == "private":
		s.packagesOf(&r, o, value(index))
	case len(p) == 3 && p[0] == "components" && p[2] == "contract" && o != nil:
		if at, ok := o.contracts[p[1]]; ok {
			r.To = []text.Span{at}
		}
	case e.Key && len(p) == 2 && p[0] == "components":
		componentOf(&r, cfg, o, p[1])
	case value(index) != "":
		componentOf(&r, cfg, o, value(index))
	case e.Key && (len(p) == 3 && p[1] == "allow" || len(p) == 4 && p[2] == "links"):
		componentOf(&r, cfg, o, p[len(p)-1])
	}
	return r
}

// packagesOf finds the packages that a pattern matches.
func (s *Session) packagesOf(r *ConfigElement, o *Overview, pattern string) {
	if o == nil || pattern == "" {
		return
	}
	var names []string
	for _, importPath := range slices.Sorted(maps.Keys(o.packages)) {
		at := o.packages[importPath]
		if at.IsValid() && split.Covers(s.Root, pattern, component.Package{Path: importPath, Dir: path.Dir(at.File)}) {
			r.To = append(r.To, at)
			names = append(names, "`"+split.Relative(s.Module, importPath)+"`")
		}
	}
	switch n := len(names); {
	case n == 0:
		r.About = "matches no package"
	case n <= 12:
		r.About = fmt.Sprintf("%s: %s", count(n, "package", "packages"), strings.Join(names, ", "))
	default:
		r.About = fmt.Sprintf("%d packages: %s and %d more", n, strings.Join(names[:10], ", "), n-10)
	}
}

// componentOf says what is known of a component: its entry is where its name leads to, and
// from there the code.
func componentOf(r *ConfigElement, cfg *split.Config, o *Overview, name string) {
	entry := cfg.At("components", name)
	if _, declared := cfg.Components[name]; declared && entry != r.Span {
		r.To = []text.Span{entry}
	}
	if o == nil {
		return
	}
	i := slices.IndexFunc(o.Found.Components, func(c component.Found) bool { return c.Name == name })
	if i < 0 {
		return
	}
	c := &o.Found.Components[i]
	if at := o.At(c); len(r.To) == 0 && at.IsValid() {
		r.To = []text.Span{at}
	}
	r.About = fmt.Sprintf("component **%s**: %s, %s", name, count(len(c.Packages), "package", "packages"), count(len(c.Endpoints), "endpoint", "endpoints"))
	if users := o.usersOf(name); len(users) > 0 {
		r.About += ", used by " + strings.Join(users, ", ")
	}
	if n := o.hazardsOf(name); n > 0 {
		r.About += ", " + count(n, "hazard", "hazards")
	}
	if unit := o.Unit(name); unit != "" {
		r.About += fmt.Sprintf("; in split %s it runs in %s", o.Split, unit)
	}
}
