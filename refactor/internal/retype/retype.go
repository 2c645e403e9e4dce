package retype

import (
	"go/ast"
	"go/types"
	"slices"
	"strconv"

	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/reorder"
)

// A Role says what may become of a file.
type Role int

const (
	// Fixed files stay as they are.
	Fixed Role = iota
	// Lazy files are changed where a value of the interface reaches them.
	Lazy
	// User files are to hold the interface wherever they can.
	User
)

// A Config says what to do.
type Config struct {
	World *code.World
	Type  *types.Named // T
	// Instance is the one instance of a generic T that the interface is about, which
	// then has no type parameters. Nil: it has those of T.
	Instance *types.Named
	Role     func(*code.File) Role

	// Path and Name are those of the interface; where it is found only once the
	// flow is known, Rewrite gets them.
	Path string

	// Methods are the methods that the interface has in any case.
	Methods []*types.Func
	// Grow lets the interface have any other method that is needed.
	Grow bool
	// Local: values of the interface stay in the process, and are what they were.
	// They may be compared, be keys, and be told by a type assertion.
	Local bool
	// Annotate gives variables that get their type from a value the interface.
	Annotate bool
	// Accessors lets fields be read and set by methods.
	Accessors bool
	// Inner lets the interface have an unexported method by which T's package gets to
	// the value.
	Inner bool

	// Unbuilt lets parameters and results be the interface though files that this build
	// leaves out call the function, as long as that can't be told from the type by what a
	// program does. Whether those files still type-check is found out at the end.
	Unbuilt bool

	// Note is told which places keep the type, and why.
	Note func(text.Span, string)
}

// A Flow is what is known of all slots.
type Flow struct {
	Config

	self     *types.Named               // what the interface is about: T, or an instance of it
	standIns map[Interface]*types.Named // what standIn made

	slots  map[code.Key]*slot // by the place of the star, or of the name of a variable
	byType map[types.Type]*slot
	order  []*slot
	owners []*types.Func // methods with a slot in their signatures
	uses   []use         // what User files select
	fixed  map[string]*types.Func
	gets   map[string]*accessor
	orders *reorder.Analysis // nil: not asked for yet

	told      []Told                 // methods that tell T from others
	toldApart map[code.Key]text.Span // where a nil pointer in a value of an interface is told from no value; nil: not looked for yet
	toldOf    map[code.Key]bool      // functions of whose results it is told
	embedded  *bool                  // whether a struct type without a name embeds T; nil: not looked for yet

	boxed         []*slot // what becomes a value of an interface and may be nil there
	values        []value
	partsAsserted bool // whether a type is asserted that T is part of
	elsewhere     []elsewhere
	inners        []inner
	assertions    []inner // in tests of other packages, which assert the type
	innerMethod   *string // its name; nil: not looked for yet
	hasInner      bool
	hasUnbuilt    bool // whether a place keeps the type for files that this build leaves out

	closures   []closure
	friends    map[string]*friend
	befriended map[*types.Func]bool
	gone       map[*code.File]map[*ast.Ident]bool // mentions of packages that go

	embeddings []*embedding

	got  []got                  // reads of fields that a method of T stands for
	full map[*ast.CallExpr]bool // calls of make after which each element is stored

	comparers map[*types.Func]int  // what comparedParams found out
	makers    map[*types.Func]bool // what alwaysMakes found out

	known     map[*types.Package]bool  // what knows found out
	types     map[*types.TypeName]bool // what allTypes found out
	zeros     *zeros                   // nil: not looked for yet
	mentioned map[types.Type]bool
	concern   *concern       // nil: not asked for yet
	partless  map[whole]bool // what sameParts found no slot in
	problems  []component.Problem
}

// A use is a method or field that a User file selects of a slot.
type use struct {
	slot *slot
	span text.Span
	name string
}

