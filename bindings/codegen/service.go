package codegen

import (
	"fmt"

	"github.com/unweld/unweld/internal/generate"
)

// service emits the value that the program holds, and for programs that unweld
// builds the guarded form of an implementation.
func (g *generator) service() ([]generate.File, error) {
	f := g.file("service")
	f.endpoints()
	f.switchable()
	plain, err := f.finish()
	if err != nil {
		return nil, err
	}
	f = g.file("guarded")
	f.constraint = live
	f.guarded()
	guarded, err := f.finish()
	return []generate.File{plain, guarded}, err
}

func (f *file) endpoints() {
	f.printf("// The endpoints, by their index in the contract.\nconst (\n")
	for i, m := range f.g.contract.Methods {
		f.printf("\t%s = %d\n", f.g.endpoint(m.Name), i)
	}
	for i, name := range f.g.unrouted() {
		f.printf("\t%s = %d\n", f.g.endpoint(name), len(f.g.contract.Methods)+i)
	}
	f.printf(")\n\n")
}

// unrouted are the endpoints that aren't methods of the contract: those of handles.
func (g *generator) unrouted() []string {
	var names []string
	for _, m := range g.schema.Methods {
		if m.Handle != "" {
			names = append(names, m.Name)
		}
	}
	if g.schema.Keep != 0 {
		names = append(names, g.schema.KeepName)
	}
	return names
}

func (f *file) switchable() {
	name, link := f.g.ident("service"), f.runtime("link")
	f.printf("// %s is the value that the program holds: each call goes where the\n// endpoint's route says, after one atomic load.\n", name)
	f.printf("type %s struct {\n\troutes [%d]%s.Pointer[%s.Route[%s]]\n}\n\n",
		name, len(f.g.contract.Methods), f.use("sync/atomic", "atomic"), link, f.contractType())
	for _, m := range f.g.contract.Methods {
		sig := f.signature(m)
		f.printf("func (s *%s) %s(%s) %s {\n", name, m.Name, sig.params, sig.named)
		f.printf("\tr := s.routes[%s].Load()\n", f.g.endpoint(m.Name))
		f.printf("\t")
		if sig.returned != "" { // into named results: a struct is copied once less
			f.printf("%s = ", sig.returned)
		}
		f.printf("r.To.%s\n\t%s.KeepAlive(r)\n", sig.call("ctx"), f.use("runtime", "runtime"))
		if sig.returned != "" {
			f.printf("\treturn %s\n", sig.returned)
		}
		f.printf("}\n\n")
	}
}

func (f *file) guarded() {
	name, service := f.g.ident("guarded"), f.g.ident("service")
	f.printf("// UnweldGuard makes the form of what the guard is for that can be waited for.\n")
	f.printf("func (*%s) UnweldGuard(g *%s.Guard) any { return %s{g} }\n\n", service, f.runtime("link"), name)
	f.printf("// UnweldCalls are the methods by which calls are recognised on stacks.\n")
	f.printf("func (*%s) UnweldCalls() [][2]any {\n\treturn [][2]any{\n", service)
	for _, m := range f.g.contract.Methods {
		f.printf("\t\t{(*%s).%s, %s.%s},\n", service, m.Name, name, m.Name)
	}
	f.printf("\t}\n}\n\n")
	f.printf("// %s counts calls, and parks them while a route is being replaced.\n", name)
	f.printf("type %s struct{ guard *%s.Guard }\n\n", name, f.runtime("link"))
	for _, m := range f.g.contract.Methods {
		sig := f.signature(m)
		f.printf("func (g %s) %s(%s) %s {\n", name, m.Name, sig.params, sig.named)
		f.printf("\tt, err := g.guard.Enter(%s)\n\tif err != nil {\n\t\t%s\n\t}\n", f.contextIn(sig), sig.leave())
		f.printf("\tdefer t.Leave()\n\t%s\n}\n\n", sig.give(fmt.Sprintf("t.To.(%s).%s", f.contractType(), sig.call("t.Context"))))
	}
}
