package boundary

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/retype"
)

// A Request asks for one boundary.
type Request struct {
	What  string // for messages: extract-contract ./store.Store
	World *code.World
	Type  *types.Named
	// Instance is the one instance of a generic type that the interface is about. Nil:
	// the interface has the type parameters of Type.
	Instance *types.Named
	Package  *source.Package // of the type

	// Consumers are the packages that are to hold the interface; none are all
	// that use the type.
	Consumers []*source.Package
	// Home is the package of the interface: the type's, or a consumer's.
	Home *source.Package
	// Name of the interface; empty for one that says what it is.
	Name string
	// Methods that the interface has; none are those that are used.
	Methods []*types.Func
	// Accessors lets fields be reached by methods that are written for them.
	Accessors bool
	// Component is the component whose contract the interface is; empty for none.
	Component string
	// Local returns why a method can't cross a process; nil where that isn't asked.
	Local func(*types.Func) string
	// Unbuilt lets functions change that files call which this build leaves out, as long as
	// those still type-check: that is refused by the result of World, and who asks tries
	// again without.
	Unbuilt bool
	// Choose says that who asks can name other consumers: --consumers.
	Choose bool
}

// An Outcome is what became of a request. The edits are in the request's World.
type Outcome struct {
	Interface retype.Interface
	Existing  bool // it was there before
	Held      int  // places that hold it
	Fresh     int  // places that hold what they make themselves
	Left      []retype.Left
	Notes     []change.Note
	Summary   []string // what to know before anything else, a line each
	Unbuilt   []string // files that this build leaves out and that see the interface: by Request.Unbuilt
}

// Used reports whether any place holds the interface, one that makes the value included.
func (o *Outcome) Used() bool { return o.Held+o.Fresh > 0 }

// Better reports whether more code holds the interface than by another outcome.
func (o *Outcome) Better(than *Outcome) bool {
	if (o.Held > 0) != (than.Held > 0) {
		return o.Held > 0
	}
	if (o.Fresh > 0) != (than.Fresh > 0) && o.Held == 0 {
		return o.Fresh > 0
	}
	return len(o.Left) < len(than.Left)
}

// A maker works on one request.
type maker struct {
	Request
	flow    *retype.Flow
	methods []*types.Func
	fields  []retype.Accessor
	friends []retype.Friend
	inner   string // the unexported method that returns the value; empty for none
	out     *Outcome
}

// Make rewrites the module. Where nobody would hold the interface that is refused,
// with what keeps the type.
func Make(req Request) (*Outcome, error) {
	m := &maker{Request: req, out: &Outcome{}}
	m.solve()
	if err := m.nobody(); err != nil {
		return nil, err
	}
	m.choose()
	if err := m.otherBuilds(); err != nil {
		return nil, err
	}
	m.flow.Rewrite(m.out.Interface)
	m.writeAccessors()
	if !m.out.Existing {
		m.declare()
	}
	m.left()
	m.elsewhere()
	m.local()
	m.told()
	m.summarize()
	return m.out, nil
}

// otherBuilds refuses a type that files of other builds declare, too, where what is
// written beside it would be missing in those builds: the interface, or methods.
func (m *maker) otherBuilds() error {
	file := m.World.FileOf(m.Type.Obj())
	beside := !m.out.Existing && m.Home.Pkg.Path == m.Package.Pkg.Path || len(m.fields)+len(m.friends) > 0 || m.inner != ""
	if !beside || !file.Constrained() {
		return nil
	}
	name := m.Type.Obj().Name()
	other := m.World.IgnoredName(m.Package.Types, name)
	if other == "" {
		return nil
	}
	return component.Refuse(m.What, component.Problem{Code: "other-builds", Severity: component.Error, Span: m.World.SpanAt(m.Type.Obj().Pos(), 0),
		Message: name + " stands in a file that not every build has, and " + other + ", which this build leaves out, has the name, too: the interface beside it would be missing there",
		Hint:    "declare the interface by hand, in a file that every build has: it is used then"})
}

