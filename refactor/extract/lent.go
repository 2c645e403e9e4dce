package extract

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// Streams that a value keeps, as a csv.Reader keeps what it reads. A stream of another
// process ends with the call that brings it. So the façade has the streams that its value
// was given, and lends them to the component for each call; what keeps them there has
// stand-ins, each of which uses the stream of the call that is under way. A Read
// of one stays a Read of the caller's, and nothing is read ahead.

// maxLent is how many streams a value may be given.
const maxLent = 3

// A lent is one of the streams that values of the type keep: the façade's field, and the
// parameter of each endpoint, that are called after its place.
type lent struct {
	typ     types.Type
	methods []string // of io.Reader, io.Writer and io.Closer
}

func lentName(i int) string { return fmt.Sprintf("lent%d", i+1) }

// lends returns why no stream can be lent to the values, or "": no call may use another
// value than the one that it is made for, since it brings the streams of that one, nor return
// what uses them after the call.
func (j *job) lends(h *handled, decide *crossing.Decider) string {
	for _, m := range j.allMethods() {
		if j.holds(m.Signature()) {
			return m.Name() + " takes or returns another"
		}
		if slices.ContainsFunc(decide.Func(m).Ways, crossing.Way.Lasts) {
			return m.Name() + " returns what may use it after the call"
		}
	}
	for _, fn := range exportedFuncs(j.world, j.target.pkg) {
		if j.holds(fn.Signature().Params()) {
			return fn.Name() + " takes one"
		}
	}
	if len(h.friends) > 0 {
		return h.friends[0].name + " hands one over"
	}
	return ""
}

// keepsStreams notes which parameters of a function that makes a value are streams which
// the value keeps. It returns the first that can't be lent to it, with why.
func (j *job) keepsStreams(h *handled, fn *types.Func, e *endpoint) (at *crossing.Way, why string) {
	made := 0
	for _, r := range e.results {
		if j.isPointer(r) {
			made++
		}
	}
	if made == 0 {
		return nil, ""
	}
	decide := crossing.New(crossing.Options{Module: j.target.pkg.Module, Home: j.target.pkg.Types, Carriers: j.in.Carriers})
	places := map[int]int{}
	for _, w := range decide.Func(fn).Ways {
		if w.Result || w.Step == nil || w.Step.How != crossing.AsStream {
			continue
		}
		i := slices.IndexFunc(e.params, func(p param) bool { return types.Identical(p.typ, w.Var.Type()) && !placed(places, e, p) })
		methods := crossing.Lendable(w.Var.Type())
		if why := j.lends(h, decide); methods == nil || i < 0 || made > 1 || e.variadic && i == len(e.params)-1 || fn.Signature().Recv() != nil || why != "" {
			return &w, why
		}
		place := h.place(lent{w.Var.Type(), methods}, places)
		if place < 0 {
			return &w, ""
		}
		places[i] = place
	}
	if len(places) > 0 {
		h.keeps[e] = places
	}
	return nil, ""
}

// placed reports whether a parameter has its place already.
func placed(places map[int]int, e *endpoint, p param) bool {
	for i := range places {
		if e.params[i].name == p.name {
			return true
		}
	}
	return false
}

// place returns the place of a stream that a value keeps, which none of those taken has;
// -1 where there are too many.
func (h *handled) place(s lent, taken map[int]int) int {
	for i, known := range h.lent {
		if !types.Identical(known.typ, s.typ) {
			continue
		}
		free := true
		for _, t := range taken {
			free = free && t != i
		}
		if free {
			return i
		}
	}
	if len(h.lent) == maxLent {
		return -1
	}
	h.lent = append(h.lent, s)
	return len(h.lent) - 1
}

// quieten notes the methods that use no stream, since they call nothing: a stream that is
// lent costs a round trip at least.
func (j *job) quieten(h *handled) {
	for _, e := range h.methods {
		h.quiet[e] = len(h.keeps[e]) == 0 && (e.decl == nil || j.callsNothing(e.decl, 0))
	}
}