// A slot is a place of the program with the type *T: a variable, a parameter, the
// element of a list, the result of a function.
type slot struct {
	name string
	span text.Span
	file *code.File
	role Role

	typ   types.Type    // *T, or a pointer to an instance of T; nil where no place has it
	star  *ast.StarExpr // its written type; nil where it is inferred
	def   *definition   // of a variable that gets its type from a value
	value bool          // an expression of the concrete type that no place holds

	into    []*slot // what its value flows to
	from    []*slot
	nilFrom []*slot // what it is nil with, but not made from
	found   []*slot // what it gets from where an assertion has found that
	same    []comparison
	like    *slot   // that type is its type
	soft    []*slot // what its value flows to, where a method can stand in between

	needs map[string]*types.Func // methods that the interface must have

	asserted   bool       // a type that is asserted
	assertedOf types.Type // of values of that type; nil where it isn't known
	flow       *Flow      // of a type that is asserted

	asked   bool     // no value has it: reflection is asked for the type, which values keep inside of the interface
	maker   bool     // the result of a function that makes one
	local   bool     // a variable of a function
	nilTest []demand // it is compared with nil
	nilCall []demand // a method that works on nil is called on it
	chance  []demand // a method that works on nil by chance is called on it
	nilTo   []demand // it becomes a value of an interface
	bound   []demand // a method is taken of it before it is called

	innerWhy string // how T's package uses what others can't see of it; "" if it doesn't
	innerAt  text.Span

	given   []demand // it is given to a function that a method may stand for
	zero    bool     // holds nil until something is stored in it
	gap     bool     // ... as elements of a list that nobody has stored do
	nilable bool     // an expression that may be nil
	literal bool     // the word nil
	word    ast.Expr // the word nil where it can be written with its type; nil elsewhere
	typed   bool     // ... and is
	printed string   // a field of the struct of that name, which the verb %#v writes; "" if it doesn't
	wanted  bool     // a User file calls methods on it
	reached bool     // it gets the interface
	failing []*slot  // what it is nil by together with an error
	dropped []*slot  // results that it gets while nobody looks at the error
	elided  []elided

	addresses []taken // &x of a variable that holds a T by value

	guards  []guard // returns that it gets its value from
	guarded bool    // where these return a nil pointer, they are to return nil

	why     string // why it keeps the concrete type; "" if it need not
	at      text.Span
	because *slot // it keeps the type with that one; nil where it has a reason of its own
}

// A demand is a use of a slot that is another one where the slot is nil.
type demand struct {
	name string // of the method, function or interface
	at   text.Span
	from *slot       // what the slot has its value from there; nil where it may be any
	typ  types.Type  // the interface that it becomes, if it becomes one
	in   *types.Func // the function that returns it there, if it is a result
	// chance says that a method works on nil by chance, and isn't meant for an element of
	// a list that nobody has stored.
	chance bool
	skip   *skip // how the call is left out where there is no value; nil where it can't be
}

// A comparison is one with another slot of the type, or with what else the slot holds.
type comparison struct {
	with *slot
	at   text.Span
}

// elided is a literal of a list whose type is left out.
type elided struct {
	file *code.File
	lit  *ast.CompositeLit
}

// Solve finds the slots and what keeps them.
func Solve(c Config) *Flow {
	f := &Flow{Config: c, slots: map[code.Key]*slot{}, byType: map[types.Type]*slot{}, fixed: map[string]*types.Func{}, gets: map[string]*accessor{}, friends: map[string]*friend{}, befriended: map[*types.Func]bool{}, gone: map[*code.File]map[*ast.Ident]bool{}, mentioned: map[types.Type]bool{}, partless: map[whole]bool{}, known: map[*types.Package]bool{}, standIns: map[Interface]*types.Named{}, full: map[*ast.CallExpr]bool{}, comparers: map[*types.Func]int{}, makers: map[*types.Func]bool{}}
	f.instantiate()
	for _, m := range c.Methods {
		f.fixed[m.Name()] = m
	}
	f.register()
	for _, file := range c.World.Files {
		if f.concerned(file) {
			f.define(file)
		}
	}
	f.unify()
	for _, file := range c.World.Files {
		if f.concerned(file) {
			f.follow(file)
		}
	}
	for _, file := range c.World.Files {
		if f.concerned(file) {
			f.promotions(file)
		}
	}
	f.decideInner()
	slices.SortStableFunc(f.order, func(a, b *slot) int { return a.span.Compare(b.span) })
	f.reach()
	for f.pass() || f.ambiguous() {
		f.reach()
	}
	return f
}

// concerned reports whether a file can know the type.
func (f *Flow) concerned(file *code.File) bool { return f.knows(file.Pkg.Types) }

// knows reports whether a package can have values of the type: it is the type's, or
// imports that, by way of others too.
func (f *Flow) knows(p *types.Package) bool {
	known, ok := f.known[p]
	if !ok {
		path := f.Type.Obj().Pkg().Path()
		known = p.Path() == path || slices.ContainsFunc(p.Imports(), f.knows)
		f.known[p] = known
	}
	return known
}

// Problems are the reasons that rule the whole out.
func (f *Flow) Problems() []component.Problem { return f.problems }

// Needed returns the methods that the interface must have, by name.
func (f *Flow) Needed() []*types.Func {
	all := map[string]*types.Func{}
	for name, m := range f.fixed {
		all[name] = m
	}
	for _, s := range f.order {
		if s.reached {
			for name, m := range s.needs {
				all[name] = m
			}
		}
	}
	for _, t := range f.Told() {
		if t.Method != nil {
			all[t.Method.Name()] = t.Method
		}
	}
	var out []*types.Func
	for _, m := range all {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b *types.Func) int {
		return f.World.Before(a, b)
	})
	return out
}

// A Left is a place of a User file that goes on using the concrete type.
type Left struct {
	Span text.Span
	Name string // of the method or field that is used, or of the variable
	Why  string
	At   text.Span
	Root Root // why, without what lies in between
}

