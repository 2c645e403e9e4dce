package thread

import (
	"go/ast"
	"go/types"
	"math"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
)

// DepthParam bounds how far the change may go; what it does to a caller ends the
// sentence: "gains a context".
func DepthParam(does string) refactor.Param {
	return refactor.Param{Name: paramDepth, Type: refactor.Number, Default: "0",
		Doc: "how many calls away from the target a caller may be that " + does + "; 0 is any number"}
}

// StopParam names functions that the change stops at.
var StopParam = refactor.Param{Name: paramStop, Type: refactor.List, Elem: refactor.Declaration, Doc: "functions that keep their signature"}

const (
	paramDepth = "depth"
	paramStop  = "stop-at"
)

// Bound sets what the parameters DepthParam and StopParam of a request say, for
// changes without another limit.
func (t *Threader) Bound(req refactor.Request) (err error) {
	t.Limit, t.Depth = math.MaxInt, req.Number(paramDepth)
	t.Stop, err = stopAt(t.World, paramStop, req.List(paramStop))
	return err
}

// Callers notes each function that changes besides those that were asked for.
// Does says what a function does now: "gains a context".
func (t *Threader) Callers(does string) []change.Note {
	var notes []change.Note
	for _, c := range t.order {
		if c.depth > 0 {
			notes = append(notes, change.Note{Span: t.World.SpanAt(c.Fn.Pos(), c.Fn.Pos()),
				Message: c.Fn.Name() + " " + does + ", too: " + plural(c.depth, "call") + " away"})
		}
	}
	return notes
}

// Names lists functions for people.
func Names(fns []*types.Func) string {
	var out []string
	for _, fn := range fns {
		out = append(out, fn.Name())
	}
	return strings.Join(out, ", ")
}

// Target spells the function or method whose signature is at a place as requests
// name it. There is none in tests, whose functions no request can name.
func Target(site *refactor.Site) (f *ast.FuncDecl, target string) {
	f = site.Func()
	if f == nil || site.Test() {
		return nil, ""
	}
	name := f.Name.Name
	if recv := source.Receiver(f); recv != "" {
		name = recv + "." + name
	}
	return f, site.Target(name)
}

// Fixed says why the signature of a function can't change whatever is added to it,
// as far as its file alone says; "" where nothing does.
func Fixed(site *refactor.Site, f *ast.FuncDecl) string {
	name := f.Name.Name
	switch {
	case f.Body == nil:
		return name + " has no Go body"
	case ast.IsGenerated(site.Syntax):
		return "a tool wrote this file, and would write it again"
	case f.Recv == nil && (name == "init" || name == "main" && site.Syntax.Name.Name == "main"):
		return "the runtime calls " + name
	case code.WellKnown(f):
		return "other packages look for a method " + name + " by interface"
	case f.Recv != nil && idioms[name] == code.WrittenShape(f.Type):
		return "the standard library has an interface with this " + name
	case ofFamily(site.Syntax, f):
		return "the standard library has an interface with " + name + " and the methods beside it"
	}
	return ""
}

// idioms are methods of interfaces of the standard library that nobody declares with
// these types for another end.
var idioms = map[string]string{
	"Less": "(int, int) (bool)", "Swap": "(int, int) ()",
	"Read": "([]uint8) (int, error)", "Write": "([]uint8) (int, error)",
	"SetDeadline": "(time.Time) (error)", "SetReadDeadline": "(time.Time) (error)", "SetWriteDeadline": "(time.Time) (error)",
	"ServeHTTP": "(http.ResponseWriter, *http.Request) ()", "RoundTrip": "(*http.Request) (*http.Response, error)",
}

// families are methods that belong to interfaces of the standard library where others
// stand beside them: of sort.Interface, heap.Interface and flag.Value.
var families = []map[string]string{
	{"Len": "() (int)", "Less": "(int, int) (bool)", "Swap": "(int, int) ()"},
	{"Push": "(any) ()", "Pop": "() (any)"},
	{"Set": "(string) (error)", "String": "() (string)"},
}

// ofFamily reports a method that stands beside the others of one of families.
func ofFamily(file *ast.File, f *ast.FuncDecl) bool {
	return f.Recv != nil && slices.ContainsFunc(families, func(shapes map[string]string) bool {
		if shapes[f.Name.Name] == "" {
			return false
		}
		found := 0
		for _, d := range file.Decls {
			m, ok := d.(*ast.FuncDecl)
			if ok && m.Recv != nil && source.Receiver(m) == source.Receiver(f) && shapes[m.Name.Name] == code.WrittenShape(m.Type) {
				found++
			}
		}
		return found == len(shapes)
	})
}
