package vettool

import (
	"flag"

	"golang.org/x/tools/go/analysis"
)

// underItsCode returns a rule that goes by its code, as everywhere else: in the text of
// what it reports, as the key of -json, and as a flag. The name that go/analysis
// checks is an identifier, so that the code takes its place only when it runs.
func underItsCode(code string, a *analysis.Analyzer) *analysis.Analyzer {
	rule := *a
	if code != a.Name {
		flag.Var(alias(a.Name), code, "enable "+code+" analysis")
	}
	rule.Run = func(pass *analysis.Pass) (any, error) {
		rule.Name = code
		p := *pass
		p.Report = Heed(pass, code)
		return a.Run(&p)
	}
	return &rule
}

// An alias is a flag that sets the one of this name.
type alias string

func (a alias) String() string   { return "unset" }
func (a alias) IsBoolFlag() bool { return true }

func (a alias) Set(value string) error { return flag.Set(string(a), value) }