// callsNothing reports whether a function calls no other, but for those of its package that
// call nothing either. One without a declaration sets or returns a field.
func (j *job) callsNothing(decl *code.Decl, depth int) bool {
	if decl.Func.Body == nil || depth > 4 {
		return false
	}
	info, nothing := decl.File.Pkg.Info, true
	ast.Inspect(decl.Func.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			if _, f := info.TypeOf(n.X).Underlying().(*types.Signature); f {
				nothing = false
			}
		case *ast.CallExpr:
			if tv := info.Types[n.Fun]; tv.IsType() || tv.IsBuiltin() {
				break
			}
			fn := decl.File.Callee(n)
			if fn == nil || fn.Pkg() != decl.Obj.Pkg() {
				nothing = false
				break
			}
			if d := j.world.Decl(fn); d == nil || !j.callsNothing(d, depth+1) {
				nothing = false
			}
		}
		return nothing
	})
	return nothing
}

// resets notes the methods that give a value another stream than it was made with: by
// convention they are called Reset.
func (h *handled) resets() {
	for _, e := range slices.Concat(h.methods, h.resident) {
		if !strings.HasPrefix(e.fn.Name(), "Reset") {
			continue
		}
		places := map[int]int{}
		for i, p := range e.params {
			for at, s := range h.lent {
				if _, taken := places[i]; !taken && types.Identical(s.typ, p.typ) && !values(places, at) {
					places[i] = at
				}
			}
		}
		if len(places) > 0 {
			h.keeps[e] = places
		}
	}
}

func values(places map[int]int, at int) bool {
	for _, p := range places {
		if p == at {
			return true
		}
	}
	return false
}

// loan is the name of the struct with the streams of one value, or of one call.
func (h *handled) loan() string { return naming.Unexported(h.typ) + "Loan" }

// loans is the name of the type with the loans of the calls of one value under way.
func (h *handled) loans() string { return naming.Unexported(h.typ) + "Loans" }

// standIn is the name of the type that stands for the stream at a place.
func (h *handled) standIn(place int) string {
	return naming.Unexported(h.typ) + fmt.Sprint("Lent", place+1)
}

// ownPlaces are the places for which an endpoint brings a stream of its own.
func (h *handled) ownPlaces(e *endpoint) map[int]string {
	own := map[int]string{}
	for i, place := range h.keeps[e] {
		own[place] = e.params[i].name
	}
	return own
}

// lentParams are the parameters by which a method of the contract gets the streams that
// the value was given before.
func (h *handled) lentParams(e *endpoint) (ps []param) {
	if h.quiet[e] {
		return nil
	}
	own := h.ownPlaces(e)
	for i, s := range h.lent {
		if _, brings := own[i]; !brings {
			ps = append(ps, param{lentName(i), s.typ})
		}
	}
	return ps
}

// writeLoans writes what the component has of the streams of a value.
func (m mapper) writeLoans(n *newFile) {
	h := m.h
	if len(h.lent) == 0 {
		return
	}
	n.printf("\n// %s are the streams that one %s was given.\ntype %s struct {\n", h.loan(), h.typ, h.loan())
	for i, s := range h.lent {
		n.printf("\t%s %s\n", lentName(i), n.typer()(s.typ))
	}
	n.printf(`}

// %[1]s are those that one %[2]s can use now. A stream of another process ends with the
// call that brings it, so each call brings them along.
type %[1]s struct {
	mu  sync.Mutex
	all []*%[3]s // of the calls under way
}

// lend adds what a call brings, until the function that it returns is called.
func (s *%[1]s) lend(brought %[3]s) (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	added := &brought
	s.all = append(s.all, added)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for i, one := range s.all {
			if one == added {
				s.all = append(s.all[:i:i], s.all[i+1:]...)
				return
			}
		}
	}
}

// now returns what the latest call has brought.
func (s *%[1]s) now() (*%[3]s, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) == 0 {
		return nil, fmt.Errorf("%[4]s: a %[2]s uses a stream while no method of it is called")
	}
	return s.all[len(s.all)-1], nil
}
`, h.loans(), h.typ, h.loan(), m.job.target.pkg.Pkg.Name)
	for i, s := range h.lent {
		m.writeStandIn(n, i, s)
	}
	n.printf(`
// lend adds the streams that a call of a value brings, until the function that it returns
// is called.
func (l *%[1]s) lend(handle uint64, brought %[2]s) (end func()) {
	l.mu.Lock()
	s := l.loans[handle]
	l.mu.Unlock()
	if s == nil {
		return func() {}
	}
	return s.lend(brought)
}
`, h.service.impl, h.loan())
	if slices.ContainsFunc(slices.Concat(h.methods, h.resident), func(e *endpoint) bool { return len(h.keeps[e]) > 0 }) {
		n.printf("\n// loansOf returns the loans of a value.\nfunc (l *%s) loansOf(handle uint64) *%s {\n\tl.mu.Lock()\n\tdefer l.mu.Unlock()\n\treturn l.loans[handle]\n}\n", h.service.impl, h.loans())
	}
}

