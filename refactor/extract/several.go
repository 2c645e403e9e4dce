package extract

import (
	"context"
	"errors"
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/boundary"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A group is several types, of one package or of several, that are one component:
// with the interfaces of all of them the rest of the program holds no type of it. One
// of them, the root, is the component's contract; the others are what its methods
// return, or stay in the process of who makes them.
type group struct {
	members  []member // as they are to be extracted
	inside   map[string]bool
	explicit bool          // the types were listed
	funcs    []*types.Func // that were listed, or are called from outside
}

// A member is a type by the path of its package and its name: each member's change is
// made on what the ones before it left.
type member struct{ path, name string }

func (m member) String() string { return m.path[strings.LastIndexByte(m.path, '/')+1:] + "." + m.name }

// several extracts the types of a group, one after another.
func (j *job) several(ctx context.Context) (change.Set, error) {
	if err := j.checkGroup(); err != nil {
		return change.Set{}, err
	}
	if step := j.req.Text(paramStep); step != "" && step != stepBoundary {
		return j.remoteRoot(ctx)
	}
	if err := j.nameTaken(); err != nil {
		return change.Set{}, err
	}
	root := j.root()
	before, after := map[string][]byte{}, map[string][]byte{}
	var refused []component.Problem
	made := map[member]bool{}
	for _, m := range last(j.target.group.members, root) {
		set, err := j.member(ctx, m, m == root)
		var refusal *component.Refusal
		switch {
		case errors.As(err, &refusal):
			refused = append(refused, refusal.Problems...)
			j.skipped(m, refusal, before, after)
			continue
		case err != nil:
			return change.Set{}, err
		}
		made[m] = true
		if err := j.take(set, before, after); err != nil {
			return change.Set{}, err
		}
	}
	if len(made) == 0 {
		return change.Set{}, &component.Refusal{What: j.what, Problems: refused}
	}
	j.functions(root, made[root])
	set := change.Between("extract "+j.name(), before, after)
	set.Summary, set.Notes = j.summary, settled(j.notes)
	return set, nil
}

// last returns members with one of them at the end: what its methods return has its
// interface by then.
func last(members []member, root member) []member {
	return append(slices.DeleteFunc(slices.Clone(members), func(m member) bool { return m == root }), root)
}

// checkGroup refuses what can't be asked of several types at once.
func (j *job) checkGroup() error {
	wrong := func(param, reason, hint string) error {
		return &component.UsageError{Object: "--" + param, Reason: reason, Hint: hint}
	}
	switch {
	case j.keep:
		return wrong(keepSignatures, "is about one type, or a package of functions", "name one of them")
	case j.req.Text(paramContract) != "" && len(j.target.group.members) > 1:
		return wrong(paramContract, "there are several types, and each gets a contract", "leave it out")
	case len(j.req.List(inOut)) > 0:
		return wrong(inOut, "is about one type, or a package of functions", "name one of them")
	}
	return nil
}

// member makes the boundary of one type on what the ones before it left.
func (j *job) member(ctx context.Context, m member, root bool) (change.Set, error) {
	if j.world == nil {
		world, err := code.Load(ctx, j.in, j.what)
		if err != nil {
			return change.Set{}, err
		}
		j.world = world
	}
	pkg, named := find(j.world, m)
	if named == nil {
		return change.Set{}, fmt.Errorf("%s: %s is gone", j.what, m)
	}
	own := &job{what: j.what, in: j.in, req: j.req, world: j.world, target: &target{pkg: pkg, typ: named}, follower: j.follower}
	if err := own.refuseExtracted(); err != nil {
		return change.Set{}, err
	}
	req := j.request(pkg, named)
	if root {
		req.Component, req.Local = j.name(), own.local
	}
	req.Instance = boundary.OneInstance(req)
	out, err := boundary.Make(req)
	if err != nil {
		return change.Set{}, err
	}
	set, err := j.world.Result(ctx, j.what, "extract "+m.String(), nil, out.Notes)
	if err == nil {
		j.summary = append(j.summary, out.Summary...)
	}
	return set, err
}

// request asks for the boundary of one type: all packages outside of the group are to
// hold the interface.
func (j *job) request(pkg *source.Package, named *types.Named) boundary.Request {
	req := boundary.Request{What: j.what, World: j.world, Type: named, Package: pkg, Home: pkg, Accessors: true, Name: j.req.Text(paramContract)}
	for _, p := range j.world.Packages {
		if p.ForTest == "" && !j.target.group.inside[p.Pkg.Path] && !slices.ContainsFunc(req.Consumers, func(q *source.Package) bool { return q.Pkg.Path == p.Pkg.Path }) {
			req.Consumers = append(req.Consumers, p)
		}
	}
	return req
}

// take lays the change of one member over the module, and keeps it for the whole.
func (j *job) take(set change.Set, before, after map[string][]byte) error {
	for _, n := range set.Notes {
		j.notes = append(j.notes, change.Note{Code: n.Code, Span: original(n.Span, before, after), Message: n.Message})
	}
	overlay := map[string][]byte{}
	for _, f := range set.Files {
		was, _, err := j.in.Snapshot.Content(f.Path)
		if f.Op == change.Create {
			was, err = nil, nil
		}
		if err != nil {
			return err
		}
		now, err := f.Result(was)
		if err != nil {
			return err
		}
		if _, known := after[f.Path]; !known && f.Op != change.Create {
			before[f.Path] = was
		}
		after[f.Path], overlay[j.in.Snapshot.Abs(f.Path)] = now, now
	}
	j.in.Snapshot, j.world = j.in.Snapshot.WithOverlay(overlay), nil
	return nil
}

// original returns where a place of a changed file was before.
func original(at text.Span, before, after map[string][]byte) text.Span {
	was, ok := before[at.File]
	if !ok {
		return at
	}
	set := change.Between("", map[string][]byte{at.File: was}, map[string][]byte{at.File: after[at.File]})
	back := func(offset int) int {
		grown := 0
		for _, f := range set.Files {
			for _, e := range f.Edits {
				switch from := e.Start + grown; {
				case offset < from:
					return offset - grown
				case offset < from+len(e.New):
					return e.Start
				}
				grown += len(e.New) - (e.End - e.Start)
			}
		}
		return offset - grown
	}
	at.Start, at.End = back(at.Start), back(at.End)
	at.Line, at.Col = text.NewLines(was).Position(at.Start)
	return at
}

// skipped says that a type of the group gets no interface, and why. The world has
// edits that nobody wants: the next member starts anew.
func (j *job) skipped(m member, refusal *component.Refusal, before, after map[string][]byte) {
	j.world = nil
	for _, p := range refusal.Problems {
		if p.Code == "extracted-already" {
			j.summary = append(j.summary, m.String()+" was extracted before")
			return
		}
	}
	j.summary = append(j.summary, m.String()+" keeps its users: "+refusal.Problems[0].Message)
	for _, p := range refusal.Problems {
		if p.Span.IsValid() && p.Code == "keeps-type" {
			j.note(original(p.Span, before, after), p.Message)
		}
	}
}

// find returns a member of the group with its package.
func find(w *code.World, m member) (*source.Package, *types.Named) {
	for _, p := range w.Packages {
		if p.ForTest != "" || p.Pkg.Path != m.path {
			continue
		}
		if tn, ok := p.Types.Scope().Lookup(m.name).(*types.TypeName); ok {
			named, _ := tn.Type().(*types.Named)
			return p, named
		}
	}
	return nil, nil
}

// unheld is more than any rank of a type that somebody would hold.
const unheld = 1 << 20

// root picks the type whose contract is the component's: the one from which most of
// the others are had, by what methods return; of several one that a function makes, or
// else the first. One that nobody would hold is picked only where there is no other.
func (j *job) root() member {
	members := j.target.group.members
	best, most := members[0], -2*unheld
	for _, m := range members {
		n := 2 * len(j.reachedFrom(m))
		if j.made(m) {
			n++
		}
		if pkg, named := find(j.world, m); named == nil || !boundary.Survey(j.request(pkg, named)).Used() {
			n -= unheld
		}
		if n > most {
			best, most = m, n
		}
	}
	return best
}

// made reports a type that a function of its package returns.
func (j *job) made(m member) bool {
	pkg, _ := find(j.world, m)
	return pkg != nil && slices.ContainsFunc(exportedFuncs(j.world, pkg), func(fn *types.Func) bool {
		return slices.ContainsFunc(slices.Collect(fn.Signature().Results().Variables()), func(v *types.Var) bool { return mentionsType(v.Type(), m) })
	})
}

// reachedFrom returns the other types of the group that the methods of one lead to.
func (j *job) reachedFrom(from member) map[member]bool {
	out := map[member]bool{}
	var visit func(m member)
	visit = func(m member) {
		_, named := find(j.world, m)
		if named == nil {
			return
		}
		for i := range named.NumMethods() {
			for v := range named.Method(i).Signature().Results().Variables() {
				for _, other := range j.target.group.members {
					if other != from && !out[other] && named.Method(i).Exported() && mentionsType(v.Type(), other) {
						out[other] = true
						visit(other)
					}
				}
			}
		}
	}
	visit(from)
	return out
}

// mentionsType reports whether a type is, or is made of, a member of the group.
func mentionsType(t types.Type, m member) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return t.Obj().Pkg() != nil && t.Obj().Pkg().Path() == m.path && t.Obj().Name() == m.name
	case *types.Pointer:
		return mentionsType(t.Elem(), m)
	case *types.Slice:
		return mentionsType(t.Elem(), m)
	case *types.Array:
		return mentionsType(t.Elem(), m)
	case *types.Map:
		return mentionsType(t.Elem(), m)
	case *types.Chan:
		return mentionsType(t.Elem(), m)
	}
	return false
}

