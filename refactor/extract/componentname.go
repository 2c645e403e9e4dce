package extract

import (
	"cmp"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/unweld/unweld/refactor"
	"github.com/unweld/unweld/refactor/internal/code"
	"github.com/unweld/unweld/refactor/internal/naming"
)

// majorVersion is the last element of import paths of a module's later versions.
var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// namesOf are names for a component that is made of target, the best first: that of
// the package's folder, that of the type, and both.
func namesOf(in refactor.Input, target string) []string {
	if config, err := in.Config(); err == nil && config.Components[target].Packages != nil {
		return []string{target}
	}
	if all := refactor.SplitList(target); len(all) > 0 {
		target = strings.TrimSuffix(all[0], "/...")
	}
	dir, list, err := code.SplitTarget(target)
	if err != nil {
		return nil
	}
	dir, typ := path.Clean(dir), ""
	parent, name := path.Split(dir)
	if before, after, ok := strings.Cut(name, "."); ok && after != "" { // ./pricing.Engine
		name, typ = before, after
	}
	if len(list) > 0 {
		typ = list[0]
	}
	if majorVersion.MatchString(name) {
		name = path.Base(parent)
	}
	if name == "" || name == "." {
		name = rootName(in, path.Clean(parent))
	}
	folder := strings.ToLower(name)
	own := strings.ToLower(strings.Join(naming.Words(typ), "-"))
	if typ == "" || folder == "" || strings.HasPrefix(typ, "v") && majorVersion.MatchString(typ) { // gopkg.in/yaml.v3
		return []string{folder}
	}
	return []string{folder, own, folder + "-" + own}
}

// rootName is the name of a folder that a target calls ".", or a folder above it: the
// last element of its import path.
func rootName(in refactor.Input, dir string) string {
	if in.Snapshot == nil || in.Snapshot.Module == "" {
		return ""
	}
	rel := path.Join(in.Snapshot.Rel(in.Snapshot.Dir()), dir)
	if rel == ".." || strings.HasPrefix(rel, "../") {
		return ""
	}
	full := path.Join(in.Snapshot.Module, rel)
	if majorVersion.MatchString(path.Base(full)) {
		full = path.Dir(full)
	}
	name, _, _ := strings.Cut(path.Base(full), ".")
	return name
}

// chooseName gives the component another name than the one that the target suggests:
// that of the contract which the target has, for a step that changes it, or else one
// that isn't the name of another contract already.
func (j *job) chooseName() {
	if !slices.Contains(j.req.Derived, paramName) {
		return
	}
	if step := j.req.Text(paramStep); step != "" && step != stepBoundary && j.target.typ != nil {
		found := ""
		j.contracts(func(f *code.File, name string, ts *ast.TypeSpec) {
			if found == "" && j.contractOf(f, ts) {
				found = name
			}
		})
		j.req.Params[paramName] = cmp.Or(found, j.name())
		return
	}
	if j.nameTaken() == nil {
		return
	}
	taken := j.name()
	for _, name := range namesOf(j.in, j.req.Target) {
		if name == taken || refactor.NameProblem(j.in, name) != nil {
			continue
		}
		j.req.Params[paramName] = name
		if j.nameTaken() == nil {
			return
		}
	}
	j.req.Params[paramName] = taken
}
