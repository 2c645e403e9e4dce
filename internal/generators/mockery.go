package generators

import (
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/unweld/unweld/internal/text"
)

// ConfigNames are the names of the files that mockery looks for.
var ConfigNames = []string{".mockery.yaml", ".mockery.yml", "mockery.yaml", "mockery.yml"}

// A mockeryConfig is what such a file says of packages.
type mockeryConfig struct {
	packages map[string]mockeryPackage // nil: it doesn't list them, as until version 2.20
}

type mockeryPackage struct {
	recursive, all bool
	interfaces     map[string]bool
}

// ReadConfig returns the directive that a configuration of mockery is, or nil where it
// can't be read.
func ReadConfig(rel string, content []byte) *Directive {
	var file struct {
		All       bool `yaml:"all"`
		Recursive bool `yaml:"recursive"`
		Packages  map[string]*struct {
			Config struct {
				All       *bool `yaml:"all"`
				Recursive *bool `yaml:"recursive"`
			} `yaml:"config"`
			Interfaces map[string]any `yaml:"interfaces"`
		} `yaml:"packages"`
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		return nil
	}
	c := &mockeryConfig{}
	if len(file.Packages) > 0 {
		c.packages = map[string]mockeryPackage{}
	}
	for name, p := range file.Packages {
		is := mockeryPackage{recursive: file.Recursive, all: file.All, interfaces: map[string]bool{}}
		if p != nil {
			if p.Config.All != nil {
				is.all = *p.Config.All
			}
			if p.Config.Recursive != nil {
				is.recursive = *p.Config.Recursive
			}
			for i := range p.Interfaces {
				is.interfaces[i] = true
			}
		}
		c.packages[name] = is
	}
	return &Directive{Span: text.Span{File: rel, Line: 1, Col: 1}, Tool: Mockery, config: c}
}

// covers reports whether mocks of an interface are written.
func (c *mockeryConfig) covers(i Interface) bool {
	if c.packages == nil {
		return true
	}
	for name, p := range c.packages {
		if name == i.Package && (p.all || p.interfaces[i.Name]) || p.recursive && strings.HasPrefix(i.Package, name+"/") {
			return true
		}
	}
	return false
}
