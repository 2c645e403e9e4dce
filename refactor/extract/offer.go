package extract

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// offer lists what could be extracted at a place: the package at its clause or
// at an import of it, the type whose name or method stands there, the functions
// of a selection. It reads only the one file.
func offer(in refactor.Input, site *refactor.Site) []refactor.Offer {
	if site.Test() {
		return nil
	}
	name := site.Syntax.Name.Name
	if site.PackageClause() {
		return offerBoth(in, site.Dir(), name, "package "+name, mainPackage(name))
	}
	if spec := site.Import(); spec != nil {
		return imported(in, spec)
	}
	if ts := selectedTypes(site); len(ts) > 1 {
		label := strings.Join(ts, ", ")
		return offerBoth(in, site.Dir()+".{"+strings.Join(ts, ",")+"}", name, label, mainPackage(name))[:1] // what is of several keeps no signatures
	}
	if ts := site.Type(); ts != nil {
		return offerType(in, site, ts)
	}
	if fs := functions(site); len(fs) > 0 {
		label := strings.Join(fs, ", ")
		return offerBoth(in, site.Dir()+".{"+strings.Join(fs, ",")+"}", name, label, mainPackage(name))
	}
	return nil
}

func mainPackage(name string) string {
	if name == "main" {
		return "a main package can't be a component"
	}
	return ""
}

// imported offers the package of an import, if it belongs to this module.
func imported(in refactor.Input, spec *ast.ImportSpec) []refactor.Offer {
	path, err := strconv.Unquote(spec.Path.Value)
	module := in.Snapshot.Module
	if err != nil || module == "" || !strings.HasPrefix(path, module+"/") {
		return nil
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	return offerBoth(in, path, name, "package "+name, "")
}

// offerType offers a type, or says why it isn't one that can be extracted.
func offerType(in refactor.Input, site *refactor.Site, ts *ast.TypeSpec) []refactor.Offer {
	name, why := site.Syntax.Name.Name, ""
	switch ts.Type.(type) {
	case *ast.InterfaceType:
		why = ts.Name.Name + " is an interface already: bind it as it is"
	case *ast.StructType:
	default:
		return nil
	}
	switch {
	case !ts.Name.IsExported():
		why = ts.Name.Name + " isn't exported, so nothing outside its package uses it"
	case name == "main":
		why = mainPackage(name)
	}
	steps := offerSteps(in, site, ts, why)
	if why == "" && ts.TypeParams != nil && len(ts.TypeParams.List) > 0 {
		why = ts.Name.Name + " has type parameters, and what crosses a process has none"
	}
	offers := append(offerBoth(in, site.Target(ts.Name.Name), name, ts.Name.Name, why), steps...)
	suggested := map[string][]string{paramContract: naming.Suggest(site.Syntax, ts.Name.Name)}
	for i := range offers {
		if step := offers[i].Request.Params[paramStep]; step == "" || step == stepBoundary {
			offers[i].Suggestions = suggested
		}
	}
	return offers
}

// offerSteps offers the steps of a type: the boundary or, where the file has the
// contract that one made, what comes after it.
func offerSteps(in refactor.Input, site *refactor.Site, ts *ast.TypeSpec, why string) []refactor.Offer {
	if _, ok := ts.Type.(*ast.StructType); !ok {
		return nil
	}
	step := func(title, name, step, why string) refactor.Offer {
		return refactor.Offer{Title: title, Disabled: why,
			Request: refactor.Request{Target: site.Target(ts.Name.Name), Params: map[string]string{paramName: name, paramStep: step}}}
	}
	name := strings.ToLower(site.Syntax.Name.Name)
	if problem := refactor.NameProblem(in, name); why == "" && problem != nil {
		why = problem.Reason
	}
	beside := contractBeside(site, ts.Name.Name, name)
	if beside == "" {
		return []refactor.Offer{step("Let callers of "+ts.Name.Name+" hold an interface", name, stepBoundary, why)}
	}
	methods := "Give the methods of " + beside + " that can cross "
	return []refactor.Offer{
		step(methods+"a context and an error", name, stepRemote, why),
		step(methods+"a context", name, stepContext, why),
		step(methods+"an error", name, stepErrors, why),
	}
}

// contractBeside returns the interface of a file that is the contract of a component
// and has a method of the type, or "".
func contractBeside(site *refactor.Site, typ, component string) string {
	methods := map[string]bool{}
	for _, d := range site.Syntax.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && source.Receiver(f) == typ {
			methods[f.Name.Name] = true
		}
	}
	for _, d := range site.Syntax.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, s := range g.Specs {
			ts, ok := s.(*ast.TypeSpec)
			if !ok || ts.Name == nil {
				continue
			}
			it, ok := ts.Type.(*ast.InterfaceType)
			if name, err := contract.ComponentOf(g, ts); !ok || err != nil || name != component {
				continue
			}
			for _, m := range it.Methods.List {
				if len(m.Names) == 1 && methods[m.Names[0].Name] {
					return ts.Name.Name
				}
			}
		}
	}
	return ""
}

// selectedTypes returns the names of the exported struct types that are selected.
func selectedTypes(site *refactor.Site) []string {
	var out []string
	for _, d := range site.Selected() {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, spec := range g.Specs {
			ts, ok := spec.(*ast.TypeSpec)
			if !ok || ts.Name == nil || !ts.Name.IsExported() {
				continue
			}
			if _, ok := ts.Type.(*ast.StructType); ok && !slices.Contains(out, ts.Name.Name) {
				out = append(out, ts.Name.Name)
			}
		}
	}
	return out
}

// functions returns the names of the exported functions that are selected, or
// of the one whose signature is at the place.
func functions(site *refactor.Site) []string {
	decls := site.Selected()
	if f := site.Func(); f != nil && len(decls) == 0 {
		decls = []ast.Decl{f}
	}
	var out []string
	for _, d := range decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.IsExported() && !slices.Contains(out, f.Name.Name) {
			out = append(out, f.Name.Name)
		}
	}
	return out
}

// offerBoth offers a target with and without changing signatures.
func offerBoth(in refactor.Input, target, pkg, label, why string) []refactor.Offer {
	name := strings.ToLower(pkg)
	if problem := refactor.NameProblem(in, name); why == "" && problem != nil {
		why = problem.Reason
	}
	title := "Extract " + label + " as a component"
	request := func(keep string) refactor.Request {
		r := refactor.Request{Target: target, Params: map[string]string{paramName: name}}
		if keep != "" {
			r.Params[keepSignatures] = keep
		}
		return r
	}
	return []refactor.Offer{
		{Title: title, Request: request(""), Disabled: why},
		{Title: title + ", keeping all signatures", Request: request("true"), Disabled: why},
	}
}
