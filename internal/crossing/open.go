package crossing

import (
	"go/token"
	"go/types"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing/behind"
)

// A Behind is an open interface, with the types that the program stores in it.
type Behind struct {
	Type  types.Type
	Path  string // lineage of the interface: "Event.Payload"
	Types []Registered
	// Unknown lists where values come from that the analysis can't follow,
	// sorted by position, including those in tests.
	Unknown []behind.Unknown

	key    string   // of the interface and the places that were looked at
	nested []Behind // in what is there
}

// A Registered is a type that the program stores in an open interface.
type Registered struct {
	behind.Found
	Type types.Type // nil: the type can't be named here
	// Why says why it isn't registered: only tests store it, or it can't
	// cross. Empty: it is.
	Why string
}

// values are the places of the program that hold what has a type in a signature;
// nil where they aren't followed. They are worked out when they are called.
type values func() behind.Values

// passed returns what is passed as a parameter, or a result.
func (d *Decider) passed(fn *types.Func, i int, result bool) values {
	if d.opts.Flow == nil {
		return nil
	}
	return func() behind.Values {
		if result {
			return d.opts.Flow().Result(fn, i)
		}
		return d.opts.Flow().Param(fn, i)
	}
}

// within returns the values of a part of what has the given ones.
func (d *Decider) within(part Part, whole values) values {
	switch {
	case d.opts.Flow == nil || part.unfollowed:
		return nil
	case part.method != nil:
		return d.passed(part.method, part.index, part.position == asResult)
	case part.Field != nil:
		return func() behind.Values { return d.opts.Flow().Field(part.Field) }
	case whole == nil:
		return nil
	case part.behind != nil:
		return func() behind.Values { return whole().As(part.behind.Ref) }
	case part.key:
		return func() behind.Values { return whole().Key() }
	}
	return func() behind.Values { return whole().Elem() }
}

// registered decides on an interface that anything may be behind: it crosses where
// all types that the program puts there are known and can cross, and the bindings
// carry that. Where nobody knows what is put there, that counts as what can.
func (d *Decider) registered(p place, refused *Reason) (*Step, *Reason) {
	step := &Step{Type: p.typ, How: AsAny, Mode: component.ModeAny}
	lacks := d.opts.Carriers.Lacks(component.ModeAny)
	if d.opts.Flow != nil {
		step.behind = d.behind(p)
		refused.behind = step.behind
		if why := d.unregistered(step.behind, p); why != "" {
			refused.What += "; " + why
			return nil, refused
		}
		step.Parts = step.behind.parts()
	}
	if lacks == "" {
		return step, nil
	}
	for _, part := range step.Parts {
		found := d.part(step, part, p)
		for _, b := range found.behind {
			b.Path = p.path + "." + b.Path
			step.behind.nested = append(step.behind.nested, b)
		}
		if len(found.reasons) > 0 {
			refused.What += "; " + p.path + "." + found.reasons[0].String() + ", put there at " + part.behind.Span.String()
			return nil, refused
		}
	}
	refused.Mode, refused.Lacks = step.Mode, lacks
	if d.opts.Flow == nil {
		refused.What += ", and " + lacks
	} else {
		refused.as = "value of a registered type"
		refused.What += "; it crosses as a " + refused.as + ", but " + lacks
	}
	if instead := d.opts.Carriers.Instead(step.Mode); instead != "" {
		refused.Hint = instead
	}
	return nil, refused
}

// behind returns what the program puts behind an interface.
func (d *Decider) behind(p place) *Behind {
	b := &Behind{Type: p.typ, Path: p.path}
	if p.values == nil {
		b.Unknown = []behind.Unknown{{What: "values passed through a function value aren't followed"}}
		b.key = p.path
		return b
	}
	v := p.values()
	b.key = short(p.typ) + v.String()
	var found []behind.Found
	found, b.Unknown = v.Types()
	u := p.typ.Underlying().(*types.Interface)
	for _, f := range found {
		r := Registered{Found: f}
		if !f.Local {
			r.Type = d.opts.Resolver.Type(f.Ref)
		}
		if r.Type != nil && !types.Implements(r.Type, u) {
			continue // of another interface with the same places
		}
		if f.Test {
			r.Why = d.uncrossable(r, p)
		}
		b.Types = append(b.Types, r)
	}
	return b
}

// uncrossable says why a type that tests alone put there can't cross, or "". The
// values that tests put into it in turn aren't looked at.
func (d *Decider) uncrossable(r Registered, p place) string {
	if why := d.unnamed(r, p); why != "" {
		return why
	}
	loose := d.all().opts
	loose.Flow = nil
	if reasons := New(loose).walk(place{typ: r.Type, path: r.Ref.Short(), at: p.at}, nil).reasons; len(reasons) > 0 {
		return reasons[0].String()
	}
	return ""
}

// unregistered says why the types behind an interface can't all be registered, or
// "". Tests don't count.
func (d *Decider) unregistered(b *Behind, p place) string {
	for _, u := range b.Unknown {
		if !u.Test {
			return "some of them aren't known: " + u.String()
		}
	}
	none := true
	for _, r := range b.Types {
		if !r.Test {
			if why := d.unnamed(r, p); why != "" {
				return why
			}
		}
		none = none && r.Why != ""
	}
	if none && p.position != inside { // where nothing is ever stored in a field, it is nil
		return "nothing in the program puts a value there"
	}
	return ""
}

// unnamed says why generated code can't name a type, or "".
func (d *Decider) unnamed(r Registered, p place) string {
	at := r.Ref.Short() + " is put there at " + r.Span.String()
	switch {
	case r.Local:
		return at + ", which is declared in a function"
	case r.Type == nil && !r.Ref.Data():
		return at + ", which is no data"
	case r.Type == nil:
		return at + ", which is declared where nothing else can name it"
	}
	for ref := range r.Ref.Mentioned() {
		switch {
		case ref.Kind != component.RefNamed || ref.Path == "":
		case !token.IsExported(ref.Name) && (d.opts.Home == nil || d.opts.Home.Path() != ref.Path):
			return at + ", which isn't exported"
		case d.opts.Names != nil && !d.opts.Names(ref.Path):
			return at + ", of a package that the contract's doesn't import: move the type to one that it does"
		}
	}
	return ""
}

// parts are the registered types.
func (b *Behind) parts() []Part {
	var parts []Part
	for i := range b.Types {
		if r := &b.Types[i]; r.Why == "" {
			parts = append(parts, Part{Type: r.Type, path: ".(" + r.Ref.Short() + ")", behind: &r.Found})
		}
	}
	return parts
}
