package bind

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unweld/unweld/bindings/codegen"
	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/contract/lookup"
	"github.com/unweld/unweld/internal/generate"
	"github.com/unweld/unweld/internal/gomod"
	"github.com/unweld/unweld/internal/lock"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/compose"
	"github.com/unweld/unweld/stores"
)

// A generation is one run of bind or state.
type generation struct {
	verb      string // for messages: bind, state
	component string
	to        []string               // bindings; empty: those it has
	inout     []string               // arguments that travel back; nil: as before
	choose    func(*lock.Part) error // sets the bindings and stores
	title     func(*lock.Part) string
	check     func(*lookup.Target, *lock.Part) []component.Problem // may be nil
}

// bindings are those by which the component will be reached; before is what
// unweld.lock says of it, or nil.
func (what generation) bindings(before *lock.Part) []string {
	if len(what.to) == 0 && before != nil {
		return before.Bindings
	}
	return what.to
}

// A generator works on one generation.
type generator struct {
	m      *Module
	verb   string
	before *lock.File
	after  *lock.File // what unweld.lock will say
	raw    []byte
	part   *lock.Part // of after
	target *lookup.Target
	disk   map[string][]byte // generated files as they are, nil where there is none
	files  map[string][]byte // as they are to be
	set    change.Set
	// lost is true where generated files are there that unweld.lock doesn't know.
	lost bool
}

// run carries a generation out.
func run(ctx context.Context, m *Module, what generation) (change.Set, error) {
	g := &generator{m: m, verb: what.verb, disk: map[string][]byte{}, files: map[string][]byte{}}
	steps := []func() error{
		func() error { return g.locate(ctx, what) },
		func() error { return g.toolchain(ctx) },
		func() error { return g.emit(ctx) },
		func() error { return g.requirements(ctx) },
		g.declare,
		func() error { return g.editRoots(ctx) },
		g.finish,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return change.Set{}, err
		}
	}
	g.set.Title = fmt.Sprintf(what.title(g.part), g.name())
	return g.set, nil
}

func (g *generator) name() string { return g.target.Contract.Component }

// what heads a refusal.
func (g *generator) what() string { return g.verb + " " + g.name() }

// locate finds the component's contract, in the module without what was
// generated from an earlier one.
func (g *generator) locate(ctx context.Context, what generation) error {
	var err error
	if g.before, g.raw, err = lock.Read(g.m.Root); err != nil {
		return err
	}
	if g.after, _, err = lock.Read(g.m.Root); err != nil {
		return err
	}
	if g.target, err = g.lookUp(ctx, what); err != nil {
		return err
	}
	if err := lookup.CheckInOut(g.target.Contract, what.inout); err != nil {
		return err
	}
	g.part = g.after.Components[g.name()]
	if g.part == nil {
		g.part = &lock.Part{Edits: []lock.Edit{}}
		g.after.Components[g.name()] = g.part
	}
	if what.inout != nil {
		g.part.InOut = slices.Compact(slices.Sorted(slices.Values(what.inout)))
	}
	if err := what.choose(g.part); err != nil {
		return err
	}
	slices.Sort(g.part.Bindings)
	slices.Sort(g.part.Stores)
	g.part.Bindings, g.part.Stores = slices.Compact(g.part.Bindings), slices.Compact(g.part.Stores)
	g.part.Describe(g.target.Contract)
	if what.check != nil {
		return g.refuse(what.check(g.target, g.part))
	}
	return nil
}

// lookUp finds the contract.
func (g *generator) lookUp(ctx context.Context, what generation) (*lookup.Target, error) {
	if g.m.Path == "" {
		return nil, &component.UsageError{Object: g.m.Root, Reason: "is a workspace of several modules", Hint: "work in one of its modules: unweld -C DIR ..."}
	}
	cfg, err := g.m.Config()
	if err != nil {
		return nil, err
	}
	g.m.Progress("type-checking the module")
	f, err := lookup.New(ctx, lookup.Options{
		Root: g.m.Root, Module: g.m.Path, Snapshot: g.m.WithoutGenerated(g.before), Config: cfg, Lock: g.before, InOut: what.inout,
		Effects:  g.m.Effects,
		Carriers: func(name string) component.Carriers { return g.m.carriers(what.bindings(g.before.Components[name])...) },
	})
	if err != nil {
		return nil, err
	}
	return f.Find(ctx, what.component)
}

