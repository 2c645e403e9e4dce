package engine

import (
	"go/importer"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	allanalyzers "github.com/unweld/unweld/analyzers/all"
	"github.com/unweld/unweld/internal/codes"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/internal/preview"
)

// corpus are packages that nobody wrote for unweld.
var corpus = strings.Fields(`archive/tar bufio bytes compress/gzip context crypto/sha256 database/sql encoding/base64 encoding/csv encoding/json
	errors expvar flag fmt go/ast go/token html html/template image io io/fs log log/slog maps math/big mime net net/http net/netip net/url
	os os/exec path/filepath regexp slices sort strconv strings sync testing text/tabwriter text/template time unicode/utf8
	github.com/spf13/cobra github.com/goccy/go-yaml/ast golang.org/x/mod/modfile`)

// TestVerbsAgree asks, for every exported function and method of the corpus,
// whether it can cross: as find and vet ask, as extract does, and as a contract is
// built for bind. They say the same, and for the same first reason.
func TestVerbsAgree(t *testing.T) {
	fset := token.NewFileSet()
	imp := importer.ForCompiler(fset, "source", nil)
	for _, by := range []component.Carriers{carriers(), {All: []component.Carrier{{Name: "able", Modes: component.Carried}}}} {
		verbsAgree(t, imp, by)
	}
}

// verbsAgree asks about components that the given bindings are there for.
func verbsAgree(t *testing.T, imp types.Importer, by component.Carriers) {
	t.Helper()
	asked, crossed := 0, 0
	for _, path := range corpus {
		pkg, err := imp.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		deciders := crossing.ForModule(path, by)
		for _, fn := range exportedOf(pkg) {
			asked++
			found := reportedBy(deciders, fn)
			opts := contract.Options{Module: path, Carriers: by}
			if crossing.Home(fn) != nil {
				opts.Form = component.FormFuncs
			}
			var refused []string
			for _, p := range contract.Signature(fn, opts) {
				refused = append(refused, p.Code)
			}
			local := localIn(fn, opts)
			if len(found) == 0 {
				crossed++
			}
			if slices.Contains(refused, "unknown-type") {
				continue
			}
			if (len(found) == 0) != (len(refused) == 0) || (len(found) == 0) != (local == "") {
				t.Errorf("%s: find and vet report %q, extract refuses for %q, bind keeps it local for %q", fn.FullName(), found, refused, local)
			}
			for _, code := range found {
				if !slices.Contains(refused, code) {
					t.Errorf("%s: find and vet report %s, extract only %q", fn.FullName(), code, refused)
				}
			}
		}
	}
	if asked < 2500 || crossed < asked/5 || crossed > asked*9/10 {
		t.Errorf("%d functions and methods, of which %d can cross: the corpus says little", asked, crossed)
	}
}

// exportedOf returns the exported functions, and the exported methods of
// exported types, of a package.
func exportedOf(pkg *types.Package) []*types.Func {
	var out []*types.Func
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		switch obj := scope.Lookup(name).(type) {
		case *types.Func:
			if obj.Exported() {
				out = append(out, obj)
			}
		case *types.TypeName:
			named, ok := obj.Type().(*types.Named)
			if !ok || obj.IsAlias() || !obj.Exported() {
				continue
			}
			for m := range named.Methods() {
				if m.Exported() {
					out = append(out, m)
				}
			}
			if iface, ok := named.Underlying().(*types.Interface); ok {
				for m := range iface.ExplicitMethods() {
					if m.Exported() {
						out = append(out, m)
					}
				}
			}
		}
	}
	return out
}

// reportedBy returns the codes by which the table of analyzers says that fn
// can't cross, but for what extract adds by itself. Rules of other families say
// that it crosses, and how it behaves then.
func reportedBy(deciders *crossing.Deciders, fn *types.Func) []string {
	var out []string
	for _, rule := range allanalyzers.Analyzers {
		if rule.Check != nil && rule.Doc.Family == codes.Crossing && !preview.SolvedByExtract(rule.Name) && len(rule.Check(deciders.Func(fn))) > 0 {
			out = append(out, rule.Name)
		}
	}
	return out
}

// localIn builds a contract with fn for its only endpoint.
func localIn(fn *types.Func, opts contract.Options) string {
	sig := fn.Signature()
	if sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0 {
		return "no interface has such a method"
	}
	method := types.NewFunc(fn.Pos(), fn.Pkg(), fn.Name(), types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic()))
	iface := types.NewInterfaceType([]*types.Func{method}, nil).Complete()
	named := types.NewNamed(types.NewTypeName(fn.Pos(), fn.Pkg(), "Service", nil), iface, nil)
	return contract.Build(named, opts).Methods[0].Local
}
