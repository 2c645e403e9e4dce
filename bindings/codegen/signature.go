package codegen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
)

// A signature is a method of the contract as a file writes it.
type signature struct {
	name       string
	names      []string // of the parameters after ctx
	types      []string
	results    []string // types, without the error
	params     string   // ctx context.Context, sku string, more ...int
	arguments  string   // sku, more...
	returned   string   // r0, r1, err
	resultList string   // (string, error)
	named      string   // (r0 string, err error)
	context    bool     // false only for methods that stay local
	fails      bool     // the same, and for those whose only result is a stream that can fail
	broken     string   // of the latter: what makes that stream of err
}

// locals are the names that bodies of generated methods declare or use.
var locals = strings.Fields("h lent use taken here handle handles call stream push yield ctx err s g c r t in out req reply bad b endpoint request runtime link wire context fmt errors")

// signature returns m as it is written in this file.
func (f *file) signature(m component.Method) signature {
	return f.signatureWith(m, m.Context || m.Local == "")
}

// signatureWith is signature, of a method that takes a context or doesn't.
func (f *file) signatureWith(m component.Method, context bool) signature {
	sig := signature{name: m.Name, context: context, fails: m.Error || m.Local == "" && !f.g.contract.Fails(&m)}
	if !m.Error && f.g.contract.Fails(&m) {
		sig.broken = f.brokenStream(m.Results[0].Type.ID())
	}
	var list, args []string
	for _, r := range m.Results { // so that no parameter has the name of a package
		sig.results = append(sig.results, f.ref(r.Type))
	}
	if sig.context {
		list = append(list, "ctx "+f.use("context", "context")+".Context")
	}
	for i, p := range m.Params {
		typ, more := f.ref(p.Type), ""
		if m.Variadic && i == len(m.Params)-1 {
			typ, more = "..."+f.ref(*p.Type.Elem), "..."
		}
		name := paramName(p.Name, i, sig.names)
		if f.taken(name) {
			name = fmt.Sprintf("p%d", i)
		}
		sig.names = append(sig.names, name)
		sig.types = append(sig.types, typ)
		list = append(list, name+" "+typ)
		args = append(args, name+more)
	}
	var returned, named []string
	for i := range m.Results {
		returned = append(returned, fmt.Sprintf("r%d", i))
		named = append(named, fmt.Sprintf("r%d %s", i, sig.results[i]))
	}
	sig.params = strings.Join(list, ", ")
	sig.arguments = strings.Join(args, ", ")
	all := slices.Clone(sig.results)
	if sig.fails {
		returned, named, all = append(returned, "err"), append(named, "err error"), append(all, "error")
	}
	sig.returned = strings.Join(returned, ", ")
	switch len(all) {
	case 0:
	case 1:
		sig.named, sig.resultList = "("+named[0]+")", all[0]
	default:
		sig.named, sig.resultList = "("+strings.Join(named, ", ")+")", "("+strings.Join(all, ", ")+")"
	}
	return sig
}

// give is a statement that gives what an expression has as the method's results.
func (s signature) give(call string) string {
	if s.returned == "" {
		return call
	}
	return "return " + call
}

// leave is what ends the method where err says that it can't be called.
func (s signature) leave() string {
	switch {
	case s.fails:
		return "return " + s.returned
	case s.broken != "":
		return "return " + s.broken
	}
	return "panic(err)"
}

// contextIn is the context of a call of the method from one.
func (f *file) contextIn(s signature) string {
	if s.context {
		return "ctx"
	}
	return f.use("context", "context") + ".Background()"
}

// call is a call of the method: ctx, sku, more...
func (s signature) call(ctx string) string {
	if !s.context {
		return s.name + "(" + s.arguments + ")"
	}
	if s.arguments == "" {
		return s.name + "(" + ctx + ")"
	}
	return s.name + "(" + ctx + ", " + s.arguments + ")"
}

// paramName is the user's name for a parameter, unless generated code would
// misunderstand it.
func paramName(name string, i int, taken []string) string {
	clash := name == "" || name == "_" || slices.Contains(locals, name) || slices.Contains(predeclared, name) || slices.Contains(taken, name) ||
		strings.HasPrefix(name, "unweld") || strings.HasPrefix(name, "endpoint") ||
		strings.HasPrefix(name, "encode") || strings.HasPrefix(name, "decode") ||
		strings.HasSuffix(name, "Request") || strings.HasSuffix(name, "Reply") || numbered(name)
	if clash {
		return fmt.Sprintf("p%d", i)
	}
	return name
}

// numbered reports whether a name is one of p0, r0 and so on.
func numbered(name string) bool {
	return len(name) > 1 && (name[0] == 'p' || name[0] == 'r') && strings.Trim(name[1:], "0123456789") == ""
}

// endpoint is the constant with a method's index.
func (g *generator) endpoint(method string) string { return g.ident("endpoint" + upperFirst(method)) }

// contractType is the contract's interface as this file writes it.
func (f *file) contractType() string {
	return f.qualified(f.g.contract.Package, f.g.contract.Name)
}