// emit generates the files.
func (g *generator) emit(ctx context.Context) error {
	c := g.target.Contract
	g.m.Progress("generating " + c.Component)
	chosen, err := pick("--to", g.part.Bindings, g.m.Bindings, nameOfBinding)
	if err != nil {
		return err
	}
	kept, err := pick("--to", g.part.Stores, g.m.Stores, func(s *stores.Store) string { return s.Name })
	if err != nil {
		return err
	}
	req := &generate.Request{Contract: c, Module: g.m.Path, Package: codegen.Target(c), Runtime: g.m.Path + "/" + lock.RuntimeFolder, Store: len(kept) > 0}
	problems := codegen.Prepare(req, chosen, g.part.Schema)
	if err := g.refuse(append(problems, c.Problems...)); err != nil {
		return err
	}
	options, err := g.options()
	if err != nil {
		return err
	}
	shared, err := codegen.Generate(ctx, req, chosen, options)
	if err != nil {
		return err
	}
	outputs := []*generate.Output{shared}
	g.steps(shared.Steps)
	for _, store := range kept {
		if err := g.refuse(store.Check(c)); err != nil {
			return err
		}
		out, err := store.Generate(ctx, req)
		if err != nil {
			return fmt.Errorf("store %s: %w", store.Name, err)
		}
		out.Runtime = append(out.Runtime, generate.Names(store.Runtime)...)
		outputs = append(outputs, out)
	}
	g.part.Schema = req.Schema.Lock
	return g.takeOutputs(outputs)
}

