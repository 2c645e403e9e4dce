package localizestate

import (
	"cmp"
	"context"
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// Refactoring is the catalogue entry.
var Refactoring = &refactor.Refactoring{
	Name:  "localize-state",
	Kind:  "refactor.rewrite.localizeState",
	Title: "Localize state",
	Doc: `move fields of a shared struct into a struct of their own

The fields leave the struct for a new one, which the old one holds by value where the
first of them stood, so that its zero value, its copies and its comparisons stay what
they were. Methods that use nothing else move along and get the new struct as their
receiver; where an interface or another module may need one, the shared struct keeps
a method that calls it. Every use and every literal changes
in all of the module, and the answer lists who still reaches into the new struct from
outside. Fields that are known by their names or their place (struct tags, encoders,
templates, reflection, unsafe) stay, and the answer says why.`,
	Examples: []string{
		"./app.App --fields priceCache,priceMu --into Pricing",
		"./app.App --fields queue --into Orders --holder orders --methods stay --write",
	},
	Target: refactor.Param{Type: refactor.Declaration, Required: true, Example: "./app.App",
		Doc: "the shared struct: ./app.App; an import path is as good as a relative one"},
	Params: []refactor.Param{
		{Name: paramFields, Type: refactor.List, Elem: refactor.Identifier, Required: true, Example: "priceCache,priceMu", Doc: "the fields that move"},
		{Name: paramInto, Type: refactor.Identifier, Required: true, Example: "Pricing", Doc: "the name of the new struct"},
		{Name: paramHolder, Type: refactor.Identifier, Example: "pricing", Doc: "the name of the field that holds the new struct; its own, not exported unless other packages use what moves, otherwise"},
		{Name: paramMethods, Type: refactor.Enum, Values: []string{methodsMove, methodsStay}, Default: methodsMove, Doc: "whether methods that use nothing else move along"},
		{Name: paramNames, Type: refactor.Enum, Values: []string{namesShort, namesKeep}, Default: namesShort, Doc: "what the fields are called that all begin with the name of the new struct: short takes it away, so that inFlightMutex is the mutex of inFlight"},
	},
	Offer: offer,
	Run:   run,
}

// The parameters and their values.
const (
	paramFields  = "fields"
	paramInto    = "into"
	paramHolder  = "holder"
	paramMethods = "methods"
	paramNames   = "names"

	namesShort, namesKeep    = "short", "keep"
	methodsMove, methodsStay = "move", "stay"
)

// codeBound is the code of what keeps a field where it is.
const codeBound = "field-bound"

// A job is one request under way.
type job struct {
	what   string // for messages: localize-state ./app.App
	world  *code.World
	shared *shared
	into   string // the name of the new struct
	holder string // the field that holds it
	abroad bool   // other packages use what moves

	methods []*code.Decl // that move
	moved   map[code.Key]bool

	problems []component.Problem
	notes    []change.Note
}

func run(ctx context.Context, in refactor.Input, req refactor.Request) (change.Set, error) {
	j := &job{what: "localize-state " + req.Target, into: req.Text(paramInto), moved: map[code.Key]bool{}}
	world, err := code.Load(ctx, in, j.what)
	if err != nil {
		return change.Set{}, err
	}
	j.world = world
	if j.shared, err = findShared(world, req.Target, req.List(paramFields)); err != nil {
		return change.Set{}, err
	}
	if j.shared.obj.Pkg().Scope().Lookup(j.into) != nil {
		return change.Set{}, &component.UsageError{Object: "--" + paramInto, Reason: "the package has a declaration " + j.into + " already", Hint: "give the new struct another name"}
	}
	if req.Text(paramMethods) == methodsMove {
		j.chooseMethods()
	}
	j.findUses()
	j.shared.shorten(j.into, req.Text(paramNames) == namesKeep, func(name string) bool {
		return slices.ContainsFunc(j.methods, func(d *code.Decl) bool { return d.Obj.Name() == name })
	})
	if err := j.name(req.Text(paramHolder)); err != nil {
		return change.Set{}, err
	}
	j.obstacles()
	j.rewrite()
	if len(j.problems) > 0 {
		return change.Set{}, component.Refuse(j.what, j.problems...)
	}
	j.say()
	return world.Result(ctx, j.what, fmt.Sprintf("move %s of %s into %s", strings.Join(j.shared.names(), ", "), j.shared.obj.Name(), j.into), nil, j.notes)
}

// name names the field that holds the new struct.
func (j *job) name(asked string) error {
	name := asked
	if name == "" {
		name = naming.Unexported(j.into)
		if j.abroad {
			name = naming.Exported(j.into)
		}
	}
	for taken := name; ; taken = name + "State" {
		if j.free(taken) {
			j.holder = taken
			return nil
		}
		if asked != "" || taken != name {
			return &component.UsageError{Object: "--" + paramHolder, Reason: cmp.Or(asked, name) + " is a field or a method of " + j.shared.obj.Name() + ", or of a struct that embeds it", Hint: "give the field another name"}
		}
	}
}

// free reports a name that neither the shared struct nor one that embeds it has, for a
// field that doesn't move.
func (j *job) free(name string) bool {
	for _, p := range j.world.Packages {
		for _, n := range p.Types.Scope().Names() {
			tn, ok := p.Types.Scope().Lookup(n).(*types.TypeName)
			if !ok || tn.IsAlias() || !j.reaches(tn) {
				continue
			}
			obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(tn.Type()), true, p.Types, name)
			if obj != nil && !j.shared.moves(j.world, obj) && !j.moved[j.world.Key(obj)] {
				return false
			}
		}
	}
	return true
}

// reaches reports the shared struct and the structs that have its fields by embedding.
func (j *job) reaches(tn *types.TypeName) bool {
	if j.world.Key(tn) == j.world.Key(j.shared.obj) {
		return true
	}
	if _, ok := tn.Type().Underlying().(*types.Struct); !ok {
		return false
	}
	f := j.shared.fields[0].obj
	obj, path, _ := types.LookupFieldOrMethod(types.NewPointer(tn.Type()), true, f.Pkg(), f.Name())
	return obj != nil && len(path) > 1 && j.world.Key(obj) == j.world.Key(f)
}
