package thread

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/text"
	"github.com/unweld/unweld/refactor/internal/code"
)

// A Change is a function whose signature gains a context or an error.
type Change struct {
	Fn   *types.Func
	Decl *code.Decl
	Ctx  bool // gains a context as its first parameter
	Err  bool // gains an error as its last result
	// Outside means that someone else rewrites the declaration; only the calls
	// are the Threader's business.
	Outside bool

	ctxName string
	spec    *code.Spec // instead of Decl, for a method of an interface
	depth   int        // how many calls away from a function that was asked for
}

// A Threader carries contexts and errors from the functions that gain them
// through their callers, until each call has a context to pass and each error
// someone to report it to.
type Threader struct {
	World *code.World
	// Limit is how many functions may change besides the ones asked for.
	Limit int
	// Skip leaves a mention alone. May be nil.
	Skip func(*code.Ref) bool
	// Fixed keeps all signatures: nothing is threaded.
	Fixed bool
	// CtxName is the name that a new context gets where it is free; ctx if empty.
	CtxName string
	// Context is what a call gets where its function can't take a context. What
	// main, a test or another entry passes is always Background.
	Context ContextChoice
	// Errors is what becomes of an error where its function can't return it.
	Errors ErrorChoice
	// Depth is how many calls away from the functions asked for a function may
	// be to change; 0 is any number.
	Depth int
	// Stop returns why a function must stay as it is, or "". May be nil.
	Stop func(*types.Func) string
	// Detached threads a context to what outlives the function around it, too: it
	// gets the context without its cancellation.
	Detached bool
	// TODO puts the context in the place of context.TODO() in functions that gain
	// one.
	TODO bool
	// Value is carried in the place of a context where it is set.
	Value *Value
	// Spelled returns how the type that other edits give an expression is written in a
	// file; "" where they leave it. May be nil.
	Spelled func(*code.File, ast.Expr) string
	// Retyped returns what other edits make of a type. It may be nil.
	Retyped func(types.Type) types.Type

	Notes    []change.Note
	Problems []component.Problem // what could not be rewritten

	changes  map[code.Key]*Change
	order    []*Change
	grown    int
	names    map[*code.Decl]map[string]bool // identifiers in use, by declaration
	after    []func()                       // edits that must come after all others at their place
	returns  map[any]bool                   // return statements that are right as they are
	opened   map[any]bool
	groups   map[*ast.GenDecl]*group // by declaration
	hoisted  map[ast.Expr]bool       // expressions that a variable stands for
	literals map[*ast.FuncLit]*code.Decl
	circuits map[*ast.BinaryExpr]*circuit
	nameOf   map[*ast.Field]string // of contexts that had no name

	inits map[ast.Stmt]*circuit // what goes between the parts of an if or switch
	made  map[*code.Decl][]madeName
	errs  map[*types.Scope]map[string]bool // the errors that edits declare in a list of statements
	tails map[ast.Stmt]bool                // statements that became the return at the end of a function
	plain map[*ast.AssignStmt]bool         // that no longer declare their error
	flat  map[*ast.IfStmt]bool             // whose assignment went before them

	captures map[ast.Stmt]string // the variables for errors of literals that statements call

	carried     []mention // places that need the value
	looked      int       // how many of them were looked at
	unqualified []unqualified

	// What the code around uses, worked out once.
	loggers   map[*ast.Ident]logger
	loggersOf map[string]logger
	formatted map[string]bool // whether a function gets a format, by its full name
	keys      map[string]string
	assigned  map[code.Key]bool // fields that change after their struct was made; nil: not asked for yet
	stylesOf  map[string][]returnedError
	helpers   map[string][]helped  // by package
	detachers map[string]*detacher // by package
	ownLogs   map[string][]*ownLog // by package

	locals  map[*ast.FuncLit]*local // what localAround found out; nil: it is none
	localOf map[code.Key]*local     // by the variable

	runs map[*types.TypeName]bool // whether main has its values run
}

