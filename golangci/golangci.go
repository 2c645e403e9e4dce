// Package golangci is a module plug-in of golangci-lint v2: the rules that `unweld vet`
// runs, as one linter with the name unweld. `golangci-lint custom` builds a
// golangci-lint with it, from a .custom-gcl.yml:
//
//	version: v2.15.0
//	plugins:
//	  - module: github.com/unweld/unweld
//	    import: github.com/unweld/unweld/golangci
//	    version: v1.0.0
//
// and .golangci.yml turns it on:
//
//	version: "2"
//	linters:
//	  enable: [unweld]
//	  settings:
//	    custom:
//	      unweld: {type: module, description: what can't cross a process}
//
// The contracts that it looks at are those of unweld.yaml. Without the file it says nothing.
package golangci

import (
	"fmt"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/unweld/unweld/engine/vettool"
)

func init() { register.Plugin("unweld", New) }

type plugin struct{}

// New returns the plug-in. It has no settings: what is to be said stands in unweld.yaml.
func New(settings any) (register.LinterPlugin, error) {
	if given, ok := settings.(map[string]any); settings != nil && (!ok || len(given) > 0) {
		return nil, fmt.Errorf("unweld: has no settings here: unweld.yaml has them")
	}
	return plugin{}, nil
}

// GetLoadMode says that the rules need types.
func (plugin) GetLoadMode() string { return register.LoadModeTypesInfo }

// BuildAnalyzers returns the linter, and an analyzer that says nothing: its name has a hash of
// the configuration. golangci-lint keeps what linters said of a package by their names, and
// would know nothing of a change of unweld.yaml.
func (plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	rules, config, err := vettool.Rules()
	if err != nil {
		return nil, err
	}
	silent := func(*analysis.Pass) (any, error) { return nil, nil }
	return []*analysis.Analyzer{
		linter(rules),
		{Name: "unweld_" + config, Doc: "says nothing: its name stands for the content of unweld.yaml", Run: silent},
	}, nil
}

// linter is all rules as one analyzer. The names of analyzers are identifiers, and the codes of
// rules aren't: what a rule says begins with its code.
func linter(rules []vettool.Rule) *analysis.Analyzer {
	a := &analysis.Analyzer{Name: "unweld", Doc: "reports what can't cross a process, by the contracts of unweld.yaml", URL: "https://github.com/unweld/unweld/blob/main/docs/hazards.md"}
	for _, rule := range rules {
		a.FactTypes = append(a.FactTypes, rule.FactTypes...)
	}
	a.Run = func(pass *analysis.Pass) (any, error) {
		for _, rule := range rules {
			own := *pass
			own.Analyzer = rule.Analyzer
			own.Report = vettool.Heed(pass, rule.Code)
			if _, err := rule.Run(&own); err != nil {
				return nil, fmt.Errorf("%s: %w", rule.Code, err)
			}
		}
		return nil, nil
	}
	return a
}