// A Root is the place that others keep the type with.
type Root struct {
	Span text.Span
	Name string
	Why  string
	At   text.Span
}

func (s *slot) rootOf() Root {
	for s.because != nil {
		s = s.because
	}
	return Root{s.span, s.name, s.root(), s.at}
}

// itself reports whether a place is the root.
func (l *Left) itself() bool { return l.Root.Span == l.Span }

// Reason says why it is left: by the place that others keep the type with, if that is
// another, and with where that is needed.
func (l *Left) Reason() string {
	if l.itself() || !l.Root.Span.IsValid() || l.Root.Why == l.Why {
		return l.Root.Why + where(l.At, l.Span)
	}
	return "it flows into " + l.Root.Name + " (" + l.Root.Span.String() + "), which keeps the type: " + l.Root.Why + where(l.Root.At, l.Root.Span)
}

// Roots returns one place for each reason: the root itself, if it is among those that
// are left, else the first that follows from it. Those that follow are counted.
func Roots(left []Left) []Group {
	at := map[Root]int{}
	var out []Group
	for _, l := range left {
		i, known := at[l.Root]
		switch {
		case !known:
			at[l.Root] = len(out)
			out = append(out, Group{Left: l})
		case l.itself() && !out[i].itself():
			out[i] = Group{l, out[i].Others + 1}
		default:
			out[i].Others++
		}
	}
	return out
}

// A Group is a place with how many others are left for the same reason.
type Group struct {
	Left
	Others int
}

// Follow says how many others are left.
func (g *Group) Follow() string {
	switch {
	case g.Others == 0:
		return ""
	case g.Others == 1:
		return "; 1 other place follows from it"
	}
	return "; " + strconv.Itoa(g.Others) + " other places follow from it"
}

// Made reports whether the type is used where it is made, and nothing holds it.
func (l Left) Made() bool { return l.Why == concrete }

// Left returns the places of User files that use the concrete type all the same:
// the variables, parameters and results, and what is used of others.
func (f *Flow) Left() []Left {
	var out []Left
	for _, u := range f.uses {
		if s := u.slot; !s.reached && (s.star == nil || s.role != User) {
			out = append(out, Left{u.span, u.name, u.slot.root(), u.slot.at, u.slot.rootOf()})
		}
	}
	for _, s := range f.order {
		if s.role == User && !s.reached && s.why != "" && s.star != nil && !s.file.Test && !s.asked {
			out = append(out, Left{s.span, s.name, s.root(), s.at, s.rootOf()})
		}
	}
	for _, v := range f.values {
		out = append(out, Left{v.span, v.name, byValue, v.span, Root{v.span, v.name, byValue, v.span}})
	}
	slices.SortStableFunc(out, func(a, b Left) int { return a.Span.Compare(b.Span) })
	return out
}

// Held returns how many places hold the interface: those of User files, and those of
// others that they use it of. A local variable of the function that makes its value is
// none, nor is the result of the function that makes it: nothing else could be there.
func (f *Flow) Held() int { n, _ := f.holders(); return n }

// Fresh returns how many places hold the interface of a value that they make.
func (f *Flow) Fresh() int { _, n := f.holders(); return n }

func (f *Flow) holders() (held, fresh int) {
	count := func(s *slot) {
		if s.fresh(map[*slot]bool{}) {
			fresh++
		} else {
			held++
		}
	}
	for _, s := range f.order {
		if s.role == User && s.reached && (s.star != nil || s.def != nil) {
			count(s)
		}
	}
	seen := map[*slot]bool{}
	for _, u := range f.uses {
		if s := u.slot; s.reached && s.role != User && !seen[s] {
			seen[s] = true
			count(s)
		}
	}
	return held, fresh
}

// fresh reports a local variable, or the result of a function, whose value is made
// there in any case.
func (s *slot) fresh(seen map[*slot]bool) bool {
	if s.maker || s.value && !s.nilable {
		return true
	}
	if !s.local || seen[s] {
		return false
	}
	seen[s] = true
	for _, m := range s.from {
		if m != s.like && !m.fresh(seen) || m == s.like && !m.maker && !(m.value && !m.nilable) {
			return false
		}
	}
	return len(s.from) > 0 || s.def != nil && s.def.form == valued
}

// typeName is T as messages have it.
func (f *Flow) typeName() string {
	return "*" + f.Type.Obj().Pkg().Name() + "." + f.Type.Obj().Name()
}

// isTarget reports whether t is T, in any variant of its package.
func (f *Flow) isTarget(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == f.Type.Obj().Name() && n.Obj().Pkg() != nil &&
		(n.Obj() == f.Type.Obj() || f.World.Key(n.Obj()) == f.World.Key(f.Type.Obj()))
}

// isPointer reports whether t is *T.
func (f *Flow) isPointer(t types.Type) bool {
	if t == nil {
		return false
	}
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && f.isTarget(p.Elem())
}