// NewThreader returns a Threader for w.
func NewThreader(w *code.World) *Threader {
	return &Threader{
		World: w, Limit: 60, Context: Background, Errors: Log, changes: map[code.Key]*Change{}, names: map[*code.Decl]map[string]bool{},
		returns: map[any]bool{}, opened: map[any]bool{}, groups: map[*ast.GenDecl]*group{}, circuits: map[*ast.BinaryExpr]*circuit{},
		hoisted: map[ast.Expr]bool{}, literals: map[*ast.FuncLit]*code.Decl{},
		nameOf: map[*ast.Field]string{}, loggers: map[*ast.Ident]logger{}, loggersOf: map[string]logger{}, formatted: map[string]bool{}, keys: map[string]string{}, stylesOf: map[string][]returnedError{}, helpers: map[string][]helped{},
		inits: map[ast.Stmt]*circuit{}, made: map[*code.Decl][]madeName{}, errs: map[*types.Scope]map[string]bool{}, tails: map[ast.Stmt]bool{}, flat: map[*ast.IfStmt]bool{}, plain: map[*ast.AssignStmt]bool{},
		captures: map[ast.Stmt]string{}, detachers: map[string]*detacher{}, ownLogs: map[string][]*ownLog{}, runs: map[*types.TypeName]bool{},
		locals: map[*ast.FuncLit]*local{}, localOf: map[code.Key]*local{},
	}
}

// Add says that fn gains a context, an error, or both. So do the methods of
// the module's interfaces that it satisfies, and what else satisfies them.
func (t *Threader) Add(c *Change) {
	t.add(c)
	members, _ := t.World.Class(c.Fn)
	for _, m := range members {
		t.add(&Change{Fn: m, Ctx: c.Ctx, Err: c.Err, depth: c.depth})
	}
}

func (t *Threader) add(c *Change) {
	k := t.World.Key(c.Fn.Origin())
	if old := t.changes[k]; old != nil {
		old.Ctx, old.Err = old.Ctx || c.Ctx, old.Err || c.Err
		return
	}
	if c.Decl == nil {
		c.Decl = t.World.Decl(c.Fn)
	}
	c.spec = t.World.Spec(c.Fn)
	if t.writtenAnew(c) {
		c.Outside = true
		t.World.Stale(c.Decl.File)
	}
	t.changes[k] = c
	t.order = append(t.order, c)
}

// Rewrite works out which callers change too, and makes all edits.
func (t *Threader) Rewrite() {
	t.solve()
	for _, c := range t.order {
		if c.spec != nil {
			c.ctxName = c.freeParam(t.ctxNames())
		} else if !c.Outside && c.Ctx {
			c.ctxName = t.nameParam(c)
		}
	}
	var calls []mention
	for _, c := range t.order {
		calls = append(calls, t.mentions(c)...)
	}
	slices.SortStableFunc(calls, func(a, b mention) int {
		if n := strings.Compare(a.File.Rel, b.File.Rel); n != 0 {
			return n
		}
		return int(a.end()) - int(b.end())
	})
	for _, r := range calls {
		t.rewriteMention(r)
	}
	t.rewriteMocks()
	for _, c := range t.order {
		if !c.Outside {
			t.rewriteDecl(c)
		}
		if t.TODO && c.Ctx && !c.Outside && c.Decl != nil {
			t.replaceTODO(c.Decl)
		}
	}
	for _, f := range t.after {
		f()
	}
}

// freeParam returns the first name that no parameter of an interface's method has.
func (c *Change) freeParam(candidates []string) string {
	taken := map[string]bool{}
	for _, p := range c.spec.Type.Params.List {
		for _, id := range p.Names {
			taken[id.Name] = true
		}
	}
	for _, name := range candidates {
		if !taken[name] {
			return name
		}
	}
	return candidates[0] + "2"
}

