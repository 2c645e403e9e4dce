package injectglobal

import (
	"strings"

	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/exposure"
	"github.com/unweld/unweld/refactor/internal/holder"
)

// say notes what a reader of the change should know.
func (j *job) say() {
	for _, fn := range j.thread.Gained() {
		if d := j.world.Decl(fn); d != nil && !j.method(fn) && j.uses(d) == 0 {
			j.note(nodeIn{d.File, d.Func.Name}, fn.Name()+" gains "+j.shape.params[0]+" to pass it on")
		}
	}
	for _, v := range j.set.all {
		if v.value() != nil && calls(v.from(), v.value()) {
			j.note(v, "the initial value of "+v.obj.Name()+" is made at the start of main now, after all of the program's init functions, and not in programs that don't use it")
		}
		if v.obj.Exported() && importable(j.set.pkg.Pkg.Name, j.set.pkg.Pkg.Path) {
			j.note(v, j.set.pkg.Pkg.Path+" no longer has "+v.obj.Name()+": for other modules that is a new major version")
		}
	}
	j.semver()
	for _, h := range j.holders.Used() {
		j.printed(h)
	}
	tests := 0
	for _, r := range j.roots {
		if r.decl.File.Test {
			tests++
		}
	}
	if tests > 0 {
		r := j.roots[0]
		for _, other := range j.roots {
			if other.decl.File.Test {
				r = other
				break
			}
		}
		j.note(nodeIn{r.decl.File, r.decl.Func.Name}, "each test has its own "+j.shape.params[0]+" now: one that relied on what another left behind needs --tests shared")
	}
}

// printed notes where a type that has a field more now is printed or encoded.
func (j *job) printed(h *holder.Holder) {
	encoded, shown := exposure.Of(j.world, h.Obj)
	if encoded != nil && h.Away {
		j.note(nodeIn{h.File, encoded}, h.Obj.Name()+" may be encoded here, and has an exported field "+h.Field+" more")
	} else if shown != nil {
		j.note(nodeIn{h.File, shown}, h.Obj.Name()+" may be printed here, and has a field "+h.Field+" more")
	}
}

// importable reports a package that other modules can import.
func importable(name, path string) bool {
	return name != "main" && !strings.Contains("/"+path+"/", "/internal/")
}

// semver notes the functions of importable packages that get another signature.
func (j *job) semver() {
	var changed []string
	var first *code.Decl
	for _, fn := range j.thread.Gained() {
		d := j.world.Decl(fn)
		if d == nil || d.File.Test || !fn.Exported() || fn.Pkg() == nil || !importable(fn.Pkg().Name(), fn.Pkg().Path()) {
			continue
		}
		if first == nil {
			first = d
		}
		changed = append(changed, fn.Pkg().Name()+"."+fn.Name())
	}
	if first != nil {
		j.note(nodeIn{first.File, first.Func.Name}, "other modules call "+strings.Join(changed, ", ")+" with other arguments now, or on a value: for them that is a new major version")
	}
}

// uses counts the uses of the variables in a function.
func (j *job) uses(d *code.Decl) int {
	n := 0
	for _, u := range j.set.uses {
		if u.decl == d.Func {
			n++
		}
	}
	return n
}