// functions says which functions of the group the rest of the program goes on to call
// directly: those that make its types are where they are hosted.
func (j *job) functions(root member, made bool) {
	var direct []string
	for _, fn := range j.target.group.funcs {
		if !j.makes(fn) {
			direct = append(direct, fn.Pkg().Name()+"."+fn.Name())
		}
	}
	if len(direct) > 0 {
		slices.Sort(direct)
		j.summary = append(j.summary, "called directly, as before: "+strings.Join(slices.Compact(direct), ", "))
	}
	switch {
	case !made:
		j.summary = append(j.summary, fmt.Sprintf("none of the interfaces is the contract of %s: that would be the one of %s, which nobody would hold", j.name(), root))
	case len(j.target.group.members) > 1:
		j.summary = append(j.summary, fmt.Sprintf("the contract of %s is that of %s", j.name(), root))
	}
}

// makes reports a function that returns a type of the group.
func (j *job) makes(fn *types.Func) bool {
	return slices.ContainsFunc(slices.Collect(fn.Signature().Results().Variables()), func(v *types.Var) bool {
		return slices.ContainsFunc(j.target.group.members, func(m member) bool { return mentionsType(v.Type(), m) })
	})
}

// remoteRoot takes a later step with the type whose contract is the component's.
func (j *job) remoteRoot(ctx context.Context) (change.Set, error) {
	for _, m := range j.target.group.members {
		pkg, named := find(j.world, m)
		own := *j
		own.target = &target{pkg: pkg, typ: named}
		own.chooseName()
		if it, _ := own.ownContract(); it != nil {
			return own.change(ctx)
		}
	}
	return change.Set{}, j.refuse(problem("no-contract", text.Span{}, "no type of it has a contract of a component "+j.name(),
		"make one first: unweld extract "+j.req.Target+" --name "+j.name()+" --step "+stepBoundary+" --write"))
}

// settled sorts notes, and takes each once.
func settled(notes []change.Note) []change.Note {
	seen := map[string]change.Note{}
	for _, n := range notes {
		seen[n.Span.String()+n.Message] = n
	}
	return slices.SortedStableFunc(maps.Values(seen), func(a, b change.Note) int {
		if c := a.Span.Compare(b.Span); c != 0 {
			return c
		}
		return strings.Compare(a.Message, b.Message)
	})
}
