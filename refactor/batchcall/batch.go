package batchcall

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// A batch is the variant of a function that takes many elements.
type batch struct {
	name   string
	varies int // the parameter that becomes a slice
	fails  bool
	sites  []*site
}

// newBatch decides what the variant looks like, by the loops that are to call it.
func (j *job) newBatch(name string, sites []*site) (*batch, error) {
	sig := j.fn.Signature()
	b := &batch{name: name, fails: code.ReturnsError(j.fn), sites: sites, varies: sites[0].varies[0]}
	for _, s := range sites {
		for _, i := range s.varies {
			if i != b.varies {
				first, second := sig.Params().At(min(i, b.varies)), sig.Params().At(max(i, b.varies))
				return nil, j.refuse(component.Problem{Code: "calls-not-batched", Severity: component.Error, Span: j.world.Span(s.ref.Call),
					Message: "more than one argument differs from element to element: " + first.Name() + " and " + second.Name(),
					Hint:    "make them one parameter first, a struct, or choose loops in which only one differs: --" + paramLoops})
			}
		}
	}
	if b.name == "" {
		b.name = plural(j.fn)
	}
	return b, nil
}

// verbs are words that a plural can't be made of.
var verbs = strings.Fields(`
	get load find fetch read lookup look query delete remove save store put set add create update insert send
	notify publish check validate process handle run do call apply convert parse format render resolve compute
	calculate encode decode write close open start stop is has can must escape quote print index match contains
	equal compare copy move make build visit walk emit append push pop show hide log`)

// plural names the variant of a function: Prices for Price, UsersByID for UserByID,
// GetMany for Get.
func plural(fn *types.Func) string {
	words := naming.Words(fn.Name())
	if i := conversion(fn, words); i > 0 {
		return name(fn, words[:i]) + "To" + name(fn, words[i+1:])
	}
	for i, w := range words {
		if i > 0 && slices.Contains([]string{"By", "For", "From", "With", "In", "Of", "At", "To", "On"}, w) {
			return name(fn, words[:i]) + strings.Join(words[i:], "")
		}
	}
	return name(fn, words)
}

// conversion returns where To stands in the name of a function that makes one thing of
// another, as in LabelsToSet or convertFeedToItem; otherwise 0.
func conversion(fn *types.Func, words []string) int {
	i := slices.Index(words, "To")
	values := fn.Signature().Results().Len()
	if code.ReturnsError(fn) {
		values--
	}
	first := strings.ToLower(words[0])
	if i <= 0 || i == len(words)-1 || values != 1 || slices.Contains(verbs, first) && (i == 1 || !slices.Contains([]string{"convert", "parse", "format", "encode", "decode"}, first)) {
		return 0
	}
	return i
}

func name(fn *types.Func, words []string) string {
	last := words[len(words)-1]
	joined := strings.Join(words, "")
	values := fn.Signature().Results().Len()
	if code.ReturnsError(fn) {
		values--
	}
	if values == 0 && len(words) == 1 || len(words) == 1 && slices.Contains(verbs, strings.ToLower(last)) {
		return joined + "Many"
	}
	if many, ok := naming.Plural(last); ok {
		return strings.TrimSuffix(joined, last) + many
	}
	return joined + "Many"
}

// declare writes the variant beside the function, and beside every method that has to
// have it where a loop calls one of an interface.
func (j *job) declare(b *batch) error {
	members := []*types.Func{}
	for _, s := range b.sites {
		if fn := s.ref.Fn.Origin(); !slices.Contains(members, fn) {
			members = append(members, fn)
		}
	}
	if slices.ContainsFunc(members, func(m *types.Func) bool { return j.world.Spec(m) != nil }) {
		all, frozen := j.world.Class(j.fn)
		if frozen != "" {
			return j.refuse(j.problem(j.fn, "the interface that a loop calls it by can't gain a method: "+frozen, "change the loops that call the type itself: --"+paramLoops))
		}
		members = all
	} else {
		members = []*types.Func{}
		for _, s := range b.sites {
			if !slices.ContainsFunc(members, func(m *types.Func) bool { return j.world.Key(m) == j.world.Key(s.ref.Fn.Origin()) }) {
				members = append(members, s.ref.Fn.Origin())
			}
		}
	}
	for _, m := range members {
		if err := j.free(b, m); err != nil {
			return err
		}
	}
	for _, m := range members {
		if d := j.world.Decl(m); d != nil {
			j.declareFunc(b, d)
		} else if spec := j.world.Spec(m); spec != nil {
			j.declareMethod(b, m, spec)
		}
	}
	return nil
}

// free refuses a name that is taken, and what no declaration can be put beside.
func (j *job) free(b *batch, m *types.Func) error {
	taken := ""
	if recv := m.Signature().Recv(); recv == nil {
		if obj := m.Pkg().Scope().Lookup(b.name); obj != nil {
			taken = "package " + m.Pkg().Name()
		}
	} else if obj, _, _ := types.LookupFieldOrMethod(pointerTo(recv.Type()), true, m.Pkg(), b.name); obj != nil {
		taken = types.TypeString(recv.Type(), (*types.Package).Name)
	}
	if taken != "" {
		return j.refuse(j.problem(m, taken+" has a "+b.name+" already", "choose another name: --"+paramName+" "+m.Name()+"Batch"))
	}
	if d := j.world.Decl(m); d != nil && d.File.Generated() {
		return j.refuse(j.problem(m, m.FullName()+" stands in a generated file", "change what generates it"))
	}
	if m.Signature().RecvTypeParams().Len() > 0 {
		return j.refuse(j.problem(m, m.FullName()+" is a method of a generic type", "change the loops that call other types: --"+paramLoops))
	}
	return nil
}

func pointerTo(t types.Type) types.Type {
	if _, ok := t.(*types.Pointer); ok || types.IsInterface(t) {
		return t
	}
	return types.NewPointer(t)
}

// noun is what a value of a type is called where nothing better is known.
func noun(t types.Type) string {
	switch x := types.Unalias(t).(type) {
	case *types.Pointer:
		return noun(x.Elem())
	case *types.Named:
		if crossing.IsError(x) {
			return "err"
		}
		if name := naming.Unexported(x.Obj().Name()); token.IsIdentifier(name) {
			return name
		}
	case *types.Slice:
		if n, ok := naming.Plural(noun(x.Elem())); ok {
			return n
		}
	case *types.Basic:
		switch {
		case x.Info()&types.IsBoolean != 0:
			return "ok"
		case x.Info()&types.IsNumeric != 0:
			return "n"
		case x.Info()&types.IsString != 0:
			return "text"
		}
	}
	return "result"
}

// subject is what a function gives, by its name: price for Price, user for GetUser and
// UserByID.
func subject(fn *types.Func, or string) string {
	words := naming.Words(fn.Name())
	if i := conversion(fn, words); i > 0 {
		words = words[i+1:]
	}
	for i, w := range words {
		if i > 0 && slices.Contains([]string{"By", "For", "From", "With", "In", "Of", "At", "To", "On"}, w) {
			words = words[:i]
			break
		}
	}
	if len(words) > 1 && slices.Contains(verbs, strings.ToLower(words[0])) {
		words = words[1:]
	}
	name := naming.Unexported(strings.Join(words, ""))
	if slices.Contains(verbs, name) || !token.IsIdentifier(name) || types.Universe.Lookup(name) != nil {
		return or
	}
	return name
}