// told notes the methods that are there for assertions, and the unexported one.
func (m *maker) told() {
	if sealed := m.sealed(); len(sealed) > 0 {
		m.note(m.World.SpanAt(m.Type.Obj().Pos(), 0), m.out.Interface.Name+" has the unexported "+strings.Join(sealed, ", ")+", by which "+m.Package.Pkg.Name+" reaches what only it can see: no other package can implement it")
	}
	for _, t := range m.flow.Told() {
		name := ""
		if t.Method != nil {
			name = t.Method.Name()
		} else if t.Inner {
			name = "the unexported " + m.inner + ", which no other package can implement,"
		} else if i := slices.IndexFunc(m.fields, func(a retype.Accessor) bool { return a.Field == t.Field }); i >= 0 {
			name = m.fields[i].Get
		}
		m.note(m.World.SpanAt(m.Type.Obj().Pos(), 0), m.out.Interface.Name+" has "+name+" so that an assertion to it doesn't find "+t.From)
	}
}

// elsewhere notes the files that this build leaves out and that see the interface.
func (m *maker) elsewhere() {
	m.flow.Elsewhere(func(obj types.Object, files []string) {
		for _, file := range files {
			m.note(m.World.SpanAt(obj.Pos(), 0), file+", which this build leaves out, mentions "+obj.Name()+": it type-checks with what it gets now, and wasn't run")
		}
		m.out.Unbuilt = append(m.out.Unbuilt, files...)
	})
}

// sealed returns the unexported methods of the interface.
func (m *maker) sealed() []string {
	var out []string
	for _, fn := range m.flow.SealedBy() {
		out = append(out, fn.Name())
	}
	if m.inner != "" && m.flow.ReachesIn() {
		out = append(out, m.inner)
	}
	return out
}

// Survey tells what Make would do, and changes nothing.
func Survey(req Request) *Outcome {
	m := &maker{Request: req, out: &Outcome{}}
	m.solve()
	return m.out
}

// solve finds out who can hold the interface and what it must have.
func (m *maker) solve() {
	req := m.Request
	config := retype.Config{
		World: req.World, Type: req.Type, Instance: req.Instance, Path: req.Home.Pkg.Path, Role: m.role, Methods: req.Methods,
		Grow: len(req.Methods) == 0, Local: true, Annotate: true, Accessors: req.Accessors, Note: m.note,
	}
	m.flow = retype.Solve(config)
	if m.flow.WantsInner() && len(m.flow.Left()) > 0 {
		config.Inner = true
		if more := retype.Solve(config); len(more.Left()) < len(m.flow.Left()) && more.Held()+more.Fresh() > 0 {
			m.flow = more
		}
	}
	if req.Unbuilt && m.flow.WantsUnbuilt() && len(m.flow.Left()) > 0 {
		config.Inner, config.Unbuilt = m.flow.Inner, true
		if more := retype.Solve(config); len(more.Left()) < len(m.flow.Left()) && more.Held()+more.Fresh() > 0 {
			m.flow = more
		}
	}
	m.inner = m.flow.InnerNeeded()
	m.methods, m.fields, m.friends = m.flow.Needed(), m.flow.AccessorsNeeded(), m.flow.FriendsNeeded()
	m.out.Held, m.out.Fresh, m.out.Left = m.flow.Held(), m.flow.Fresh(), m.flow.Left()
}

func (m *maker) note(span text.Span, message string) {
	m.out.Notes = append(m.out.Notes, change.Note{Span: span, Message: message})
}

// role says what may become of a file. What is no consumer's changes where a value
// of the interface reaches it and it can name that.
func (m *maker) role(f *code.File) retype.Role {
	if !m.names(f) {
		return retype.Fixed
	}
	if f.Pkg.Pkg.Path != m.Package.Pkg.Path && !f.Test && m.consumer(f.Pkg.Pkg.Path) {
		return retype.User
	}
	return retype.Lazy
}

func (m *maker) consumer(path string) bool {
	return len(m.Consumers) == 0 || slices.ContainsFunc(m.Consumers, func(p *source.Package) bool { return p.Pkg.Path == path })
}

// names reports whether a file can name the interface: its package is the
// interface's, or may import that.
func (m *maker) names(f *code.File) bool {
	home := m.Home.Pkg.Path
	path := strings.TrimSuffix(f.Pkg.Pkg.Path, "_test")
	if f.Pkg.Pkg.Path == home {
		return true
	}
	if m.Home.Pkg.Name == "main" || !code.Visible(home, path) {
		return false
	}
	return f.Pkg.Pkg.Path != path || !code.Imports(m.Home.Types, path)
}

