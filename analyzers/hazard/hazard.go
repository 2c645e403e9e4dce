// Package hazard turns decisions of package crossing into the findings of
// analyzers: it selects the reasons with their code, and runs rules under go
// vet.
package hazard

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
)

// Of returns the check of an analyzer that reports the reasons of one code.
func Of(code string) func(crossing.Decision) []analyzers.Finding {
	return func(d crossing.Decision) []analyzers.Finding {
		var fs []analyzers.Finding
		for _, r := range d.Nearest() {
			if r.Code == code {
				fs = append(fs, analyzers.Finding{Path: r.Lineage(), Object: r.Object, Message: r.Sentence(d.Func.Name()), Hint: r.Hint})
			}
		}
		return fs
	}
}

// Vet returns the go/analysis form of a rule. Its flag "contracts" lists the
// interfaces (or types) to check, as import/path.Name, separated by commas.
func Vet(name string, doc codes.Doc, check func(crossing.Decision) []analyzers.Finding) *analysis.Analyzer {
	var contracts, carries string
	a := &analysis.Analyzer{Name: strings.ReplaceAll(name, "-", ""), Doc: doc.Title + "\n\n" + doc.Why, URL: codes.URL(name)}
	a.Flags.StringVar(&contracts, "contracts", "", "the `interfaces` to check, as import/path.Name, separated by commas")
	a.Flags.StringVar(&carries, "carries", "", "the modes that the `bindings` carry in addition to values, as name=mode, separated by commas")
	a.Run = func(pass *analysis.Pass) (any, error) {
		for _, c := range strings.Split(contracts, ",") {
			dot := strings.LastIndexByte(c, '.')
			if dot < 0 || c[:dot] != pass.Pkg.Path() {
				continue
			}
			if obj := pass.Pkg.Scope().Lookup(c[dot+1:]); obj != nil {
				reportAll(pass, name, obj.Type(), carriersOf(carries), check)
			}
		}
		return nil, nil
	}
	return a
}

// reportAll applies check to the exported methods of an interface or type, and
// gives each report the code as its category.
func reportAll(pass *analysis.Pass, code string, t types.Type, by component.Carriers, check func(crossing.Decision) []analyzers.Finding) {
	module := ""
	if pass.Module != nil {
		module = pass.Module.Path
	}
	deciders := crossing.ForModule(module, by)
	for _, m := range methods(t) {
		if m.Pkg() != pass.Pkg || !m.Exported() {
			continue // embedded from elsewhere: reported where it is declared
		}
		for _, f := range check(deciders.Func(m)) {
			d := analysis.Diagnostic{Pos: m.Pos(), Category: code, URL: pass.Analyzer.URL, Message: f.Message + " (" + f.Hint + ")"}
			if f.Object != nil && f.Object.Pkg() == pass.Pkg {
				d.Related = []analysis.RelatedInformation{{Pos: f.Object.Pos(), Message: f.Path}}
			}
			pass.Report(d)
		}
	}
}

// carriersOf reads the flag "carries".
func carriersOf(list string) component.Carriers {
	var out component.Carriers
	for _, item := range strings.Split(list, ",") {
		name, mode, ok := strings.Cut(item, "=")
		if !ok {
			continue
		}
		i := slices.IndexFunc(out.All, func(c component.Carrier) bool { return c.Name == name })
		if i < 0 {
			i, out.All = len(out.All), append(out.All, component.Carrier{Name: name})
		}
		out.All[i].Modes = append(out.All[i].Modes, component.Mode(mode))
	}
	return out
}

func methods(t types.Type) []*types.Func {
	if iface, ok := t.Underlying().(*types.Interface); ok {
		return slices.Collect(iface.Methods())
	}
	if named, ok := t.(*types.Named); ok {
		return slices.Collect(named.Methods())
	}
	return nil
}
