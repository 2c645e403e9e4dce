package breakcycle

import (
	"context"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/unweld/unweld/internal/change"
	"github.com/unweld/unweld/internal/component"
	"github.com/unweld/unweld/internal/source"
	"github.com/unweld/unweld/refactor/internal/relocate"
)

// moved is the way "move": what is used goes to a package that both may import.
func moved(ctx context.Context, j *job) (change.Set, error) {
	objects := j.objects()
	pkg := j.packageOf(objects[0].Pkg())
	for _, u := range j.uses {
		if u.obj.Pkg().Path() != pkg.Pkg.Path {
			return change.Set{}, component.Refuse(j.what, j.problem(u.id, "cant-move", "what is used is in several packages: "+pkg.Pkg.Path+" and "+u.obj.Pkg().Path(), "name one package after the other: --on "+"./"+pkg.Pkg.Dir))
		}
	}
	s := relocate.New(j.world, pkg)
	var units []*relocate.Unit
	for _, obj := range objects {
		u := s.Unit(obj.Name())
		if u == nil {
			return change.Set{}, component.Refuse(j.what, j.problem(j.uses[0].id, "cant-move", obj.Name()+" isn't declared by code that can move", "move it by hand"))
		}
		if !slices.Contains(units, u) {
			units = append(units, u)
		}
	}
	to := j.req.Text(paramTo)
	if to == "" {
		to = j.place(pkg, objects)
	}
	place, err := relocate.PlaceAt(j.world, "--"+paramTo, to)
	if err != nil {
		return change.Set{}, err
	}
	if place.Pkg != nil && (j.on.has(place.Pkg.Types) || j.from.has(place.Pkg.Types)) {
		return change.Set{}, &component.UsageError{Object: "--" + paramTo, Reason: to + " is one of the two sides", Hint: "name a package that both may import"}
	}
	plan, err := s.Move(j.what, units, place, relocate.Limits{Companions: j.req.Number(paramCompanions), Tests: relocate.MoveTests})
	if err != nil {
		return change.Set{}, err
	}
	plan.Apply()
	notes := plan.Notes
	if j.req.Text(paramTo) == "" {
		notes = append(notes, change.Note{Span: j.world.SpanAt(objects[0].Pos(), token.NoPos),
			Message: "it goes to a new package " + path.Base(place.Path) + ": another one, or another name, is said by --" + paramTo + " ./FOLDER"})
	}
	return j.world.Result(ctx, j.what, "move what "+j.from.spec+" uses to "+place.Path, plan.Created, notes)
}

func (j *job) packageOf(p *types.Package) *source.Package {
	for _, q := range j.on.pkgs {
		if q.Pkg.Path == p.Path() {
			return q
		}
	}
	return j.on.pkgs[0]
}

// place is a new package for declarations, below theirs.
func (j *job) place(pkg *source.Package, objects []types.Object) string {
	name := j.packageName(pkg, objects)
	dir := path.Clean(pkg.Pkg.Dir)
	taken := func(d string) bool {
		return slices.ContainsFunc(j.world.Packages, func(p *source.Package) bool { return path.Clean(p.Pkg.Dir) == d })
	}
	at := path.Join(dir, name)
	for i := 2; taken(at); i++ {
		at = path.Join(dir, name) + strconv.Itoa(i)
	}
	rel := strings.TrimPrefix(at, path.Clean(j.world.Snapshot.Rel(j.world.Snapshot.Dir()))+"/")
	return "./" + rel
}

// packageName names a package for declarations: after the file that they are all in, or
// the type that they are about, or a function if its name is short.
func (j *job) packageName(pkg *source.Package, objects []types.Object) string {
	names := func(name string) bool {
		return token.IsIdentifier(name) && !strings.Contains(name, "_") && types.Universe.Lookup(name) == nil &&
			!slices.Contains([]string{"main", "doc", "util", "utils", "helper", "helpers", "common", "misc", "types", pkg.Pkg.Name}, name)
	}
	var subjects, files []string
	for _, obj := range objects {
		if _, ok := obj.(*types.TypeName); ok {
			subjects = append(subjects, strings.ToLower(obj.Name()))
		}
		if f := j.world.FileOf(obj); f != nil && !slices.Contains(files, f.Rel) {
			files = append(files, f.Rel)
		}
	}
	if len(files) == 1 && len(objects) > 1 {
		if name := strings.TrimSuffix(path.Base(files[0]), ".go"); names(name) {
			return name
		}
	}
	if len(subjects) == 1 && names(subjects[0]) {
		return subjects[0]
	}
	const short = 12
	if name := strings.ToLower(objects[0].Name()); len(objects) == 1 && len(name) <= short && names(name) {
		return name
	}
	return "shared"
}