// nobody refuses an interface that nobody would hold.
func (m *maker) nobody() error {
	if m.out.Used() && len(m.methods)+len(m.fields)+len(m.friends) > 0 {
		return nil
	}
	at := m.World.SpanAt(m.Type.Obj().Pos(), 0)
	nobody := component.Problem{Code: "nobody-holds", Severity: component.Error, Span: at, Message: "nobody would hold the interface of " + m.typeName(), Hint: m.change()}
	var problems []component.Problem
	if pos := m.byValue(); len(m.out.Left) == 0 && pos.IsValid() {
		nobody.Hint = "let the program hold pointers to it"
		problems = append(problems, component.Problem{Code: "keeps-type", Severity: component.Error, Span: m.World.SpanAt(pos, 0),
			Message: "this is a value of " + strings.TrimPrefix(m.typeName(), "*") + ", and no pointer to it", Hint: "change this first"})
	}
	roots := retype.Roots(m.out.Left)
	for _, g := range roots[:min(len(roots), 10)] {
		problems = append(problems, component.Problem{Code: "keeps-type", Severity: component.Error, Span: g.Span, Message: g.Name + " keeps " + m.typeName() + ": " + g.Reason() + g.Follow(), Hint: "change this first"})
	}
	refusal := component.Refuse(m.What, problems...)
	refusal.Problems = slices.Insert(refusal.Problems, 0, nobody) // before its reasons
	return refusal
}

// byValue returns the first place outside of the package and of tests that has a
// value of the type, and no pointer to one.
func (m *maker) byValue() token.Pos {
	for _, f := range m.World.Files {
		if f.Test || f.Pkg.Pkg.Path == m.Package.Pkg.Path {
			continue
		}
		found := token.NoPos
		ast.Inspect(f.AST, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok || found.IsValid() {
				return !found.IsValid()
			}
			if tv, ok := f.Pkg.Info.Types[e]; ok && tv.IsValue() {
				if t, ok := types.Unalias(tv.Type).(*types.Named); ok && m.World.Key(t.Obj()) == m.World.Key(m.Type.Obj()) {
					found = e.Pos()
				}
			}
			return true
		})
		if found.IsValid() {
			return found
		}
	}
	return token.NoPos
}

// change says what would have to be different.
func (m *maker) change() string {
	switch {
	case len(m.out.Left) > 0:
	case m.Choose:
		return "no code of the program outside of its package uses it: name --consumers that do, or another type"
	default:
		return "no code of the program outside of its package uses it: name another type"
	}
	return "change what needs the type itself: it follows"
}

func (m *maker) typeName() string {
	return "*" + m.Package.Pkg.Name + "." + m.Type.Obj().Name()
}

// left notes the calls that stay calls of the type. Those for which a place is noted that
// they follow from are counted there, and those with one reason in a file are one note.
func (m *maker) left() {
	noted := map[text.Span]int{}
	for i, n := range m.out.Notes {
		noted[n.Span] = i
	}
	type key struct{ file, why string }
	at, more, uses := map[key]int{}, map[key]int{}, map[int]int{}
	for _, l := range m.out.Left {
		if _, same := noted[l.Span]; same {
			continue
		}
		if i, ok := noted[l.Root.Span]; ok {
			uses[i]++
			continue
		}
		k := key{l.Span.File, l.Reason()}
		if _, known := at[k]; known {
			more[k]++
			continue
		}
		at[k] = len(m.out.Notes)
		m.note(l.Span, l.Name+" is used of "+m.typeName()+" itself: "+k.why)
	}
	for i, n := range uses {
		m.out.Notes[i].Message += "; it is used at " + number(n, "place")
	}
	for k, i := range at {
		if n := more[k]; n > 0 {
			m.out.Notes[i].Message += "; the same at " + number(n, "other place") + " of the file"
		}
	}
	slices.SortStableFunc(m.out.Notes, func(a, b change.Note) int {
		return cmp.Or(a.Span.Compare(b.Span), strings.Compare(a.Message, b.Message))
	})
}
