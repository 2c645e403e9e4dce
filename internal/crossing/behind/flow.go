package behind

import (
	"cmp"
	"context"
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/crossing/typeref"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
)

// A Flow knows the types in the interfaces of one program. It isn't safe for
// concurrent use.
type Flow struct {
	g    *graph
	fset *token.FileSet // of those who ask
}

// Options describe the analysed program.
type Options struct {
	// Module is the path of the analysed module.
	Module string
	Span   func(fset *token.FileSet, pos, end token.Pos) text.Span
	// Fset is the file set of the types that the Flow is asked about. They may
	// be of another load than the packages.
	Fset *token.FileSet
}

// Of analyses a program. Packages with problems are ignored. The only error is
// that of ctx.
func Of(ctx context.Context, pkgs []*source.Package, o Options) (*Flow, error) {
	g := newGraph(o)
	if err := g.program(ctx, pkgs); err != nil {
		return nil, err
	}
	if err := g.solve(ctx); err != nil {
		return nil, err
	}
	return &Flow{g, o.Fset}, nil
}

// Values are the values of one type at some places of a program. The zero
// Values is of no place.
type Values struct {
	g     *graph
	nodes []node // sorted
}

// Followed reports whether v belongs to a Flow: nothing is known of parameters
// and results of function values.
func (v Values) Followed() bool { return v.g != nil }

// String identifies the places.
func (v Values) String() string { return fmt.Sprint(v.nodes) }

// A Found is a type that the program stores in an interface.
type Found struct {
	Ref  component.TypeRef
	Span text.Span // the first place where it does
	Test bool      // only tests do
	// Local: the type is declared inside a function, so that no other code can
	// name it.
	Local bool
}

// An Unknown is a source of values that the analysis can't follow.
type Unknown struct {
	What string // "json.Unmarshal fills it"
	Span text.Span
	Test bool // only a test does
}

// String returns what happens, and where.
func (u Unknown) String() string {
	if !u.Span.IsValid() {
		return u.What
	}
	return u.What + " (" + u.Span.String() + ")"
}

// Param returns the values passed for parameter i, counted from 0 without the
// receiver, of a function, a method or an interface's method. The zero Flow
// knows nothing.
func (f *Flow) Param(fn *types.Func, i int) Values { return f.passed(fn, i, false) }

// Result returns the values of result i of a function or method; for an
// interface's method, those of its implementations.
func (f *Flow) Result(fn *types.Func, i int) Values { return f.passed(fn, i, true) }

func (f *Flow) passed(fn *types.Func, i int, result bool) Values {
	if f.g == nil {
		return Values{}
	}
	return f.g.passed(f.fset, fn, i, result)
}

// Field returns the values stored in a field.
func (f *Flow) Field(v *types.Var) Values {
	if f.g == nil {
		return Values{}
	}
	return Values{f.g, []node{f.g.field(f.fset, v)}}
}

// Elem returns the elements of slices, arrays, maps and channels, and the
// targets of pointers.
func (v Values) Elem() Values { return v.inside(func(o *object) node { return o.cell }) }

// Key returns the keys of maps.
func (v Values) Key() Values { return v.inside(func(o *object) node { return o.key }) }

func (v Values) inside(of func(*object) node) Values {
	if v.g == nil {
		return v
	}
	out := Values{g: v.g}
	for _, n := range v.nodes {
		for _, o := range v.g.at(n).holds {
			if x := v.g.objects[o]; x.kind != boxed && of(x) != none {
				out.nodes = append(out.nodes, of(x))
			}
		}
	}
	return out.unique()
}

// As returns the values of type t in an interface.
func (v Values) As(t component.TypeRef) Values {
	if v.g == nil {
		return v
	}
	out := Values{g: v.g}
	for _, n := range v.nodes {
		for _, o := range v.g.at(n).holds {
			if x := v.g.objects[o]; x.kind == boxed && x.payload != none && x.spelled == t.String() {
				out.nodes = append(out.nodes, x.payload)
			}
		}
	}
	return out.unique()
}

func (v Values) unique() Values {
	slices.Sort(v.nodes)
	v.nodes = slices.Compact(v.nodes)
	return v
}

// Types returns the types in an interface, sorted by their spelling, and the
// unknown sources, sorted by position. Both are empty for the zero Values.
func (v Values) Types() (found []Found, unknown []Unknown) {
	if v.g == nil {
		return nil, nil
	}
	best, why := map[string]Found{}, map[string]Unknown{}
	for _, n := range v.nodes {
		for _, o := range v.g.at(n).holds {
			switch x := v.g.objects[o]; x.kind {
			case boxed:
				key := x.spelled
				if x.local {
					key += "\x00" // another type than one of the package
				}
				f := Found{typeref.Of(x.typ), x.span, x.test, x.local}
				if old, seen := best[key]; !seen || before(f.Test, f.Span, old.Test, old.Span) {
					best[key] = f
				}
			case outside:
				u := Unknown{x.what, x.span, x.test}
				if old, seen := why[u.What]; !seen || before(u.Test, u.Span, old.Test, old.Span) {
					why[u.What] = u
				}
			}
		}
	}
	if v.g.exhausted {
		why[""] = Unknown{What: "the program is too large to follow all of its values"}
	}
	for _, f := range best {
		found = append(found, f)
	}
	for _, u := range why {
		unknown = append(unknown, u)
	}
	slices.SortFunc(found, func(a, b Found) int {
		return cmp.Or(strings.Compare(a.Ref.String(), b.Ref.String()), a.Span.Compare(b.Span))
	})
	slices.SortFunc(unknown, func(a, b Unknown) int { return cmp.Or(a.Span.Compare(b.Span), strings.Compare(a.What, b.What)) })
	return found, unknown
}

// before prefers what isn't a test, then the earlier place.
func before(test bool, at text.Span, other bool, otherAt text.Span) bool {
	if test != other {
		return !test
	}
	return at.Compare(otherAt) < 0
}