// ctxNames are the names that a new context may get, the best first.
func (t *Threader) ctxNames() []string {
	if t.Value != nil {
		return t.Value.Name
	}
	if t.CtxName != "" && t.CtxName != "ctx" {
		return []string{t.CtxName, "ctx", "callCtx", "parentCtx"}
	}
	return []string{"ctx", "callCtx", "parentCtx"}
}

func (t *Threader) mentions(c *Change) []mention {
	var out []mention
	refs := t.World.Refs(c.Fn)
	if l := t.localOf[t.World.Key(c.Fn)]; l != nil {
		refs = l.refs
	}
	for _, r := range refs {
		if (t.Skip == nil || !t.Skip(r)) && !t.World.IsStale(r.File) {
			out = append(out, mention{r})
		}
	}
	return out
}

// solve adds changes until no call needs another one.
func (t *Threader) solve() {
	done := map[*Change]Change{}
	for again := true; again; {
		again = t.growCarried()
		for i := 0; i < len(t.order); i++ {
			c := t.order[i]
			if was, ok := done[c]; ok && was.Ctx == c.Ctx && was.Err == c.Err {
				continue
			}
			done[c], again = *c, true
			for _, r := range t.mentions(c) {
				t.need(c, r)
			}
		}
	}
}

func (t *Threader) need(c *Change, r mention) {
	if t.Depth > 0 && c.depth >= t.Depth {
		return
	}
	if c.Ctx {
		if s := t.context(r); s.thread != nil {
			t.grow(s.thread, c.depth+1, true, false)
		}
	}
	if c.Err && r.Call != nil {
		if s := t.sink(r); s.thread != nil {
			t.grow(s.thread, c.depth+1, false, true)
		}
	}
}

func (t *Threader) grow(d *code.Decl, depth int, ctx, err bool) {
	if t.changes[t.World.Key(d.Obj)] == nil {
		t.grown++
	}
	t.Add(&Change{Fn: d.Obj, Decl: d, Ctx: ctx, Err: err, depth: depth})
}

// changed returns the change of the function that a mention is of.
func (t *Threader) changed(r mention) *Change { return t.changes[t.World.Key(r.Fn.Origin())] }

// unchangeable returns why the signature of d can't change, or "".
func (t *Threader) unchangeable(d *code.Decl) string {
	w := t.World
	if t.Fixed {
		return "its signature stays"
	}
	if t.Stop != nil {
		if why := t.Stop(d.Obj); why != "" {
			return why
		}
	}
	if t.changes[w.Key(d.Obj)] == nil && t.grown >= t.Limit {
		return "too many functions would change"
	}
	members, frozen := w.Class(d.Obj)
	if frozen != "" {
		return frozen
	}
	for _, m := range members {
		if why := t.fast(m); why != "" {
			return why
		}
		if at := w.PassedOutside(m); at != "" {
			return "its type is given to another module that may call it (" + at + ")"
		}
		if t.Stop != nil {
			if why := t.Stop(m); why != "" {
				return why
			}
		}
	}
	return ""
}

// fast returns why the declaration of one function, or one of its uses, stands
// in the way of another signature, or "".
func (t *Threader) fast(fn *types.Func) string {
	w := t.World
	if why := w.Fixed(fn); why != "" {
		return why
	}
	for _, r := range w.Refs(fn) {
		if r.Call == nil && !w.Regenerates(r.File) {
			if _, sig := (mention{r}).value(); sig != nil {
				continue
			}
			return "it is used as a value at " + w.Span(r.ID).String()
		}
	}
	return ""
}

func (t *Threader) note(span text.Span, message string) {
	t.Notes = append(t.Notes, change.Note{Span: span, Message: message})
}

func (t *Threader) problem(r mention, code, message, hint string) {
	t.Problems = append(t.Problems, component.Problem{
		Code: code, Severity: component.Error, Span: t.World.Span(r.ID), Message: message, Hint: hint,
	})
}
