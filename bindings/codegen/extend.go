package codegen

import (
	"fmt"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
)

// An Extension is a file that a store adds to the package that Generate fills.
// It knows the names that the other files declare.
type Extension struct{ file *file }

// Extend starts the file of the given name: "state" becomes state.go, or
// zz_unweld_state.go in the user's package.
func Extend(req *generate.Request, name string) *Extension {
	g := newGenerator(req, req.Schema)
	return &Extension{g.file(name)}
}

// PathOf returns the path of a file, not written in Go, in the package that
// Generate fills: name with the given extension, changed where it would collide
// with one of the user's files.
func PathOf(req *generate.Request, name, ext string) string {
	g := &generator{req: req, contract: req.Contract}
	return strings.TrimSuffix(g.fileName(name), ".go") + ext
}

// Printf appends to the file.
func (e *Extension) Printf(format string, args ...any) { e.file.printf(format, args...) }

// Finish returns the formatted file.
func (e *Extension) Finish() (generate.File, error) { return e.file.finish() }

// Ident is the name of a package-level identifier that this file declares.
func (e *Extension) Ident(name string) string { return e.file.g.ident(name) }

// Runtime imports a copied run-time package and returns its name here.
func (e *Extension) Runtime(name string) string { return e.file.runtime(name) }

// Use imports a package and returns its name here.
func (e *Extension) Use(path, name string) string { return e.file.use(path, name) }

// Contract is the contract's interface as this file writes it.
func (e *Extension) Contract() string { return e.file.contractType() }

// A Method is a method of the contract as an Extension writes it.
type Method struct {
	Params   string   // ctx context.Context, sku string, more ...int
	Results  string   // (r0 string, err error)
	Returned string   // r0, err
	Names    string   // sku, more: the parameters after ctx
	Plain    []string // their names one by one
	// Request is the type that holds the parameters, in fields P0, P1, ...;
	// Encode and Decode are the functions of its codec. Only methods that may
	// cross have them.
	Request, Encode, Decode string
	EncodeFails             bool // Encode returns an error too

	name     string
	variadic bool
	context  bool // it takes one; a method that stays local may not
}

// Method returns how this file writes a method.
func (e *Extension) Method(m component.Method) Method {
	sig, g := e.file.signature(m), e.file.g
	return Method{
		Params: sig.params, Results: sig.named, Returned: sig.returned, Names: strings.Join(sig.names, ", "), Plain: sig.names,
		Request: g.requestName(m.Name), Encode: g.encodeName(m.Name, "Request"), Decode: g.decodeName(m.Name, "Request"), EncodeFails: g.requestFails(m.Name),
		name: m.Name, variadic: m.Variadic, context: sig.context,
	}
}

// TakeBack emits code that copies the in-out arguments from the request that
// the method was called with to the caller's arguments.
func (e *Extension) TakeBack(m component.Method, request string) {
	names := e.file.signature(m).names
	for _, i := range m.Back() {
		e.file.takeBack(m.Params[i].Type.ID(), names[i], fmt.Sprintf("%s.P%d", request, i))
	}
}

// Call is a call of the method with the caller's own parameters.
func (m Method) Call(ctx string) string { return m.call(ctx, m.Plain) }

// CallWith is a call of the method with what a request holds.
func (m Method) CallWith(ctx, request string) string {
	args := make([]string, len(m.Plain))
	for i := range args {
		args[i] = fmt.Sprintf("%s.P%d", request, i)
	}
	return m.call(ctx, args)
}

func (m Method) call(ctx string, args []string) string {
	if m.context {
		args = append([]string{ctx}, args...)
	}
	list := strings.Join(args, ", ")
	if m.variadic {
		list += "..."
	}
	return m.name + "(" + list + ")"
}