// writeStandIn writes what a value keeps in the place of a stream.
func (m mapper) writeStandIn(n *newFile, place int, s lent) {
	name, field := m.h.standIn(place), lentName(place)
	n.printf("\n// %s stands for a stream that a %s was given.\ntype %s struct{ loans *%s }\n", name, m.h.typ, name, m.h.loans())
	for _, method := range s.methods {
		if method == "Close" {
			n.printf("\nfunc (l %s) Close() error {\n\tnow, err := l.loans.now()\n\tif err != nil {\n\t\treturn err\n\t}\n\treturn now.%s.Close()\n}\n", name, field)
			continue
		}
		n.printf("\nfunc (l %s) %s(p []byte) (int, error) {\n\tnow, err := l.loans.now()\n\tif err != nil {\n\t\treturn 0, err\n\t}\n\treturn now.%s.%[2]s(p)\n}\n", name, method, field)
	}
}

// brought spells the loan of a call of the implementation: the streams that it brings
// for its value.
func (m mapper) brought(e *endpoint, method bool) string {
	own := m.h.ownPlaces(e)
	var fields []string
	for i := range m.h.lent {
		if name, brings := own[i]; brings {
			fields = append(fields, lentName(i)+": "+name)
		} else if method {
			fields = append(fields, lentName(i)+": "+lentName(i))
		}
	}
	return m.h.loan() + "{" + strings.Join(fields, ", ") + "}"
}

// standIns writes the stand-ins for the streams that an endpoint gives its value, and
// returns the endpoint with these in their place. loans is what spells the value's loans.
func (m mapper) standIns(n *newFile, e *endpoint, loans string) *endpoint {
	places := m.h.keeps[e]
	if len(places) == 0 {
		return e
	}
	real := *e
	real.params = slices.Clone(e.params)
	for i := range real.params {
		place, ok := places[i]
		if !ok {
			continue
		}
		p := &real.params[i]
		n.printf("\tvar %[1]sLent %[2]s\n\tif %[1]s != nil {\n\t\t%[1]sLent = %[3]s{%[4]s}\n\t}\n", p.name, n.typer()(p.typ), m.h.standIn(place), loans)
		real.declared = append(real.declared, p.name)
		p.name += "Lent"
	}
	return &real
}

// ifLent returns text where values keep streams, and "" otherwise.
func (m mapper) ifLent(text string) string {
	if len(m.h.lent) == 0 {
		return ""
	}
	return text
}

// resident ends the calls that keep a value which was made in this process, and open it:
// it was given no stream that can be lent.
func (m mapper) resident() string {
	if len(m.h.lent) == 0 {
		return "))"
	}
	return ", &" + m.h.loans() + "{}), " + m.h.loan() + "{})"
}

// replace spells how the façade notes the streams that its value keeps from now on.
func (m mapper) replace(e *endpoint) (lines string) {
	for i, p := range e.params {
		if place, ok := m.h.keeps[e][i]; ok {
			lines += "\tif f != nil {\n\t\tf.lent." + lentName(place) + " = " + p.name + "\n\t}\n"
		}
	}
	return lines
}

// noteLent notes which streams values keep, and what becomes of these.
func (j *job) noteLent(h *handled, decl *code.Decl, e *endpoint) {
	var names []string
	for i, p := range e.params {
		if place, ok := h.keeps[e][i]; ok {
			names = append(names, p.name+" ("+strings.Join(h.lent[place].methods, ", ")+")")
		}
	}
	if len(names) > 0 {
		j.note(j.world.Span(decl.Func.Name), "a "+h.typ+" keeps "+strings.Join(names, " and ")+" of "+e.name+": each call of its methods lends that to the component, which has no other method of it, and can use it while such a call lasts")
	}
}
