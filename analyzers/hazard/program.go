package hazard

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/unweld/unweld/analyzers"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing/argument"
	"github.com/unweld/unweld/internal/split"
	"github.com/unweld/unweld/internal/text"
)

// packageFacts are what a run on one package hands to those on the packages
// that import it. Go vet wants a type of facts for each rule, so there is one
// for each Tag.
type packageFacts[Tag any] struct {
	Facts []component.FunctionFacts
	InOut []component.InOut
}

func (*packageFacts[Tag]) AFact()           {}
func (f *packageFacts[Tag]) String() string { return "facts" }

// WithVet returns a rule with its go/analysis form, which VetProgram makes. Tag
// is a type of the rule's own.
func WithVet[Tag any](rule analyzers.Analyzer) analyzers.Analyzer {
	bare := rule
	rule.Analysis = VetProgram[Tag](&bare)
	return rule
}

// VetProgram returns the go/analysis form of a rule with a whole-program phase.
// On each package the program is that package with what it imports, so a hazard
// that needs more is seen by find alone. Its flag "components" says which
// packages belong to which component: name=pattern, separated by commas, where a
// pattern is an import path that may end in /... ; the flag "contracts" lists
// their interfaces, as name=import/path.Name.
func VetProgram[Tag any](rule *analyzers.Analyzer) *analysis.Analyzer {
	var members, contracts, inOut string
	a := &analysis.Analyzer{
		Name: strings.ReplaceAll(rule.Name, "-", ""), Doc: rule.Doc.Title + "\n\n" + rule.Doc.Why, URL: codes.URL(rule.Name),
		FactTypes: []analysis.Fact{new(packageFacts[Tag])},
	}
	a.Flags.StringVar(&members, "components", "", "the `packages` of the components, as name=import/path, separated by commas")
	a.Flags.StringVar(&contracts, "contracts", "", "the `interfaces` of the components, as name=import/path.Name, separated by commas")
	a.Flags.StringVar(&inOut, "inout", "", "the in-out `arguments`, as name=Method.param or name=all, separated by commas")
	a.Run = func(pass *analysis.Pass) (any, error) {
		v := &vetted{Pass: pass, rule: rule}
		own := v.facts()
		back := argument.InOutOf(pass.Files, pass.TypesInfo)
		pass.ExportPackageFact(&packageFacts[Tag]{own, back})
		p := &analyzers.Program{ComponentOf: componentOf(members), Contracts: contractsOf(contracts), InOut: back, Asked: askedOf(inOut)}
		p.AddFacts(own)
		for _, f := range pass.AllPackageFacts() {
			if facts, ok := f.Fact.(*packageFacts[Tag]); ok && f.Package != pass.Pkg {
				p.AddFacts(facts.Facts)
				p.InOut = append(p.InOut, facts.InOut...)
			}
		}
		for _, problem := range component.SortProblems(p.Run([]*analyzers.Analyzer{rule})) {
			v.report(problem)
		}
		return nil, nil
	}
	return a
}

// vetted is a run on one package.
type vetted struct {
	*analysis.Pass
	rule *analyzers.Analyzer
}

func (v *vetted) facts() []component.FunctionFacts {
	var all []component.FunctionFacts
	for _, file := range v.Files {
		pass := &analyzers.Pass{Fset: v.Fset, Types: v.Pkg, Info: v.TypesInfo, Comments: file.Comments, Local: v.local, Span: v.span}
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				if found := analyzers.Facts([]*analyzers.Analyzer{v.rule}, pass, fn); len(found) > 0 {
					all = append(all, component.FunctionFacts{Of: analyzers.SubjectOf(pass, fn), By: found}) // the places are those in the file
				}
			}
		}
	}
	return all
}

// local reports whether a package belongs to the module of the one at work.
func (v *vetted) local(path string) bool {
	root, _, _ := strings.Cut(v.Pkg.Path(), "/")
	if v.Module != nil && v.Module.Path != "" {
		root = v.Module.Path
	}
	return path == root || strings.HasPrefix(path, root+"/")
}

func (v *vetted) span(pos, end token.Pos) text.Span {
	p, q := v.Fset.PositionFor(pos, false), v.Fset.PositionFor(end, false)
	return text.Span{File: filepath.ToSlash(p.Filename), Start: p.Offset, End: q.Offset, Line: p.Line, Col: p.Column}
}

// pos is the inverse of span in this package's files, or no position.
func (v *vetted) pos(s text.Span) (pos, end token.Pos) {
	for _, f := range v.Files {
		if file := v.Fset.File(f.FileStart); filepath.ToSlash(file.Name()) == s.File {
			return file.Pos(s.Start), file.Pos(s.End)
		}
	}
	return token.NoPos, token.NoPos
}

// report reports a problem of this package. What is in another was reported
// when that one was at work.
func (v *vetted) report(p component.Problem) {
	d := analysis.Diagnostic{Category: v.rule.Name, URL: codes.URL(p.Code), Message: p.Message + " (" + p.Hint + ")"}
	if d.Pos, d.End = v.pos(p.Span); !d.Pos.IsValid() {
		return
	}
	for _, r := range p.Related {
		if pos, end := v.pos(r.Span); pos.IsValid() {
			d.Related = append(d.Related, analysis.RelatedInformation{Pos: pos, End: end, Message: r.Message})
		}
	}
	for _, f := range p.Fixes {
		fix := analysis.SuggestedFix{Message: f.Title}
		for _, e := range f.Edits {
			pos, end := v.pos(e.Span)
			fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{Pos: pos, End: end, NewText: []byte(e.New)})
		}
		d.SuggestedFixes = append(d.SuggestedFixes, fix)
	}
	v.Report(d)
}

// componentOf reads the flag "components". Where patterns of several components
// cover a package, the narrowest counts, as in unweld.yaml.
func componentOf(members string) func(component.DeclID) string {
	type member struct {
		name    string
		pattern split.Pattern
	}
	var all []member
	for _, m := range strings.Split(members, ",") {
		name, pattern, _ := strings.Cut(m, "=")
		if p, err := split.ParsePattern("", pattern); err == nil {
			all = append(all, member{name, p})
		}
	}
	slices.SortStableFunc(all, func(a, b member) int { return strings.Compare(a.name, b.name) })
	return func(d component.DeclID) string {
		best, narrowest, pkg := "", -1, component.Package{Path: d.Pkg}
		for _, m := range all {
			if !m.pattern.ImportPath(pkg) {
				continue
			}
			if width := m.pattern.Width(pkg); narrowest < 0 || width < narrowest {
				best, narrowest = m.name, width
			}
		}
		return best
	}
}

func contractsOf(list string) map[component.DeclID]string {
	out := map[component.DeclID]string{}
	for _, c := range strings.Split(list, ",") {
		name, id, ok := strings.Cut(c, "=")
		if dot := strings.LastIndexByte(id, '.'); ok && dot > 0 {
			out[component.DeclID{Pkg: id[:dot], Name: id[dot+1:]}] = name
		}
	}
	return out
}

// askedOf reads the flag "inout".
func askedOf(list string) map[string][]string {
	out := map[string][]string{}
	for _, item := range strings.Split(list, ",") {
		if name, argument, ok := strings.Cut(item, "="); ok {
			out[name] = append(out[name], argument)
		}
	}
	return out
}
