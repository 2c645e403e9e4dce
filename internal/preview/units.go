package preview

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/split"
)

// previewName is the split that a preview makes of units.
const previewName = "preview"

// adHoc puts the split of units into the configuration, under a name of its own.
// A package that units name becomes a component for that.
func (p *previewer) adHoc(ctx context.Context, units [][]string) error {
	if p.name != "" {
		return &component.UsageError{Object: "--unit", Reason: "makes a split of its own, so " + p.name + " can't be named beside it", Hint: "give either the name of a split, or units"}
	}
	cfg := *p.cfg
	cfg.Splits, cfg.Components = cloned(cfg.Splits), cloned(cfg.Components)
	declared := len(cfg.Components)
	made := split.Split{Units: map[string]split.Unit{}}
	claimed := map[string]string{}
	for _, items := range units {
		var components []string
		for _, item := range items {
			name, err := p.componentOf(&cfg, item)
			if err != nil {
				return err
			}
			if other, twice := claimed[name]; twice {
				return &component.UsageError{Object: "--unit", Reason: fmt.Sprintf("units %s and %s both claim %s", other, cmp.Or(append(components, name)...), name), Hint: "give each component to one unit"}
			}
			components = append(components, name)
			claimed[name] = components[0]
		}
		made.Units[components[0]] = split.Unit{Components: components}
	}
	addRest(made)
	cfg.Splits[previewName] = made
	p.cfg, p.name = &cfg, previewName
	if len(cfg.Components) == declared {
		return nil
	}
	var err error
	p.found, err = p.Find(ctx, p.cfg, false)
	return err
}

// undeclared puts monolith or micro into the configuration, where it has no split of that
// name and nothing is bound, so that planning knows none either.
func (p *previewer) undeclared() {
	if _, declared := p.cfg.Splits[p.name]; declared || len(p.Lock.Components) > 0 {
		return
	}
	made := split.Split{Units: map[string]split.Unit{}}
	if p.name == split.Micro {
		for name := range p.cfg.Components {
			made.Units[name] = split.Unit{Components: []string{name}}
		}
	}
	if p.name != split.Monolith && len(made.Units) == 0 {
		return
	}
	addRest(made)
	cfg := *p.cfg
	cfg.Splits = cloned(cfg.Splits)
	cfg.Splits[p.name] = made
	p.cfg = &cfg
}

// addRest adds a unit for what the others don't claim.
func addRest(s split.Split) {
	rest := split.MainUnit
	for s.Units[rest].Components != nil {
		rest += "2"
	}
	s.Units[rest] = split.Unit{Components: []string{"*"}}
}

// componentOf returns the component that an item of --unit names: by its name,
// or as a package, which is then declared in cfg.
func (p *previewer) componentOf(cfg *split.Config, item string) (string, error) {
	known := append(p.known(), p.Lock.Names()...)
	if slices.Contains(known, item) {
		return item, nil
	}
	dirs := slices.DeleteFunc(p.packages(), func(dir string) bool {
		return path.Clean(item) != dir && item != path.Base(dir) && item != path.Join(p.Path, dir)
	})
	switch {
	case len(dirs) > 1:
		return "", &component.UsageError{Object: "--unit", Reason: fmt.Sprintf("%q may be any of the packages %s", item, strings.Join(dirs, ", ")), Hint: "name its folder: ./" + dirs[0]}
	case len(dirs) == 1:
		name := path.Base(dirs[0])
		if slices.Contains(known, name) { // of another component
			name = strings.ReplaceAll(dirs[0], "/", "-")
		}
		cfg.Components[name] = split.Component{Packages: []string{"./" + dirs[0]}}
		return name, nil
	}
	e := &component.UsageError{Object: "--unit", Reason: fmt.Sprintf("%q is no component and no package", item), Hint: "unweld find lists the components"}
	if near := split.Nearest(item, known); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return "", e
}

// packages lists the folders of the packages that were found, sorted.
func (p *previewer) packages() []string {
	paths := slices.Clone(p.found.Shared)
	for _, c := range p.found.Components {
		paths = append(paths, c.Packages...)
	}
	var dirs []string
	for _, importPath := range paths {
		if dir, ok := strings.CutPrefix(importPath, p.Path+"/"); ok {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	return dirs
}
