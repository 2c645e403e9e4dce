package calllog

import (
	"fmt"
	"strings"

	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/generate"
)

// An emitter writes the file that puts the log around an implementation.
type emitter struct {
	*codegen.Extension
	c       *component.Contract
	req     *generate.Request
	place   string // the run-time package of the place where the log is kept
	stored  string // name of the type
	changes []component.Method
}

func emit(req *generate.Request, place string) (generate.File, error) {
	e := &emitter{Extension: codegen.Extend(req, "state"), c: req.Contract, req: req, place: place}
	e.stored = e.Ident("stored")
	for i := range e.c.Methods {
		if m := &e.c.Methods[i]; logged(m) {
			e.changes = append(e.changes, *m)
		}
	}
	e.open()
	e.replay()
	index := 0
	for i := range e.c.Methods {
		m := e.c.Methods[i]
		if !logged(&m) {
			e.reader(m)
			continue
		}
		e.mutator(m, index)
		index++
	}
	e.helpers()
	return e.Finish()
}

// open emits the type and the function that link.Contract.Store names.
func (e *emitter) open() {
	ctx, log := e.Use("context", "context"), e.Runtime("calllog")
	e.Printf("// %s is an implementation whose changes are logged.\n", e.stored)
	e.Printf("type %s struct {\n\timpl %s\n\tlog *%s.Log\n}\n\n", e.stored, e.Contract(), log)
	e.Printf("// %s replays the log into impl, which must be new, and puts it around it.\n", e.Ident("openStore"))
	e.Printf("func %s(ctx %s.Context, location string, impl %s) (%s, error) {\n", e.Ident("openStore"), ctx, e.Contract(), e.Contract())
	e.Printf("\ts := &%s{impl: impl}\n\tvar err error\n", e.stored)
	e.Printf("\ts.log, err = %s.Open(ctx, %s.Config{\n\t\tComponent: %q,\n\t\tStorage: %s.Open,\n\t\tLocation: location,\n\t\tMethods: []%s.Method{\n",
		log, log, e.c.Component, e.Runtime(e.place), log)
	for _, m := range e.changes {
		e.Printf("\t\t\t{Name: %q, Schemas: %#v},\n", m.Name, e.req.Schema.Requests()[m.Name])
	}
	e.Printf("\t\t},\n\t\tReplay: s.replay,\n\t})\n\tif err != nil {\n\t\treturn nil, err\n\t}\n\treturn s, nil\n}\n\n")
}

// replay emits the function that runs a logged call again.
func (e *emitter) replay() {
	e.Printf("// replay runs a logged call again.\n")
	e.Printf("func (s *%s) replay(method int, request []byte) (own, bad error) {\n", e.stored)
	if len(e.changes) == 0 {
		e.Printf("\treturn nil, nil\n}\n\n")
		return
	}
	ctx := e.Use("context", "context")
	e.Printf("\tswitch method {\n")
	for i, m := range e.changes {
		w := e.Method(m)
		e.Printf("\tcase %d:\n\t\tvar in %s\n", i, w.Request)
		e.Printf("\t\tif bad = %s(string(request), &in); bad == nil {\n", w.Decode)
		e.Printf("\t\t\t%sown = s.impl.%s\n\t\t}\n", blanks(m), w.CallWith(ctx+".Background()", "in"))
	}
	e.Printf("\t}\n\treturn own, bad\n}\n\n")
}

// blanks are as many blank identifiers as the method has results before its
// error.
func blanks(m component.Method) string { return strings.Repeat("_, ", len(m.Results)) }

func (e *emitter) reader(m component.Method) {
	w := e.Method(m)
	give := "return "
	if w.Results == "" { // it stays local
		give = ""
	}
	e.Printf("func (s *%s) %s(%s) %s {\n\t%ss.impl.%s\n}\n\n", e.stored, m.Name, w.Params, w.Results, give, w.Call("ctx"))
}

// mutator emits a method that is logged. The call runs with a context that has
// nothing of the caller's, as it will when it is replayed. Where arguments
// point to memory it runs with a copy: what the caller changes there afterwards
// isn't in the log.
func (e *emitter) mutator(m component.Method, index int) {
	w, link, ctx := e.Method(m), e.Runtime("link"), e.Use("context", "context")
	e.Printf("func (s *%s) %s(%s) %s {\n", e.stored, m.Name, w.Params, w.Results)
	e.Printf("\tin := %s{%s}\n\treq := %s.GetBuffer()\n", w.Request, w.Names, link)
	if w.EncodeFails {
		e.Printf("\tif req.B, err = %s(req.B, &in); err != nil {\n", w.Encode)
		e.Printf("\t\treq.Release()\n\t\terr = s.unlogged(%q, err)\n\t\treturn %s\n\t}\n", m.Name, w.Returned)
	} else {
		e.Printf("\treq.B = %s(req.B, &in)\n", w.Encode)
	}
	call := w.Call(ctx + ".Background()")
	if e.shares(m) {
		e.Printf("\tvar out %s // a copy, of which the caller holds no part\n", w.Request)
		e.Printf("\tif err = %s(string(req.B), &out); err != nil {\n", w.Decode)
		e.Printf("\t\treq.Release()\n\t\terr = s.unlogged(%q, err)\n\t\treturn %s\n\t}\n", m.Name, w.Returned)
		call = w.CallWith(ctx+".Background()", "out")
	}
	e.Printf("\tbad := s.log.Do(ctx, %d, req.B, func() error {\n\t\t%s = s.impl.%s\n\t\treturn err\n\t})\n\treq.Release()\n", index, w.Returned, call)
	e.Printf("\tif bad != nil {\n\t\terr = s.unlogged(%q, bad)\n\t\treturn %s\n\t}\n", m.Name, w.Returned)
	e.TakeBack(m, "out")
	e.Printf("\treturn %s\n}\n\n", w.Returned)
}

// shares reports whether the caller can reach memory of an argument after the
// call.
func (e *emitter) shares(m component.Method) bool {
	shared := false
	e.c.Walker(func(v component.Visit) bool {
		if v.Type == nil {
			shared = true
			return false
		}
		switch v.Type.Kind {
		case component.KindSlice, component.KindMap, component.KindPointer, component.KindError, component.KindExternal:
			shared = true
		}
		return !shared
	}).Params(&m)
	return shared
}

func (e *emitter) helpers() {
	e.Printf("// Close closes the log. Calls that come later are refused.\n")
	e.Printf("func (s *%s) Close() error { return s.log.Close() }\n", e.stored)
	if len(e.changes) == 0 {
		return
	}
	link, log, errs := e.Runtime("link"), e.Runtime("calllog"), e.Use("errors", "errors")
	e.Printf("\n// unlogged is the error of a call that was not logged, and has not run here. Only the\n// log can leave it open whether a later start runs it.\n")
	e.Printf("func (s *%s) unlogged(endpoint string, err error) error {\n", e.stored)
	e.Printf("\toutcome := %s.NotExecuted\n", link)
	e.Printf("\tvar e *%s.Error\n\tif %s.As(err, &e) && e.Outcome != %s.NotExecuted {\n\t\toutcome = %s.Unknown\n\t}\n", log, errs, log, link)
	e.Printf("\treturn %s\n}\n", fmt.Sprintf("&%s.Error{Component: %q, Endpoint: endpoint, Outcome: outcome, Err: err}", link, e.c.Component))
}