// refuse makes problems a refusal if one of them is an error. An endpoint that
// can't cross stays with its caller: that is worth a note only, unless it would
// leave the component's state behind.
func (g *generator) refuse(problems []component.Problem) error {
	var errs, stay []component.Problem
	local := map[string]bool{}
	together := g.target.Contract.Pinned == "" || len(g.m.carriers(g.part.Bindings...).Chosen) == 0
	for _, m := range g.target.Contract.Methods {
		if m.Local != "" && together {
			local[m.Name] = true
		}
	}
	for _, p := range component.SortProblems(problems) {
		method := p.Subject.Member // of the contract; what isn't about one of its methods has none
		if method == "" {
			method, _, _ = strings.Cut(p.Path, ".")
			method, _, _ = strings.Cut(method, "(")
		}
		switch {
		case p.Severity == component.Error && !local[method]:
			errs = append(errs, p)
		case p.Severity != component.Info:
			note := change.Note{Code: p.Code, Span: p.Span, Message: withPath(p)}
			if p.Severity == component.Error {
				stay = append(stay, p)
				note.Message += "; " + p.Hint
			}
			g.set.Notes = append(g.set.Notes, note)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	errs = append(errs, stay...) // they may be why
	for i := range errs {
		errs[i].Message = withPath(errs[i])
	}
	return component.Refuse(g.what(), errs...)
}

func withPath(p component.Problem) string {
	if p.Path == "" || strings.Contains(p.Message, p.Path) {
		return p.Message
	}
	return p.Path + ": " + p.Message
}

// takeOutputs notes the generated files, and adds the run-time that they and those of the
// other components need.
func (g *generator) takeOutputs(outputs []*generate.Output) error {
	g.part.Generated = map[string]change.Hash{}
	g.part.Runtime, g.part.Requires = nil, nil
	goMod, _, err := g.m.read("go.mod")
	if err != nil {
		return err
	}
	for _, out := range outputs {
		codegen.Raise(out.Files, gomod.Language(goMod))
		for _, f := range out.Files {
			g.files[f.Path] = f.Content
			g.part.Generated[f.Path] = change.HashOf(f.Content)
		}
		g.part.Runtime = append(g.part.Runtime, out.Runtime...)
		for _, r := range out.Requires {
			g.part.Requires = append(g.part.Requires, r.Path+"@"+r.Version)
			g.part.Packages = append(g.part.Packages, r.Packages...)
		}
	}
	for _, list := range []*[]string{&g.part.Runtime, &g.part.Requires} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	runtime, err := g.m.copyRuntime(g.after, g.now)
	if err != nil {
		return err
	}
	maps.Copy(g.files, runtime)
	g.noteOlder()
	return g.compare()
}

// noteOlder notes the components whose generated code is of another release of unweld
// than the run-time that is copied now.
func (g *generator) noteOlder() {
	if g.m.runtimeIsCurrent(g.before) {
		return
	}
	for _, name := range g.before.Names() {
		if name != g.name() {
			g.set.Notes = append(g.set.Notes, change.Note{Span: g.target.Contract.Span,
				Message: name + " was generated by another release of unweld and may not fit the run-time any more: unweld bind " + name + " --write"})
		}
	}
}

// now returns a file as the generation has it so far.
func (g *generator) now(file string) ([]byte, error) {
	if content, ok := g.files[file]; ok {
		return content, nil
	}
	if _, gone := g.before.Hashes()[file]; gone && g.after.Hashes()[file] == "" {
		return nil, nil
	}
	content, _, err := g.m.read(file)
	return content, err
}

// compare reads what is on the disk of the files before and after, and refuses
// to write over what people edited.
func (g *generator) compare() error {
	before, after := g.before.Hashes(), g.after.Hashes()
	paths := maps.Clone(before)
	maps.Copy(paths, after)
	var problems []component.Problem
	for _, file := range slices.Sorted(maps.Keys(paths)) {
		content, hash, err := g.m.read(file)
		if err != nil {
			return err
		}
		if content != nil {
			g.disk[file] = content
		}
		ours := before[file] == "" && g.files[file] != nil && bytes.Equal(content, g.files[file])
		g.lost = g.lost || ours && content != nil
		if content != nil && hash != before[file] && !ours {
			problems = append(problems, component.Problem{Code: "generated-edited", Severity: component.Error,
				Span: text.Span{File: file, Line: 1, Col: 1}, Message: editedMessage(before[file]), Hint: "put it back from version control, or delete it"})
		}
	}
	if len(problems) > 0 {
		return component.Refuse(g.what(), problems...)
	}
	return nil
}

func editedMessage(known change.Hash) string {
	if known == "" {
		return "this file is in the way of one to be generated"
	}
	return "this generated file was edited by hand"
}

// editRoots edits the places where the component is made. The outcome is
// type-checked together with the generated code and the module's tests.
func (g *generator) editRoots(ctx context.Context) error {
	c := g.target.Contract
	g.m.Progress("type-checking the outcome")
	overlay := map[string][]byte{}
	for file, content := range g.disk {
		if _, kept := g.after.Hashes()[file]; !kept && strings.HasSuffix(file, ".go") {
			overlay[g.m.Snapshot.Abs(file)] = lock.PackageClause(content)
		}
	}
	for file, content := range g.files {
		if content != nil {
			overlay[g.m.Snapshot.Abs(file)] = content
		}
	}
	res, err := compose.Roots(ctx, g.m.Snapshot.WithOverlay(overlay), compose.Request{Contract: c, Package: codegen.Target(c), Open: codegen.OpenName(c)})
	if err != nil {
		return err
	}
	g.set.Files = append(g.set.Files, res.Set.Files...)
	g.set.Notes = append(g.set.Notes, res.Set.Notes...)
	g.set.Notes = append(g.set.Notes, res.Left...)
	switch {
	case len(res.Roots) > 0 || g.rootEdited():
	case g.lost:
		g.set.Notes = append(g.set.Notes, change.Note{Span: text.Span{File: lock.Name, Line: 1, Col: 1}, Message: "it doesn't know the generated code of " + c.Component + " that is there: what an earlier bind edited, eject would leave; take the file from version control if it is there"})
	default:
		g.set.Notes = append(g.set.Notes, change.Note{Span: c.Span, Message: "no place was found where " + c.Component + " is made: call " + codegen.Target(c).Name + "." + codegen.OpenName(c) + " there yourself"})
	}
	for _, f := range res.Set.Files { // of what the snapshot sees, which may not be on the disk yet
		before, _, err := g.m.read(f.Path)
		if err != nil {
			return err
		}
		after, err := f.Result(before)
		if err != nil {
			return err
		}
		g.part.Edits = append(g.part.Edits, lock.EditOf(f.Path, before, after, before != nil))
	}
	return nil
}

// rootEdited reports whether an earlier run edited a composition root.
func (g *generator) rootEdited() bool {
	return slices.ContainsFunc(g.part.Edits, func(fe lock.Edit) bool { return !fe.OfConfig() })
}

// finish adds the generated files and the lock to the set.
func (g *generator) finish() error {
	want := map[string][]byte{}
	hashes := g.after.Hashes()
	for file, content := range g.disk {
		if _, kept := hashes[file]; kept {
			want[file] = content
		}
	}
	for file, content := range g.files {
		if want[file] = content; content == nil {
			delete(want, file)
		}
	}
	encoded, err := g.after.Encode()
	if err != nil {
		return err
	}
	g.disk[lock.Name], want[lock.Name] = g.raw, encoded
	if g.raw == nil {
		delete(g.disk, lock.Name)
	}
	g.set.Files = append(g.set.Files, change.Between("", g.disk, want).Files...)
	slices.SortFunc(g.set.Files, func(a, b change.File) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortStableFunc(g.set.Notes, func(a, b change.Note) int { return a.Span.Compare(b.Span) })
	g.set.Notes = slices.Compact(g.set.Notes)
	return nil
}
